// Calls go so deep that the stack runs out.
// host: core pages=1
#include "../bench.h"

#ifdef READER
__attribute__((noinline)) uint32_t depth(volatile uint32_t left) {  // site
    volatile uint32_t here[8] = {left};
    return left == 0 ? here[0] : depth(left - 1) + here[0];  // site
}
void kernel_main() {
    volatile uint32_t result = depth(EITHER(400, 8));  // site
    (void)result;
    load(0, get_write_ptr(SCRATCH));
    store(0, get_write_ptr(SCRATCH));
}
#endif
