// Reports the sum of all its runtime arguments behind the count, each times its place.
#include "report.h"

void kernel_main() {
    auto* page = report_page();
    const uint32_t count = get_arg_val<uint32_t>(first_own_arg);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += (i + 1) * get_arg_val<uint32_t>(first_own_arg + 1 + i);
    }
    page[0] = sum;
    page[1] = count;
    report();
}
