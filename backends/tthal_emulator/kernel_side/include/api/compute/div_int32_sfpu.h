// Quotients of 32-bit integers as float32.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(div_int32_tile_init)
template <auto... settings>
ALWI void div_int32_tile(uint32_t dst0, uint32_t dst1, uint32_t out) {
    using namespace tthal::unit;
    const uint32_t *a = tthal::tensix::math_tile(dst0), *b = tthal::tensix::math_tile(dst1);
    uint32_t* target = tthal::tensix::math_tile(out);
    const Floats floats(Store::ROUND);
    const Words words;
    for_each_place(
        {}, [&](uint32_t at) { floats.store(target + at, float_quotient(words.load(a + at), words.load(b + at))); });
}

}  // namespace ckernel
