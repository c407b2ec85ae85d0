// Functions of four float32 lanes. Errors are against float64, in units of the last place of float32, over the whole
// range; tests/emulator/compute/test_sfpu.py holds them to it, docs/numerics.md lists them.
#pragma once

#include <cmath>

#include "tthal/vector/sfpu.h"

namespace tthal::sfpu {

// Implemented in library/sfpu_math.cpp, four lanes at once.
F exp(F x);
F exp2(F x);
F log(F x);
F tanh(F x);
F erf(F x);
F erfc(F x);
F sigmoid(F x);

inline F abs(F x) { return as_float(bits_of(x) & 0x7FFFFFFF); }
inline F negative(F x) { return as_float(bits_of(x) ^ 0x80000000); }
inline F copy_sign(F magnitude, F sign) { return as_float((bits_of(magnitude) & 0x7FFFFFFF) | (bits_of(sign) & 0x80000000)); }
inline F sqrt(F x) { return __builtin_elementwise_sqrt(x); }
inline F reciprocal(F x) { return 1.0f / x; }
inline F reciprocal_sqrt(F x) { return 1.0f / sqrt(x); }
inline F minimum(F a, F b) { return select(b < a, b, a); }
inline F maximum(F a, F b) { return select(a < b, b, a); }
inline F clamp(F x, F low, F high) { return minimum(maximum(x, low), high); }
inline F floor(F x) { return __builtin_elementwise_floor(x); }
inline F ceil(F x) { return __builtin_elementwise_ceil(x); }
inline F trunc(F x) { return __builtin_elementwise_trunc(x); }
inline F round_even(F x) { return __builtin_elementwise_roundeven(x); }

inline I is_nan(F x) { return x != x; }
inline I is_infinite(F x) { return abs(x) == F(__builtin_inff()); }

// The C library's functions, lane by lane: correctly rounded nearly always, a hundredfold slower than the ones above.
template <typename Function>
inline F each(F x, Function function) {
    return F{function(x.x), function(x.y), function(x.z), function(x.w)};
}
template <typename Function>
inline F each(F a, F b, Function function) {
    return F{function(a.x, b.x), function(a.y, b.y), function(a.z, b.z), function(a.w, b.w)};
}

inline F log1p(F x) {
    return each(x, [](float v) { return __builtin_log1pf(v); });
}
inline F expm1(F x) {
    return each(x, [](float v) { return __builtin_expm1f(v); });
}
inline F power(F base, F exponent) {
    return each(base, exponent, [](float b, float e) { return __builtin_powf(b, e); });
}

constexpr float SQRT_HALF = 0.70710678118654752f, SQRT_2_OVER_PI = 0.79788456080286536f, INVERSE_SQRT_2_PI = 0.39894228040143268f;

inline F silu(F x) { return select(is_infinite(x), maximum(x, F(0.0f)), x * sigmoid(x)); }
inline F gelu(F x) { return select(is_infinite(x), maximum(x, F(0.0f)), 0.5f * x * erfc(-SQRT_HALF * x)); }
inline F gelu_tanh(F x) {
    // x * sigmoid(2 u) equals x * (1 + tanh u) / 2 without its cancellation.
    return select(is_infinite(x), maximum(x, F(0.0f)), x * sigmoid(2.0f * SQRT_2_OVER_PI * (x + 0.044715f * x * x * x)));
}
inline F gelu_derivative(F x) {
    return select(is_infinite(x), truth(x > F(0.0f)), 0.5f * erfc(-SQRT_HALF * x) + x * INVERSE_SQRT_2_PI * exp(-0.5f * x * x));
}
inline F softplus(F x) { return maximum(x, F(0.0f)) + log1p(exp(-abs(x))); }
inline F sign(F x) { return select(x == F(0.0f), F(0.0f), copy_sign(F(1.0f), x)); }

// ---- integers, lane by lane

template <typename Function>
inline I each_integer(I a, I b, Function function) {
    return I{function(a.x, b.x), function(a.y, b.y), function(a.z, b.z), function(a.w, b.w)};
}

inline int32_t truncated_quotient(int32_t a, int32_t b) {
    if (b == 0) return -1;
    return b == -1 ? static_cast<int32_t>(0u - static_cast<uint32_t>(a)) : a / b;
}

inline int32_t magnitude_of(int32_t x) { return static_cast<int32_t>(x < 0 ? 0u - static_cast<uint32_t>(x) : x); }

inline int32_t greatest_common_divisor(int32_t a, int32_t b) {
    uint32_t x = magnitude_of(a), y = magnitude_of(b);
    while (y != 0) {
        const uint32_t rest = x % y;
        x = y;
        y = rest;
    }
    return static_cast<int32_t>(x);
}

// ---- odds and ends

// The remainder of a division rounded down.
inline float floored_remainder(float a, float b) {
    const float rest = __builtin_fmodf(a, b);
    return rest != 0.0f && (rest < 0.0f) != (b < 0.0f) ? rest + b : rest;
}

// The next float after x toward y, in steps of `step` patterns.
inline float next_after(float x, float y, uint32_t step) {
    if (x != x || y != y) return x + y;
    if (x == y) return y;
    const uint32_t bits = __builtin_bit_cast(uint32_t, x);
    if (x == 0.0f) return __builtin_bit_cast(float, (y < 0.0f ? 0x80000000u : 0u) | (step == 1 ? 1u : 0x00800000u));
    return __builtin_bit_cast(float, (x < y) == (x > 0.0f) ? bits + step : bits - step);
}

inline float float_of_float16(uint32_t bits) {
    const uint32_t exponent = bits >> 10 & 0x1F;
    const uint32_t magnitude = exponent ? ((bits & 0x7FFF) << 13) + (112u << 23) : 0;
    return as_float((bits & 0x8000) << 16 | magnitude);
}

// To nearest, ties to even, within 8 signed bits.
inline I quantized(F x) { return __builtin_convertvector(clamp(round_even(x), F(-128.0f), F(127.0f)), I); }

// A counter whose every value is mixed well; the vendor's generator is another one.
inline uint32_t random_state = 0x6A09E667u;
inline uint32_t random_integer() {
    uint32_t x = random_state += 0x9E3779B9u;
    x = (x ^ x >> 16) * 0x85EBCA6Bu;
    x = (x ^ x >> 13) * 0xC2B2AE35u;
    return x ^ x >> 16;
}
// Four numbers of 31 bits, and four of 24 bits in [0, 1).
inline I random_integers() {
    U bits = {random_integer(), random_integer(), random_integer(), random_integer()};
    return as_int(bits >> 1);
}
inline F random_unit() { return __builtin_convertvector(random_integers() >> 7, F) * 0x1p-24f; }

}  // namespace tthal::sfpu
