// Reports what the semaphore named by an argument holds, plus one.
#include "report.h"

void kernel_main() {
    auto* page = report_page();
    page[0] = *reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(get_arg_val<uint32_t>(first_own_arg))) + 1;
    report();
}
