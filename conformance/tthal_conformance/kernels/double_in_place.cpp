// Doubles the words of circular buffer 0, which lies in a buffer of the host's, in place.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint32_t words = get_arg_val<uint32_t>(0);
    auto* memory = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    for (uint32_t i = 0; i < words; i++) {
        memory[i] = memory[i] * 2;
    }
}
