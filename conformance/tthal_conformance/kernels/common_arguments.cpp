// Reports two common arguments and one of the core's own.
#include "report.h"

void kernel_main() {
    auto* page = report_page();
    page[0] = get_common_arg_val<uint32_t>(0);
    page[1] = get_common_arg_val<uint32_t>(1);
    page[2] = get_arg_val<uint32_t>(first_own_arg) ^ get_common_arg_val<uint32_t>(0);
    report();
}
