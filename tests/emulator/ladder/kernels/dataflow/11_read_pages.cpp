// Reads pages of a tensor into circular buffer 0, upwards from the first, or downwards.
#include "api/dataflow/circular_buffer.h"
#include "api/dataflow/noc.h"
#include "api/tensor/noc_traits.h"

void kernel_main() {
    const auto tensor = TensorAccessor(TensorAccessorArgs<0>(), get_arg_val<uint32_t>(0));
    const uint32_t count = get_arg_val<uint32_t>(1), first = get_arg_val<uint32_t>(2);
    CircularBuffer buffer(tt::CBIndex::c_0);
    const Noc noc;
    for (uint32_t i = 0; i < count; i++) {
#ifdef BACKWARDS
        const uint32_t page = first - i;
#else
        const uint32_t page = first + i;
#endif
        buffer.reserve_back(1);
        noc.async_read(tensor, buffer, buffer.get_tile_size(), {.page_id = page}, {});
        noc.async_read_barrier();
        buffer.push_back(1);
    }
}
