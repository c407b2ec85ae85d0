// See tthal/vector/sfpu_math.h. Polynomials were fitted for the least largest relative error on the ranges given.
#include "tthal/vector/sfpu_math.h"

namespace tthal::sfpu {

namespace {

constexpr float LOG2_E = 1.44269504f, LN2_HIGH = 0.693145752f, LN2_LOW = 1.42860677e-6f;
constexpr float INFINITE = __builtin_inff(), NOT_A_NUMBER = __builtin_nanf("");

template <uint32_t degree>
inline F polynomial(F x, const float (&c)[degree]) {
    F sum = c[degree - 1];
    for (int i = static_cast<int>(degree) - 2; i >= 0; i--) sum = sum * x + c[i];
    return sum;
}

inline F power_of_2(I exponent) { return as_float(bits_of(exponent + 127) << 23); }

// x * 2^n with one rounding, for n from -150 to 128.
inline F scale(F x, I n) {
    const I half = n >> 1;
    return x * power_of_2(half) * power_of_2(n - half);
}

// e^r for |r| <= ln(2)/2 * 1.01.
inline F exp_near_zero(F r) {
    constexpr float C[] = {0.5f, 1.666651219e-1f, 4.166618735e-2f, 8.369598538e-3f, 1.395171741e-3f};
    return 1.0f + (r + r * r * polynomial(r, C));
}

inline I to_int(F x) { return __builtin_convertvector(x, I); }
inline F to_float(I x) { return __builtin_convertvector(x, F); }

// e^(x + low), low a correction of less than an ulp or so of x.
inline F exp_of_sum(F x, F low) {
    const F bounded = clamp(x, F(-104.0f), F(89.0f));
    const F n = round_even(bounded * LOG2_E);
    const F r = bounded - n * LN2_HIGH - n * LN2_LOW + low;
    return select(is_nan(x), x, scale(exp_near_zero(r), to_int(n)));
}

}  // namespace

F exp(F x) { return exp_of_sum(x, F(0.0f)); }

F exp2(F x) {
    constexpr float LN2 = 0.693147181f;
    const F bounded = clamp(x, F(-151.0f), F(128.0f));
    const F n = round_even(bounded);
    return select(is_nan(x), x, scale(exp_near_zero((bounded - n) * LN2), to_int(n)));
}

// x = m * 2^n with m from sqrt(1/2) to sqrt(2).
F log(F x) {
    constexpr float C[] = {3.333333333e-1f,  -2.500000894e-1f, 2.000211924e-1f,  -1.666799635e-1f, 1.421955079e-1f,
                           -1.240559146e-1f, 1.188817471e-1f,  -1.167564094e-1f, 6.746601313e-2f};
    constexpr uint32_t SQRT_HALF_BITS = 0x3F3504F3;
    const I tiny = bits_of(x) < U(0x00800000);
    const U bits = bits_of(select(tiny, x * 0x1p23f, x));
    const I n = as_int(bits - SQRT_HALF_BITS) >> 23;
    const F m = as_float(bits - bits_of(n << 23)) - 1.0f;
    const F count = to_float(n) - select(tiny, F(23.0f), F(0.0f));
    const F rest = m * m * (m * polynomial(m, C) - 0.5f) + count * LN2_LOW;
    F result = rest + m + count * LN2_HIGH;
    result = select(x == F(INFINITE), x, result);
    result = select(x == F(0.0f), F(-INFINITE), result);
    return select((x < F(0.0f)) | is_nan(x), F(NOT_A_NUMBER), result);
}

F tanh(F x) {
    constexpr float C[] = {-3.333332539e-1f, 1.333299577e-1f,  -5.392212421e-2f,
                           2.157583833e-2f,  -7.892183028e-3f, 1.901799347e-3f};
    const F size = abs(x), square = x * x;
    const F small = x + x * square * polynomial(square, C);
    const F large = 1.0f - 2.0f / (exp(2.0f * minimum(size, F(10.0f))) + 1.0f);
    return select(is_nan(x), x, select(size < F(0.65f), small, copy_sign(large, x)));
}

namespace {

inline F erf_near_zero(F x) {
    constexpr float C[] = {1.128379107e+0f, -3.761262596e-1f, 1.128358543e-1f, -2.685381100e-2f,
                           5.188327748e-3f, -8.010192541e-4f, 7.853857824e-5f};
    return x * polynomial(x * x, C);
}

// erfc of x >= 0.9: e^(-x^2) times a smooth function of y = (x - 4) / (x + 4). The square is taken in two parts, because
// its rounding error would be magnified.
inline F erfc_of_large(F x) {
    constexpr float C[] = {1.232995152e+0f,  -1.396211386e-1f, 1.537924260e-2f,  6.809812784e-2f,
                           -1.010321528e-1f, 9.371810406e-2f,  -6.636860967e-2f, 3.725421801e-2f,
                           -1.613026299e-2f, 4.808246624e-3f,  -7.217256934e-4f};
    const F bounded = clamp(x, F(0.9f), F(11.0f));
    const F high = as_float(bits_of(bounded) & 0xFFFFF000);
    const F e = exp_of_sum(-high * high, -(bounded - high) * (bounded + high));
    return e * polynomial((bounded - 4.0f) / (bounded + 4.0f), C) / (1.0f + 2.0f * bounded);
}

}  // namespace

F erf(F x) {
    const F size = abs(x);
    const F far = copy_sign(1.0f - erfc_of_large(size), x);
    return select(is_nan(x), x, select(size < F(1.0f), erf_near_zero(x), far));
}

F erfc(F x) {
    const F tail = erfc_of_large(abs(x));
    const F far = select(x < F(0.0f), 2.0f - tail, tail);
    // Near 1/2 the difference 1 - erf loses nothing.
    return select(is_nan(x), x, select((x < F(0.9f)) & (x > F(-1.0f)), 1.0f - erf_near_zero(x), far));
}

// 1 / (1 + e^-x); for negative x as e^x / (1 + e^x), which keeps the small results exact.
F sigmoid(F x) {
    const F e = exp(-abs(x));
    return select(is_nan(x), x, select(x < F(0.0f), e, F(1.0f)) / (1.0f + e));
}

}  // namespace tthal::sfpu
