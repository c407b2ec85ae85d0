// A pointer that was never set leads into the firmware's memory.
// host: core pages=1
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t page = get_write_ptr(SCRATCH);
    volatile uint32_t pointer = EITHER(0x100, page + PAGE);
    load(0, page);
    words(pointer)[0] = 1;  // site
    store(0, page);
}
#endif
