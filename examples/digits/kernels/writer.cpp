// Writes the scores of the core's samples, one tile for 32 of them.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    const uint32_t first_row = get_arg_val<uint32_t>(1), rows = get_arg_val<uint32_t>(2);
    constexpr uint32_t cb_scores = 16;
    constexpr auto args = TensorAccessorArgs<0>();
    const auto scores = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(cb_scores));

    for (uint32_t row = first_row; row < first_row + rows; row++) {
        cb_wait_front(cb_scores, 1);
        noc_async_write_page(row, scores, get_read_ptr(cb_scores));
        noc_async_write_barrier();
        cb_pop_front(cb_scores, 1);
    }
}
