// Values dropped with a probability (of 2^31), the others scaled. In the fast grade the sequence is this emulator's own.
#pragma once

#include "api/compute/eltwise_unary/rand.h"

namespace ckernel {

template <auto... settings>
ALWI void dropout_kernel_init(uint32_t seed = 0) {
#if TTHAL_EXACT
    init_prng_seed(seed);
#else
    rand_tile_init(seed);
#endif
}
template <auto... settings>
ALWI void dropout_tile(uint32_t dst, uint32_t probability, uint32_t scale_bits) {
    using namespace tthal::unit;
    const F scale = float_parameter(scale_bits);
    const int32_t limit = static_cast<int32_t>(probability);
#if TTHAL_EXACT
    for_each_face(dst, [=](uint32_t* corner) { dropout_face(corner, limit, scale); });
#else
    map(Floats(), dst, [=](F x) { return select(random_integers() < I(limit), F(0.0f), x * scale); });
#endif
}

}  // namespace ckernel
