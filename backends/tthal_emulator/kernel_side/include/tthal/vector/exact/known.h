// Lanes of which so much is known that their products and sums need no looking at: the host's arithmetic gives their bits.
//
// Who writes a formula with Known answers for this: no operand and no result is infinite, NaN, a denormal or a product that
// underflows, and in a * b + c the product is at most half of c, or of c's sign and at most c, or exact and of c's size.
// Then c loses nothing, at most one bit cancels, and what the product loses stands below the rounding (multiply_add.h). A
// constant c of few bits loses nothing as the smaller one either. Where most bits cancel, `meeting` is the sum.
#pragma once

#include "tthal/vector/exact/arithmetic.h"

namespace tthal::exact {

class Known {
public:
    Known() = default;
    Known(F lanes) : lanes_(lanes) {}
    Known(float number) : lanes_(number) {}
    operator F() const { return lanes_; }
    operator N() const { return N::of_arithmetic(lanes_); }

private:
    F lanes_;
};

struct KnownProduct {
    Known a, b;
    operator Known() const { return F(a) * F(b); }
    operator N() const { return N::of_arithmetic(F(a) * F(b)); }
};

inline Known operator-(Known x) { return negated(F(x)); }
inline Known select(I mask, Known yes, Known no) { return sfpu::select(mask, F(yes), F(no)); }

inline KnownProduct operator*(Known a, Known b) { return {a, b}; }
inline KnownProduct operator*(float a, Known b) { return {a, b}; }
inline KnownProduct operator*(Known a, float b) { return {a, b}; }
inline Known operator+(Known a, Known b) { return F(a) + F(b); }
inline Known operator+(float a, Known b) { return F(a) + F(b); }
inline Known operator+(Known a, float b) { return F(a) + F(b); }
inline Known operator-(Known a, Known b) { return F(a) - F(b); }
inline Known operator-(float a, Known b) { return F(a) - F(b); }
inline Known operator-(Known a, float b) { return F(a) - F(b); }
inline Known operator+(KnownProduct p, Known c) { return fused(p.a, p.b, c); }
inline Known operator+(Known c, KnownProduct p) { return p + c; }
inline Known operator+(KnownProduct p, float c) { return p + Known(c); }
inline Known operator-(KnownProduct p, Known c) { return p + -c; }
inline Known operator-(KnownProduct p, float c) { return p + Known(-c); }
// As of products of unknown lanes: fused on Blackhole alone.
inline Known operator-(Known c, KnownProduct p) {
    if constexpr (BLACKHOLE) return KnownProduct{-p.a, p.b} + c;
    else return c - Known(p);
}
inline Known operator-(float c, KnownProduct p) { return Known(c) - p; }

// Of lanes without a type nothing is known.
template <typename Number>
concept IsKnown = __is_same(Number, Known);
template <IsKnown Number>
inline Number square(Number x) {
    return x * x;
}
template <IsKnown Number, typename C>
inline Number polynomial(Number, C c) {
    return c;
}
template <IsKnown Number, typename C, typename... Cs>
[[gnu::always_inline]] inline Number polynomial(Number x, C c, Cs... cs) {
    return x * polynomial(x, cs...) + c;
}

// The engine's translator orders instructions by where their results are needed: one group of four lanes after the
// other. A store in between keeps the groups of a long formula side by side, and a processor busy.
inline volatile F in_step_place;
inline F in_step(F x) {
    in_step_place = x;
    return x;
}

// a * b + c where c has the larger exponent, or the same one, and bits may cancel: the product is cut to c's place.
inline Known meeting(KnownProduct p, float c) {
    const float place = as_float(__builtin_bit_cast(uint32_t, c) & EXPONENT);
    const F near = F(p.a) * F(p.b), sum = near + c;
    const F cut = detail::to_odd(fused(p.a, p.b, -near), F(1.5f * 0x1p-3f * place)).value;
    return in_step(sum + ((near - (sum - c)) + cut));
}
// The same where near products and c have so much in common that their sum is exact.
inline Known meeting_closely(KnownProduct p, float c) {
    const float place = as_float(__builtin_bit_cast(uint32_t, c) & EXPONENT), offset = 1.5f * 0x1p-3f * place;
    const F near = F(p.a) * F(p.b);
    U below;
    return in_step((near + (c - offset)) + detail::to_odd_above(fused(p.a, p.b, -near), F(offset), below));
}
// c from `place` on up to twice that.
inline Known meeting_closely(KnownProduct p, Known c, float place) {
    const F near = F(p.a) * F(p.b);
    return in_step((near + F(c)) + detail::to_odd(fused(p.a, p.b, -near), F(1.5f * 0x1p-3f * place)).value);
}
// The same with another number than a constant.
inline Known meeting_closely(KnownProduct p, Known c) {
    const F near = F(p.a) * F(p.b), unit = detail::Places(p.a, p.b, c).scale() * 1.5f;
    return in_step((near + F(c)) + detail::to_odd(fused(p.a, p.b, -near), unit).value);
}

// a * b + c of any product below 8 c, where no sum carries over two places.
[[gnu::always_inline]] inline Known around(KnownProduct p, float c) {
    const F near = F(p.a) * F(p.b), scale = detail::Places(p.a, p.b, F(c)).scale();
    const F cut = detail::to_odd(fused(p.a, p.b, -near), scale * 1.5f).value;
    const F sum = near + c, part = sum - near, whole = sum + (((near - (sum - part)) + (c - part)) + cut);
    return in_step(sfpu::select(absolute(near) < F(0.49f * __builtin_fabsf(c)), fused(p.a, p.b, c), whole));
}
inline Known polynomial_around(Known, float c) { return c; }
template <typename... Cs>
[[gnu::always_inline]] inline Known polynomial_around(Known x, float c, Cs... cs) {
    return around(x * polynomial_around(x, cs...), c);
}

// a * b + c of any sizes, as long as their places are above 2^-100 and no sum carries over two places.
inline Known joined(KnownProduct p, Known c) {
    const detail::Places places(p.a, p.b, c);
    const F near = F(p.a) * F(p.b), scale = places.scale();
    const F cut = detail::to_odd(fused(p.a, p.b, -near), scale * 1.5f).value;
    const detail::Odd shortened = detail::to_odd(absolute(F(c)), scale);
    const F value = with_sign_of(sfpu::select(shortened.nothing, F(0.0f), shortened.value), F(c));
    const I far_below = places.of_product - places.of_addend > I(3 * ONE_EXPONENT);
    const F addend = sfpu::select(far_below, value, F(c)), sum = near + addend, part = sum - near;
    return in_step(sum + (((near - (sum - part)) + (addend - part)) + cut));
}

// Steps of a polynomial of positive terms, x * t + c, whose product may be the larger part: up to 8 times the power of two
// in c, up to 16 times if c ends with a 0. Then c loses nothing. Wormhole alone may differ from the rounded sum, where that
// carries over two places: it forgets a bit if the product has no bits below, which takes 20 zeros at its factors' ends.
class Rising {
public:
    explicit Rising(Known x)
        : x_(x),
          ends_(__builtin_elementwise_max(bits_of(F(x)), U(1))),
          place_((bits_of(F(x)) & EXPONENT) + 2 * ONE_EXPONENT - BIAS) {}

