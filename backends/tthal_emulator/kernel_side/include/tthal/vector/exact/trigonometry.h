// Trigonometric functions and the cube root as the kernels of TT-Metal 0.81.1 compute them.
#pragma once

#include "tthal/vector/exact/reciprocals.h"

namespace tthal::exact {

constexpr float HALF_PI = 1.5707963705062866f;

namespace detail {

// 1 / x of a positive number.
template <bool wide>
inline N inverse_positive(N x) {
    if constexpr (BLACKHOLE) {
        N y = N::of_arithmetic(estimated_reciprocal(x));
        for (int step = 0; step < (wide ? 2 : 1); step++) y = y * (-x * y + 1.0f) + y;
        return y;
    }
    N y = as_float(0xFEF392E0 - bits_of(F(x)));  // negative
    N error = x * y + 1.0f;
    if constexpr (wide) {
        y = y * error + y;
        error = x * y + 1.0f;
    }
    const N series = error * error + error;
    return -y * series + -y;
}

// x less j times pi, or half of it, in four parts.
struct Parts {
    float p0, p1, p2, p3;
};
constexpr Parts PI_PARTS = {-0x1.92p+1f, -0x1.fbp-11f, -0x1.51p-21f, -0x1.0b4612p-33f};
constexpr Parts HALF_PI_PARTS = {-0x1.92p+0f, -0x1.fbp-12f, -0x1.51p-22f, -0x1.0b4612p-34f};
inline N reduced_by(N x, N j, const Parts& parts) {
    N a = j * parts.p0 + x;
    a = j * parts.p1 + a;
    a = j * parts.p2 + a;
    return j * parts.p3 + a;
}

constexpr float ONE_OVER_PI = 0.31830987334251404f, TWO_OVER_PI = 0.6366197466850281f;

inline F sine_of_reduced(N a, U odd) {
    const N s = square(a), turned = as_float(bits_of(F(a)) ^ odd << 31);
    N r;
    if constexpr (WIDE) r = polynomial(s, -0x1.55554cp-3f, 0x1.110edap-7f, -0x1.9f70fp-13f, 0x1.5dc908p-19f);
    else r = polynomial(s, -0x1.5554a4p-3f, 0x1.10c2a2p-7f, -0x1.8b10a4p-13f);
    return r * N(turned * s) + turned;
}

}  // namespace detail

inline F sin(F argument) {
    const N x = argument, sum = x * detail::ONE_OVER_PI + 12582912.0f;
    return detail::sine_of_reduced(detail::reduced_by(x, sum - 12582912.0f, detail::PI_PARTS), bits_of(F(sum)));
}
inline F cos(F argument) {
    const N x = argument, sum = (x * detail::ONE_OVER_PI + 0.5f) + 12582912.0f;
    const N j = (sum - 12582912.0f) * 2.0f + -1.0f;
    return detail::sine_of_reduced(detail::reduced_by(x, j, detail::HALF_PI_PARTS), bits_of(F(sum)));
}

namespace detail {

// 1 / r on the way to the cotangent, negative.
inline N negative_inverse(N r) {
    if constexpr (BLACKHOLE) {
        const N t = N::of_arithmetic(estimated_reciprocal(r)), error = -r * t + 1.0f;
        return -t * error - t;
    }
    const N negative = N::of_arithmetic(as_float((bits_of(F(r)) & FRACTION) | SIGN | BIAS));
    N t = TO_FLOAT32.c0 * negative + TO_FLOAT32.c1;
    t = t * negative + TO_FLOAT32.c2;
    const N error = negative * t + 1.0f;
    t = t * error + t;
    return t * N(N(as_float(~bits_of(F(r)) & ~FRACTION)) * 0.5f);
}

}  // namespace detail

inline F tan(F argument) {
    const N x = argument, sum = x * detail::TWO_OVER_PI + 12582912.0f;
    const N a = detail::reduced_by(x, sum - 12582912.0f, detail::HALF_PI_PARTS), s = square(a);
    N t;
    if constexpr (WIDE)
        t = polynomial(s, 0x1.555556p-2f, 0x1.111072p-3f, 0x1.ba5716p-5f, 0x1.620abcp-6f, 0x1.4787dp-7f, 0x1.2b404p-10f,
                       0x1.fa9f82p-9f);
    else t = polynomial(s, 0x1.55953p-2f, 0x1.02b98p-3f, 0x1.4f1f4ep-4f);
    t = t * s;
    const N r = t * a + a, inverse = detail::negative_inverse(r);
    const I odd = (bits_of(F(sum)) & 1) != U(0);
    if constexpr (!WIDE) return select(odd, inverse, r);
    const N rest = t * a + (a - r);
    return select(odd, (rest * inverse + (r * inverse + 1.0f)) * inverse + inverse, r);
}

// ---- inverse functions

inline F atan(F argument) {
    if constexpr (!WIDE) {
        const N size = N(abs(argument));
        const I beyond = ~is_negative(size - 1.0f);
        const N t = select(beyond, inverse<2>(size), size);
        const N r = t * polynomial(square(t), 0.999787867069244384765625f, -0.325808584690093994140625f,
                                   0.1555790007114410400390625f, -4.4326744973659515380859375e-2f);
        const F result = with_sign_of(select(beyond, HALF_PI - r, r), argument);
        return sfpu::select(is_nan(argument), F(QUIET_NAN), result);
    }
    const F size = absolute(argument);
    const I e = exponent(size), beyond = e >= I(0);
    const N far = N(as_float(bits_of(size) - 1)) * 0.0f;
    const N a = select(beyond, select(e < I(26), detail::inverse_positive<true>(size), far), N(size));
    const N s = square(a);
    const N p = polynomial(s, -0x1.555552p-2f, 0x1.999384p-3f, -0x1.24p-3f, 0x1.bd4p-4f, -0x1.48cp-4f, 0x1.93p-5f,
                           -0x1.4bcp-6f, 0x1.01cp-8f);
    const N r = p * N(s * a) + a;
    return with_sign_of(select(beyond, HALF_PI - r, r), argument);
}

namespace detail {

// In these functions the vendor's compiler keeps sums and products with constants of 16 bits apart.
inline F asin_short(F argument) {
    const F size = abs(argument);
    const N number = size, endpoint = number - 0.625f;
    const I outer = ~is_negative(endpoint);
    const N z = select(outer, newton_root<2, true>(N((1.0f - number) * 0.5f)), number);
    const N r = z * polynomial(square(z), 0.999978601932525634765625f, 0.16771225631237030029296875f,
                               0.06381262838840484619140625f, 0.083148844540119171142578125f);
    return with_sign_of(select(outer, HALF_PI - N(2.0f * r), r), argument);
}

// The square root of half of 1 - |x| where |x| is above 0.5625.
struct Endpoint {
    N half, above, z;
    explicit Endpoint(F size) {
        const N number = size;
        half = (1.0f - number) * 0.5f;
        above = number - 0.5625f;
        N y = as_float(0x5F1110A0 - (bits_of(F(half)) >> 1)), xy = half * y;
        const N c = -y * xy;
        y = y * (c * (2.2533049f + c) + 2.2825186f);
        xy = half * y;
        const N error = -y * xy + 1.0f;
        z = select(is_negative(above), number, error * N(0.5f * xy) + xy);
    }
};

}  // namespace detail

inline F asin(F argument) {
    const F size = abs(argument);
    if constexpr (!WIDE) return sfpu::select(at_most(size, F(1.0f)), detail::asin_short(argument), F(QUIET_NAN));
    const detail::Endpoint end(size);
    const N z = end.z, s = square(z);
    const N p = s * polynomial(s, 0x1.55578cp-3f, 0x1.329a74p-4f, 0x1.7dcp-5f, 0x1.364p-6f, 0x1.9e0000p-5f);
    N r = p * z + z;
    r = select(is_negative(end.above), r, HALF_PI + N(-2.0f * r));
    return sfpu::select(is_negative(end.half), F(QUIET_NAN), with_sign_of(r, argument));
}
inline F acos(F argument) {
    const F size = abs(argument);
    if constexpr (!WIDE)
        return sfpu::select(at_most(size, F(1.0f)), F(HALF_PI - N(detail::asin_short(argument))), F(QUIET_NAN));
    const detail::Endpoint end(size);
    const U above = bits_of(F(end.above));
    const N s = square(end.z);
    const N p =
        s * polynomial(s, 0x1.555552p-3f, 0x1.33411ep-4f, 0x1.6acp-5f, 0x1.158p-5f, 0x1.ca0000p-8f, 0x1.830p-5f);
    const N z = N::of_arithmetic(with_sign_of(end.z, as_float(bits_of(argument) ^ above)));
    N r = p * z + z;
    r = select(as_int(bits_of(F(z)) | above) < I(0), r + HALF_PI, r);
    r = select(as_int(above) < I(0), r, r + r);
    return sfpu::select(is_negative(end.half), F(QUIET_NAN), F(r));
}

// ---- the cube root

inline F cbrt(F argument) {
    const F size = abs(argument);
    const N x = size;
    const N f = N::of_arithmetic(to_float(bits_of(size))) * -0x1.555556p-10f + (1418472267.0f / 256.0f + 8388608.0f);
    N y = as_float(bits_of(F(f)) << 8);
    if constexpr (!WIDE) {
        const N d = x * N(y * y), c = d * y;
        const N t = c * (0x1.04cdb2p-1f * c + -0x1.403e6cp0f) + 0x1.c09806p0f;
        return mul(with_sign_of(d, argument), square(t));
    }
    const N cube = N(x * y) * N(y * y);
    y = y * (cube * (0x1.04cdb2p-1f * cube + -0x1.403e6cp0f) + 0x1.c09806p0f);
    const N d = x * N(y * y), c = d * y + -1.0f, t = c * -0x1.555556p-2f + 1.0f;
    return mul(with_sign_of(d, argument), square(t));
}

}  // namespace tthal::exact
