// Reads the input page by page: of both inputs, or of the first only one.
#include "../pairs/bench.h"

void kernel_main() {
    for (uint32_t i = 0; i < pages(); i++) {
#ifdef FIRST_ONLY
        if (i == 0)
#endif
        {
            cb_reserve_back(IN, 1);
            load(i, get_write_ptr(IN));
            cb_push_back(IN, 1);
        }
#ifdef TWO_INPUTS
        cb_reserve_back(IN2, 1);
        noc_async_read(in2(i), get_write_ptr(IN2), PAGE);
        noc_async_read_barrier();
        cb_push_back(IN2, 1);
#endif
    }
}
