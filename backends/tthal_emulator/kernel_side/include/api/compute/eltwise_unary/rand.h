// Uniform random numbers: from + scale * [0, 1). In the fast grade the sequence is this emulator's own.
#pragma once

#include "tthal/vector/sfpu_api.h"
#if TTHAL_EXACT
#include "tthal/vector/exact/random.h"
#endif

namespace ckernel {

#if TTHAL_EXACT
ALWI void init_prng_seed(uint32_t seed) { tthal::exact::generator.seed(seed); }
template <auto... settings>
ALWI void rand_tile_init(uint32_t seed = 0, uint32_t stream_id = 0) {
    seed += stream_id * 0x9E3779B9u;
    // All ones stay all ones.
    init_prng_seed(seed == ~0u ? ~1u : seed);
}
template <auto... settings>
ALWI void rand_tile(uint32_t dst, uint32_t from_bits, uint32_t scale_bits) {
    using namespace tthal::exact;
    const F from = float_parameter(from_bits);
    for_each_face(dst, [=](uint32_t* corner) { random_face(corner, from, scale_bits); });
}
#else
template <auto... settings>
ALWI void rand_tile_init(uint32_t seed = 0, uint32_t stream_id = 0) {
    tthal::sfpu::random_state = seed * 0x9E3779B9u ^ stream_id * 0x85EBCA6Bu ^ 0x6A09E667u;
}
ALWI void init_prng_seed(uint32_t seed) { rand_tile_init(seed); }
template <auto... settings>
ALWI void rand_tile(uint32_t dst, uint32_t from_bits, uint32_t scale_bits) {
    using namespace tthal::sfpu;
    const F from = float_parameter(from_bits), scale = float_parameter(scale_bits);
    map(Floats(), dst, [=](F) { return from + scale * random_unit(); });
}
#endif

}  // namespace ckernel
