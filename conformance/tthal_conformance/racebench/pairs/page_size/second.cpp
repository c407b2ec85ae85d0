// The pages of the second operand are smaller than its tiles.
// host: stream inputs=2 in2_page=1024|2048 depth=4 expects=add
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        load(i, get_write_ptr(IN));
        cb_push_back(IN, 1);
        cb_reserve_back(IN2, 1);
        noc_async_read(in2(i), get_write_ptr(IN2), EITHER(PAGE / 2, PAGE));
        noc_async_read_barrier();
        cb_push_back(IN2, 1);
    }
}
#endif
#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, IN2, OUT);
    add_init(IN, IN2);
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
