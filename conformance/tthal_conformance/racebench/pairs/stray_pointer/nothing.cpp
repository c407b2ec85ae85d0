// A store goes to L1 where nothing lies.
// host: core pages=1
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const uint32_t page = get_write_ptr(SCRATCH);
    load(0, page);
    words(page + EITHER(32 * PAGE, PAGE))[0] = 1;  // site
    store(0, page);
}
#endif
