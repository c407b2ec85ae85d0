// Reports its runtime arguments, each plus its place, so that a shifted or repeated argument shows.
#include "report.h"

void kernel_main() {
    auto* page = report_page();
    const uint32_t count = get_arg_val<uint32_t>(first_own_arg);
    for (uint32_t i = 0; i < count; i++) {
        page[i] = get_arg_val<uint32_t>(first_own_arg + 1 + i) + i;
    }
    report();
}
