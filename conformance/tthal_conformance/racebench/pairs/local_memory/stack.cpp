// An array on the stack is larger than the processor's local memory.
// host: core pages=1
#include "../bench.h"

#ifdef READER
void kernel_main() {  // site
    volatile uint32_t table[EITHER(3000, 100)];  // site
    for (uint32_t i = 0; i < sizeof table / 4; i++) {
        table[i] = i;  // site
    }
    load(0, get_write_ptr(SCRATCH));
    store(0, get_write_ptr(SCRATCH));
}
#endif
