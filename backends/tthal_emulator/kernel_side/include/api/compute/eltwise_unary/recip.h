// 1 / x.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

enum class ReciprocalDestAcc { BF16, FP32 };
enum class ReciprocalApproxMode { Default, Precise, Approximate };

TTHAL_INIT(recip_tile_init)
template <ReciprocalDestAcc dest_acc = DST_ACCUM_MODE ? ReciprocalDestAcc::FP32 : ReciprocalDestAcc::BF16,
          ReciprocalApproxMode mode = ReciprocalApproxMode::Default>
ALWI void recip_tile(uint32_t dst, tthal::sfpu::Faces faces = {}) {
    using namespace tthal::unit;
    constexpr bool approximate =
        mode == ReciprocalApproxMode::Default ? APPROX : mode == ReciprocalApproxMode::Approximate;
    map(Floats(Store::OWN), dst, [](F x) { return reciprocal<approximate>(x); }, faces);
}

}  // namespace ckernel
