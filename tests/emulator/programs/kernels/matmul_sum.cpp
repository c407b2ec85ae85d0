// The arithmetic of the matmul in a compute processor's plain C++: 8x8 blocks of words, C += A x B.
#include "api/compute/common.h"

void kernel_main() {
    constexpr uint32_t n = 8;
    const uint32_t blocks = get_arg_val<uint32_t>(0);
    auto* sum = reinterpret_cast<uint32_t*>(get_arg_val<uint32_t>(1));
    for (uint32_t i = 0; i < n * n; i++) sum[i] = 0;
    for (uint32_t block = 0; block < blocks; block++) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        auto* a = reinterpret_cast<volatile uint32_t*>(get_read_ptr(0));
        auto* b = reinterpret_cast<volatile uint32_t*>(get_read_ptr(1));
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t j = 0; j < n; j++)
                for (uint32_t k = 0; k < n; k++) sum[n * i + j] += a[n * i + k] * b[n * k + j];
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
}
