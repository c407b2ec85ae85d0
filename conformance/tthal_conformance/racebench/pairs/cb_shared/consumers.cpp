// Compute and the writer both pop one circular buffer, each with a read pointer of its own.
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        const uint32_t to = EITHER(IN, i % 2);
        cb_reserve_back(to, 1);
        load(i, get_write_ptr(to));
        cb_push_back(to, 1);
    }
}
#endif
#ifdef COMPUTE
void kernel_main() {
    compute_kernel_hw_startup(IN, OUT);
    copy_init(IN);
    for (uint32_t i = 0; i < pages(); i += 2) {
        cb_wait_front(IN, 1);
        tile_regs_acquire();
        copy_tile(IN, 0, 0);
        tile_regs_commit();
        cb_pop_front(IN, 1);  // site
        cb_reserve_back(OUT, 1);
        tile_regs_wait();
        pack_tile(0, OUT);
        tile_regs_release();
        cb_push_back(OUT, 1);
    }
}
#endif
#ifdef WRITER
void kernel_main() {
    constexpr uint32_t odd = EITHER(IN, IN2);
    for (uint32_t i = 0; i < pages(); i += 2) {
        cb_wait_front(RESULT, 1);
        store(i, get_read_ptr(RESULT));
        cb_pop_front(RESULT, 1);
        cb_wait_front(odd, 1);
        store(i + 1, get_read_ptr(odd));
        cb_pop_front(odd, 1);  // site
    }
}
#endif
