// The elementary functions in double precision that the C library's float and double functions are made of.
//
// Doubles come out within a few units in the last place (gamma: within a hundred); rounded to float they are nearly
// always the correctly rounded result. Only IEEE basic operations are used, so every host computes the same bits.
#pragma once

using uint64_t = __UINT64_TYPE__;

namespace tthal::elementary {

inline uint64_t bits(double x) { return __builtin_bit_cast(uint64_t, x); }
inline double from_bits(uint64_t x) { return __builtin_bit_cast(double, x); }
inline bool is_nan(double x) { return x != x; }
constexpr double INFINITY_ = __builtin_inf();
constexpr double LN2 = 0x1.62e42fefa39efp-1, LN2_HIGH = 0x1.62e42fee00000p-1, LN2_LOW = 0x1.a39ef35793c76p-33;
constexpr double PI = 0x1.921fb54442d18p+1, HALF_PI = 0x1.921fb54442d18p+0, HALF_PI_LOW = 0x1.1a62633145c07p-54;

double scale(double x, int exponent);                              // x * 2^exponent with one rounding
double split(double x, int& exponent);                             // x = result * 2^exponent, 0.5 <= |result| < 1
double remainder_of(double x, double y, int mode, int* quotient);  // mode 0: truncating, 1: to nearest

double exponential(double x);
double exponential_minus_1(double x);
double power_of_2(double x);
double logarithm(double x);
double logarithm_of_1_plus(double x);
double logarithm_2(double x);
double logarithm_10(double x);
double power(double x, double y);

double sine(double x);
double cosine(double x);
double tangent(double x);
double arc_tangent(double x);
double arc_tangent_2(double y, double x);
double arc_sine(double x);
double arc_cosine(double x);

double hyperbolic_sine(double x);
double hyperbolic_cosine(double x);
double hyperbolic_tangent(double x);
double area_sine(double x);
double area_cosine(double x);
double area_tangent(double x);

double cube_root(double x);
double hypotenuse(double x, double y);
double error_function(double x);
double error_complement(double x);
double gamma_function(double x);
double log_gamma(double x);

}  // namespace tthal::elementary
