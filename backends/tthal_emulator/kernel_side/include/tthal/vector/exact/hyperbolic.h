// Hyperbolic functions and their inverses as the kernels of TT-Metal 0.81.1 compute them.
#pragma once

#include "tthal/vector/exact/exponentials.h"
#include "tthal/vector/exact/logarithms.h"
#include "tthal/vector/exact/trigonometry.h"

namespace tthal::exact {

namespace detail {

// i is the nearest integer of |x| / ln 2, f the rest in units.
struct Quarter {
    U i;
    N size, f;
    explicit Quarter(N x) {
        i = rounded_magnitude<255>(N(x * 1.442695f));
        size = absolute(x);
        const N j = N::of_arithmetic(to_float(i));
        f = j * (WIDE ? -0.693145752f : -0.6931471805599453f) + size;
        if constexpr (WIDE) f = j * -1.42860677e-6f + f;
    }
    N beyond() const { return size * INFINITE; }
};

}  // namespace detail

// e^|x| / 4 + e^-|x| / 4, twice.
inline F cosh(F x) {
    const detail::Quarter parts(absolute(N(x)));
    N r;
    if constexpr (WIDE)
        r = polynomial(parts.f, 1.0f, 4.99999851e-1f, 1.66664720e-1f, 4.16695364e-2f, 8.37312452e-3f, 1.37805939e-3f);
    else r = polynomial(parts.f, 0.999963462f, 0.500122011f, 0.168174848f, 0.038877178f);
    r = r * parts.f + 1.0f;
    const U i = parts.i + 125;
    const N q = select(as_int(i) < I(255), r * N(as_float(i << 23)), parts.beyond());
    const N rest = detail::inverse_positive<WIDE>(q) * 0.125f, y = q + q;
    return select(exponent(q) < I(24), y + rest, y);
}

inline F sinh(F argument) {
    const N x = argument;
    const detail::Quarter parts(x);
    N r;
    if constexpr (WIDE)
        r = polynomial(parts.f, 4.999999702e-1f, 1.666667163e-1f, 4.166680202e-2f, 8.333439939e-3f, 1.393107930e-3f,
                       1.974105835e-04f);
    else r = polynomial(parts.f, 0.5f, 1.666259766e-01f, 4.177856445e-02f, 8.361816406e-03f);
    r = r * square(parts.f) + parts.f;
    const N scale = as_float((parts.i << 23) + bits_of(F(0.25f)));
    const N q = select(as_int(parts.i) < I(130), r * scale + (scale - 0.25f), parts.beyond());
    const N inverse_e = detail::inverse_positive<WIDE>(4.0f * q + 1.0f);
    const N twice = q + q, sum = select(exponent(q) < I(23), twice * inverse_e + twice, twice);
    return with_sign_of(sfpu::select(exponent(q) >= I(-27), F(sum), argument), argument);
}

// ---- inverse functions: logarithms of 1 and more

namespace detail {

inline N root_of_positive(N x) {
    const N half = N(scaled_by(x, -1));
    N y = as_float(0x5F1110A0 - (bits_of(F(x)) >> 1));
    for (int step = 0; step < (WIDE ? 3 : 2); step++) y = y * (1.5f - N(half * y) * y);
    N root = x * y;
    root = N(0.5f * (x - root * root)) * y + root;
    return select(is_zero(x), N(0.0f), root);
}

constexpr float LARGE = 268435456.0f, LN2 = 0.6931471805599453f;

}  // namespace detail

inline F acosh(F argument) {
    const N x = argument, below = x - 1.0f;
    const N inner = below + detail::root_of_positive((x + 1.0f) * below);
    const I large = at_least(argument, F(detail::LARGE));
    N result = log1p(kept_in_dst(select(less(argument, F(detail::LARGE)), inner, below)));
    result = select(large, result + detail::LN2, result);
    const F above = sfpu::select(less(argument, F(1.0f)), F(QUIET_NAN), F(result));
    return sfpu::select(same(argument, F(1.0f)), F(0.0f), above);
}

inline F asinh(F argument) {
    const F size = abs(argument);
    const N x = argument, number = size, u = square(x);
    const N inner = u * detail::inverse_positive<WIDE>(1.0f + detail::root_of_positive(x * x + 1.0f)) + number;
    const I large = at_least(size, F(detail::LARGE)), small = less(size, F(0.75f));
    const N sum = select(large, number - 1.0f, select(at_least(size, F(0.75f)), inner, N(0.0f)));
    N result = log1p(kept_in_dst(sum));
    result = select(large, result + detail::LN2, result);
    const N series = polynomial(u, 1.000000000e+00f, -1.666652262e-01f, 7.495806366e-02f, -4.417778924e-02f,
                                2.785361186e-02f, -1.484858524e-02f, 4.375355784e-03f);
    return with_sign_of(select(small, number * series, result), argument);
}

inline F atanh(F argument) {
    const F size = abs(argument);
    const N a = select(at_least(size, F(1.0f)), N(0.0f), N(size));
    const N ratio = (a + a) * detail::inverse_positive<WIDE>(1.0f - a);
    const F result = with_sign_of(N(0.5f * N(log1p(kept_in_dst(ratio)))), argument);
    const F end = sfpu::select(same(size, F(1.0f)), with_sign_of(F(INFINITE), argument), result);
    return sfpu::select(greater(size, F(1.0f)), F(QUIET_NAN), end);
}

}  // namespace tthal::exact
