// The reader brings one page fewer than the writer waits for.
// host: stream
#include "../bench.h"

#ifdef READER
void kernel_main() {
    for (uint32_t i = 0; i < pages() FAULTY(-1); i++) {
        cb_reserve_back(IN, 1);
        load(i, get_write_ptr(IN));
        cb_push_back(IN, 1);  // site
    }
}
#endif
#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(RESULT, 1);  // site
        store(i, get_read_ptr(RESULT));
        cb_pop_front(RESULT, 1);
    }
}
#endif
