// 32 lanes, and which of them assignments reach.
#pragma once

#include <cstdint>
#include <type_traits>

#define sfpi_inline inline __attribute__((always_inline))

namespace sfpi::impl_ {

constexpr uint32_t LANES = 32;

using Bits = unsigned __attribute__((ext_vector_type(32)));
using Ints = int __attribute__((ext_vector_type(32)));
using Floats = float __attribute__((ext_vector_type(32)));

sfpi_inline Bits bits_of(Floats x) { return __builtin_bit_cast(Bits, x); }
sfpi_inline Bits bits_of(Ints x) { return __builtin_bit_cast(Bits, x); }
sfpi_inline Ints ints_of(Bits x) { return __builtin_bit_cast(Ints, x); }
sfpi_inline Floats floats_of(Bits x) { return __builtin_bit_cast(Floats, x); }

// A mask has all bits of a lane set or none.
sfpi_inline Bits choose(Bits mask, Bits yes, Bits no) { return (yes & mask) | (no & ~mask); }

// The lanes that the conditions around leave enabled; see predication.h.
inline Bits enabled = ~Bits(0);

constexpr uint32_t SIGN = 0x80000000, MAGNITUDE = 0x7FFFFFFF, EXPONENT = 0x7F800000, FRACTION = 0x007FFFFF;

// One value per lane, computed by a function of scalars.
template <typename Result, typename Operand, typename Function>
sfpi_inline Result each(Operand x, Function function) {
    Result result;
    for (uint32_t lane = 0; lane < LANES; lane++) result[lane] = function(x[lane]);
    return result;
}

}  // namespace sfpi::impl_
