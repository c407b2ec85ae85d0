// Two DST tiles into a third, lane by lane.
#pragma once

#include "tthal/vector/llk_sfpu.h"
#include "tthal/vector/sfpu_api.h"

namespace ckernel {

// Sums are cut to a 16-bit DST; the first template argument may be a rounding mode.
#define TTHAL_SUM(name, expression) \
    TTHAL_INIT(name##_tile_init) \
    template <DstRoundingMode rounding = DstRoundingMode::Default, auto... settings> \
    ALWI void name##_tile(uint32_t dst0, uint32_t dst1, uint32_t out) { \
        using namespace tthal::unit; \
        const Floats lanes(rounding == DstRoundingMode::NearestEven ? Store::EVEN : Store::CUT); \
        map(lanes, dst0, dst1, out, [](F a, F b) { return F(expression); }); \
    } \
    template <DstRoundingMode rounding = DstRoundingMode::Default, auto... settings> \
    ALWI void name##_tile(uint32_t dst0, uint32_t dst1) { \
        name##_tile<rounding>(dst0, dst1, dst0); \
    }
TTHAL_SUM(add_binary, add(a, b))
TTHAL_SUM(sub_binary, sub(a, b))
TTHAL_SUM(rsub_binary, sub(b, a))
#undef TTHAL_SUM

TTHAL_BINARY(mul_binary, EVEN, product(a, b))
TTHAL_BINARY(div_binary, EVEN, quotient(a, b))
TTHAL_BINARY(power_binary, ROUND, power_of_two_operands(a, b))
TTHAL_BINARY(eq_binary, CUT, truth(flushed(a) == flushed(b)))
TTHAL_BINARY(ne_binary, CUT, truth(flushed(a) != flushed(b)))
TTHAL_BINARY(lt_binary, CUT, truth(flushed(a) < flushed(b)))
TTHAL_BINARY(gt_binary, CUT, truth(flushed(a) > flushed(b)))
TTHAL_BINARY(le_binary, CUT, truth(flushed(a) <= flushed(b)))
TTHAL_BINARY(ge_binary, CUT, truth(flushed(a) >= flushed(b)))
TTHAL_BINARY_IN_PLACE(mul_binary)
TTHAL_BINARY_IN_PLACE(div_binary)
TTHAL_BINARY_IN_PLACE(power_binary)
// The older name.
TTHAL_INIT(eltwise_binary_sfpu_init)

}  // namespace ckernel
