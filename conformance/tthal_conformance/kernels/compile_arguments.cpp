// Reports three compile-time arguments; the first also sizes an array, so it has to be a constant.
#include "report.h"

void kernel_main() {
    constexpr uint32_t length = get_compile_time_arg_val(first_own_compile_arg);
    uint32_t squares[length];
    for (uint32_t i = 0; i < length; i++) {
        squares[i] = i * i;
    }
    auto* page = report_page();
    page[0] = squares[length - 1];
    page[1] = get_compile_time_arg_val(first_own_compile_arg + 1);
    page[2] = get_compile_time_arg_val(first_own_compile_arg + 2);
    report();
}
