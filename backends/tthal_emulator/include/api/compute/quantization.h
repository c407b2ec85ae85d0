// Numbers to integers with a scale and a zero point, and back. The init calls take the zero point as a float.
#pragma once

#include "tthal/sfpu_api.h"

namespace ckernel {

namespace detail {
inline float zero_point = 0.0f;
}
#define TTHAL_QUANTIZATION_INIT(name) \
    template <auto... settings>       \
    ALWI void name(uint32_t zero_point_bits) { detail::zero_point = tthal::sfpu::float_parameter(zero_point_bits); }
TTHAL_QUANTIZATION_INIT(quant_tile_init)
TTHAL_QUANTIZATION_INIT(requant_tile_init)
TTHAL_QUANTIZATION_INIT(dequant_tile_init)
#undef TTHAL_QUANTIZATION_INIT

// 32-bit integers of one tile and floats of another, or the reverse.
template <auto... settings>
ALWI void quant_tile(uint32_t dst0, uint32_t scale, uint32_t out) {
    using namespace tthal::sfpu;
    map(Words(), dst0, scale, out, [](I a, I b) {
        return quantized(as_float(bits_of(a)) * as_float(bits_of(b)) + detail::zero_point);
    });
}
template <auto... settings>
ALWI void requant_tile(uint32_t dst0, uint32_t scale, uint32_t out) {
    using namespace tthal::sfpu;
    map(Words(), dst0, scale, out, [](I a, I b) {
        return quantized(__builtin_convertvector(a, F) * as_float(bits_of(b)) + detail::zero_point);
    });
}
template <auto... settings>
ALWI void dequant_tile(uint32_t dst0, uint32_t scale, uint32_t out) {
    using namespace tthal::sfpu;
    map(Words(), dst0, scale, out, [](I a, I b) {
        return as_int(bits_of((__builtin_convertvector(a, F) + detail::zero_point) * as_float(bits_of(b))));
    });
}

}  // namespace ckernel
