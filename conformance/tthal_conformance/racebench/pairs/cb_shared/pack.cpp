// The packer and the reader both push into the circular buffer of the results.
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    constexpr uint32_t odd = EITHER(OUT, IN2);
    for (uint32_t i = 0; i < pages(); i += 2) {
        cb_reserve_back(IN, 1);
        load(i, get_write_ptr(IN));
        cb_push_back(IN, 1);
        cb_reserve_back(odd, 1);
        load(i + 1, get_write_ptr(odd));
        cb_push_back(odd, 1);  // site
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
        cb_pop_front(IN, 1);
        cb_reserve_back(OUT, 1);
        tile_regs_wait();
        pack_tile(0, OUT);
        tile_regs_release();
        cb_push_back(OUT, 1);  // site
    }
}
#endif
#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        const uint32_t from = EITHER(OUT, i % 2 ? IN2 : OUT);
        cb_wait_front(from, 1);
        store(i, get_read_ptr(from));
        cb_pop_front(from, 1);
    }
}
#endif
