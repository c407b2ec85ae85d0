// Remainders, hypotenuse, error and gamma functions.
#include "elementary.h"

namespace tthal::elementary {

double remainder_of(double x, double y, int mode, int* quotient) {
    if (quotient) *quotient = 0;
    if (is_nan(x) || is_nan(y) || x - x != 0 || y == 0) return __builtin_nan("");
    const double magnitude = __builtin_fabs(x), divisor = __builtin_fabs(y);
    if (divisor == INFINITY_) return x;
    double rest = magnitude;
    uint32_t count = 0;
    if (magnitude >= divisor) {
        int high, low;
        split(magnitude, high);
        split(divisor, low);
        // Long division in binary: each step subtracts exactly.
        for (int shift = high - low; shift >= 0; --shift) {
            const double part = scale(divisor, shift);
            count <<= 1;
            if (part <= rest && part < INFINITY_) {
                rest -= part;
                ++count;
            }
        }
    }
    if (mode == 1) {
        const double twice = 2 * rest;
        if (twice > divisor || (twice == divisor && count & 1)) {
            rest -= divisor;
            ++count;
        }
    }
    const bool negative = (__builtin_copysign(1.0, x) < 0) != (__builtin_copysign(1.0, y) < 0);
    if (quotient) *quotient = negative ? -static_cast<int>(count & 0x7fffffff) : static_cast<int>(count & 0x7fffffff);
    return __builtin_copysign(1.0, x) < 0 ? -rest : rest;
}

double hypotenuse(double x, double y) {
    double a = __builtin_fabs(x), b = __builtin_fabs(y);
    if (a == INFINITY_ || b == INFINITY_) return INFINITY_;
    if (is_nan(a) || is_nan(b)) return a + b;
    if (a < b) {
        const double other = a;
        a = b;
        b = other;
    }
    if (a == 0) return 0;
    int exponent;
    split(a, exponent);
    a = scale(a, -exponent);
    b = scale(b, -exponent);
    return scale(__builtin_sqrt(a * a + b * b), exponent);
}

namespace {

// e^(-x^2), with the square's rounding error made good
double bell(double x) {
    const double high = from_bits(bits(x) & 0xfffffffff8000000);
    return exponential(-high * high) * exponential(-(x - high) * (x + high));
}

// All terms of the series are positive, so nothing cancels; it takes too many of them for large x.
double error_series(double x) {
    const double z = 2 * x * x;
    double term = x, sum = x;
    for (int n = 3; term > sum * 0x1p-56; n += 2) {
        term *= z / n;
        sum += term;
    }
    return 0x1.20dd750429b6dp+0 * bell(x) * sum;
}

double complement_fraction(double x) {
    double fraction = 0;
    for (int n = x < 2 ? 200 : 60; n >= 1; --n) fraction = n * 0.5 / (x + fraction);
    return 0x1.20dd750429b6dp-1 * bell(x) / (x + fraction);
}

// The series of Stirling's formula, for x >= 10
double stirling(double x) {
    const double z = 1 / (x * x);
    constexpr double TERMS[] = {1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156};
    double sum = 0;
    for (int n = 6; n >= 0; --n) sum = sum * z + TERMS[n];
    return sum / x;
}

double log_gamma_positive(double x) {
    double product = 1;
    for (; x < 10; x += 1) product *= x;
    constexpr double HALF_LN_2_PI = 0x1.d67f1c864beb5p-1;
    return (x - 0.5) * logarithm(x) - x + HALF_LN_2_PI + stirling(x) - logarithm(product);
}

double gamma_positive(double x) {
    if (x > 172) return INFINITY_;
    double product = 1;
    for (; x < 10; x += 1) product *= x;
    constexpr double ROOT_2_PI = 0x1.40d931ff62706p+1;
    const double half = power(x, (x - 0.5) * 0.5);
    return ROOT_2_PI * half * exponential(stirling(x) - x) * half / product;
}

// |sin(pi x)|, exact in its argument
double sine_of_turns(double x) { return __builtin_fabs(sine(PI * (x - __builtin_rint(x)))); }

bool is_integer(double x) { return __builtin_trunc(x) == x; }

}  // namespace

double error_function(double x) {
    if (is_nan(x) || x == 0) return x;
    const double magnitude = __builtin_fabs(x);
    if (magnitude < 0x1p-30) return 0x1.20dd750429b6dp+0 * x;
    const double result = magnitude < 2.5 ? error_series(magnitude)
                          : magnitude > 6 ? 1
                                          : 1 - complement_fraction(magnitude);
    return __builtin_copysign(result, x);
}

double error_complement(double x) {
    if (is_nan(x)) return x;
    if (x < 0.5) return 1 - error_function(x);
    if (x > 27.5) return 0;
    return x < 1 ? 1 - error_series(x) : complement_fraction(x);
}

double log_gamma(double x) {
    if (is_nan(x)) return x;
    if (x - x != 0 || (x <= 0 && is_integer(x))) return INFINITY_;
    if (x == 1 || x == 2) return 0;
    if (x >= 0.5) return log_gamma_positive(x);
    return logarithm(PI / sine_of_turns(x)) - log_gamma_positive(1 - x);
}

double gamma_function(double x) {
    if (is_nan(x) || x == INFINITY_) return x;
    if (x == 0) return __builtin_copysign(INFINITY_, x);
    if (x == -INFINITY_ || (x < 0 && is_integer(x))) return __builtin_nan("");
    if (x > 0 && x < 24 && is_integer(x)) {
        double product = 1;
        for (double n = 2; n < x; n += 1) product *= n;
        return product;
    }
    if (x > 0) return gamma_positive(x);
    const double sign = is_integer(__builtin_floor(x) * 0.5) ? 1 : -1;
    return sign * PI / (sine_of_turns(x) * gamma_positive(1 - x));
}

}  // namespace tthal::elementary
