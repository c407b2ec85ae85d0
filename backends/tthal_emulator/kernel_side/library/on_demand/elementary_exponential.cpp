// Exponentials, logarithms, powers, and what follows from them.
#include "elementary.h"

namespace tthal::elementary {

double scale(double x, int exponent) {
    if (exponent > 2200) exponent = 2200;
    if (exponent < -2200) exponent = -2200;
    for (; exponent > 1023; exponent -= 1023) x *= 0x1p1023;
    // Factors above 2^-969 keep the intermediate results normal, so that only the last product rounds.
    for (; exponent < -1022; exponent += 969) x *= 0x1p-969;
    return x * from_bits(static_cast<uint64_t>(exponent + 1023) << 52);
}

double split(double x, int& exponent) {
    exponent = 0;
    if (x == 0 || is_nan(x) || x - x != 0) return x;
    int adjustment = 0;
    if (__builtin_fabs(x) < 0x1p-1022) {
        x *= 0x1p54;
        adjustment = -54;
    }
    exponent = static_cast<int>(bits(x) >> 52 & 0x7ff) - 1022 + adjustment;
    return from_bits((bits(x) & 0x800fffffffffffff) | 0x3fe0000000000000);
}

namespace {

// (e^r - 1) for |r| <= ln(2)/2: the Taylor series; the first omitted term is below 2^-58 of the result.
double small_exponential_minus_1(double r) {
    double sum = 0;
    for (int n = 14; n >= 2; --n) sum = (sum + 1.0) * r / n;
    return r + r * sum;
}

struct Reduced {
    int exponent;
    double rest, correction;
};

// x = exponent * ln(2) + rest + correction
Reduced reduce(double x) {
    const double k = __builtin_rint(x * (1 / LN2));
    const double high = x - k * LN2_HIGH, low = k * LN2_LOW, rest = high - low;
    return {static_cast<int>(k), rest, (high - rest) - low};
}

double exponential_of_sum(double x, double tail) {
    if (is_nan(x)) return x;
    if (x > 710) return INFINITY_;
    if (x < -746) return 0;
    const Reduced r = reduce(x);
    const double minus_1 = small_exponential_minus_1(r.rest);
    return scale(1 + (minus_1 + (r.correction + tail) * (1 + minus_1)), r.exponent);
}

struct Pair {
    double high, low;
};

Pair exact_sum(double a, double b) {
    const double sum = a + b, other = sum - a;
    return {sum, (a - (sum - other)) + (b - other)};
}

Pair exact_product(double a, double b) {
    const double a_high = from_bits(bits(a) & 0xfffffffff8000000), a_low = a - a_high;
    const double b_high = from_bits(bits(b) & 0xfffffffff8000000), b_low = b - b_high;
    const double product = a * b;
    return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

// ln(1+f) - 2s with s = f / (2+f), for 1+f in [sqrt(1/2), sqrt(2)]: s^3 (2/3 + 2/5 s^2 + ...)
double logarithm_tail(double s) {
    const double z = s * s;
    double sum = 0;
    for (int n = 23; n >= 3; n -= 2) sum = sum * z + 2.0 / n;
    return sum * z * s;
}

double mantissa_near_1(double x, int& exponent) {
    double m = split(x, exponent);
    if (m < 0x1.6a09e667f3bcdp-1) {
        m *= 2;
        --exponent;
    }
    return m;
}

// ln(x) to about 2^-68, for x finite and positive.
Pair precise_logarithm(double x) {
    int k;
    const double f = mantissa_near_1(x, k) - 1, d = 2 + f;
    const double s = f / d;
    const Pair back = exact_product(s, d);
    const double d_low = f - (d - 2);
    const double s_low = ((f - back.high) - back.low - s * d_low) / d;
    const Pair base = exact_sum(k * LN2_HIGH, 2 * s);
    return exact_sum(base.high, base.low + (2 * s_low + logarithm_tail(s) + k * LN2_LOW));
}

bool is_integer(double x) { return __builtin_trunc(x) == x; }
bool is_odd(double x) { return is_integer(x) && __builtin_fabs(x) < 0x1p53 && !is_integer(x * 0.5); }

}  // namespace

double exponential(double x) { return exponential_of_sum(x, 0); }

double exponential_minus_1(double x) {
    if (is_nan(x) || x == 0) return x;
    if (x > 710) return INFINITY_;
    if (x < -40) return -1;
    const Reduced r = reduce(x);
    const double minus_1 = small_exponential_minus_1(r.rest);
    const double precise = minus_1 + r.correction * (1 + minus_1);
    if (r.exponent == 0) return precise;
    if (r.exponent > 60) return scale(1 + precise, r.exponent) - 1;
    const double power = scale(1, r.exponent);
    return power * precise + (power - 1);
}

double power_of_2(double x) {
    if (is_nan(x)) return x;
    if (x > 1025) return INFINITY_;
    if (x < -1076) return 0;
    const double k = __builtin_rint(x), rest = x - k;
    const Pair r = exact_product(rest, LN2);
    const double minus_1 = small_exponential_minus_1(r.high);
    const double tail = r.low + rest * 0x1.abc9e3b39803fp-56;
    return scale(1 + (minus_1 + tail * (1 + minus_1)), static_cast<int>(k));
}

double logarithm(double x) {
    if (is_nan(x) || x == INFINITY_) return x;
    if (x <= 0) return x == 0 ? -INFINITY_ : __builtin_nan("");
    const Pair result = precise_logarithm(x);
    return result.high + result.low;
}

double logarithm_of_1_plus(double x) {
    if (is_nan(x) || x == 0 || x == INFINITY_) return x;
    if (x <= -1) return x == -1 ? -INFINITY_ : __builtin_nan("");
    if (__builtin_fabs(x) < 0x1p-54) return x;
    const Pair sum = exact_sum(1, x);
    const Pair result = precise_logarithm(sum.high);
    return result.high + (result.low + sum.low / sum.high);
}

namespace {

// ln(x) * (factor_high + factor_low), exact when it is a small integer
double scaled_logarithm(double x, double factor_high, double factor_low) {
    if (is_nan(x) || x == INFINITY_) return x;
    if (x <= 0) return x == 0 ? -INFINITY_ : __builtin_nan("");
    const Pair ln = precise_logarithm(x);
    const Pair product = exact_product(ln.high, factor_high);
    return product.high + (product.low + ln.low * factor_high + ln.high * factor_low);
}

}  // namespace

double logarithm_2(double x) {
    int k;
    if (x > 0 && x != INFINITY_ && split(x, k) == 0.5) return k - 1;
    return scaled_logarithm(x, 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56);
}

double logarithm_10(double x) { return scaled_logarithm(x, 0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57); }

double power(double x, double y) {
    if (y == 0 || x == 1) return 1;
    if (is_nan(x) || is_nan(y)) return x + y;
    const double magnitude = __builtin_fabs(x);
    if (y == INFINITY_ || y == -INFINITY_) return magnitude == 1 ? 1 : (magnitude > 1) == (y > 0) ? INFINITY_ : 0;
    const bool negative = __builtin_copysign(1.0, x) < 0;
    const double sign = negative && is_odd(y) ? -1 : 1;
    if (magnitude == 0) return y > 0 ? sign * 0 : sign * INFINITY_;
    if (magnitude == INFINITY_) return y > 0 ? sign * INFINITY_ : sign * 0;
    if (negative && !is_integer(y)) return __builtin_nan("");
    if (__builtin_fabs(y) > 0x1p64) return sign * (magnitude == 1 ? 1 : (magnitude > 1) == (y > 0) ? INFINITY_ : 0);
    const Pair ln = precise_logarithm(magnitude);
    const Pair product = exact_product(ln.high, y);
    return sign * exponential_of_sum(product.high, product.low + ln.low * y);
}

double hyperbolic_sine(double x) {
    const double magnitude = __builtin_fabs(x);
    double result;
    if (magnitude < 22) {
        const double t = exponential_minus_1(magnitude);
        result = (t + t / (t + 1)) * 0.5;
    } else {
        const double half = exponential(magnitude * 0.5);
        result = half * 0.5 * half;
    }
    return __builtin_copysign(result, x);
}

double hyperbolic_cosine(double x) {
    const double magnitude = __builtin_fabs(x);
    if (magnitude < 22) {
        const double e = exponential(magnitude);
        return (e + 1 / e) * 0.5;
    }
    const double half = exponential(magnitude * 0.5);
    return half * 0.5 * half;
}

double hyperbolic_tangent(double x) {
    if (is_nan(x)) return x;
    const double magnitude = __builtin_fabs(x);
    if (magnitude > 20) return __builtin_copysign(1.0, x);
    const double t = exponential_minus_1(2 * magnitude);
    return __builtin_copysign(t / (t + 2), x);
}

double area_sine(double x) {
    const double m = __builtin_fabs(x);
    if (is_nan(x) || m == INFINITY_) return x;
    const double result =
        m > 0x1p28 ? logarithm(m) + LN2 : logarithm_of_1_plus(m + m * m / (1 + __builtin_sqrt(1 + m * m)));
    return __builtin_copysign(result, x);
}

double area_cosine(double x) {
    if (is_nan(x) || x < 1) return __builtin_nan("");
    if (x > 0x1p28) return logarithm(x) + LN2;
    const double t = x - 1;
    return logarithm_of_1_plus(t + __builtin_sqrt(2 * t + t * t));
}

double area_tangent(double x) {
    const double m = __builtin_fabs(x);
    if (is_nan(x) || m > 1) return __builtin_nan("");
    if (m == 1) return __builtin_copysign(INFINITY_, x);
    return __builtin_copysign(0.5 * logarithm_of_1_plus(2 * m / (1 - m)), x);
}

double cube_root(double x) {
    if (x == 0 || is_nan(x) || x - x != 0) return x;
    int exponent;
    const double m = split(__builtin_fabs(x), exponent);
    const int third = (exponent + 3 * 1000) / 3 - 1000, rest = exponent - 3 * third;
    const double value = scale(m, rest);
    double root = exponential(logarithm(value) / 3);
    root -= (root * root * root - value) / (3 * root * root);
    return __builtin_copysign(scale(root, third), x);
}

}  // namespace tthal::elementary
