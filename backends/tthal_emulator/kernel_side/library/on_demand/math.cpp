// The C library's <math.h> for kernels. What wasm has as an instruction (sqrt, floor, ...) must exist all the same.
#include "elementary.h"

namespace el = tthal::elementary;

#define FUNCTION_1(name, function) \
    double name(double x) { return function(x); } \
    float name##f(float x) { return static_cast<float>(function(x)); }
#define FUNCTION_2(name, function) \
    double name(double x, double y) { return function(x, y); } \
    float name##f(float x, float y) { return static_cast<float>(function(x, y)); }

namespace {

double round_half_away(double x) {
    const double magnitude = __builtin_fabs(x), whole = __builtin_trunc(magnitude);
    return __builtin_copysign(magnitude - whole >= 0.5 ? whole + 1 : whole, x);
}
double truncating_remainder(double x, double y) { return el::remainder_of(x, y, 0, nullptr); }
double nearest_remainder(double x, double y) { return el::remainder_of(x, y, 1, nullptr); }
double smaller(double x, double y) {
    if (el::is_nan(x)) return y;
    return x < y || el::is_nan(y) || (x == y && __builtin_copysign(1.0, x) < 0) ? x : y;
}
double larger(double x, double y) {
    if (el::is_nan(x)) return y;
    return x > y || el::is_nan(y) || (x == y && __builtin_copysign(1.0, x) > 0) ? x : y;
}
double positive_difference(double x, double y) { return el::is_nan(x) || el::is_nan(y) ? x + y : x > y ? x - y : 0; }

int exponent_of(double x) {
    if (x == 0) return -0x7fffffff - 1;
    if (el::is_nan(x)) return -0x7fffffff - 1;
    if (x - x != 0) return 0x7fffffff;
    int exponent;
    el::split(x, exponent);
    return exponent - 1;
}
double exponent_as_double(double x) {
    if (x == 0) return -el::INFINITY_;
    return x - x != 0 ? x * x : exponent_of(x);
}

template <class Float, class Bits>
Float neighbour(Float x, Float y) {
    if (x != x || y != y) return x + y;
    if (x == y) return y;
    Bits value = __builtin_bit_cast(Bits, x);
    constexpr Bits SIGN = static_cast<Bits>(1) << (8 * sizeof(Bits) - 1);
    if (x == 0) return __builtin_bit_cast(Float, (__builtin_bit_cast(Bits, y) & SIGN) | 1);
    value += ((x < y) == (x > 0)) ? 1 : -1;
    return __builtin_bit_cast(Float, value);
}

// The sum of two doubles rounded to odd: a later rounding to fewer bits is then right.
double sum_to_odd(double a, double b) {
    const double sum = a + b, other = sum - a, error = (a - (sum - other)) + (b - other);
    if (error == 0 || el::bits(sum) & 1 || sum - sum != 0) return sum;
    return el::from_bits(el::bits(sum) + ((error > 0) == (sum > 0) ? 1 : -1));
}

double fused(double x, double y, double z) {
    if (x == 0 || y == 0 || z == 0 || x - x != 0 || y - y != 0 || z - z != 0) return x * y + z;
    int ex, ey, ez;
    const double mx = el::split(x, ex), my = el::split(y, ey);
    el::split(z, ez);
    if (ez - (ex + ey) > 120) return z;  // the product is far below z's last bit
    // Work on mantissas, so that nothing overflows or loses bits before the last rounding.
    const double scaled = ez - (ex + ey) < -130 ? __builtin_copysign(0x1p-130, z) : el::scale(z, -(ex + ey));
    const double high_x = el::from_bits(el::bits(mx) & 0xfffffffff8000000), low_x = mx - high_x;
    const double high_y = el::from_bits(el::bits(my) & 0xfffffffff8000000), low_y = my - high_y;
    const double product = mx * my;
    const double below = ((high_x * high_y - product) + high_x * low_y + low_x * high_y) + low_x * low_y;
    const double sum = product + scaled, other = sum - product;
    const double error = (product - (sum - other)) + (scaled - other);
    return el::scale(sum + sum_to_odd(error, below), ex + ey);
}

}  // namespace

