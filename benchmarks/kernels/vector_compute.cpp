// Copies tiles of circular buffers 0 and 1 to DST, runs an operation of the vector unit on a fresh copy some times, packs.
#include "api/compute/compute_kernel_api.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/copy_dest_values.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/eltwise_unary/sfpu_split_includes.h"
#include "api/compute/pack.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"

void kernel_main() {
    const uint32_t tiles = get_arg_val<uint32_t>(0), repeats = get_arg_val<uint32_t>(1);
    compute_kernel_hw_startup(0, 16);
    copy_init(0);
    VECTOR_INIT;
    for (uint32_t i = 0; i < tiles; i++) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        tile_regs_acquire();
        copy_tile(0, 0, 1);
        copy_tile(1, 0, 2);
        for (uint32_t repeat = 0; repeat < repeats; repeat++) {
            copy_dest_values<DataFormat::Float16_b>(1, 0);
            VECTOR_CALL;
        }
        tile_regs_commit();
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);

        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
    }
}
