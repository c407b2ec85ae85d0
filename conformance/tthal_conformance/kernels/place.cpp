// Reports where it runs: its virtual coordinates on its NoC, its NoC, and its logical coordinates.
#include "report.h"

void kernel_main() {
    auto* page = report_page();
    page[0] = my_x[noc_index];
    page[1] = my_y[noc_index];
    page[2] = noc_index + 1;
    page[3] = get_absolute_logical_x() + 100;
    page[4] = get_absolute_logical_y() + 200;
    report();
}
