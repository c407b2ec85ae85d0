// Reports what eight semaphores hold, then adds to each; the next launch must find their initial values again.
#include "report.h"

void kernel_main() {
    auto* page = report_page();
    for (uint32_t id = 0; id < 8; id++) {
        auto* semaphore = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(id));
        page[id] = *semaphore;
        noc_semaphore_set(semaphore, *semaphore + 1000);
    }
    report();
}
