// A tile is copied after its page was given back.
// host: stream depth=1
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, OUT);
    copy_init(IN);
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(IN, 1);
        FAULTY(cb_pop_front(IN, 1);)  // site
        tile_regs_acquire();
        copy_tile(IN, 0, 0);  // site
        tile_regs_commit();
        FIXED(cb_pop_front(IN, 1);)
        cb_reserve_back(OUT, 1);
        tile_regs_wait();
        pack_tile(0, OUT);
        tile_regs_release();
        cb_push_back(OUT, 1);
    }
}
#endif
