// The writer pops the first page, compute the others: the unpacker's pop forgets the writer's.
// host: stream depth=1
#include "../bench.h"

constexpr uint32_t FIRST = EITHER(IN, IN2);

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        const uint32_t to = i == 0 ? FIRST : IN;
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
    for (uint32_t i = 1; i < pages(); i++) {
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
    cb_wait_front(FIRST, 1);
    store(0, get_read_ptr(FIRST));
    cb_pop_front(FIRST, 1);  // site
    for (uint32_t i = 1; i < pages(); i++) {
        cb_wait_front(RESULT, 1);
        store(i, get_read_ptr(RESULT));
        cb_pop_front(RESULT, 1);
    }
}
#endif
