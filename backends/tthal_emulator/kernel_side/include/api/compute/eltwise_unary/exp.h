// e^x, optionally of x * scale (a bfloat16 pattern).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

enum class InputClamping : uint8_t { ClampToNegative = 1, None = 0 };

namespace detail {
inline float exp_scale = 1.0f;  // what approximating calls multiply their arguments with
}

// `iterations` vectors of every face are computed; VectorMode::None with 32 of them is a whole tile.
// The clamping limits what an approximation does with large negative inputs; the fast grade has none.
template <bool approx = false, uint32_t scale = 0x3F800000, auto... settings>
ALWI void exp_tile_init() {
    tthal::sfpu::initialised();
    detail::exp_scale = approx ? tthal::sfpu::float_parameter(scale) : 1.0f;
}
template <bool approx = false, uint32_t scale = 0x3F800000, auto... settings>
ALWI void exp_packthread_tile_init() {
    exp_tile_init<approx, scale>();
}
constexpr uint16_t EXP_SCALE_ONE = 0x3F80;

template <bool approx = false, bool scale_en = false, InputClamping input_clamping = InputClamping::ClampToNegative,
          int iterations = 8, auto... settings>
ALWI void exp_tile(uint32_t dst, tthal::sfpu::Faces faces = {}, uint16_t scale = EXP_SCALE_ONE) {
    using namespace tthal::unit;
    const float factor = approx     ? detail::exp_scale
                         : scale_en ? float_parameter(static_cast<uint32_t>(scale) << 16)
                                    : 1.0f;
    const auto work = [=](F x) {
        return exp_scaled<approx, input_clamping == InputClamping::ClampToNegative>(x, factor);
    };
    constexpr tthal::sfpu::Operation operation("exp_tile", approx);
    map_vectors(Floats(approx ? Store::OWN : Store::ROUND), tthal::tensix::math_tile, dst, work, faces, iterations,
                operation);
}
// Up to 0.70 the third argument was whether to skip a check for positive inputs.
template <bool approx, bool scale_en, bool skip_positive_check, int iterations = 8>
ALWI void exp_tile(uint32_t dst, tthal::sfpu::Faces faces = {}, uint16_t scale = EXP_SCALE_ONE) {
    exp_tile<approx, scale_en, InputClamping::None, iterations>(dst, faces, scale);
}
template <bool approx = false, bool scale_en = false, InputClamping input_clamping = InputClamping::ClampToNegative,
          int iterations = 8, auto... settings>
ALWI void exp_packthread_tile(uint32_t dst, tthal::sfpu::Faces faces = {}, uint16_t scale = EXP_SCALE_ONE) {
    using namespace tthal::unit;
    const float factor = approx     ? detail::exp_scale
                         : scale_en ? float_parameter(static_cast<uint32_t>(scale) << 16)
                                    : 1.0f;
    const auto work = [=](F x) {
        return exp_scaled<approx, input_clamping == InputClamping::ClampToNegative>(x, factor);
    };
    map_vectors(Floats(approx ? Store::OWN : Store::ROUND), tthal::tensix::pack_thread_tile, dst, work, faces,
                iterations);
}

}  // namespace ckernel
