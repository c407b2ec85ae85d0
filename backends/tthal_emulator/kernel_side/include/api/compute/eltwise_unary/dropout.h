// Values dropped with a probability (of 2^31), the others scaled. The sequence is this emulator's own.
#pragma once

#include "api/compute/eltwise_unary/rand.h"

namespace ckernel {

template <auto... settings>
ALWI void dropout_kernel_init(uint32_t seed = 0) {
    rand_tile_init(seed);
}
template <auto... settings>
ALWI void dropout_tile(uint32_t dst, uint32_t probability, uint32_t scale_bits) {
    using namespace tthal::sfpu;
    const F scale = float_parameter(scale_bits);
    const I limit = static_cast<int32_t>(probability);
    map(Floats(), dst, [=](F x) { return select(random_integers() < limit, F(0.0f), x * scale); });
}

}  // namespace ckernel
