// e^x, optionally of x * scale (a bfloat16 pattern).
#pragma once

#include "tthal/sfpu_api.h"

namespace ckernel {

enum class InputClamping : uint8_t { ClampToNegative = 1, None = 0 };

// Both limit what an approximation does with large negative inputs; there is none here.
TTHAL_INIT(exp_tile_init)
TTHAL_INIT(exp_packthread_tile_init)
constexpr uint16_t EXP_SCALE_ONE = 0x3F80;

template <bool approx = false, bool scale_en = false, InputClamping input_clamping = InputClamping::ClampToNegative,
          int iterations = 8, auto... settings>
ALWI void exp_tile(uint32_t dst, tthal::sfpu::Faces faces = {}, uint16_t scale = EXP_SCALE_ONE) {
    using namespace tthal::sfpu;
    const F factor = scale_en ? float_parameter(static_cast<uint32_t>(scale) << 16) : 1.0f;
    map(Floats(Store::ROUND), dst, [=](F x) { return exp(x * factor); }, faces, 2 * iterations);
}
// Up to 0.70 the third argument was whether to skip a check for positive inputs.
template <bool approx, bool scale_en, bool skip_positive_check, int iterations = 8>
ALWI void exp_tile(uint32_t dst, tthal::sfpu::Faces faces = {}, uint16_t scale = EXP_SCALE_ONE) {
    exp_tile<approx, scale_en, InputClamping::None, iterations>(dst, faces, scale);
}
template <bool approx = false, bool scale_en = false, InputClamping input_clamping = InputClamping::ClampToNegative,
          int iterations = 8, auto... settings>
ALWI void exp_packthread_tile(uint32_t dst, tthal::sfpu::Faces faces = {}, uint16_t scale = EXP_SCALE_ONE) {
    using namespace tthal::sfpu;
    const F factor = scale_en ? float_parameter(static_cast<uint32_t>(scale) << 16) : 1.0f;
    map_packed(dst, [=](F x) { return exp(x * factor); }, faces);
}

}  // namespace ckernel
