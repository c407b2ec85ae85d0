// How the compute API's headers spell operations of the vector unit.
//
// Template arguments choose approximations, rounding or the DST mode on hardware. They are accepted and change nothing
// here, unless a header says otherwise: every operation computes the function itself (docs/sfpu.md).
#pragma once

#include "api/compute/common.h"
#include "tthal/sfpu.h"

// Nothing to prepare.
#define TTHAL_SFPU_INIT(name) \
    template <auto... Options> \
    ALWI void name() {}

// One tile in place, without parameters or with words.
#define TTHAL_SFPU_TILE(name)                                                      \
    template <auto... Options>                                                     \
    ALWI void name(uint32_t idst) { tthal::sfpu::name(idst); }                     \
    TTHAL_SFPU_INIT(name##_init)
#define TTHAL_SFPU_TILE_1(name)                                                    \
    template <auto... Options>                                                     \
    ALWI void name(uint32_t idst, uint32_t a) { tthal::sfpu::name(idst, {}, a); }
#define TTHAL_SFPU_TILE_2(name)                                                    \
    template <auto... Options>                                                     \
    ALWI void name(uint32_t idst, uint32_t a, uint32_t b) { tthal::sfpu::name(idst, {}, a, b); }

// Two tiles to a third; the older form writes over the first.
#define TTHAL_SFPU_BINARY_TILE(name)                                                                       \
    template <auto... Options>                                                                             \
    ALWI void name(uint32_t idst0, uint32_t idst1, uint32_t odst) { tthal::sfpu::name(idst0, idst1, odst); } \
    template <auto... Options>                                                                             \
    ALWI void name(uint32_t idst0, uint32_t idst1) { tthal::sfpu::name(idst0, idst1, idst0); }             \
    TTHAL_SFPU_INIT(name##_init)

namespace tthal::sfpu {

// Integer operations come in a 32-bit and a 16-bit variety.
constexpr bool is_16_bit(DataFormat format) { return format == DataFormat::UInt16; }
constexpr bool is_unsigned(DataFormat format) {
    return format == DataFormat::UInt16 || format == DataFormat::UInt32 || format == DataFormat::UInt8;
}
constexpr bool is_integer(DataFormat format) { return is_unsigned(format) || format == DataFormat::Int32; }

}  // namespace tthal::sfpu
