// Adds the tiles of circular buffers 0 and 1 into circular buffer 16, by the matrix unit.
#include <cstdint>

#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/pack.h"
#include "api/compute/reg_api.h"

void kernel_main() {
    const uint32_t num_tiles = get_arg_val<uint32_t>(0);
    constexpr uint32_t cb_a = 0, cb_b = 1, cb_c = 16;

    compute_kernel_hw_startup(cb_a, cb_b, cb_c);
    add_init(cb_a, cb_b);
    for (uint32_t tile = 0; tile < num_tiles; tile++) {
        cb_wait_front(cb_a, 1);
        cb_wait_front(cb_b, 1);
        tile_regs_acquire();  // MATH owns the destination registers
        add_tiles(cb_a, cb_b, 0, 0, 0);
        tile_regs_commit();  // PACK may have them
        cb_pop_front(cb_a, 1);
        cb_pop_front(cb_b, 1);

        cb_reserve_back(cb_c, 1);
        tile_regs_wait();
        pack_tile(0, cb_c);
        tile_regs_release();
        cb_push_back(cb_c, 1);
    }
}
