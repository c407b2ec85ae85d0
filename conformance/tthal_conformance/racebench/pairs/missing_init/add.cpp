// Tiles are added after the initialisation of a product.
// host: stream inputs=2 expects=add
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, IN2, OUT);
    EITHER(mul_init, add_init)(IN, IN2);
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(IN, 1);
        cb_wait_front(IN2, 1);
        tile_regs_acquire();
        add_tiles(IN, IN2, 0, 0, 0);  // site
        tile_regs_commit();
        cb_pop_front(IN, 1);
        cb_pop_front(IN2, 1);
        cb_reserve_back(OUT, 1);
        tile_regs_wait();
        pack_tile(0, OUT);
        tile_regs_release();
        cb_push_back(OUT, 1);
    }
}
#endif
