// Stores compile-time arguments, by index, by name, and all at once, where the first of them says.
#include "api/compile_time_args.h"
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    constexpr uint32_t all[] = {KERNEL_COMPILE_TIME_ARGS};
    constexpr uint32_t second = get_compile_time_arg_val(1);
    static_assert(get_named_compile_time_arg_val("width") > 0, "names are known when compiling");
    auto* out = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_compile_time_arg_val(0));
    out[0] = second;
    out[1] = get_named_compile_time_arg_val("width");
    out[2] = get_named_compile_time_arg_val("height");
    out[3] = sizeof(all) / sizeof(all[0]);
    out[4] = kernel_compile_time_args[2];
}
