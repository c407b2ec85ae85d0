// x + sin(alpha x)^2 / beta.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(snake_beta_tile_init)
template <DataFormat data_format = DataFormat::Float16_b, auto... settings>
ALWI void snake_beta_tile(uint32_t dst_x, uint32_t dst_alpha, uint32_t dst_beta, uint32_t out) {
    using namespace tthal::unit;
    map(Floats(Store::ROUND), dst_x, dst_alpha, dst_beta, out, [](F x, F alpha, F beta) {
        const F sine = each(alpha * x, [](float v) { return __builtin_sinf(v); });
        return x + sine * sine / beta;
    });
}

}  // namespace ckernel
