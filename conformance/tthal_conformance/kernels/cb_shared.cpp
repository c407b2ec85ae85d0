// Writes through one index and reads through the other: circular buffers 1 and 2 share their memory.
#include "report.h"

void kernel_main() {
    auto* page = report_page();
    cb_reserve_back(1, 1);
    auto* written = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(1));
    for (uint32_t i = 0; i < 4; i++) {
        written[i] = get_arg_val<uint32_t>(first_own_arg) + i;
    }
    auto* seen = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(2));
    for (uint32_t i = 0; i < 4; i++) {
        page[i] = seen[i] * 2;
    }
    report();
}
