// Solving L X = B for one tile, L lower triangular with ones on the diagonal. Not on Wormhole.
#pragma once

#include "tthal/vector/sfpu_api.h"

#ifdef ARCH_BLACKHOLE
namespace tthal::sfpu {

// Where a datum of a tile of four faces lies in L1, in datums.
constexpr uint32_t place_in_tile(uint32_t row, uint32_t column) {
    return (row / 16 * 2 + column / 16) * 256 + row % 16 * 16 + column % 16;
}

template <DataFormat format>
inline float tile_datum(uint32_t address, uint32_t row, uint32_t column) {
    const uint32_t place = place_in_tile(row, column);
    if constexpr (format == DataFormat::Float32) return reinterpret_cast<const volatile float*>(address)[place];
    else return as_float(static_cast<uint32_t>(reinterpret_cast<const volatile uint16_t*>(address)[place]) << 16);
}

}  // namespace tthal::sfpu

namespace ckernel {

TTHAL_INIT(triangle_solve_tile_init)

// L is a tile of a circular buffer, of which only what lies below the diagonal is read; `L_NEGATED`: it holds -L there.
template <DataFormat L_FORMAT = DataFormat::Float32, bool L_NEGATED = false, bool L_CACHED = true,
          bool is_fp32_dest_acc_en = DST_ACCUM_MODE>
ALWI void triangle_solve_tile(uint32_t cb_l, uint32_t l_tile, uint32_t dst_in, uint32_t dst_out) {
    using namespace tthal::sfpu;
    static_assert(is_fp32_dest_acc_en, "triangle_solve_tile needs a 32-bit DST: enable fp32_dest_acc_en");
    static_assert(L_FORMAT == DataFormat::Float32 || L_FORMAT == DataFormat::Float16_b,
                  "triangle_solve_tile: Float32 or Float16_b");
    constexpr uint32_t COLUMNS = tthal::tensix::TILE_COLUMNS;
    const uint32_t address = get_tile_address(cb_l, l_tile), *from = tthal::tensix::math_tile(dst_in);
    uint32_t* to = tthal::tensix::math_tile(dst_out);
    const Floats lanes;
    for (uint32_t row = 0; row < tthal::tensix::TILE_ROWS; row++)
        for (uint32_t column = 0; column < COLUMNS; column += WIDTH) {
            F x = lanes.load(from + row * COLUMNS + column);
            for (uint32_t above = 0; above < row; above++) {
                const float l = tile_datum<L_FORMAT>(address, row, above);
                x -= (L_NEGATED ? -l : l) * lanes.load(to + above * COLUMNS + column);
            }
            lanes.store(to + row * COLUMNS + column, x);
        }
}

}  // namespace ckernel
#endif
