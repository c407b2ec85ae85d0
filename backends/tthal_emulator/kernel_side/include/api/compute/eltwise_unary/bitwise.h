// Bits of a tile and of one number.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(bitwise_and_tile_init)
TTHAL_INIT(bitwise_or_tile_init)
TTHAL_INIT(bitwise_xor_tile_init)
#define TTHAL_BITS(name, expression) \
    template <DataFormat data_format, auto... settings> \
    ALWI void name(uint32_t dst, uint32_t parameter) { \
        using namespace tthal::unit; \
        const I n = static_cast<int32_t>(parameter); \
        map(integers<data_format>(), dst, [=](I x) { return I(expression); }); \
    }
TTHAL_BITS(bitwise_and_tile, x & n)
TTHAL_BITS(bitwise_or_tile, x | n)
TTHAL_BITS(bitwise_xor_tile, x ^ n)
#undef TTHAL_BITS

}  // namespace ckernel
