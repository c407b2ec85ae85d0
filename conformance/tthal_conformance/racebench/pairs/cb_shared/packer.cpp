// A running sum goes back into the reader's circular buffer: the packer's push forgets the reader's.
// host: stream inputs=2 depth=1 first_only=1 out_pages=1 expects=total
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {
    constexpr uint32_t sum = EITHER(IN, SCRATCH);
    compute_kernel_hw_startup(IN, IN2, sum);
    add_init(IN, IN2);
    for (uint32_t i = 0; i < pages(); i++) {
        const uint32_t from = i == 0 ? IN : sum;
        cb_wait_front(from, 1);
        cb_wait_front(IN2, 1);
        tile_regs_acquire();
        add_tiles(from, IN2, 0, 0, 0);
        tile_regs_commit();
        cb_pop_front(IN2, 1);
        cb_pop_front(from, 1);
        cb_reserve_back(sum, 1);
        tile_regs_wait();
        pack_tile(0, sum);
        tile_regs_release();
        cb_push_back(sum, 1);  // site
    }
    cb_wait_front(sum, 1);
    copy_init(sum);
    tile_regs_acquire();
    copy_tile(sum, 0, 0);
    tile_regs_commit();
    cb_pop_front(sum, 1);
    cb_reserve_back(OUT, 1);
    tile_regs_wait();
    pack_tile(0, OUT);
    tile_regs_release();
    cb_push_back(OUT, 1);
}
#endif
