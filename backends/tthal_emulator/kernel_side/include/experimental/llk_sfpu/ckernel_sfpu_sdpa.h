// The first columns of tiles in attention kernels: statistics of rows. Called once per face of the left column; every
// second vector of the face holds its even columns.
#pragma once

#include "tthal/vector/llk_functions.h"

namespace tthal::sfpu {

constexpr uint32_t EVEN_VECTORS_PER_FACE = sfpi::impl_::VECTORS_PER_FACE / 2;

template <typename Function>
inline void on_first_column(Function function) {
    on_vectors(EVEN_VECTORS_PER_FACE, 2, function);
}

}  // namespace tthal::sfpu

namespace ckernel::sfpu {

template <bool is_fp32_dest_acc_en>
inline void calculate_recip_first_column() {
    tthal::sfpu::on_first_column(
        [](sfpi::vFloat x) { return tthal::sfpu::as_stored<is_fp32_dest_acc_en>(sfpu_reciprocal_iter(x)); });
}

// e^(x * scale), the scale a bfloat16 pattern.
template <bool approximate, uint16_t scale, bool is_fp32_dest_acc_en>
inline void calculate_exponential_first_column() {
    tthal::sfpu::on_first_column(
        [](sfpi::vFloat x) { return _ckernel_sfpu_exp_accurate_<true, is_fp32_dest_acc_en>(x, scale); });
}

template <bool is_fp32_dest_acc_en>
inline void calculate_softplus_first_column(uint32_t beta_bits, uint32_t beta_reciprocal_bits,
                                            uint32_t threshold_bits) {
    using namespace tthal::sfpu;
    const float beta = as_float(beta_bits), inverse = as_float(beta_reciprocal_bits),
                threshold = as_float(threshold_bits);
    on_first_column([=](sfpi::vFloat x) {
        return as_stored<is_fp32_dest_acc_en>(on_lanes(
            x, [=](F v) { return select(v * beta > F(threshold), v, inverse * tthal::sfpu::softplus(v * beta)); }));
    });
}

// Joins a worker's softmax statistics with those before. Tiles: 0 and 1 the maxima, before and the worker's, which become
// their corrections e^((maximum - larger) * scale); 2 gets the larger maximum; 3 the sum before, becomes the corrected
// total; 4 the worker's sum. `reuse_cur_max_tile` has the worker's sum in tile 2 instead.
template <bool is_fp32_dest_acc_en, bool reuse_cur_max_tile = false>
inline void calculate_fused_max_sub_exp_add_tile(int scale) {
    static_assert(!reuse_cur_max_tile || is_fp32_dest_acc_en, "the layout of four tiles is that of a 32-bit DST");
    constexpr uint32_t TILE = sfpi::impl_::VECTORS_PER_TILE;
    using sfpi::dst_reg, sfpi::vFloat;
    for (uint32_t vector = 0; vector < tthal::sfpu::EVEN_VECTORS_PER_FACE; vector++) {
        const vFloat before = dst_reg[0], worker = dst_reg[TILE];
        const vFloat sum = dst_reg[3 * TILE], worker_sum = dst_reg[(reuse_cur_max_tile ? 2 : 4) * TILE];
        vFloat larger = before;
        v_if (before < worker) {
            larger = worker;
        }
        v_endif;
        const vFloat correction = _ckernel_sfpu_exp_accurate_<true, is_fp32_dest_acc_en>(before - larger, scale);
        const vFloat worker_correction = _ckernel_sfpu_exp_accurate_<true, is_fp32_dest_acc_en>(worker - larger, scale);
        dst_reg[2 * TILE] = larger;
        dst_reg[0] = correction;
        dst_reg[TILE] = worker_correction;
        // Each product is stored before the sum is taken, which cuts it to a 16-bit DST.
        vFloat worker_part = worker_correction * worker_sum;
        if constexpr (!reuse_cur_max_tile) {
            dst_reg[4 * TILE] = worker_part;
            worker_part = dst_reg[4 * TILE];
        }
        dst_reg[3 * TILE] = correction * sum;
        const vFloat part = dst_reg[3 * TILE];
        dst_reg[3 * TILE] = worker_part + part;
        dst_reg += 2;
    }
}

}  // namespace ckernel::sfpu
