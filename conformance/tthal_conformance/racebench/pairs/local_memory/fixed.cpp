// Static data is larger than the processor's local memory.
// host: core pages=1
#include "../bench.h"

#ifdef READER
static volatile uint32_t table[EITHER(6000, 100)];  // site
void kernel_main() {
    for (uint32_t i = 0; i < sizeof table / 4; i++) {
        table[i] = i;  // site
    }
    load(0, get_write_ptr(SCRATCH));
    store(0, get_write_ptr(SCRATCH));
}
#endif
