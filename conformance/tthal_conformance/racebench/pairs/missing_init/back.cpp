// Within a loop the first operation finds the second one's initialisation from the second round on.
// host: stream inputs=2 expects=add_then_multiply
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, IN2, OUT);
    FAULTY(add_init(IN, IN2);)
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(IN, 1);
        cb_wait_front(IN2, 1);
        tile_regs_acquire();
        if (i % 2 == 0) {
            FIXED(add_init(IN, IN2);)
            add_tiles(IN, IN2, 0, 0, 0);  // site
        } else {
            mul_init(IN, IN2);
            mul_tiles(IN, IN2, 0, 0, 0);
        }
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
