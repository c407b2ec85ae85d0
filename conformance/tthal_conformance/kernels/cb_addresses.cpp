// Reports how far circular buffers 1 and 2 lie apart, and how far one page of buffer 1 moves its write pointer.
#include "report.h"

void kernel_main() {
    auto* page = report_page();
    const uint32_t first = get_write_ptr(1);
    page[0] = get_write_ptr(2) - first;
    cb_reserve_back(1, 1);
    cb_push_back(1, 1);
    page[1] = get_write_ptr(1) - first;
    cb_wait_front(1, 1);
    cb_pop_front(1, 1);
    page[2] = get_read_ptr(1) - first;
    report();
}
