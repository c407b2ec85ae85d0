// The work of all cores is the same, rounded up, and the last writes past the end (tt-metal#51213).
// host: core pages=5
#include "../bench.h"

#ifdef READER
void kernel_main() {
    constexpr uint32_t block = 2;
    for (uint32_t i = 0; i < pages(); i += block) {
        for (uint32_t page = i; page < i + block FIXED(&& page < pages()); page++) {
            load(page % pages(), get_write_ptr(SCRATCH));
            noc_async_write(get_write_ptr(SCRATCH), out(page), PAGE);  // site
            noc_async_write_barrier();
        }
    }
}
#endif
