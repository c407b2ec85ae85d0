// A tile is changed in place and copied on without a push and a pop between.
// host: stream depth=1 expects=doubled
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, IN, IN);
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(IN, 1);
        add_init(IN, IN);
        tile_regs_acquire();
        add_tiles(IN, IN, 0, 0, 0);
        tile_regs_commit();
        FIXED(cb_pop_front(IN, 1);)
        FIXED(cb_reserve_back(IN2, 1);)
        tile_regs_wait();
        EITHER(pack_tile<true>(0, IN, 0);, pack_tile(0, IN2);)  // site
        tile_regs_release();
        FIXED(cb_push_back(IN2, 1);)
        constexpr uint32_t from = EITHER(IN, IN2);
        cb_wait_front(from, 1);
        copy_init(from);
        tile_regs_acquire();
        copy_tile(from, 0, 0);  // site
        tile_regs_commit();
        cb_pop_front(from, 1);
        cb_reserve_back(OUT, 1);
        tile_regs_wait();
        pack_tile(0, OUT);
        tile_regs_release();
        cb_push_back(OUT, 1);
    }
}
#endif
