// Inverts words in the core's own L1.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_arg_val<uint32_t>(0));
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(1); i++) {
        words[i] = ~words[i];
    }
}
