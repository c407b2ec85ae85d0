// Exponential moving averages down the columns: y = alpha * (y of the row before) + beta * x, from DST tile to the next one.
// The first product is rounded, the second is part of the sum (tt-llk, ckernel_sfpu_ema.h).
#pragma once

#include "tthal/vector/column_statistics.h"
#include "tthal/vector/sfpu_api.h"

namespace ckernel {

namespace detail {

struct MovingAverage {
    float alpha = 0, beta = 0;
    tthal::sfpu::ColumnRegister previous;
};
inline MovingAverage moving_average;

}  // namespace detail

ALWI void ema_clear_previous_output() { detail::moving_average.previous = {}; }

// The weights are float32 patterns.
ALWI void ema_init(uint32_t alpha, uint32_t beta) {
    detail::moving_average.alpha = tthal::sfpu::float_parameter(alpha);
    detail::moving_average.beta = tthal::sfpu::float_parameter(beta);
}

ALWI void ema_tile(uint32_t dst) {
    using namespace tthal::sfpu;
    auto& average = detail::moving_average;
    const uint32_t* from = tthal::tensix::math_tile(dst);
    uint32_t* to = tthal::tensix::math_tile(dst + 1);
    const Floats lanes;
    for (uint32_t at = 0; at < tthal::tensix::TILE_ELEMENTS; at += WIDTH) {
        F& y = average.previous.lanes[at % COLUMNS / WIDTH];
        y = Lane(F(average.beta)) * lanes.load(from + at) + multiplied(F(average.alpha), y);
        lanes.store(to + at, y);
    }
}

}  // namespace ckernel
