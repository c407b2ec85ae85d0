// A tile of DST is named that a section does not have.
// host: stream
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, OUT);
    copy_init(IN);
    constexpr uint32_t place = EITHER(8, 7);
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(IN, 1);
        tile_regs_acquire();
        copy_tile(IN, 0, place);  // site
        tile_regs_commit();
        cb_pop_front(IN, 1);
        cb_reserve_back(OUT, 1);
        tile_regs_wait();
        pack_tile(place, OUT);  // site
        tile_regs_release();
        cb_push_back(OUT, 1);
    }
}
#endif
