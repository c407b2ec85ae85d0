// Waits for its semaphore and reports the words that another core has written into circular buffer 1.
#include "report.h"

void kernel_main() {
    noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0)), 1);
    auto* page = report_page();
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(1));
    for (uint32_t i = 0; i < 16; i++) {
        page[i] = words[i];
    }
    report();
}
