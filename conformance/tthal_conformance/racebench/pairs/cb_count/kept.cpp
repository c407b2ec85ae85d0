// The writer never gives pages back, so that the reader finds no room (tt-metal#46658, #46662).
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);  // site
        load(i, get_write_ptr(IN));
        cb_push_back(IN, 1);
    }
}
#endif
#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(RESULT, EITHER(i + 1, 1));  // site
        store(i, get_read_ptr(RESULT) FAULTY(+ i * PAGE));
        FIXED(cb_pop_front(RESULT, 1);)
    }
}
#endif
