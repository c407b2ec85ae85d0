// Both data-movement processors pop the results, each with a read pointer of its own.
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    constexpr uint32_t odd = EITHER(OUT, IN2);
    for (uint32_t i = 0; i < pages(); i += 2) {
        for (uint32_t page = i; page < i + 2; page++) {
            cb_reserve_back(IN, 1);
            load(page, get_write_ptr(IN));
            cb_push_back(IN, 1);
        }
        cb_wait_front(odd, 1);
        store(i + 1, get_read_ptr(odd));
        cb_pop_front(odd, 1);  // site
    }
}
#endif
#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, OUT);
    copy_init(IN);
    for (uint32_t i = 0; i < pages(); i++) {
        const uint32_t to = EITHER(OUT, i % 2 ? IN2 : OUT);
        cb_wait_front(IN, 1);
        tile_regs_acquire();
        copy_tile(IN, 0, 0);
        tile_regs_commit();
        cb_pop_front(IN, 1);
        cb_reserve_back(to, 1);
        tile_regs_wait();
        pack_tile(0, to);
        tile_regs_release();
        cb_push_back(to, 1);
    }
}
#endif
#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i += 2) {
        cb_wait_front(RESULT, 1);
        store(i, get_read_ptr(RESULT));
        cb_pop_front(RESULT, 1);  // site
    }
}
#endif
