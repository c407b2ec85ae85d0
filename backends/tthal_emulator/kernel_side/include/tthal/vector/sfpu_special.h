// Special functions in double precision, one number at a time.
#pragma once

#include <cmath>

#include "tthal/vector/sfpu_math.h"

namespace tthal::sfpu {

constexpr double NO_NUMBER = __builtin_nan("");

// Newton's method on erf, from an estimate that is good to some digits everywhere.
inline float inverse_error_function(float y) {
    if (!(y > -1.0f && y < 1.0f))
        return y == 1.0f ? __builtin_inff() : y == -1.0f ? -__builtin_inff() : __builtin_nanf("");
    const double target = y, w = -std::log((1.0 - target) * (1.0 + target)),
                 t = 2.0 / (3.14159265358979323846 * 0.147) - 0.5 * w;
    double x = std::copysign(std::sqrt(std::sqrt(t * t + w / 0.147) - t), target);
    if (target == 0.0) return y;
    for (int step = 0; step < 4; step++) {
        // Far out erf is flat; there erfc keeps the digits.
        const double tail = (1.0 - std::fabs(target)) - std::erfc(std::fabs(x));
        const double excess = std::fabs(target) <= 0.5 ? std::erf(x) - target : target < 0.0 ? -tail : tail;
        x -= excess * 0.88622692545275801365 * std::exp(x * x);
    }
    return static_cast<float>(x);
}

// By recurrence to x >= 10, then the asymptotic series; for negative x by reflection.
inline double digamma(double x) {
    constexpr double PI = 3.14159265358979323846;
    if (x == 0.0 || (x < 0.0 && x == std::floor(x))) return NO_NUMBER;
    if (x < 0.0) return digamma(1.0 - x) - PI / std::tan(PI * x);
    double sum = 0.0;
    for (; x < 10.0; x += 1.0) sum -= 1.0 / x;
    const double r = 1.0 / (x * x);
    return sum + std::log(x) - 0.5 / x -
           r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r * (1.0 / 132 - r * 691.0 / 32760)))));
}

// The sum of 1 / (x + k)^s over k = 0, 1, ..: the first terms, then Euler-Maclaurin.
inline double zeta(double s, double x) {
    if (!(s > 1.0) || !(x > 0.0)) return x == 0.0 ? __builtin_inf() : NO_NUMBER;
    double sum = 0.0;
    for (; x < 12.0; x += 1.0) sum += std::pow(x, -s);
    const double last = std::pow(x, -s), r = 1.0 / (x * x);
    sum += last * (x / (s - 1.0) + 0.5);
    constexpr double BERNOULLI[] = {1.0 / 12,       -1.0 / 720,     1.0 / 30240,
                                    -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0};
    double factor = s / x;
    for (int k = 0; k < 6; k++) {
        sum += BERNOULLI[k] * factor * last;
        factor *= (s + 2 * k + 1) * (s + 2 * k + 2) * r;
    }
    return sum;
}

// The power series; all its terms have one sign.
inline double bessel_i(int order, double x) {
    if (std::fabs(x) > 100.0) return order == 1 && x < 0 ? -__builtin_inf() : __builtin_inf();
    const double quarter = x * x / 4;
    double term = order == 0 ? 1.0 : x / 2, sum = term;
    for (int k = 1; k < 200 && std::fabs(term) > 1e-17 * std::fabs(sum); k++) {
        term *= quarter / (static_cast<double>(k) * (k + order));
        sum += term;
    }
    return sum;
}

inline F log_gamma_reflected(F x) {
    return each(select(x < F(0.5f), 1.0f - x, x), [](float v) { return __builtin_lgammaf(v); });
}
// The same from a given logarithm of z, which counts z - 1/2 times.
inline float log_gamma_from(float x, float log_z) {
    if (x == 1.0f || x == 2.0f) return 0.0f;
    const double z = x < 0.5f ? 1.0f - x : x;
    const double error = __builtin_isfinite(log_z) ? log_z - std::log(z) : 0.0;
    return static_cast<float>(__builtin_lgamma(z) + (z - 0.5) * error);
}
inline F log_gamma_from(F x, F log_z) {
    return each(x, log_z, [](float v, float logarithm) { return log_gamma_from(v, logarithm); });
}
inline F log_gamma_adjusted(F reflected, F log_sine, F x) {
    constexpr float LN_PI = 1.1447298858494002f;
    return select(is_infinite(x), F(__builtin_inff()), select(x < F(0.5f), LN_PI - log_sine - reflected, reflected));
}
inline F erfinv(F x) { return each(x, inverse_error_function); }
inline F digamma(F x) {
    return each(x, [](float v) { return static_cast<float>(digamma(static_cast<double>(v))); });
}
inline F bessel_i0(F x) {
    return each(x, [](float v) { return static_cast<float>(bessel_i(0, v)); });
}
inline F bessel_i1(F x) {
    return each(x, [](float v) { return static_cast<float>(bessel_i(1, v)); });
}
inline F polygamma(F x, F n, F scale) {
    return each(x, [=](float v) { return static_cast<float>(scale.x * zeta(n.x + 1.0, v)); });
}

}  // namespace tthal::sfpu
