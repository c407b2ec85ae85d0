// Reports what its macros say.
#include "report.h"

void kernel_main() {
    auto* page = report_page();
#ifdef WITH_EXTRA
    page[0] = WITH_EXTRA;
#endif
#ifdef EXPRESSION
    page[1] = EXPRESSION * 2;
#endif
#ifdef APPLY
    page[2] = APPLY(20);
#endif
    report();
}
