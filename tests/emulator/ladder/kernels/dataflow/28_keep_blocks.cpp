// Copies every block that comes through a circular buffer to a place in L1, one behind the other.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    constexpr uint32_t cb = get_named_compile_time_arg_val("cb_in0");
    constexpr uint32_t pages = get_compile_time_arg_val(0), blocks = get_compile_time_arg_val(1);
    const uint32_t words = pages * get_local_cb_interface(cb).fifo_page_size / 4;
    auto* out = reinterpret_cast<volatile uint32_t*>(get_arg_val<uint32_t>(0));
    for (uint32_t block = 0; block < blocks; block++) {
        cb_wait_front(cb, pages);
        const auto* in = reinterpret_cast<volatile uint32_t*>(get_read_ptr(cb));
        for (uint32_t word = 0; word < words; word++) *out++ = in[word];
        cb_pop_front(cb, pages);
    }
}
