// Stores the sum of two runtime arguments at an address in L1.
#include "dataflow_api.h"

void kernel_main() {
    auto* out = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_arg_val<uint32_t>(2));
    *out = get_arg_val<uint32_t>(0) + get_arg_val<uint32_t>(1);
}
