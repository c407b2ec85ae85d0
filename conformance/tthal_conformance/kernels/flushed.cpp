// Overwrites a write's source once the write is flushed; the target must get what was there before.
#include "report.h"

void kernel_main() {
    const auto result = TensorAccessor(report_args, get_arg_val<uint32_t>(0), report_words * 4);
    auto* page = report_page();
    for (uint32_t step = 0; step < 4; step++) {
        for (uint32_t i = 0; i < report_words; i++) {
            page[i] = get_arg_val<uint32_t>(first_own_arg) * (step + 1) + i;
        }
        noc_async_write_page(step, result, get_write_ptr(0));
        noc_async_writes_flushed();
    }
    noc_async_write_barrier();
}
