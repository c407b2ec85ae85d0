// Functions of vectors: parts of floats, shifts, conversions, and exchanges between lanes.
#pragma once

#include "sfpi/predication.h"
#include "sfpi/registers.h"

namespace sfpi {

// ---- the same bits as another type

template <typename Type>
    requires impl_::is_vector<Type>
Type as(impl_::vVal value) {
    return Type(value.get());
}
template <typename Type>
    requires impl_::is_vector<Type>
Type reinterpret(impl_::vVal value) {
    return Type(value.get());
}

// ---- parts of a float

enum class ExponentMode { Debias, Unbiased = Debias, NoDebias, Biased = NoDebias };
enum class MantissaMode { FractionOnly, WithUnitBit, ImplicitOne = WithUnitBit };

inline vInt exexp(vFloat v, ExponentMode mode = ExponentMode::Debias) {
    const vInt biased((v.get() & impl_::EXPONENT) >> 23);
    return mode == ExponentMode::Debias ? biased - vInt(127) : biased;
}
inline vInt exexp_nodebias(vFloat v) { return exexp(v, ExponentMode::NoDebias); }

inline vInt exman(vFloat v, MantissaMode mode = MantissaMode::FractionOnly) {
    return vInt((v.get() & impl_::FRACTION) | (mode == MantissaMode::WithUnitBit ? 0x00800000u : 0u));
}
inline vInt exman8(vFloat v) { return exman(v, MantissaMode::WithUnitBit); }
inline vInt exman9(vFloat v) { return exman(v); }

inline vFloat setexp(vFloat v, vInt exponent) {
    return vFloat((v.get() & ~impl_::EXPONENT) | ((exponent.get() & 0xFF) << 23));
}
inline vFloat copyexp(vFloat v, vFloat exponent) {
    return vFloat((v.get() & ~impl_::EXPONENT) | (exponent.get() & impl_::EXPONENT));
}
inline vFloat setman(vFloat v, vInt fraction) {
    return vFloat((v.get() & ~impl_::FRACTION) | (fraction.get() & impl_::FRACTION));
}
inline vFloat copyman(vFloat v, vFloat fraction) { return setman(v, vInt(fraction.get())); }
inline vFloat addexp(vFloat v, int step) {
    const impl_::Bits exponent = (v.get() + (static_cast<uint32_t>(step) << 23)) & impl_::EXPONENT;
    const impl_::Bits moved = (v.get() & ~impl_::EXPONENT) | exponent;
    const impl_::Bits number = impl_::bits_of((v.get() & impl_::EXPONENT) != impl_::Bits(0));
    return vFloat(impl_::choose(number, moved, v.get()));
}

template <typename Type>
    requires impl_::is_vector<Type>
Type setsgn(Type v, int sign) {
    return Type((v.get() & impl_::MAGNITUDE) | static_cast<uint32_t>(sign) << 31);
}
template <typename Type, typename Other>
    requires(impl_::is_vector<Type> && impl_::is_vector<Other>)
Type copysgn(Type v, Other sign) {
    return Type((v.get() & impl_::MAGNITUDE) | (sign.get() & impl_::SIGN));
}
template <typename Type, typename Other>
    requires(impl_::is_vector<Type> && impl_::is_vector<Other>)
Type setsgn(Type v, Other sign) {
    return copysgn(v, sign);
}
// By the lowest bit of an integer, as the parity of an exponent gives a power's sign.
template <typename Type, typename Other>
    requires(impl_::is_vector<Type> && impl_::is_vector<Other>)
Type setsgn2(Type v, Other parity) {
    return Type((v.get() & impl_::MAGNITUDE) | parity.get() << 31);
}

inline vFloat abs(vFloat v) { return vFloat(v.get() & impl_::MAGNITUDE); }
inline vInt abs(vInt v) {
    return vInt(impl_::choose(impl_::bits_of(v.lanes() < impl_::Ints(0)), 0 - v.get(), v.get()));
}

inline vBool is_nan(vFloat v) { return vBool((v.get() & impl_::MAGNITUDE) > impl_::Bits(impl_::EXPONENT)); }
inline vBool is_inf(vFloat v) { return vBool((v.get() & impl_::MAGNITUDE) == impl_::Bits(impl_::EXPONENT)); }

// ---- the smaller and the larger, by sign and magnitude: NaN lies beyond infinity, -0 below +0

namespace impl_ {

sfpi_inline Bits is_below(Bits a, Bits b) {
    const auto rank = [](Bits x) { return ints_of(choose(bits_of(ints_of(x) < Ints(0)), ~(x & MAGNITUDE), x)); };
    return bits_of(rank(a) < rank(b));
}

}  // namespace impl_

inline vFloat min(vFloat a, vFloat b) {
    return vFloat(impl_::choose(impl_::is_below(b.get(), a.get()), b.get(), a.get()));
}
inline vFloat max(vFloat a, vFloat b) {
    return vFloat(impl_::choose(impl_::is_below(a.get(), b.get()), b.get(), a.get()));
}
inline vFloat clamp(vFloat v, vFloat low, vFloat high) { return min(max(v, low), high); }

template <typename Type>
    requires impl_::is_vector<Type>
void vec_swap(Type& a, Type& b) {
    const Type first = a;
    a = b;
    b = first;
}
template <typename Type>
    requires impl_::is_vector<Type>
void vec_min_max(Type& a, Type& b) {
    const impl_::Bits exchange = impl_::is_below(b.get(), a.get()), first = a.get(), second = b.get();
    a = Type(impl_::choose(exchange, second, first));
    b = Type(impl_::choose(exchange, first, second));
}
template <typename Type>
    requires impl_::is_vector<Type>
void vec_max_min(Type& a, Type& b) {
    vec_min_max(b, a);
}

// ---- bits of integers

template <typename Type>
    requires impl_::is_vector<Type>
vInt lz(Type v) {
    return vInt(impl_::each<impl_::Ints>(v.get(), [](uint32_t x) { return x ? __builtin_clz(x) : 32; }));
}
template <typename Type>
    requires impl_::is_vector<Type>
vInt lz_nosgn(Type v) {
    return lz(vUInt(v.get() & impl_::MAGNITUDE));
}

enum class ShiftMode { Logical, Arithmetic };

// To the left by positive amounts, to the right by negative ones.
inline vUInt shft(vUInt v, vInt places, ShiftMode = ShiftMode::Logical) {
    const impl_::Bits to_left = v.get() << (places.get() & 31), to_right = v.get() >> ((0 - places.get()) & 31);
    return vUInt(impl_::choose(impl_::bits_of(places.lanes() < impl_::Ints(0)), to_right, to_left));
}
inline vInt shft(vInt v, vInt places, ShiftMode mode = ShiftMode::Arithmetic) {
    if (mode == ShiftMode::Logical) return vInt(shft(vUInt(v), places).get());
    const impl_::Bits to_left = v.get() << (places.get() & 31);
    const impl_::Ints to_right = v.lanes() >> impl_::ints_of((0 - places.get()) & 31);
    return vInt(impl_::choose(impl_::bits_of(places.lanes() < impl_::Ints(0)), impl_::bits_of(to_right), to_left));
}

// ---- conversions. Halves round away from zero, as SFP_STOCH_RND does; stochastic modes round to nearest too.

enum class RoundMode {
    NearestEven,
    Stochastic,
    NearestStochastic = Stochastic,
    Zero,
    Even = NearestEven,
    Nearest = NearestEven
};

namespace impl_ {

template <uint32_t dropped>
sfpi_inline Bits rounded(Bits bits, RoundMode mode) {
    const Bits sign = bits & SIGN, magnitude = bits & MAGNITUDE;
    const Bits limited = choose(bits_of(magnitude > Bits(EXPONENT)), Bits(EXPONENT), magnitude);
    const Bits near = mode == RoundMode::Zero ? limited : limited + (1u << (dropped - 1));
    return (sign | (near & ~((1u << dropped) - 1))) & bits_of((bits & EXPONENT) != Bits(0));
}

sfpi_inline Bits whole(Floats x, float largest, RoundMode mode) {
    const float half = mode == RoundMode::Zero ? 0.0f : 0.5f;
    return each<Bits>(x, [=](float v) -> uint32_t {
        const float magnitude = __builtin_fabsf(v);
        return magnitude < largest ? static_cast<uint32_t>(magnitude + half) : static_cast<uint32_t>(largest);
    });
}

template <typename To>
sfpi_inline Bits converted(vFloat v, RoundMode mode) {
    const Bits sign = v.get() & SIGN, positive = ~bits_of(ints_of(v.get()) < Ints(0));
    if constexpr (std::is_same_v<To, vFloat16b>) return rounded<16>(v.get(), mode);
    else if constexpr (std::is_same_v<To, vFloat16a>) return rounded<13>(v.get(), mode);
    else if constexpr (std::is_same_v<To, vUInt16>) return whole(v.lanes(), 65535, mode) & positive;
    else if constexpr (std::is_same_v<To, vUInt8>) return whole(v.lanes(), 255, mode) & positive;
    else if constexpr (std::is_same_v<To, vSMag16>) return sign | whole(v.lanes(), 32767, mode);
    else if constexpr (std::is_same_v<To, vSMag8>) return sign | whole(v.lanes(), 127, mode);
    else static_assert(!std::is_same_v<To, To>, "sfpi has no such conversion from vFloat");
}

}  // namespace impl_

template <typename To, typename From>
    requires(impl_::is_vector<To> && impl_::is_vector<From>)
To convert(From value, RoundMode mode = RoundMode::Stochastic) {
    if constexpr (std::is_base_of_v<To, From> && !std::is_same_v<To, vSMag>) return To(value.get());
    else if constexpr (std::is_base_of_v<vFloat, From>) return To(impl_::converted<To>(value, mode));
    else if constexpr (std::is_base_of_v<vSMag, From> && std::is_same_v<To, vFloat>)
        return vFloat(__builtin_convertvector(value.ranked(), impl_::Floats));
    else if constexpr (std::is_base_of_v<vSMag, From> && std::is_same_v<To, vInt>) return vInt(value.ranked());
    else if constexpr (std::is_base_of_v<vUInt, From> && std::is_same_v<To, vFloat>)
        return vFloat(__builtin_convertvector(impl_::ints_of(value.get()), impl_::Floats));
    else if constexpr (std::is_same_v<vInt, From> && std::is_same_v<To, vSMag>)
        return vSMag(impl_::sign_magnitude_of(value.get()));
    else static_assert(!std::is_same_v<To, To>, "sfpi has no such conversion");
}

// The older names; their round modes are 0 for nearest and 1 for stochastic. The integer is sign and magnitude.
inline vFloat int32_to_float(vInt v, int = 1) { return convert<vFloat>(vSMag(v.get())); }
inline vFloat int32_to_float(vInt v, RoundMode) { return int32_to_float(v); }

#define TTHAL_SFPI_CONVERSION(name, Result, To) \
    inline Result name(vFloat v, int = 1) { return Result(convert<To>(v).get()); } \
    inline Result name(vFloat v, RoundMode mode) { return Result(convert<To>(v, mode).get()); }
TTHAL_SFPI_CONVERSION(float_to_fp16a, vUInt, vFloat16a)
TTHAL_SFPI_CONVERSION(float_to_fp16b, vUInt, vFloat16b)
TTHAL_SFPI_CONVERSION(float_to_uint16, vUInt, vUInt16)
TTHAL_SFPI_CONVERSION(float_to_uint8, vUInt, vUInt8)
TTHAL_SFPI_CONVERSION(float_to_int16, vInt, vSMag16)
TTHAL_SFPI_CONVERSION(float_to_int8, vInt, vSMag8)
#undef TTHAL_SFPI_CONVERSION

// ---- between lanes; a subvector is the eight lanes of a row

// Rows of four vectors become vectors of four rows.
template <typename Type>
    requires impl_::is_vector<Type>
void subvec_transp(Type& a, Type& b, Type& c, Type& d) {
    const impl_::Bits from[4] = {a.get(), b.get(), c.get(), d.get()};
    impl_::Bits to[4];
    for (uint32_t vector = 0; vector < 4; vector++)
        for (uint32_t lane = 0; lane < impl_::LANES; lane++) to[vector][lane] = from[lane / 8][vector * 8 + lane % 8];
    a = Type(to[0]);
    b = Type(to[1]);
    c = Type(to[2]);
    d = Type(to[3]);
}

// Every lane takes its left neighbour's value within the row; the first takes the last one's, or zero.
template <typename Type>
    requires impl_::is_vector<Type>
Type subvec_shflror1(Type v) {
    impl_::Bits to;
    for (uint32_t lane = 0; lane < impl_::LANES; lane++) to[lane] = v.get()[(lane & ~7u) | ((lane + 7) & 7)];
    return Type(to);
}
template <typename Type>
    requires impl_::is_vector<Type>
Type subvec_shflshr1(Type v) {
    impl_::Bits to = subvec_shflror1(v).get();
    for (uint32_t lane = 0; lane < impl_::LANES; lane += 8) to[lane] = 0;
    return Type(to);
}

// Blackhole's approximations; here they are exact.
template <bool unconditional = true>
vFloat approx_recip(vFloat v) {
    return impl_::Floats(1.0f) / v.lanes();
}

}  // namespace sfpi
