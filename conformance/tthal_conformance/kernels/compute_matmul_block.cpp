// Multiplies a column of two tiles of A with a row of two tiles of B in blocks, over the inner dimension.
#include <cstdint>

#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/matmul.h"

void kernel_main() {
    constexpr uint32_t inner = get_compile_time_arg_val(0);
    compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);
    matmul_block_init(0, 1, 0, 2, 2, inner);
    cb_wait_front(0, 2 * inner);
    cb_wait_front(1, 2 * inner);
    tile_regs_acquire();
    for (uint32_t k = 0; k < inner; k++) {
        matmul_block(0, 1, k, 2 * k, 0, 0, 2, 2, inner);
    }
    tile_regs_commit();
    cb_reserve_back(16, 4);
    tile_regs_wait();
    for (uint32_t i = 0; i < 4; i++) {
        pack_tile(i, 16);
    }
    tile_regs_release();
    cb_push_back(16, 4);
    cb_pop_front(0, 2 * inner);
    cb_pop_front(1, 2 * inner);
}
