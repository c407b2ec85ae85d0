// One output block after the other, one k per step.
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/matmul.h"

void kernel_main() {
    constexpr uint32_t Kt = get_compile_time_arg_val(0);
    constexpr uint32_t rows = get_compile_time_arg_val(1), columns = get_compile_time_arg_val(2);
    const uint32_t blocks = get_arg_val<uint32_t>(0);
    compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);
    matmul_block_init(0, 1, 0, columns, rows, 1);
    for (uint32_t block = 0; block < blocks; block++) {
        tile_regs_acquire();
        for (uint32_t k = 0; k < Kt; k++) {
            cb_wait_front(0, rows);
            cb_wait_front(1, columns);
            if constexpr (rows * columns == 1) matmul_tiles(0, 1, 0, 0, 0);
            else matmul_block(0, 1, 0, 0, 0, 0, columns, rows, 1);
            cb_pop_front(0, rows);
            cb_pop_front(1, columns);
        }
        tile_regs_commit();
        cb_reserve_back(16, rows * columns);
        tile_regs_wait();
        pack_block(0, 16, rows * columns);
        tile_regs_release();
        cb_push_back(16, rows * columns);
    }
}
