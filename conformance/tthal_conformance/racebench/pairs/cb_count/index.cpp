// The writer waits for another circular buffer than the one that is filled.
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);  // site
        load(i, get_write_ptr(IN));
        cb_push_back(IN, 1);  // site
    }
}
#endif
#ifdef WRITER
void kernel_main() {
    constexpr uint32_t from = EITHER(IN2, IN);
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(from, 1);  // site
        store(i, get_read_ptr(from));
        cb_pop_front(from, 1);
    }
}
#endif
