// Prints two lines and reports a number, so that its run is seen without the lines too.
#include "report.h"

#include "api/debug/dprint.h"

void kernel_main() {
    DPRINT("conformance {}\n", get_arg_val<uint32_t>(first_own_arg));
    auto* page = report_page();
    page[0] = get_arg_val<uint32_t>(first_own_arg) + 1;
    report();
}