    Known step(Known t, float c) const { return in_step(x_ * t + c); }
    // Where the sum may be four times the power of two in c.
    Known carrying(Known t, float c) {
        const Known sum = step(t, c);
        note(t, sum, c);
        return sum;
    }
    // Where a c that ends with a 1 is up to 8 times smaller.
    Known carrying_around(Known t, float c) {
        const Known sum = around(x_ * t, c);
        note(t, sum, c);
        return sum;
    }
    // Whether no step may have forgotten a bit.
    bool is_sure() const { return BLACKHOLE || all(lowest_ != U(0)); }

private:
    void note(Known t, Known sum, float c) {
        if constexpr (BLACKHOLE) return;
        const uint32_t least = (__builtin_bit_cast(uint32_t, c) & EXPONENT) + 2 * ONE_EXPONENT;
        const I places = __builtin_elementwise_max(as_int((bits_of(F(t)) & EXPONENT) + place_), I(least));
        const U once = bits_of(F(sum) < as_float(bits_of(places)));
        lowest_ = __builtin_elementwise_min(lowest_, (ends_ * bits_of(F(t)) & 0xFFFFF) | once);
    }

    Known x_;
    U ends_, place_, lowest_ = U(~0u);
};

inline N meeting(Product p, float c) { return p + c; }
inline N meeting_closely(Product p, float c) { return p + c; }

}  // namespace tthal::exact
