// Given to CreateKernelFromString as text, so it includes no user header.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto result = TensorAccessor(args, get_arg_val<uint32_t>(0), 64);
    auto* page = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    const uint32_t value = get_arg_val<uint32_t>(2);
    page[0] = value * value + 1;
    noc_async_write_page(get_arg_val<uint32_t>(1), result, get_write_ptr(0));
    noc_async_write_barrier();
}
