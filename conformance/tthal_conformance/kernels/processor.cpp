// One of two kernels on a core; each has a scratch circular buffer of its own, named by the macro SCRATCH.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto result = TensorAccessor(args, get_arg_val<uint32_t>(0), 64);
    auto* page = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(SCRATCH));
    page[0] = get_arg_val<uint32_t>(2) * 3;
    page[1] = noc_index + 10;
    noc_async_write_page(get_arg_val<uint32_t>(1), result, get_write_ptr(SCRATCH));
    noc_async_write_barrier();
}
