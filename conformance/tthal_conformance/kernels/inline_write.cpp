// Writes single words to a page of the result without a source in L1.
#include "report.h"

void kernel_main() {
    const auto result = TensorAccessor(report_args, get_arg_val<uint32_t>(0), report_words * 4);
    auto* page = report_page();
    report();
    const uint32_t target = get_write_ptr(1);
    const uint64_t here = get_noc_addr(target);
    for (uint32_t i = 0; i < 4; i++) {
        noc_inline_dw_write(here + 4 * i, get_arg_val<uint32_t>(first_own_arg) + i);
    }
    noc_async_write_barrier();
    auto* written = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(target);
    for (uint32_t i = 0; i < 4; i++) {
        page[i] = written[i];
    }
    report();
}
