// Between the formats of DST; the formats are the first two template arguments, as numbers.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(typecast_tile_init)

namespace detail {

// Floats to integers: 32-bit ones are cut toward zero, 16- and 8-bit ones rounded half away from zero; all saturate.
template <DataFormat to>
inline tthal::sfpu::I integer_of(tthal::sfpu::F x) {
    using namespace tthal::sfpu;
    if constexpr (to == DataFormat::UInt32) {
        using Wide = unsigned __attribute__((ext_vector_type(4)));
        return as_int(__builtin_convertvector(clamp(x, F(0.0f), F(4294967040.0f)), Wide));
    }
    if constexpr (to == DataFormat::Int32) {
        const I saturated = select(x < F(0.0f), I(INT32_MIN), I(INT32_MAX));
        return select(abs(x) < F(2147483648.0f), __builtin_convertvector(clamp(x, F(-2147483648.0f), F(2147483520.0f)), I), saturated);
    }
    constexpr float most = to == DataFormat::UInt16 ? 65535.0f : to == DataFormat::UInt8 ? 255.0f : 127.0f;
    constexpr float least = to == DataFormat::Int8 ? -127.0f : 0.0f;
    return __builtin_convertvector(trunc(clamp(x, F(least), F(most)) + copy_sign(F(0.5f), x)), I);
}

template <DataFormat from>
inline tthal::sfpu::F float_of(tthal::sfpu::I x) {
    using namespace tthal::sfpu;
    if constexpr (from == DataFormat::UInt32) return __builtin_convertvector(bits_of(x), F);
    else return __builtin_convertvector(x, F);
}

template <DataFormat to>
inline tthal::sfpu::I narrowed(tthal::sfpu::I x) {
    using namespace tthal::sfpu;
    constexpr int32_t most = to == DataFormat::UInt16 ? 0xFFFF : to == DataFormat::UInt8 ? 0xFF : INT32_MAX;
    return select(x < I(0), I(0), select(x > I(most), I(most), x));
}

}  // namespace detail

template <uint32_t IN_DTYPE, uint32_t OUT_DTYPE, auto... settings>
ALWI void typecast_tile(uint32_t dst) {
    using namespace tthal::sfpu;
    constexpr DataFormat from = static_cast<DataFormat>(IN_DTYPE), to = static_cast<DataFormat>(OUT_DTYPE);
    uint32_t* tile = tthal::tensix::math_tile(dst);
    const auto source = lanes_of<from>();
    const auto target = lanes_of<to>(Store::ROUND);
    for_each_place({}, [&](uint32_t at) {
        const auto x = source.load(tile + at);
        if constexpr (is_float<from> && is_float<to>) {
            // Formats of 16 bits and fewer begin from a number rounded to bfloat16.
            constexpr bool narrow = from == DataFormat::Float32 && to != DataFormat::Float32 && to != DataFormat::Float16;
            target.store(tile + at, narrow ? as_float(round_to_bfloat16(bits_of(x)) & 0xFFFF0000) : x);
        } else if constexpr (is_float<from>) target.store(tile + at, detail::integer_of<to>(x));
        else if constexpr (is_float<to>) target.store(tile + at, detail::float_of<from>(x));
        else if constexpr (to == DataFormat::UInt16 || to == DataFormat::UInt8) target.store(tile + at, detail::narrowed<to>(x));
        else target.store(tile + at, x);
    });
}

}  // namespace ckernel
