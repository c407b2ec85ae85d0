// Waits for a semaphore to reach a value (exactly, or with MINIMUM at least), then reports the value seen.
#include "report.h"

void kernel_main() {
    auto* semaphore =
        reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(get_arg_val<uint32_t>(first_own_arg)));
    const uint32_t value = get_arg_val<uint32_t>(first_own_arg + 1);
#ifdef MINIMUM
    noc_semaphore_wait_min(semaphore, value);
#else
    noc_semaphore_wait(semaphore, value);
#endif
    auto* page = report_page();
    page[0] = *semaphore;
    report();
}
