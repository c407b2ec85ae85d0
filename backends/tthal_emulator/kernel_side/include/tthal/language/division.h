// Multiplication and division by constants, for which the processors have no instruction worth using.
#pragma once

#include <cstdint>

constexpr uint32_t mulsi3(uint32_t a, uint32_t b) { return a * b; }
template <uint32_t divisor>
constexpr uint32_t udivsi3_const_divisor(uint32_t value) {
    return value / divisor;
}
template <uint32_t divisor>
constexpr uint32_t umodsi3_const_divisor(uint32_t value) {
    return value % divisor;
}

#define TTHAL_FAST_DIVISIONS(X) \
    X(7) \
    X(12) X(20) X(28) X(48) X(56) X(63) X(70) X(72) X(80) X(94) X(108) X(110) X(117) X(120) X(124) X(126) X(130) \
        X(140)
#define TTHAL_FAST_DIVISION(divisor) \
    constexpr uint32_t fast_udiv_##divisor(uint32_t value) { return value / divisor; }
TTHAL_FAST_DIVISIONS(TTHAL_FAST_DIVISION)
#undef TTHAL_FAST_DIVISION
#undef TTHAL_FAST_DIVISIONS
