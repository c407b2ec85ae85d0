// Waits for all pages of a buffer and stores the sum of their words.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    constexpr uint32_t cb = get_compile_time_arg_val(0), pages = get_compile_time_arg_val(1);
    cb_wait_front(cb, pages);
    uint32_t sum = 0;
    for (uint32_t i = 0; i < pages * get_local_cb_interface(cb).fifo_page_size / 4; i++)
        sum += reinterpret_cast<volatile uint32_t*>(get_read_ptr(cb))[i];
    *reinterpret_cast<volatile uint32_t*>(get_arg_val<uint32_t>(0)) = sum;
    cb_pop_front(cb, pages);
}
