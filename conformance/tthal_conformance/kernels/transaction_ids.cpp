// Has two reads on their way under two ids and waits for each by itself.
#include "report.h"

void kernel_main() {
    const auto result = TensorAccessor(report_args, get_arg_val<uint32_t>(0), report_words * 4);
    const uint32_t scratch = get_write_ptr(1);
    for (uint32_t id = 1; id <= 2; id++) {
        noc_async_read_set_trid(id);
        noc_async_read_one_packet(
            get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(first_own_arg)) + (id - 1) * 64,
            scratch + (id - 1) * 64, 64);
    }
    noc_async_read_set_trid(0);
    auto* page = report_page();
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(scratch);
    noc_async_read_barrier_with_trid(2);
    page[0] = words[16] + 1;
    noc_async_read_barrier_with_trid(1);
    page[1] = words[0] + 1;
    report();
}
