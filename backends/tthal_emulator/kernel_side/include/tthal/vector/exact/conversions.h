// Conversions between the formats of DST as the kernels of TT-Metal 0.81.1 do them, and what of them other functions use.
#pragma once

#include "tthal/vector/exact/operands.h"

namespace tthal::exact {

// ---- floats to integers

// Cut toward zero; what is 2^places or more becomes `beyond`.
template <int places>
inline U cut_magnitude(F x, uint32_t beyond) {
    const I e = exponent(x);
    const U cut = shifted(bits_of(significand(x)), e - 23);
    return sfpu::select(e < I(0), U(0), sfpu::select(e < I(places), cut, U(beyond)));
}
inline I to_int32(F x) {
    const U size = cut_magnitude<31>(x, SIGN);
    const I positive = as_int(size) + (as_int(size) < I(0));
    return sfpu::select(is_negative(x), 0 - as_int(size), positive);
}
inline I to_uint32(F x) {
    const U size = cut_magnitude<32>(x, 0xFFFFFFFF);
    return as_int(sfpu::select(is_negative(x), U(0), size));
}
// To nearest, halves away from zero. Of a negative number the instruction gives the magnitude; the kernels take 0.
inline U to_uint16(F x) { return rounded_magnitude<65535>(x); }
inline U to_uint8(F x) { return rounded_magnitude<255>(x); }
// Not rounded, and not limited: the lowest eight bits of the whole number, of 2^31 and more those of 0.
inline I to_byte(F x) {
    const I size = as_int(cut_magnitude<31>(x, 0));
    return sfpu::select(is_negative(x), 0 - size, size) & 0xFF;
}

// ---- integers to floats

// -2^31 has no counterpart with a sign, and becomes -0 first.
inline N of_int32(I x) {
    const F number = to_float(x);
    return N::of_arithmetic(sfpu::select(x == I(INT32_MIN), F(-0x1p31f), number));
}
// The magnitude and its highest bit, which rounds once more.
inline N of_uint32_in_two_steps(U x) {
    const N low = N::of_arithmetic(to_float(x & MAGNITUDE));
    return select(as_int(x) < I(0), low + 0x1p31f, low);
}
// The upper nine bits as a multiple of 2^23, the others as a fraction of it.
inline N of_uint32(U x) {
    const N high = N::of_arithmetic(to_float(x >> 23)),
            low = N::of_arithmetic(as_float((x & FRACTION) | bits_of(F(0x1p23f))));
    return (high - 1.0f) * 0x1p23f + low;
}

// ---- formats

namespace detail {

template <DataFormat format>
constexpr bool is_byte = format == DataFormat::UInt8 || format == DataFormat::Int8;
template <DataFormat format>
constexpr bool is_word = format == DataFormat::Int32 || format == DataFormat::UInt32;

inline I signed_byte(I x) { return as_int(bits_of(x) << 24) >> 24; }

template <DataFormat to>
inline I integer_of(F x) {
    if constexpr (to == DataFormat::Int32) return to_int32(x);
    else if constexpr (to == DataFormat::UInt32) return to_uint32(x);
    else if constexpr (to == DataFormat::UInt16) return as_int(to_uint16(maximum(x, F(0.0f))));
    else return to_byte(x);
}
template <DataFormat from, bool wide>
inline F float_of(I x) {
    if constexpr (from == DataFormat::Int32) return wide ? of_int32(x) : to_bfloat16(of_int32(x));
    else if constexpr (from == DataFormat::UInt32)
        return wide ? of_uint32(bits_of(x)) : to_bfloat16(of_uint32_in_two_steps(bits_of(x)));
    else if constexpr (from == DataFormat::UInt16) return wide ? N(to_float(x)) : to_bfloat16(to_float(x));
    else return to_float(from == DataFormat::Int8 ? signed_byte(x) : x);
}
template <DataFormat from, DataFormat to>
inline I integer_of_integer(I x) {
    const I value = from == DataFormat::Int8 ? signed_byte(x) : x;
    if constexpr (is_byte<to>) return value & 0xFF;
    else if constexpr (to == DataFormat::UInt16) {
        if constexpr (from == DataFormat::UInt32) return sfpu::select(bits_of(x) > U(0xFFFF), I(0xFFFF), x);
        else return sfpu::select(value < I(0), I(0), sfpu::select(value > I(0xFFFF), I(0xFFFF), value));
    } else return value;
}

}  // namespace detail

// Whether the vendor's typecast_tile does anything; between these formats only unpacking and packing convert.
template <DataFormat from, DataFormat to>
constexpr bool changes = is_float<from> && is_float<to> ? from == DataFormat::Float32 && to == DataFormat::Float16_b
                                                        : !(detail::is_word<from> && detail::is_word<to>) && from != to;

// Lanes of one format as lanes of the other.
template <DataFormat from, DataFormat to, typename Lanes>
inline auto converted(Lanes x) {
    if constexpr (is_float<from> && is_float<to>) return to_bfloat16_even(x);
    else if constexpr (is_float<from>) return detail::integer_of<to>(x);
    else if constexpr (is_float<to>) return detail::float_of<from, to == DataFormat::Float32>(x);
    else return detail::integer_of_integer<from, to>(x);
}

}  // namespace tthal::exact
