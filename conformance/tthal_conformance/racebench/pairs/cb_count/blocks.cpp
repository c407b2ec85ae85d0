// The writer takes three pages at a time of a number that three does not divide.
// host: stream depth=6
#include "../bench.h"

#ifdef WRITER
void kernel_main() {
    constexpr uint32_t block = EITHER(3, 2);
    for (uint32_t i = 0; i < pages(); i += block) {
        cb_wait_front(RESULT, block);  // site
        for (uint32_t page = 0; page < block && i + page < pages(); page++) {
            store(i + page, get_read_ptr(RESULT) + page * PAGE);
        }
        cb_pop_front(RESULT, block);
    }
}
#endif
