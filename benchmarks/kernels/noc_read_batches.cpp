// Reads the same pages again and again, a batch between two barriers.
#include "dataflow_api.h"

void kernel_main() {
    const auto tensor = TensorAccessor(TensorAccessorArgs<0>(), get_arg_val<uint32_t>(0));
    const uint32_t batches = get_arg_val<uint32_t>(1), batch = get_arg_val<uint32_t>(2);
    const uint32_t l1 = get_write_ptr(0), page_size = tensor.get_aligned_page_size();
    for (uint32_t i = 0; i < batches; i++) {
        for (uint32_t page = 0; page < batch; page++) noc_async_read_page(page, tensor, l1 + page * page_size);
        noc_async_read_barrier();
    }
}
