// Reports the result of a loop that a compiler may unroll or fold, so that every optimisation level must get it right.
#include "report.h"

void kernel_main() {
    auto* page = report_page();
    uint32_t state = get_arg_val<uint32_t>(first_own_arg);
    for (uint32_t i = 0; i < 100; i++) {
        state = state * 1664525u + 1013904223u;
        if (state & 1) {
            state ^= i << 7;
        }
    }
    page[0] = state;
    report();
}
