// A difference is packed in place and read again without a push and a pop between.
// host: stream inputs=2 depth=1 first_only=1 out_pages=1 expects=rest
#include "../bench.h"

#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, IN2, IN);
    sub_init(IN, IN2);
    FAULTY(cb_wait_front(IN, 1);)
    for (uint32_t i = 0; i < pages(); i++) {
        const uint32_t from = EITHER(IN, i == 0 ? IN : SCRATCH);
        FIXED(cb_wait_front(from, 1);)
        cb_wait_front(IN2, 1);
        tile_regs_acquire();
        sub_tiles(from, IN2, 0, 0, 0);  // site
        tile_regs_commit();
        cb_pop_front(IN2, 1);
        FIXED(cb_pop_front(from, 1);)
        FIXED(cb_reserve_back(SCRATCH, 1);)
        tile_regs_wait();
        EITHER(pack_tile<true>(0, IN, 0);, pack_tile(0, SCRATCH);)  // site
        tile_regs_release();
        FIXED(cb_push_back(SCRATCH, 1);)
    }
    constexpr uint32_t result = EITHER(IN, SCRATCH);
    FIXED(cb_wait_front(SCRATCH, 1);)
    copy_init(result);
    tile_regs_acquire();
    copy_tile(result, 0, 0);  // site
    tile_regs_commit();
    cb_reserve_back(OUT, 1);
    tile_regs_wait();
    pack_tile(0, OUT);
    tile_regs_release();
    cb_push_back(OUT, 1);
}
#endif
