// An array on the stack of a compute kernel is larger than its local memory.
// host: stream
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {  // site
    volatile uint32_t table[EITHER(3000, 100)];  // site
    for (uint32_t i = 0; i < sizeof table / 4; i++) {
        table[i] = i;  // site
    }
    compute_kernel_hw_startup(IN, OUT);
    copy_init(IN);
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(IN, 1);
        tile_regs_acquire();
        copy_tile(IN, 0, 0);
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