extern "C" {

FUNCTION_1(exp, el::exponential)
FUNCTION_1(exp2, el::power_of_2)
FUNCTION_1(expm1, el::exponential_minus_1)
FUNCTION_1(log, el::logarithm)
FUNCTION_1(log2, el::logarithm_2)
FUNCTION_1(log10, el::logarithm_10)
FUNCTION_1(log1p, el::logarithm_of_1_plus)
FUNCTION_1(sin, el::sine)
FUNCTION_1(cos, el::cosine)
FUNCTION_1(tan, el::tangent)
FUNCTION_1(asin, el::arc_sine)
FUNCTION_1(acos, el::arc_cosine)
FUNCTION_1(atan, el::arc_tangent)
FUNCTION_1(sinh, el::hyperbolic_sine)
FUNCTION_1(cosh, el::hyperbolic_cosine)
FUNCTION_1(tanh, el::hyperbolic_tangent)
FUNCTION_1(asinh, el::area_sine)
FUNCTION_1(acosh, el::area_cosine)
FUNCTION_1(atanh, el::area_tangent)
FUNCTION_1(cbrt, el::cube_root)
FUNCTION_1(erf, el::error_function)
FUNCTION_1(erfc, el::error_complement)
FUNCTION_1(tgamma, el::gamma_function)
FUNCTION_1(lgamma, el::log_gamma)
FUNCTION_1(round, round_half_away)
FUNCTION_1(logb, exponent_as_double)
FUNCTION_1(floor, __builtin_floor)
FUNCTION_1(ceil, __builtin_ceil)
FUNCTION_1(trunc, __builtin_trunc)
FUNCTION_1(rint, __builtin_rint)
FUNCTION_1(nearbyint, __builtin_nearbyint)
FUNCTION_1(sqrt, __builtin_sqrt)
FUNCTION_1(fabs, __builtin_fabs)
FUNCTION_2(pow, el::power)
FUNCTION_2(atan2, el::arc_tangent_2)
FUNCTION_2(hypot, el::hypotenuse)
FUNCTION_2(fmod, truncating_remainder)
FUNCTION_2(remainder, nearest_remainder)
FUNCTION_2(fmin, smaller)
FUNCTION_2(fmax, larger)
FUNCTION_2(fdim, positive_difference)
FUNCTION_2(copysign, __builtin_copysign)

double nextafter(double x, double y) { return neighbour<double, uint64_t>(x, y); }
float nextafterf(float x, float y) { return neighbour<float, uint32_t>(x, y); }
double ldexp(double x, int n) { return el::scale(x, n); }
float ldexpf(float x, int n) { return static_cast<float>(el::scale(x, n)); }
double scalbn(double x, int n) { return el::scale(x, n); }
float scalbnf(float x, int n) { return static_cast<float>(el::scale(x, n)); }
double scalbln(double x, long n) { return el::scale(x, n); }
float scalblnf(float x, long n) { return static_cast<float>(el::scale(x, n)); }
double frexp(double x, int* n) { return el::split(x, *n); }
float frexpf(float x, int* n) { return static_cast<float>(el::split(x, *n)); }
int ilogb(double x) { return exponent_of(x); }
int ilogbf(float x) { return exponent_of(x); }
double remquo(double x, double y, int* n) { return el::remainder_of(x, y, 1, n); }
float remquof(float x, float y, int* n) { return static_cast<float>(el::remainder_of(x, y, 1, n)); }
double fma(double x, double y, double z) { return fused(x, y, z); }
// The product of two floats is exact in double.
float fmaf(float x, float y, float z) { return static_cast<float>(sum_to_odd(static_cast<double>(x) * y, z)); }

double modf(double x, double* whole) {
    *whole = __builtin_trunc(x);
    return __builtin_copysign(x - x != 0 && x == x ? 0 : x - *whole, x);
}
float modff(float x, float* whole) {
    *whole = __builtin_truncf(x);
    return __builtin_copysignf(x - x != 0 && x == x ? 0 : x - *whole, x);
}

long lround(double x) { return static_cast<long>(round_half_away(x)); }
long lroundf(float x) { return static_cast<long>(round_half_away(x)); }
long long llround(double x) { return static_cast<long long>(round_half_away(x)); }
long long llroundf(float x) { return static_cast<long long>(round_half_away(x)); }
long lrint(double x) { return static_cast<long>(__builtin_rint(x)); }
long lrintf(float x) { return static_cast<long>(__builtin_rintf(x)); }
long long llrint(double x) { return static_cast<long long>(__builtin_rint(x)); }
long long llrintf(float x) { return static_cast<long long>(__builtin_rintf(x)); }

}  // extern "C"
