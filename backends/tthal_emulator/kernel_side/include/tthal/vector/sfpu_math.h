// Functions of float32 lanes. Errors are against float64, in units of the last place of float32, over the whole
// range; tests/emulator/compute/test_sfpu.py holds them to it, docs/numerics.md lists them.
#pragma once

#include <cmath>

#include "tthal/vector/sfpu.h"

namespace tthal::sfpu {

// Implemented in library/sfpu_math.cpp, four lanes at once.
#if TTHAL_EXACT
#define TTHAL_OF_QUADS(name) \
    Quad name(Quad x); \
    inline F name(F x) { \
        return by_quads([](Quad four) { return name(four); }, x); \
    }
#else
#define TTHAL_OF_QUADS(name) F name(F x);
#endif
TTHAL_OF_QUADS(exp)
TTHAL_OF_QUADS(exp2)
TTHAL_OF_QUADS(log)
TTHAL_OF_QUADS(tanh)
TTHAL_OF_QUADS(erf)
TTHAL_OF_QUADS(erfc)
TTHAL_OF_QUADS(sigmoid)
#undef TTHAL_OF_QUADS

inline F abs(F x) { return as_float(bits_of(x) & 0x7FFFFFFF); }
inline F negative(F x) { return as_float(bits_of(x) ^ 0x80000000); }
inline F copy_sign(F magnitude, F sign) {
    return as_float((bits_of(magnitude) & 0x7FFFFFFF) | (bits_of(sign) & 0x80000000));
}
inline F quotient(F a, F b) { return a / b; }
inline F reverse_quotient(F value, F x) { return value / x; }
inline F sqrt(F x) { return __builtin_elementwise_sqrt(x); }
inline F reciprocal(F x) { return 1.0f / x; }
inline F reciprocal_sqrt(F x) { return 1.0f / sqrt(x); }
// The first template argument is the vendor's choice of an algorithm.
template <bool>
inline F sigmoid(F x) {
    return sigmoid(x);
}
template <bool>
inline F tanh(F x) {
    return tanh(x);
}
template <bool>
inline F erf(F x) {
    return erf(x);
}
template <bool, bool>
inline F exp_scaled(F x, float factor) {
    return exp(x * factor);
}
template <bool>
inline F log(F x) {
    return log(x);
}
template <bool, bool>
inline F log_with_base(F x, F factor) {
    return log(x) * factor;
}
template <bool>
inline F sqrt(F x) {
    return sqrt(x);
}
template <bool>
inline F reciprocal(F x) {
    return reciprocal(x);
}
template <bool>
inline F reciprocal_sqrt(F x) {
    return reciprocal_sqrt(x);
}
template <int>
inline F inverse(F x) {
    return reciprocal(x);
}
inline F exp_short(F x) { return exp(x); }
template <bool>
inline F exp_for(F x) {
    return exp(x);
}
template <bool>
inline F sigmoid_for(F x) {
    return sigmoid(x);
}
inline F minimum(F a, F b) { return select(b < a, b, a); }
inline F maximum(F a, F b) { return select(a < b, b, a); }
inline F clamp(F x, F low, F high) { return minimum(maximum(x, low), high); }
inline F floor(F x) { return __builtin_elementwise_floor(x); }
inline F ceil(F x) { return __builtin_elementwise_ceil(x); }
inline F trunc(F x) { return __builtin_elementwise_trunc(x); }
inline F round_even(F x) { return __builtin_elementwise_roundeven(x); }

inline I is_nan(F x) { return x != x; }
inline I is_infinite(F x) { return abs(x) == F(__builtin_inff()); }
inline I is_finite(F x) { return abs(x) < F(__builtin_inff()); }
inline I is_negative(F x) { return as_int(bits_of(x)) < I(0); }

inline I same(F a, F b) { return a == b; }
inline I different(F a, F b) { return a != b; }
inline I less(F a, F b) { return a < b; }
inline I greater(F a, F b) { return a > b; }
inline I at_most(F a, F b) { return a <= b; }
inline I at_least(F a, F b) { return a >= b; }

inline F add(F a, F b) { return a + b; }
inline F sub(F a, F b) { return a - b; }
inline F mul(F a, F b) { return a * b; }
inline F mad(F a, F b, F c) { return a * b + c; }
inline F square(F x) { return x * x; }
inline F sum_of_product(F a, F b, F c, F factor) { return a + factor * b * c; }
inline F sum_of_quotient(F a, F b, F c, F factor) { return a + factor * b / c; }
inline F lerp(F a, F b, F weight) { return a + weight * (b - a); }
// In a 16-bit DST nothing times anything is nothing, as in the matrix unit.
inline F product(F a, F b) {
    const I nothing = (a == F(0.0f)) | (b == F(0.0f));
    return processor().fp32_dest ? a * b : select(nothing, F(0.0f), a * b);
}

// The C library's functions, lane by lane: correctly rounded nearly always, a hundredfold slower than the ones above.
template <typename Function>
inline F each(F x, Function function) {
    F result;
    for (uint32_t lane = 0; lane < WIDTH; lane++) result[lane] = function(x[lane]);
    return result;
}
template <typename Function>
inline F each(F a, F b, Function function) {
    F result;
    for (uint32_t lane = 0; lane < WIDTH; lane++) result[lane] = function(a[lane], b[lane]);
    return result;
}

inline F log1p(F x) {
    return each(x, [](float v) { return __builtin_log1pf(v); });
}
inline F expm1(F x) {
    return each(x, [](float v) { return __builtin_expm1f(v); });
}
inline F sin(F x) {
    return each(x, [](float v) { return __builtin_sinf(v); });
}
inline F cos(F x) {
    return each(x, [](float v) { return __builtin_cosf(v); });
}
inline F tan(F x) {
    return each(x, [](float v) { return __builtin_tanf(v); });
}
inline F asin(F x) {
    return each(x, [](float v) { return __builtin_asinf(v); });
}
inline F acos(F x) {
    return each(x, [](float v) { return __builtin_acosf(v); });
}
inline F atan(F x) {
    return each(x, [](float v) { return __builtin_atanf(v); });
}
inline F sinh(F x) {
    return each(x, [](float v) { return __builtin_sinhf(v); });
}
inline F cosh(F x) {
    return each(x, [](float v) { return __builtin_coshf(v); });
}
inline F asinh(F x) {
    return each(x, [](float v) { return __builtin_asinhf(v); });
}
inline F acosh(F x) {
    return each(x, [](float v) { return __builtin_acoshf(v); });
}
inline F atanh(F x) {
    return each(x, [](float v) { return __builtin_atanhf(v); });
}
inline F cbrt(F x) {
    return each(x, [](float v) { return __builtin_cbrtf(v); });
}
inline F power(F base, F exponent) {
    return each(base, exponent, [](float b, float e) { return __builtin_powf(b, e); });
}

inline F power_of_two_operands(F base, F exponent) { return power(base, exponent); }

constexpr float SQRT_HALF = 0.70710678118654752f, SQRT_2_OVER_PI = 0.79788456080286536f,
                INVERSE_SQRT_2_PI = 0.39894228040143268f;

inline F silu(F x) { return select(is_infinite(x), maximum(x, F(0.0f)), x * sigmoid(x)); }
inline F gelu(F x) { return select(is_infinite(x), maximum(x, F(0.0f)), 0.5f * x * erfc(-SQRT_HALF * x)); }
inline F gelu_tanh(F x) {
    // x * sigmoid(2 u) equals x * (1 + tanh u) / 2 without its cancellation.
    return select(is_infinite(x), maximum(x, F(0.0f)),
                  x * sigmoid(2.0f * SQRT_2_OVER_PI * (x + 0.044715f * x * x * x)));
}
inline F gelu_derivative(F x) {
    return select(is_infinite(x), truth(x > F(0.0f)),
                  0.5f * erfc(-SQRT_HALF * x) + x * INVERSE_SQRT_2_PI * exp(-0.5f * x * x));
}
template <bool>
inline F gelu(F x) {
    return gelu(x);
}
template <bool>
inline F gelu_tanh(F x) {
    return gelu_tanh(x);
}
template <bool>
inline F gelu_derivative(F x) {
    return gelu_derivative(x);
}
inline F tanh_derivative(F x) {
    const F e = exp(-2.0f * abs(x));
    return 4.0f * e / ((1.0f + e) * (1.0f + e));
}
inline F tanhshrink(F x) { return x - tanh(x); }
inline F softcap(F x, F beta, F inverse_beta) { return beta * tanh(x * inverse_beta); }
inline F softsign(F x) { return select(is_infinite(x), copy_sign(F(1.0f), x), x / (1.0f + abs(x))); }
// With e = e^x, tanh(log(1 + e)) = (e^2 + 2e) / (e^2 + 2e + 2), which loses nothing for negative x; above 20 it is 1.
template <bool>
inline F mish(F x) {
    const F e = exp(x), sum = e * (e + 2.0f);
    return select(x > F(20.0f), x, x * (sum / (sum + 2.0f)));
}
inline F elu(F x, F slope) { return select(x < F(0.0f), slope * expm1(x), x); }
inline F selu(F x, F scale, F alpha) { return scale * elu(x, alpha); }
inline F celu(F x, F alpha, F inverse_alpha) { return select(x < F(0.0f), alpha * expm1(x * inverse_alpha), x); }
inline F xielu(F x, F alpha_p, F alpha_n) {
    return 0.5f * x + select(x > F(0.0f), alpha_p * x * x, alpha_n * (expm1(minimum(x, F(-1e-6f))) - x));
}
inline F softplus(F x) { return maximum(x, F(0.0f)) + log1p(exp(-abs(x))); }
inline F softplus(F x, F beta, F inverse_beta, F threshold) {
    return select(x * beta > threshold, x, inverse_beta * softplus(x * beta));
}
// `exponential` is e^-x.
inline F logsigmoid(F x, F exponential) {
    return negative(select(x > F(4.0f), log1p(exponential), softplus(negative(x))));
}
inline F frac(F x) { return select(is_infinite(x), F(0.0f), x - trunc(x)); }
// To nearest, ties to even, of x * 10^decimals.
inline F power(F base, uint32_t exponent) {
    F product = 1.0f;
    for (uint32_t i = 0; i < exponent; i++) product *= base;
    return product;
}
inline F round(F x, int decimals) {
    float factor = 1.0f;
    for (int i = 0; i < (decimals < 0 ? -decimals : decimals) && i < 46; i++) factor *= 10.0f;
    const float inverse = 1.0f / factor;
    return decimals < 0 ? factor * round_even(x * inverse) : inverse * round_even(x * factor);
}

inline F relu(F x) { return maximum(x, F(0.0f)); }
inline F relu_min(F x, F lower) { return maximum(x, lower); }
inline F relu_max(F x, F upper) { return maximum(minimum(x, upper), F(0.0f)); }
inline F leaky_relu(F x, F slope) { return select(x < F(0.0f), x * slope, x); }
inline F threshold(F x, F limit, F value) { return select(x <= limit, value, x); }
inline F hardsigmoid(F x) { return clamp(x * (1.0f / 6.0f) + 0.5f, F(0.0f), F(1.0f)); }
inline F hardmish(F x) { return x * clamp(x * 0.5f + 1.0f, F(0.0f), F(1.0f)); }
inline F hardshrink(F x, F lambda) { return select((x > lambda) | (x < -lambda), x, F(0.0f)); }
inline F softshrink(F x, F lambda) { return select(x > lambda, x - lambda, select(x < -lambda, x + lambda, F(0.0f))); }
inline F heaviside(F x, F at_zero) { return select(x == F(0.0f), at_zero, truth(x > F(0.0f))); }
inline F sign(F x) { return select(x == F(0.0f), F(0.0f), copy_sign(F(1.0f), x)); }

// ---- integers, lane by lane

template <typename Function>
inline I each_integer(I a, I b, Function function) {
    I result;
    for (uint32_t lane = 0; lane < WIDTH; lane++) result[lane] = function(a[lane], b[lane]);
    return result;
}

// Rounded down or toward zero; by zero they are -1.
template <bool down>
inline I integer_quotient(I a, I b) {
    return each_integer(a, b, [](int32_t x, int32_t y) -> int32_t {
        if (y == 0) return -1;
        if (y == -1) return 0u - static_cast<uint32_t>(x);
        return x / y - (down && x % y != 0 && (x ^ y) < 0);
    });
}
inline F float_quotient(I a, I b) { return __builtin_convertvector(a, F) / __builtin_convertvector(b, F); }

// Remainders by zero are 0.
inline int32_t rest_of(int32_t x, int32_t y) { return y == 0 || y == -1 ? 0 : x % y; }
inline I integer_fmod(I a, I b) { return each_integer(a, b, rest_of); }
inline I integer_remainder(I a, I b) {
    return each_integer(a, b, [](int32_t x, int32_t y) {
        const int32_t rest = rest_of(x, y);
        return rest != 0 && (rest ^ y) < 0 ? rest + y : rest;
    });
}
inline I unsigned_remainder(I a, I b) {
    return each_integer(a, b, [](int32_t x, int32_t y) {
        return y ? static_cast<int32_t>(static_cast<uint32_t>(x) % static_cast<uint32_t>(y)) : 0;
    });
}

inline int32_t magnitude_of(int32_t x) { return static_cast<int32_t>(x < 0 ? 0u - static_cast<uint32_t>(x) : x); }
inline int32_t common_divisor_of(int32_t a, int32_t b) {
    uint32_t x = magnitude_of(a), y = magnitude_of(b);
    while (y != 0) {
        const uint32_t rest = x % y;
        x = y;
        y = rest;
    }
    return static_cast<int32_t>(x);
}
inline I common_divisor(I a, I b) { return each_integer(a, b, common_divisor_of); }
inline I common_multiple(I a, I b) {
    return each_integer(a, b, [](int32_t x, int32_t y) {
        const int32_t divisor = common_divisor_of(x, y);
        return divisor ? magnitude_of(x) / divisor * magnitude_of(y) : 0;
    });
}

// Of signed formats the sign stays; counts from 32 on leave nothing else.
template <bool has_sign>
inline I shifted_right(I x, I count) {
    const I kept = (count >= I(0)) & (count < I(32));
    if constexpr (has_sign) return x >> select(kept, count, I(31));
    else return as_int(bits_of(x) >> bits_of(count & 31)) & kept;
}

inline I read_with_sign(I x) { return x; }

// ---- two numbers

// One divisor, whose reciprocal comes with it.
struct Divisor {
    float value, reciprocal;
};
// The remainder of a division rounded down.
inline float floored_remainder(float a, float b) {
    const float rest = __builtin_fmodf(a, b);
    return rest != 0.0f && (rest < 0.0f) != (b < 0.0f) ? rest + b : rest;
}
inline F fmod(F a, F b) {
    return each(a, b, [](float x, float y) { return __builtin_fmodf(x, y); });
}
inline F fmod(F x, Divisor divisor) { return fmod(x, F(divisor.value)); }
inline F remainder(F a, F b) { return each(a, b, floored_remainder); }
inline F remainder(F x, Divisor divisor) { return remainder(x, F(divisor.value)); }

inline F atan2(F y, F x) {
    return each(y, x, [](float v, float u) { return __builtin_atan2f(v, u); });
}
inline F logaddexp(F a, F b) { return select((a == b) & is_infinite(a), a, maximum(a, b) + log1p(exp(-abs(a - b)))); }
inline F logaddexp2(F a, F b) {
    return select((a == b) & is_infinite(a), a, maximum(a, b) + 1.44269504f * log1p(exp2(-abs(a - b))));
}
inline F xlogy(F a, F b) { return select(is_nan(b), b, select(a == F(0.0f), F(0.0f), a * log(b))); }

template <bool equal_nan>
inline I is_close(F a, F b, F rtol, F atol) {
    const I special = is_infinite(a) | is_infinite(b) | is_nan(a) | is_nan(b);
    const I same = (a == b) | (equal_nan ? is_nan(a) & is_nan(b) : I(0));
    return select(special, same, abs(a - b) <= atol + rtol * abs(b));
}

// The next float after x toward y, in steps of `step` patterns.
inline float next_after(float x, float y, uint32_t step) {
    if (x != x || y != y) return x + y;
    if (x == y) return y;
    const uint32_t bits = __builtin_bit_cast(uint32_t, x);
    if (x == 0.0f) return __builtin_bit_cast(float, (y < 0.0f ? 0x80000000u : 0u) | (step == 1 ? 1u : 0x00800000u));
    return __builtin_bit_cast(float, (x < y) == (x > 0.0f) ? bits + step : bits - step);
}
inline F next_after(F a, F b, uint32_t step) {
    return each(a, b, [=](float x, float y) { return next_after(x, y, step); });
}

// ---- odds and ends

inline float float_of_float16(uint32_t bits) {
    const uint32_t exponent = bits >> 10 & 0x1F;
    const uint32_t magnitude = exponent ? ((bits & 0x7FFF) << 13) + (112u << 23) : 0;
    return as_float((bits & 0x8000) << 16 | magnitude);
}

// A counter whose every value is mixed well; the vendor's generator is another one.
inline uint32_t random_state = 0x6A09E667u;
inline uint32_t random_integer() {
    uint32_t x = random_state += 0x9E3779B9u;
    x = (x ^ x >> 16) * 0x85EBCA6Bu;
    x = (x ^ x >> 13) * 0xC2B2AE35u;
    return x ^ x >> 16;
}
// Numbers of 31 bits, and of 24 bits in [0, 1).
inline I random_integers() {
    U bits;
    for (uint32_t lane = 0; lane < WIDTH; lane++) bits[lane] = random_integer();
    return as_int(bits >> 1);
}
inline F random_unit() { return __builtin_convertvector(random_integers() >> 7, F) * 0x1p-24f; }

}  // namespace tthal::sfpu
