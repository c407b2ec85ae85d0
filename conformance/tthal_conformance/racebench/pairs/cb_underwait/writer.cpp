// The writer takes pages without waiting for them.
// host: stream
#include "../bench.h"

#ifdef WRITER
void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        FIXED(cb_wait_front(RESULT, 1);)
        store(i, get_read_ptr(RESULT));  // site
        cb_pop_front(RESULT, 1);  // site
    }
}
#endif
