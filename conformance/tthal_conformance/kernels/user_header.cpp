// Reports what two user headers define.
#include "report.h"
#include "constants.h"

void kernel_main() {
    auto* page = report_page();
    page[0] = factor() * get_arg_val<uint32_t>(first_own_arg) + SUMMAND;
    report();
}
