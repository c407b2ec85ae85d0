// Reports two named compile-time arguments.
#include "report.h"

void kernel_main() {
    constexpr uint32_t rows = get_named_compile_time_arg_val("rows");
    constexpr uint32_t columns = get_named_compile_time_arg_val("columns");
    static_assert(rows > 0);
    auto* page = report_page();
    page[0] = rows * 1000 + columns;
    page[1] = columns;
    report();
}
