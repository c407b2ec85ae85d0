// Logarithms as the kernels of TT-Metal 0.81.1 compute them.
#pragma once

#include "tthal/vector/exact/known.h"
#include "tthal/vector/exact/operands.h"

namespace tthal::exact {

constexpr float LN2_PER_BIT = 0.693147182f * 1.19209290e-7f;  // of an exponent as it lies in a float: times 2^-23

namespace detail {

// ln(1 + m) / m^2 - 1 / m.
template <bool wide, typename Number>
inline Number log_series(Number m) {
    if constexpr (wide)
        return polynomial(m, -0.5f, 0x1.555572p-2f, -0x1.00001ap-2f, 0x1.998p-3f, -0x1.55p-3f, 0x1.274p-3f,
                          -0x1.0c4p-3f, 0x1.b84p-4f, -0x1.92cp-5f);
    else return polynomial(m, -0x1.008p-1f, 0x1.744p-2f, -0.25f);
}

// The exponent of x / 0.75 where it lies in a float, and as a number.
inline U exponent_bits(F x) { return (bits_of(x) - bits_of(F(0.75f))) & ~FRACTION; }
inline N exponent_number(U bits) {
    return N::of_arithmetic(with_sign_of(to_float(bits_of(integer_magnitude(as_int(bits)))), as_float(bits)));
}

}  // namespace detail

enum class Base { E, TWO, OTHER };

// `factor` for other bases than e; `fast` leaves denormals and NaN as they are.
template <Base base = Base::E, bool fast = false, bool wide = WIDE>
inline F log_to(F x, F factor = F(1.0f)) {
    const F a = fast ? x : F(N(x) + 0.0f);
    const U e = detail::exponent_bits(a);
    // From -0.25 to 0.5, whatever a is.
    const Known m = as_float(bits_of(a) - e) - 1.0f, s = square(m), r = detail::log_series<wide>(m) * s + m;
    const Known exponent = F(detail::exponent_number(e));
    N result;
    if constexpr (base == Base::TWO) result = N(exponent) * 1.19209290e-7f + N(r) * N(factor);
    else result = joined(exponent * LN2_PER_BIT, r);
    if constexpr (base == Base::OTHER) result = result * N(factor);
    if (all((as_int(bits_of(a)) >= I(ONE_EXPONENT)) & (as_int(bits_of(a)) < I(EXPONENT)))) return result;
    // The exponent of 0 wraps to that of infinity.
    const F half = scaled_by(a, -1);
    const I finite = (bits_of(half) & EXPONENT) != U(EXPONENT);
    if (!all(finite)) result = select(finite, result, N(result * N(half)));
    return sfpu::select(is_negative(a), F(QUIET_NAN), F(result));
}
template <bool fast = false>
inline F log(F x) {
    return log_to<Base::E, fast>(x);
}
template <bool two, bool fast>
inline F log_with_base(F x, F factor) {
    return log_to<two ? Base::TWO : Base::OTHER, fast>(x, factor);
}

// From a series of third degree for the significand.
inline N log_short(F x) {
    const N m = N::of_arithmetic(with_exponent(x, I(127)));
    const N series = polynomial(m, -0x1.952992p+0f, 0x2.4f5388p+0f, -0xd.e712ap-4f, 0x2.44734p-4f);
    const N result = N::of_arithmetic(to_float(exponent(x))) * 0.692871f + series;
    return select(is_zero(x), N(-INFINITE), result);
}

template <bool wide = WIDE>
inline F log1p_for(F x) {
    const N u = N(x) + 1.0f;
    const U e = detail::exponent_bits(u);
    const N s = as_float(bits_of(F(-4.0f)) - e);
    const N m = N(as_float(bits_of(x) - e)) + (-0.25f * s + -1.0f);
    const N r = detail::log_series<wide>(m) * square(m) + m;
    const N result = detail::exponent_number(e) * LN2_PER_BIT + r;
    const F finite = sfpu::select(less_wrapped(as_int(bits_of(F(u))), I(EXPONENT)), F(result), F(u));
    return sfpu::select(is_negative(u), F(QUIET_NAN), finite);
}
inline F log1p(F x) { return log1p_for<WIDE>(x); }

}  // namespace tthal::exact
