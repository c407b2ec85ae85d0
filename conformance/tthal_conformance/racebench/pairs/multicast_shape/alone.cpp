// A loopback multicast to nobody but the sender, which does not arrive on a card.
// host: cores cores=2
#include "../bench.h"

#ifdef SENDER
void kernel_main() {
    const uint32_t from = get_write_ptr(SCRATCH), slot = from + PAGE;
    load(0, from);
    FAULTY(noc_async_write_multicast_loopback_src(from, on_cores(0, 0, slot), PAGE, 1);)  // site
    FIXED(noc_async_write(from, on(0, slot), PAGE);)
    noc_async_write_barrier();
    store(0, slot);
}
#endif
#ifdef RECEIVER
void kernel_main() {
    load(1, get_write_ptr(SCRATCH));
    store(1, get_write_ptr(SCRATCH));
}
#endif
