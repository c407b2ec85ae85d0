// A page is pushed into which nothing was written.
// host: stream depth=8
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        if (FAULTY(i != 5) FIXED(true)) load(i, get_write_ptr(IN));
        cb_push_back(IN, 1);  // site
    }
}
#endif
#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, OUT);
    copy_init(IN);
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(IN, 1);
        tile_regs_acquire();
        copy_tile(IN, 0, 0);  // site
        tile_regs_commit();
        cb_pop_front(IN, 1);
        cb_reserve_back(OUT, 1);
        tile_regs_wait();
        pack_tile(0, OUT);
        tile_regs_release();
        cb_push_back(OUT, 1);
    }
}
#endif
