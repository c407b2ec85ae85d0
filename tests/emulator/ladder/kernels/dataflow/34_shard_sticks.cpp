// Each core copies the sticks of its own shard from an interleaved buffer; which they are follows from where it runs.
// Compile-time: the circular buffer over the shard, its height, the grid's origin and width, the tensor's height.
#include "dataflow_api.h"

void kernel_main() {
    constexpr uint32_t cb = get_compile_time_arg_val(0), height = get_compile_time_arg_val(1);
    constexpr uint32_t origin_x = get_compile_time_arg_val(2), origin_y = get_compile_time_arg_val(3);
    constexpr uint32_t width = get_compile_time_arg_val(4), sticks = get_compile_time_arg_val(5);
    const auto source = TensorAccessor(TensorAccessorArgs<6>(), get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1));
    const uint32_t column = get_absolute_logical_x() - origin_x, row = get_absolute_logical_y() - origin_y;
    const uint32_t first = (row * width + column) * height;
    cb_reserve_back(cb, height);
    uint32_t target = get_write_ptr(cb);
    for (uint32_t stick = first; stick < first + height && stick < sticks; stick++) {
        noc_async_read(get_noc_addr(stick, source), target, get_arg_val<uint32_t>(1));
        target += get_arg_val<uint32_t>(1);
    }
    noc_async_read_barrier();
    cb_push_back(cb, height);
}
