// Conversions between the formats of DST, in float32.
#pragma once

#include "tthal/vector/sfpu_math.h"

namespace tthal::sfpu {

namespace detail {

// 32-bit integers are cut toward zero, those of 16 and 8 bits rounded half away from zero; all saturate.
template <DataFormat to>
inline I integer_of(F x) {
    if constexpr (to == DataFormat::UInt32)
        return as_int(__builtin_convertvector(clamp(x, F(0.0f), F(4294967040.0f)), U));
    if constexpr (to == DataFormat::Int32) {
        const I saturated = select(x < F(0.0f), I(INT32_MIN), I(INT32_MAX));
        return select(abs(x) < F(2147483648.0f),
                      __builtin_convertvector(clamp(x, F(-2147483648.0f), F(2147483520.0f)), I), saturated);
    }
    constexpr float most = to == DataFormat::UInt16 ? 65535.0f : to == DataFormat::UInt8 ? 255.0f : 127.0f;
    constexpr float least = to == DataFormat::Int8 ? -127.0f : 0.0f;
    return __builtin_convertvector(trunc(clamp(x, F(least), F(most)) + copy_sign(F(0.5f), x)), I);
}

}  // namespace detail

template <DataFormat from, DataFormat to>
constexpr bool changes = true;

// Lanes of one format as lanes of the other.
template <DataFormat from, DataFormat to, typename Lanes>
inline auto converted(Lanes x) {
    if constexpr (is_float<from> && is_float<to>) {
        // Formats of 16 bits and fewer begin from a number rounded to bfloat16.
        constexpr bool narrow = from == DataFormat::Float32 && to != DataFormat::Float32 && to != DataFormat::Float16;
        return narrow ? as_float(round_to_bfloat16(bits_of(x)) & 0xFFFF0000) : x;
    } else if constexpr (is_float<from>) return detail::integer_of<to>(x);
    else if constexpr (is_float<to>) {
        if constexpr (from == DataFormat::UInt32) return __builtin_convertvector(bits_of(x), F);
        else return __builtin_convertvector(x, F);
    } else if constexpr (to == DataFormat::UInt16 || to == DataFormat::UInt8) {
        constexpr int32_t most = to == DataFormat::UInt16 ? 0xFFFF : 0xFF;
        return select(x < I(0), I(0), select(x > I(most), I(most), x));
    } else return x;
}

}  // namespace tthal::sfpu
