// A tile with another one's first column or row, in place; and normalisation by columns or scalars of statistics.
#pragma once

#include "tthal/vector/sfpu_api.h"
#include "tthal/vector/sfpu_reductions.h"

namespace ckernel {

TTHAL_INIT(sfpu_bcast_col_init)
TTHAL_INIT(sfpu_add_bcast_col_init)
TTHAL_INIT(sfpu_sub_bcast_col_init)
TTHAL_INIT(sfpu_mul_bcast_col_init)
TTHAL_INIT(sfpu_bcast_row_init)
TTHAL_INIT(sfpu_add_bcast_row_init)
TTHAL_INIT(sfpu_sub_bcast_row_init)
TTHAL_INIT(sfpu_mul_bcast_row_init)
TTHAL_INIT(sfpu_normalize_bcast_scalar_init)
template <BroadcastType dim>
ALWI void sfpu_bcast_init() {}

template <BroadcastType dim, EltwiseBinaryType operation, auto... settings>
ALWI void sfpu_bcast(uint32_t data_dst, uint32_t line_dst) {
    using namespace tthal::sfpu;
    static_assert(dim == BroadcastType::COL || dim == BroadcastType::ROW, "sfpu_bcast broadcasts a column or a row");
    static_assert(operation == ELWADD || operation == ELWSUB || operation == ELWMUL,
                  "sfpu_bcast adds, subtracts or multiplies");
    map_with_line(dim == BroadcastType::COL ? Line::COLUMN : Line::ROW, data_dst, line_dst, [](F x, F y) {
        if constexpr (operation == ELWADD) return F(Lane(x) + Lane(y));
        else if constexpr (operation == ELWSUB) return F(Lane(x) - Lane(y));
        else return multiplied(x, y);
    });
}

#define TTHAL_BROADCAST(name, dim, operation) \
    template <auto... settings> \
    ALWI void name(uint32_t data_dst, uint32_t line_dst) { \
        sfpu_bcast<BroadcastType::dim, operation>(data_dst, line_dst); \
    }
TTHAL_BROADCAST(sfpu_add_bcast_col, COL, ELWADD)
TTHAL_BROADCAST(sfpu_sub_bcast_col, COL, ELWSUB)
TTHAL_BROADCAST(sfpu_mul_bcast_col, COL, ELWMUL)
TTHAL_BROADCAST(sfpu_add_bcast_row, ROW, ELWADD)
TTHAL_BROADCAST(sfpu_sub_bcast_row, ROW, ELWSUB)
TTHAL_BROADCAST(sfpu_mul_bcast_row, ROW, ELWMUL)
#undef TTHAL_BROADCAST

// (data - mean) * inverse deviation, by the first columns or the corners of the statistics' tiles.
ALWI void sfpu_normalize_bcast_col(uint32_t data_dst, uint32_t mean_dst, uint32_t inverse_dst) {
    tthal::sfpu::normalize(tthal::sfpu::Line::COLUMN, data_dst, mean_dst, inverse_dst);
}
ALWI void sfpu_normalize_bcast_col_two_tiles(uint32_t data_dst, uint32_t second_dst, uint32_t mean_dst,
                                             uint32_t inverse_dst) {
    sfpu_normalize_bcast_col(data_dst, mean_dst, inverse_dst);
    sfpu_normalize_bcast_col(second_dst, mean_dst, inverse_dst);
}
ALWI void sfpu_normalize_bcast_scalar(uint32_t data_dst, uint32_t mean_dst, uint32_t inverse_dst) {
    tthal::sfpu::normalize(tthal::sfpu::Line::CORNER, data_dst, mean_dst, inverse_dst);
}
ALWI void sfpu_residual_normalize_bcast_col(uint32_t data_dst, uint32_t residual_dst, uint32_t mean_dst,
                                            uint32_t inverse_dst) {
    using namespace tthal::sfpu;
    map(Floats(), data_dst, residual_dst, data_dst, [](F x, F y) { return F(Lane(x) + Lane(y)); });
    sfpu_normalize_bcast_col(data_dst, mean_dst, inverse_dst);
}

}  // namespace ckernel
