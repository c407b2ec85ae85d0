// Decodes the words that the host's TensorAccessorArgs appended to a kernel's compile-time and common arguments:
// flags, aligned page size, then for sharded tensors rank, number of banks, shapes and bank coordinates; an item whose
// runtime flag is set is found among the common arguments instead (host-api.md §5).
#pragma once

#include "tthal/common.h"

namespace tensor_accessor {

constexpr std::size_t UNKNOWN = static_cast<std::size_t>(-1);

enum ArgConfig : uint32_t {
    Sharded = 1,
    IsDram = 2,
    RuntimeRank = 4,
    RuntimeNumBanks = 8,
    RuntimeTensorShape = 16,
    RuntimeShardShape = 32,
    RuntimeBankCoords = 64,
    RuntimePageSize = 128,
};

}  // namespace tensor_accessor

template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET = tensor_accessor::UNKNOWN, typename Program = tthal_program>
struct TensorAccessorArgs {
    static constexpr uint32_t flags = get_ct_arg<CTA_OFFSET, Program>();
    static constexpr bool is_sharded = flags & tensor_accessor::Sharded;
    static constexpr bool is_dram = flags & tensor_accessor::IsDram;
    static constexpr bool page_size_is_ct = !(flags & tensor_accessor::RuntimePageSize);

    static constexpr uint32_t AlignedPageSize = [] {
        if constexpr (page_size_is_ct) return get_ct_arg<CTA_OFFSET + 1, Program>();
        else return 0u;
    }();

    static constexpr uint32_t num_compile_time_args() {
        static_assert(!is_sharded, "TensorAccessor of a sharded tensor");
        return 1 + page_size_is_ct;
    }
    static constexpr uint32_t next_compile_time_args_offset() { return CTA_OFFSET + num_compile_time_args(); }
    static constexpr uint32_t num_common_runtime_args() { return !page_size_is_ct; }
    static constexpr uint32_t next_common_runtime_args_offset() { return CRTA_OFFSET + num_common_runtime_args(); }

    static uint32_t get_aligned_page_size() {
        if constexpr (page_size_is_ct) return AlignedPageSize;
        else return get_common_arg_val<uint32_t>(CRTA_OFFSET);
    }
};
