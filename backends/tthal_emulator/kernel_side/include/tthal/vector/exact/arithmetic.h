// Sums, products, comparisons and choices among lanes (SFPADD, SFPMUL, SFPSETCC, SFPGT, SFPLE, SFPSWAP).
#pragma once

#include "tthal/vector/exact/multiply_add.h"

namespace tthal::exact {

constexpr float INFINITE = __builtin_inff(), QUIET_NAN = __builtin_nanf("");

namespace detail {

// 0 and numbers that are too small, as the sum 1 * a + b and the product a * b + 0 leave them.
[[gnu::noinline, gnu::const]] inline F add_any(F a, F b) { return multiply_add_any(F(1.0f), a, b); }
[[gnu::noinline, gnu::const]] inline F multiply_any(F a, F b) {
    const F product = a * b;
    const I zero = product == F(0.0f);
    if (all(zero | (absolute(product) > F(0x1p-126f)))) return sfpu::select(zero, F(0.0f), product);
    return by_lane(a, b, F(0.0f));
}

}  // namespace detail

// A sum or product of two is correctly rounded.
inline N add(N a, N b) {
    const F sum = F(a) + F(b);
    if (all(absolute(sum) >= F(0x1p-126f))) return N::of_arithmetic(sum);
    return N::of_arithmetic(detail::add_any(a, b));
}
inline N sub(N a, N b) { return add(a, -b); }
inline N mul(N a, N b) {
    const F product = F(a) * F(b);
    if (all(absolute(product) > F(0x1p-126f))) return N::of_arithmetic(product);
    return N::of_arithmetic(detail::multiply_any(a, b));
}

// Formulas are written with operators on N. A product that becomes a term in the same expression is one instruction with
// the sum; one that is given a name is rounded. Of two products the first is part of the sum.
struct Product {
    N a, b;
    operator N() const { return mul(a, b); }
};

inline Product operator*(N a, N b) { return {a, b}; }
inline N operator+(N a, N b) { return add(a, b); }
inline N operator-(N a, N b) { return sub(a, b); }
// Without these the compiler would do it with its own vectors.
template <typename T>
concept Raw = __is_same(T, F) || __is_same(T, float);
template <Raw T>
inline Product operator*(T a, N b) {
    return N(a) * b;
}
template <Raw T>
inline Product operator*(N a, T b) {
    return a * N(b);
}
template <Raw T>
inline N operator+(T a, N b) {
    return N(a) + b;
}
template <Raw T>
inline N operator+(N a, T b) {
    return a + N(b);
}
template <Raw T>
inline N operator-(T a, N b) {
    return N(a) - b;
}
template <Raw T>
inline N operator-(N a, T b) {
    return a - N(b);
}
inline N operator+(Product p, N c) { return mad(p.a, p.b, c); }
inline N operator+(N c, Product p) { return mad(p.a, p.b, c); }
inline N operator-(Product p, N c) { return mad(p.a, p.b, -c); }
inline N operator+(Product p, Product q) { return p + N(q); }
inline N operator-(Product p, Product q) { return p - N(q); }
// The negation of a product is an instruction of its own on Wormhole and a bit of the sum on Blackhole.
inline auto operator-(Product p) {
    if constexpr (BLACKHOLE) return Product{-p.a, p.b};
    else return -N(p);
}
inline N operator-(N c, Product p) { return c + -p; }
inline N operator+(Product p, F c) { return p + N(c); }
[[gnu::always_inline]] inline N operator+(Product p, float c) {
    return __builtin_constant_p(c) && is_easy_constant(c) ? mad_with_constant(p.a, p.b, c) : p + N(c);
}
template <Raw T>
[[gnu::always_inline]] inline N operator+(T c, Product p) {
    return p + c;
}
template <Raw T>
[[gnu::always_inline]] inline N operator-(Product p, T c) {
    return p + -c;
}
template <Raw T>
inline N operator-(T c, Product p) {
    return c + -p;
}

inline N square(N x) { return x * x; }

// c0 + x * (c1 + x * (c2 + ..)); every step one multiply-add.
template <typename C>
inline N polynomial(N, C c) {
    return c;
}
template <typename C, typename... Cs>
[[gnu::always_inline]] inline N polynomial(N x, C c, Cs... cs) {
    return x * polynomial(x, cs...) + c;
}

// ---- signs

inline F negated(F x) { return as_float(bits_of(x) ^ SIGN); }
// NaN with a sign keep it (SFPABS).
inline F abs(F x) {
    return as_float(sfpu::select(bits_of(x) > U(SIGN | EXPONENT), bits_of(x), bits_of(x) & MAGNITUDE));
}

// ---- comparisons with 0 read the pattern: -0 is negative, and it is not zero

inline I is_negative(F x) { return as_int(bits_of(x)) < I(0); }
inline I is_zero(F x) { return bits_of(x) == U(0); }
inline I is_positive(F x) { return as_int(bits_of(x)) > I(0); }

// ---- comparisons of two numbers

// Patterns as signed magnitudes in order: NaN beyond infinity, -0 below +0.
inline I rank_of(F x) { return as_int(bits_of(x) ^ (bits_of(as_int(bits_of(x)) >> 31) & MAGNITUDE)); }

namespace detail {

// The sign of a - b, and whether it is 0, on Wormhole; of NaN their own signs, the subtrahend's turned round.
struct Difference {
    I negative, zero;
};
[[gnu::noinline, gnu::const]] inline F difference_any(F a, F b) { return multiply_add_any(F(-1.0f), b, a); }
inline Difference difference(F a, F b) {
    const F x = flushed(a), y = flushed(b);
    F apart = x - y;
    if (!all(absolute(apart) >= F(0x1p-126f))) apart = difference_any(x, y);
    return {is_negative(apart), is_zero(apart)};
}

}  // namespace detail

inline I less(F a, F b) {
    if constexpr (BLACKHOLE) return rank_of(a) < rank_of(b);
    else return detail::difference(a, b).negative;
}
inline I greater(F a, F b) {
    if constexpr (BLACKHOLE) return rank_of(a) > rank_of(b);
    const detail::Difference apart = detail::difference(a, b);
    return ~(apart.negative | apart.zero);
}
inline I at_least(F a, F b) { return ~less(a, b); }
inline I at_most(F a, F b) { return ~greater(a, b); }
inline I same(F a, F b) { return bits_of(a) == bits_of(b); }
inline I different(F a, F b) { return bits_of(a) != bits_of(b); }

// ---- the smaller and the larger, in the order of patterns (SFPSWAP)

inline F minimum(F a, F b) { return sfpu::select(rank_of(b) < rank_of(a), b, a); }
inline F maximum(F a, F b) { return sfpu::select(rank_of(a) < rank_of(b), b, a); }
inline N minimum(N a, N b) { return N::of_arithmetic(minimum(F(a), F(b))); }
inline N maximum(N a, N b) { return N::of_arithmetic(maximum(F(a), F(b))); }
inline F clamp(F x, F low, F high) { return minimum(maximum(x, low), high); }
inline N clamp(N x, float low, float high) { return minimum(maximum(x, N(low)), N(high)); }

inline F symmetric_clamp(F x, float limit) { return with_sign_of(minimum(abs(x), F(limit)), x); }

inline F truth(I mask) { return as_float(bits_of(mask) & 0x3F800000); }

}  // namespace tthal::exact
