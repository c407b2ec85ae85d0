// The result is packed, read back as an operand and packed again before it is pushed.
// host: stream depth=1 expects=doubled
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, OUT);
    for (uint32_t i = 0; i < pages(); i++) {
        constexpr uint32_t middle = EITHER(OUT, IN2);
        cb_wait_front(IN, 1);
        cb_reserve_back(middle, 1);
        copy_init(IN);
        tile_regs_acquire();
        copy_tile(IN, 0, 0);
        tile_regs_commit();
        cb_pop_front(IN, 1);
        tile_regs_wait();
        EITHER(pack_tile<true>(0, OUT, 0);, pack_tile(0, IN2);)  // site
        tile_regs_release();
        FIXED(cb_push_back(IN2, 1);)
        FIXED(cb_wait_front(IN2, 1);)
        add_init(middle, middle);
        tile_regs_acquire();
        add_tiles(middle, middle, 0, 0, 0);  // site
        tile_regs_commit();
        FIXED(cb_pop_front(IN2, 1);)
        FIXED(cb_reserve_back(OUT, 1);)
        tile_regs_wait();
        EITHER(pack_tile<true>(0, OUT, 0);, pack_tile(0, OUT);)
        tile_regs_release();
        cb_push_back(OUT, 1);
    }
}
#endif
