// Keeps the batches that are there, behind a word for each batch that says so, as every compute thread was told.
#include "api/compute/common.h"

void kernel_main() {
    constexpr uint32_t cb = get_named_compile_time_arg_val("cb_in0");
    constexpr uint32_t pages = get_compile_time_arg_val(0), blocks = get_compile_time_arg_val(1),
                       batches = get_compile_time_arg_val(2);
    const uint32_t words = get_arg_val<uint32_t>(1);
    auto* out = reinterpret_cast<volatile uint32_t*>(get_arg_val<uint32_t>(0));
    for (uint32_t batch = 0; batch < batches; batch++) {
        uint32_t told = 0;
        UNPACK(told += mailbox_read(ckernel::ThreadId::BriscThreadId);)
        MATH(told += mailbox_read(ckernel::ThreadId::BriscThreadId);)
        PACK(told += mailbox_read(ckernel::ThreadId::BriscThreadId);)
        *out++ = told;
        for (uint32_t block = 0; told == 3 && block < blocks; block++) {
            cb_wait_front(cb, pages);
            const auto* in = reinterpret_cast<volatile uint32_t*>(get_read_ptr(cb));
            for (uint32_t word = 0; word < pages * words; word++) *out++ = in[word];
            cb_pop_front(cb, pages);
        }
    }
}
