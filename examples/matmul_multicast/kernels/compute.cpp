// Keeps the core's block of C in DST while the blocks of A and B pass.
#include <cstdint>

#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/matmul.h"
#include "api/compute/pack.h"
#include "api/compute/reg_api.h"

void kernel_main() {
    constexpr uint32_t blocks = get_compile_time_arg_val(0);
    constexpr uint32_t depth = get_compile_time_arg_val(1);
    constexpr uint32_t rows = get_compile_time_arg_val(2);
    constexpr uint32_t columns = get_compile_time_arg_val(3);
    constexpr uint32_t cb_a = 0, cb_b = 1, cb_c = 16;

    compute_kernel_hw_startup<SrcOrder::Reverse>(cb_a, cb_b, cb_c);
    matmul_init(cb_a, cb_b);
    tile_regs_acquire();
    for (uint32_t block = 0; block < blocks; block++) {
        cb_wait_front(cb_a, rows * depth);
        cb_wait_front(cb_b, depth * columns);
        for (uint32_t row = 0; row < rows; row++)
            for (uint32_t column = 0; column < columns; column++)
                for (uint32_t k = 0; k < depth; k++)
                    matmul_tiles(cb_a, cb_b, row * depth + k, k * columns + column, row * columns + column);
        cb_pop_front(cb_a, rows * depth);
        cb_pop_front(cb_b, depth * columns);
    }
    tile_regs_commit();

    cb_reserve_back(cb_c, rows * columns);
    tile_regs_wait();
    for (uint32_t tile = 0; tile < rows * columns; tile++) pack_tile(tile, cb_c);
    tile_regs_release();
    cb_push_back(cb_c, rows * columns);
}
