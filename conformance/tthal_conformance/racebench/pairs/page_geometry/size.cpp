// The address generator counts pages of another size than the buffer's.
// host: stream pages=24
#include "../bench.h"

#ifdef READER
void kernel_main() {
    const InterleavedAddrGen<true> buffer = {
        .bank_base_address = get_arg_val<uint32_t>(0), .page_size = EITHER(2 * PAGE, PAGE)};
    for (uint32_t i = 0; i < pages(); i++) {
        cb_reserve_back(IN, 1);
        noc_async_read(get_noc_addr(i, buffer), get_write_ptr(IN), PAGE);  // site
        noc_async_read_barrier();
        cb_push_back(IN, 1);
    }
}
#endif
