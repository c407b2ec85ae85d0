// Two tiles are packed where one page is reserved (tt-metal#51286).
// host: stream
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, OUT);
    copy_init(IN);
    for (uint32_t i = 0; i < pages(); i += 2) {
        cb_wait_front(IN, 2);
        tile_regs_acquire();
        copy_tile(IN, 0, 0);
        copy_tile(IN, 1, 1);
        tile_regs_commit();
        cb_pop_front(IN, 2);
        cb_reserve_back(OUT, EITHER(1, 2));
        tile_regs_wait();
        pack_tile(0, OUT);
        pack_tile(1, OUT);  // site
        tile_regs_release();
        cb_push_back(OUT, 2);  // site
    }
}
#endif
