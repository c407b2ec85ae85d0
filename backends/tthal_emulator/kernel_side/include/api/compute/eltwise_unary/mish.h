// x * tanh(log(1 + e^x)).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

// With e = e^x, tanh(log(1 + e)) = (e^2 + 2e) / (e^2 + 2e + 2), which loses nothing for negative x; above 20 it is 1.
template <bool approximate>
ALWI void mish_tile_init() {
    tthal::sfpu::initialised();
}
template <bool approximate, bool is_fp32_dest_acc_en = DST_ACCUM_MODE>
ALWI void mish_tile(uint32_t dst) {
    using namespace tthal::unit;
    map(Floats(Store::ROUND), dst, [](F x) { return mish<approximate>(x); });
}

}  // namespace ckernel
