// Lines chosen by the size of the argument (SFPLUT, SFPLUTFP32): slope * |x| + offset.
#pragma once

#include "tthal/vector/exact/arithmetic.h"

namespace tthal::exact {

// For |x| below 1, below 2 and beyond.
struct Lines3 {
    float slopes[3], offsets[3];
};
// For |x| below 0.5, 1, 1.5, 2, 3 and beyond.
struct Lines6 {
    float slopes[6], offsets[6];
};

namespace detail {

template <int count>
inline F chosen(F size, const float (&values)[count]) {
    constexpr float LIMITS3[] = {1.0f, 2.0f}, LIMITS6[] = {0.5f, 1.0f, 1.5f, 2.0f, 3.0f};
    F result = values[count - 1];
    for (int i = count - 2; i >= 0; i--) {
        const U limit = bits_of(F(count == 3 ? LIMITS3[i % 2] : LIMITS6[i]));
        result = sfpu::select(bits_of(size) < limit, F(values[i]), result);
    }
    return result;
}

}  // namespace detail

template <typename Lines>
inline N line(F x, const Lines& lines) {
    const F size = absolute(x);
    return mad(detail::chosen(size, lines.slopes), size, detail::chosen(size, lines.offsets));
}
template <typename Lines>
inline N line_with_sign(F x, const Lines& lines) {
    return N::of_arithmetic(with_sign_of(line(x, lines), x));
}

}  // namespace tthal::exact
