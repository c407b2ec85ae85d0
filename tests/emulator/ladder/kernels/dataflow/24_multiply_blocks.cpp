// The product of blocks of 8x8 words in plain C++, one block of the result after the other, each written as a page.
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    constexpr uint32_t n = 8;
    const uint32_t depth = get_arg_val<uint32_t>(1), first = get_arg_val<uint32_t>(2), count = get_arg_val<uint32_t>(3);
    const auto product = TensorAccessor(TensorAccessorArgs<0>(), get_arg_val<uint32_t>(0));
    const uint32_t l1 = get_write_ptr(tt::CBIndex::c_16);
    auto* sum = reinterpret_cast<volatile uint32_t*>(l1);
    for (uint32_t tile = first; tile < first + count; tile++) {
        for (uint32_t i = 0; i < n * n; i++) sum[i] = 0;
        for (uint32_t k = 0; k < depth; k++) {
            cb_wait_front(tt::CBIndex::c_0, 1);
            cb_wait_front(tt::CBIndex::c_1, 1);
            const auto* a = reinterpret_cast<volatile uint32_t*>(get_read_ptr(tt::CBIndex::c_0));
            const auto* b = reinterpret_cast<volatile uint32_t*>(get_read_ptr(tt::CBIndex::c_1));
            for (uint32_t i = 0; i < n * n; i++)
                for (uint32_t j = 0; j < n; j++) sum[i] = sum[i] + a[i / n * n + j] * b[j * n + i % n];
            cb_pop_front(tt::CBIndex::c_0, 1);
            cb_pop_front(tt::CBIndex::c_1, 1);
        }
        noc_async_write_tile(tile, product, l1);
        noc_async_write_barrier();
    }
}
