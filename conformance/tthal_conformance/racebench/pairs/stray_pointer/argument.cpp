// An argument is loaded that the host did not give.
// host: core pages=1 expects=numbers
#include "../bench.h"

#ifdef READER
void kernel_main() {
    constexpr uint32_t index = EITHER(90, 2);
    const uint32_t page = get_write_ptr(SCRATCH);
    const uint32_t value = *reinterpret_cast<Words>(get_arg_addr(index));  // site
    for (uint32_t w = 0; w < PAGE_WORDS; w++) {
        words(page)[w] = value;
    }
    store(0, page);
}
#endif
