// Comparisons of two integer tiles: 1 where they hold, else 0.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

#define TTHAL_COMPARE(name, operator_) \
    TTHAL_INIT_OF_FORMAT(name##_int_tile_init) \
    template <DataFormat data_format, auto... settings> \
    ALWI void name##_int_tile(uint32_t dst0, uint32_t dst1, uint32_t out) { \
        using namespace tthal::unit; \
        map(integers<data_format>(), dst0, dst1, out, [](I a, I b) { \
            if constexpr (data_format == DataFormat::Int32) return (a operator_ b) & 1; \
            else return (bits_of(a) operator_ bits_of(b)) & 1; \
        }); \
    }
TTHAL_COMPARE(eq, ==)
TTHAL_COMPARE(ne, !=)
TTHAL_COMPARE(lt, <)
TTHAL_COMPARE(gt, >)
TTHAL_COMPARE(le, <=)
TTHAL_COMPARE(ge, >=)
#undef TTHAL_COMPARE

TTHAL_INIT(lt_int32_tile_init)
TTHAL_FORMER_FORMAT(lt_int32, lt_int, Int32)
TTHAL_INIT(gt_int32_tile_init)
TTHAL_FORMER_FORMAT(gt_int32, gt_int, Int32)
TTHAL_INIT(le_int32_tile_init)
TTHAL_FORMER_FORMAT(le_int32, le_int, Int32)
TTHAL_INIT(ge_int32_tile_init)
TTHAL_FORMER_FORMAT(ge_int32, ge_int, Int32)

}  // namespace ckernel
