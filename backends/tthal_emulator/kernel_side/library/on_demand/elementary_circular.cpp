// Circular functions and their inverses.
#include "elementary.h"

namespace tthal::elementary {

namespace {

// The first 1216 bits of 2/pi behind the binary point.
constexpr uint64_t TWO_OVER_PI[] = {
    0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561, 0xb7246e3a424dd2e0,
    0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4,
    0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab,
};

struct Angle {
    int quadrant;  // modulo 4
    double rest, correction;
};

uint64_t product_high(uint64_t a, uint64_t b) {
    const uint64_t a0 = a & 0xffffffff, a1 = a >> 32, b0 = b & 0xffffffff, b1 = b >> 32;
    const uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (middle & 0xffffffff);
    return a1 * b1 + (middle >> 32) + (other >> 32);
}

// 64 bits of 2/pi that begin `start` bits behind the binary point
uint64_t window(int start) {
    const int word = start / 64, shift = start % 64;
    return shift == 0 ? TWO_OVER_PI[word] : TWO_OVER_PI[word] << shift | TWO_OVER_PI[word + 1] >> (64 - shift);
}

// |x| >= 2^20: multiply the mantissa by the 192 bits of 2/pi that decide the quadrant and the rest.
Angle reduce_large(double x) {
    const uint64_t mantissa = (bits(x) & 0xfffffffffffff) | 0x10000000000000;
    const int exponent = static_cast<int>(bits(x) >> 52 & 0x7ff) - 1075;  // x = mantissa * 2^exponent
    const int start = exponent > 2 ? exponent - 2 : 0;                    // what lies before gives multiples of 4
    const uint64_t a = window(start), b = window(start + 64), c = window(start + 128);
    const uint64_t w1 = mantissa * b + product_high(mantissa, c), carry1 = w1 < mantissa * b;
    const uint64_t sum = mantissa * a + product_high(mantissa, b), carry2 = sum < mantissa * a;
    const uint64_t w2 = sum + carry1, w3 = product_high(mantissa, a) + carry2 + (w2 < sum);
    // Move the two bits before the binary point to the top of a word.
    const int up = 2 - (exponent - start);
    const uint64_t high = up ? w3 << (64 - up) | w2 >> up : w2, low = up ? w2 << (64 - up) | w1 >> up : w1;
    int quadrant = static_cast<int>(high >> 62);
    uint64_t fraction = high << 2 | low >> 62, tail = low << 2;
    bool negative = false;
    if (fraction >> 63) {
        ++quadrant;
        negative = true;
        fraction = ~fraction + (tail == 0);
        tail = -tail;
    }
    const double turns = static_cast<double>(fraction >> 11) * 0x1p-53;
    const double below = (static_cast<double>(fraction & 0x7ff) + static_cast<double>(tail) * 0x1p-64) * 0x1p-64;
    double rest = turns * HALF_PI, correction = below * HALF_PI + turns * HALF_PI_LOW;
    if (negative) rest = -rest, correction = -correction;
    return {quadrant, rest, correction};
}

Angle reduce(double x) {
    const double magnitude = __builtin_fabs(x);
    Angle angle;
    if (magnitude < 0x1p20) {
        const double k = __builtin_rint(magnitude * (1 / HALF_PI));
        const double first = magnitude - k * 0x1.921fb54400000p+0, second = k * 0x1.0b4611a600000p-34;
        const double near = first - second, lost = (first - near) - second, third = k * 0x1.3198a2e037073p-69;
        angle.rest = near + (lost - third);
        angle.correction = (near - angle.rest) + (lost - third);
        angle.quadrant = static_cast<int>(k);
    } else {
        angle = reduce_large(magnitude);
    }
    if (x < 0) return {-angle.quadrant & 3, -angle.rest, -angle.correction};
    return {angle.quadrant & 3, angle.rest, angle.correction};
}

double small_sine(double r, double correction) {
    const double z = r * r;
    double sum = 0;
    for (int n = 18; n >= 2; n -= 2) sum = -(1 + sum) * z / (n * (n + 1));
    return r + (r * sum + correction * (1 - 0.5 * z));
}

double small_cosine(double r, double correction) {
    const double z = r * r;
    double sum = 0;
    for (int n = 19; n >= 3; n -= 2) sum = -(1 + sum) * z / (n * (n + 1));
    const double half = 0.5 * z, rounded = 1 - half;
    return rounded + (((1 - rounded) - half) - half * sum - r * correction);
}

double sine_of(const Angle& angle, int quadrants) {
    const int quadrant = (angle.quadrant + quadrants) & 3;
    const double value =
        quadrant & 1 ? small_cosine(angle.rest, angle.correction) : small_sine(angle.rest, angle.correction);
    return quadrant & 2 ? -value : value;
}

// atan(j/4) in two parts
constexpr double STEPS[] = {0, 0x1.f5b75f92c80ddp-3, 0x1.dac670561bb4fp-2, 0x1.4978fa3269ee1p-1, 0x1.921fb54442d18p-1};
constexpr double STEPS_LOW[] = {0, 0x1.8ab6e3cf7afbdp-57, 0x1.a2b7f222f65e2p-56, 0x1.2419a87f2a458p-56,
                                0x1.1a62633145c07p-55};

// atan of y/x for 0 <= y <= x
double first_octant(double y, double x) {
    const double ratio = y / x;
    const int step = static_cast<int>(ratio * 4 + 0.5);
    const double c = step * 0.25;
    const double t = step == 0 ? ratio : (ratio - c) / (1 + ratio * c), z = t * t;
    double sum = 0;
    for (int n = 19; n >= 3; n -= 2) sum = (sum + 1.0 / n) * -z;
    return STEPS[step] + (STEPS_LOW[step] + (t + t * sum));
}

}  // namespace

double sine(double x) {
    if (x - x != 0) return __builtin_nan("");
    return x == 0 ? x : sine_of(reduce(x), 0);
}

double cosine(double x) { return x - x != 0 ? __builtin_nan("") : sine_of(reduce(x), 1); }

double tangent(double x) {
    if (x - x != 0) return __builtin_nan("");
    if (x == 0) return x;
    const Angle angle = reduce(x);
    return sine_of(angle, 0) / sine_of(angle, 1);
}

double arc_tangent_2(double y, double x) {
    if (is_nan(x) || is_nan(y)) return x + y;
    const double a = __builtin_fabs(y), b = __builtin_fabs(x);
    double angle;
    if (a == b) angle = a == 0 ? 0 : STEPS[4];
    else if (a < b) angle = a == 0 || b == INFINITY_ ? 0 : first_octant(a, b);
    else angle = HALF_PI - ((b == 0 || a == INFINITY_ ? 0 : first_octant(b, a)) - HALF_PI_LOW);
    if (__builtin_copysign(1.0, x) < 0) angle = PI - (angle - 2 * HALF_PI_LOW);
    return __builtin_copysign(angle, y);
}

double arc_tangent(double x) { return arc_tangent_2(x, 1); }

double arc_sine(double x) {
    if (is_nan(x) || __builtin_fabs(x) > 1) return __builtin_nan("");
    return x == 0 ? x : arc_tangent_2(x, __builtin_sqrt((1 - x) * (1 + x)));
}

double arc_cosine(double x) {
    if (is_nan(x) || __builtin_fabs(x) > 1) return __builtin_nan("");
    return 2 * arc_tangent_2(__builtin_sqrt(1 - x), __builtin_sqrt(1 + x));
}

}  // namespace tthal::elementary
