// Writes the result page by page.
#include "../pairs/bench.h"

void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
        cb_wait_front(RESULT, 1);
        store(i, get_read_ptr(RESULT));
        cb_pop_front(RESULT, 1);
    }
}
