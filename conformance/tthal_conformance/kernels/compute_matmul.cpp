// Multiplies matrices of tiles: arguments are rows, inner and columns in tiles, and whether B is transposed.
#include <cstdint>

#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/matmul.h"

void kernel_main() {
    constexpr uint32_t rows = get_compile_time_arg_val(0), inner = get_compile_time_arg_val(1);
    constexpr uint32_t columns = get_compile_time_arg_val(2), transpose = get_compile_time_arg_val(3);
    compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);
    matmul_init(0, 1, transpose);
    cb_wait_front(0, rows * inner);
    cb_wait_front(1, inner * columns);
    for (uint32_t row = 0; row < rows; row++) {
        for (uint32_t column = 0; column < columns; column++) {
            tile_regs_acquire();
            for (uint32_t k = 0; k < inner; k++) {
                matmul_tiles(0, 1, row * inner + k, k * columns + column, 0);
            }
            tile_regs_commit();
            cb_reserve_back(16, 1);
            tile_regs_wait();
            pack_tile(0, 16);
            tile_regs_release();
            cb_push_back(16, 1);
        }
    }
    cb_pop_front(0, rows * inner);
    cb_pop_front(1, inner * columns);
}
