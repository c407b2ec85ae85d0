// Two layers for 32 samples at a time: relu(samples @ first) @ second. What the first layer gives never leaves L1.
#include <cstdint>

#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_unary/relu.h"
#include "api/compute/matmul.h"
#include "api/compute/pack.h"
#include "api/compute/reg_api.h"

constexpr uint32_t features = get_compile_time_arg_val(0), hidden = get_compile_time_arg_val(1);
constexpr uint32_t cb_samples = 0, cb_first = 1, cb_second = 2, cb_scores = 16, cb_hidden = 24;

// One tile of a product: a row of `inner` tiles times column `column` of a matrix of `columns` columns.
ALWI void multiply(uint32_t cb_in, uint32_t cb_weights, uint32_t inner, uint32_t columns, uint32_t column,
                   uint32_t dst) {
    for (uint32_t k = 0; k < inner; k++) matmul_tiles(cb_in, cb_weights, k, k * columns + column, dst);
}

void kernel_main() {
    const uint32_t rows = get_arg_val<uint32_t>(0);

    compute_kernel_hw_startup<SrcOrder::Reverse>(cb_samples, cb_first, cb_scores);
    relu_tile_init();
    cb_wait_front(cb_first, features * hidden);
    cb_wait_front(cb_second, hidden);
    for (uint32_t row = 0; row < rows; row++) {
        cb_wait_front(cb_samples, features);
        cb_reserve_back(cb_hidden, hidden);
        matmul_init(cb_samples, cb_first);
        tile_regs_acquire();
        for (uint32_t column = 0; column < hidden; column++) {
            multiply(cb_samples, cb_first, features, hidden, column, column);
            relu_tile(column);
        }
        tile_regs_commit();
        tile_regs_wait();
        for (uint32_t column = 0; column < hidden; column++) pack_tile(column, cb_hidden);
        tile_regs_release();
        cb_push_back(cb_hidden, hidden);
        cb_pop_front(cb_samples, features);

        cb_wait_front(cb_hidden, hidden);
        cb_reserve_back(cb_scores, 1);
        matmul_init(cb_hidden, cb_second);
        tile_regs_acquire();
        multiply(cb_hidden, cb_second, hidden, 1, 0, 0);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, cb_scores);
        tile_regs_release();
        cb_push_back(cb_scores, 1);
        cb_pop_front(cb_hidden, hidden);
    }
}
