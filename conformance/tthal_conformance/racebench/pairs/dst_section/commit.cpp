// The section of DST is not handed to the packer, which waits for it.
// host: stream
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, OUT);
    copy_init(IN);
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(IN, 1);
        tile_regs_acquire();
        copy_tile(IN, 0, 0);
        FIXED(tile_regs_commit();)
        cb_pop_front(IN, 1);
        cb_reserve_back(OUT, 1);
        tile_regs_wait();  // site
        pack_tile(0, OUT);  // site
        tile_regs_release();
        cb_push_back(OUT, 1);
    }
}
#endif
