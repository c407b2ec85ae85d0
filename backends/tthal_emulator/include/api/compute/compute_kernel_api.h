// The header that most compute kernels begin with: common operations of the vector unit.
#pragma once

#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/recip.h"
#include "tthal/llk_sfpu.h"
#include "tthal/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(sigmoid_tile_init)
TTHAL_INIT(sigmoid_tile_init_pack)
// The faces may be the first template argument.
template <auto... settings>
ALWI void sigmoid_tile(uint32_t dst, tthal::sfpu::Faces faces = tthal::sfpu::faces_of(settings...)) {
    using namespace tthal::sfpu;
    map(Floats(Store::ROUND), dst, [](F x) { return sigmoid(x); }, faces);
}
template <auto... settings>
ALWI void sigmoid_tile_pack(uint32_t dst) {
    using namespace tthal::sfpu;
    map_packed(dst, [](F x) { return sigmoid(x); }, faces_of(settings...));
}
TTHAL_UNARY(silu, ROUND, silu(x))
TTHAL_UNARY_PACKED(silu, silu(x))
TTHAL_UNARY(tanh, ROUND, tanh(x))
TTHAL_UNARY_PACKED(tanh, tanh(x))
TTHAL_UNARY(square, ROUND, x * x)
TTHAL_UNARY(log, ROUND, log(x))
// log(x) * factor; the factor is a float32 pattern, or a float16 one in older kernels.
TTHAL_INIT(log_with_base_tile_init)
template <auto... settings>
ALWI void log_with_base_tile(uint32_t dst, uint32_t factor_bits) {
    using namespace tthal::sfpu;
    const F factor = factor_bits <= 0xFFFF ? float_of_float16(factor_bits) : float_parameter(factor_bits);
    map(Floats(Store::ROUND), dst, [=](F x) { return log(x) * factor; });
}
TTHAL_UNARY(signbit, CUT, truth(as_int(bits_of(x)) < I(0)))
TTHAL_INIT(signbit_tile_int32_init)
TTHAL_INTEGER(signbit_tile_int32, Words, (x < I(0)) & 1)
TTHAL_UNARY(abs, CUT, abs(x))
TTHAL_INTEGER(abs_tile_int32, Words, select(x < I(0), -x, x))
TTHAL_UNARY(sign, CUT, sign(x))
TTHAL_UNARY(exp2, ROUND, exp2(x))
TTHAL_UNARY(expm1, ROUND, expm1(x))
TTHAL_UNARY_1(power, ROUND, exponent, power(x, exponent))
TTHAL_UNARY_1(heaviside, CUT, at_zero, select(x == F(0.0f), at_zero, truth(x > F(0.0f))))
TTHAL_UNARY_1(unary_max, CUT, limit, maximum(x, limit))
TTHAL_UNARY_1(unary_min, CUT, limit, minimum(x, limit))
TTHAL_INIT(unary_max_int32_tile_init)
TTHAL_INIT(unary_min_int32_tile_init)
TTHAL_INIT(unary_max_uint32_tile_init)
TTHAL_INIT(unary_min_uint32_tile_init)
TTHAL_INTEGER_1(unary_max_int32_tile, Words, select(x < n, n, x))
TTHAL_INTEGER_1(unary_min_int32_tile, Words, select(x > n, n, x))
TTHAL_INTEGER_1(unary_max_uint32_tile, Words, select(bits_of(x) < bits_of(n), n, x))
TTHAL_INTEGER_1(unary_min_uint32_tile, Words, select(bits_of(x) > bits_of(n), n, x))

// x^n by multiplications; n is an integer.
TTHAL_INIT(power_iterative_tile_init)
template <auto... settings>
ALWI void power_iterative_tile(uint32_t dst, uint32_t exponent) {
    using namespace tthal::sfpu;
    map(Floats(Store::ROUND), dst, [=](F x) {
        F product = 1.0f;
        for (uint32_t i = 0; i < exponent; i++) product *= x;
        return product;
    });
}

// (re, im) pairs in even and odd columns times i: (-im, re).
TTHAL_INIT(alt_complex_rotate90_tile_init)
template <auto... settings>
ALWI void alt_complex_rotate90_tile(uint32_t dst) {
    using namespace tthal::sfpu;
    map(Floats(), dst, [](F x) { return F{-x.y, x.x, -x.w, x.z}; });
}

}  // namespace ckernel
