// Names of tensors as kernels are given them: `tensor::NAME`, see tthal_emulator/preamble.py.
#pragma once

#include "api/tensor/tensor_accessor_args.h"

namespace tensor_accessor {

// The tensor's layout is at a compile-time offset, its address a common argument, its runtime words follow the address.
template <uint32_t CTA_OFFSET, uint32_t ADDR_CRTA_OFFSET>
struct TensorBindingToken {
    using args_t = TensorAccessorArgs<CTA_OFFSET, ADDR_CRTA_OFFSET / sizeof(uint32_t) + 1>;
    static_assert(ADDR_CRTA_OFFSET % sizeof(uint32_t) == 0, "the offset of the address is in bytes, of whole words");
    static constexpr uint32_t addr_crta_offset = ADDR_CRTA_OFFSET;

    static uint32_t address() { return get_common_arg_val<uint32_t>(ADDR_CRTA_OFFSET / sizeof(uint32_t)); }
};

}  // namespace tensor_accessor
