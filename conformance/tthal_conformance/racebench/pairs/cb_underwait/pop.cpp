// Two pages are popped of which one was waited for.
// host: stream
#include "../bench.h"

#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i += 2) {
        cb_wait_front(RESULT, EITHER(1, 2));
        store(i, get_read_ptr(RESULT));
        store(i + 1, get_read_ptr(RESULT) + PAGE);  // site
        cb_pop_front(RESULT, 2);  // site
    }
}
#endif
