// Running mean and variance of columns, by Welford's algorithm in one pass or by two passes. The mean's tile is followed by
// that of the squared deviations (or the variance); counts come as float32 patterns of their reciprocals.
#pragma once

#include "api/compute/tile_move_copy.h"
#include "tthal/vector/column_statistics.h"

namespace ckernel {

enum class WelfordInitMode : std::uint8_t { ClearStats, PreserveStats };
enum class TwoPassAccumulation : std::uint8_t { ShiftedSum, CentredM2 };
enum class TwoPassAnchor : std::uint8_t { Reuse, Initialise };

ALWI void welford_clear() { tthal::sfpu::column_statistics.clear(); }

template <WelfordInitMode mode = WelfordInitMode::ClearStats>
ALWI void welford_init() {
    if constexpr (mode == WelfordInitMode::ClearStats) welford_clear();
}
// Copying tiles from another circular buffer; the statistics stay.
template <auto... settings>
ALWI void welford_reinit(uint32_t cb) {
    copy_init(cb);
}

// ---- Welford's algorithm. `reciprocals` holds 1 / (index + 1) by the row's index in the stream; it may be empty.

// Some rows of a tile; the first of them has index `start_idx`.
template <std::size_t reciprocal_size>
ALWI void welford_update_rows(uint32_t dst, uint32_t start_idx, uint32_t start_row, uint32_t num_rows,
                              const std::array<uint32_t, reciprocal_size>& reciprocals) {
    using namespace tthal::sfpu;
    for_each_tile_row(dst, start_row, num_rows, [&](const uint32_t* row, uint32_t number) {
        column_statistics.add_row(row, reciprocal_of(start_idx + number, reciprocals));
    });
}
template <std::size_t reciprocal_size>
ALWI void welford_update(uint32_t dst, uint32_t start_idx, const std::array<uint32_t, reciprocal_size>& reciprocals) {
    welford_update_rows(dst, start_idx, 0, tthal::tensix::TILE_ROWS, reciprocals);
}

// Groups share the two tiles: each has a slot of four rows.
ALWI void welford_save_state(uint32_t mean_dst, uint32_t group = 0) {
    tthal::sfpu::store_in_slot(mean_dst, tthal::sfpu::column_statistics.mean, group);
    tthal::sfpu::store_in_slot(mean_dst + 1, tthal::sfpu::column_statistics.deviations, group);
}
ALWI void welford_restore_state(uint32_t mean_dst, uint32_t group = 0) {
    tthal::sfpu::column_statistics.mean = tthal::sfpu::load_from_slot(mean_dst, group);
    tthal::sfpu::column_statistics.deviations = tthal::sfpu::load_from_slot(mean_dst + 1, group);
}

// Mean and variance to the first row of their tiles, or to a group's slot. The count is scale_idx + 1.
template <std::size_t reciprocal_size>
ALWI void welford_finalize_to_row(uint32_t mean_dst, uint32_t scale_idx,
                                  const std::array<uint32_t, reciprocal_size>& reciprocals) {
    using namespace tthal::sfpu;
    store_as_row(mean_dst, column_statistics.mean);
    store_as_row(mean_dst + 1, column_statistics.variance(reciprocal_of(scale_idx, reciprocals)));
}
template <std::size_t reciprocal_size>
ALWI void welford_finalize_to_face(uint32_t mean_dst, uint32_t group, uint32_t scale_idx,
                                   const std::array<uint32_t, reciprocal_size>& reciprocals) {
    using namespace tthal::sfpu;
    store_in_slot(mean_dst, column_statistics.mean, group);
    store_in_slot(mean_dst + 1, column_statistics.variance(reciprocal_of(scale_idx, reciprocals)), group);
}
template <std::size_t reciprocal_size>
ALWI void welford_finalize_to_face(uint32_t mean_dst, uint32_t scale_idx,
                                   const std::array<uint32_t, reciprocal_size>& reciprocals) {
    welford_finalize_to_face(mean_dst, 0, scale_idx, reciprocals);
}

// ---- two passes: shifted sums, which two_pass_stats_finish_shifted_mean turns into the mean, then centred squares. With
// two accumulators odd rows go to the second.

ALWI void two_pass_stats_clear() { tthal::sfpu::column_statistics.clear(); }
ALWI void two_pass_stats_init_shifted() { two_pass_stats_clear(); }

template <TwoPassAccumulation accumulation, TwoPassAnchor anchor = TwoPassAnchor::Reuse, bool dual_accumulator = true>
ALWI void two_pass_stats_update_shifted_rows(uint32_t dst, uint32_t start_row, uint32_t num_rows) {
    using namespace tthal::sfpu;
    for_each_tile_row(dst, start_row, num_rows, [&](const uint32_t* row, uint32_t number) {
        const bool to_second = dual_accumulator && (start_row + number) % 2 == 1;
        if constexpr (accumulation == TwoPassAccumulation::CentredM2)
            return column_statistics.add_square(row, to_second);
        if (anchor == TwoPassAnchor::Initialise && number == 0) column_statistics.begin_at(row);
        column_statistics.add_shifted(row, to_second);
    });
}
template <bool dual_m2 = true>
ALWI void two_pass_stats_update_rows(uint32_t dst, uint32_t start_row, uint32_t num_rows) {
    two_pass_stats_update_shifted_rows<TwoPassAccumulation::CentredM2, TwoPassAnchor::Reuse, dual_m2>(dst, start_row,
                                                                                                      num_rows);
}
template <bool dual_sum = true, bool retain_anchor = false>
ALWI void two_pass_stats_finish_shifted_mean(uint32_t reciprocal) {
    static_assert(!retain_anchor || dual_sum, "keeping the anchor needs the statistics with two accumulators");
    tthal::sfpu::column_statistics.finish_mean(tthal::sfpu::as_float(reciprocal), dual_sum, retain_anchor);
}

template <bool dual_m2 = true>
ALWI void two_pass_stats_save_state(uint32_t mean_dst) {
    if constexpr (dual_m2) tthal::sfpu::column_statistics.fold();
    welford_save_state(mean_dst);
}
template <bool dual_accumulator>
ALWI void two_pass_stats_switch_group(uint32_t mean_dst, uint32_t save_group, uint32_t restore_group) {
    static_assert(!dual_accumulator, "switching groups keeps only the state of one accumulator");
    welford_save_state(mean_dst, save_group);
    welford_restore_state(mean_dst, restore_group);
}

// The anchor in a tile of its own, or beside the mean's state.
ALWI void two_pass_stats_save_anchor(uint32_t anchor_dst) {
    tthal::sfpu::store_in_slot(anchor_dst, tthal::sfpu::column_statistics.anchor);
}
ALWI void two_pass_stats_restore_anchor(uint32_t anchor_dst) {
    tthal::sfpu::column_statistics.anchor = tthal::sfpu::load_from_slot(anchor_dst);
}
ALWI void two_pass_stats_save_anchor_to_state(uint32_t mean_dst) {
    tthal::sfpu::store_in_slot(mean_dst, tthal::sfpu::column_statistics.anchor, 1);
}
ALWI void two_pass_stats_restore_anchor_from_state(uint32_t mean_dst) {
    tthal::sfpu::column_statistics.anchor = tthal::sfpu::load_from_slot(mean_dst, 1);
}

// Joins a block of `block_n` rows with the saved state, and saves the result: the total's reciprocal counts both.
template <bool dual_m2 = true>
ALWI void two_pass_stats_combine_block(uint32_t mean_dst, uint32_t total_reciprocal, uint32_t block_n) {
    using namespace tthal::sfpu;
    if constexpr (dual_m2) column_statistics.fold();
    const ColumnRegister mean = load_from_slot(mean_dst), deviations = load_from_slot(mean_dst + 1);
    column_statistics.join(mean, deviations, as_float(total_reciprocal), as_float(block_n));
    welford_save_state(mean_dst);
}

template <bool dual_m2 = true, bool store_mean = true>
ALWI void two_pass_stats_finalize_to_row(uint32_t mean_dst, uint32_t reciprocal) {
    using namespace tthal::sfpu;
    if constexpr (dual_m2) column_statistics.fold();
    if constexpr (store_mean) store_as_row(mean_dst, column_statistics.mean);
    store_as_row(mean_dst + 1, column_statistics.variance(as_float(reciprocal)));
}
// The mean as anchor and difference, in rows 0 and 16, for kernels that keep it more precisely than DST does.
template <bool dual_m2 = true>
ALWI void two_pass_stats_finalize_split_mean_to_row(uint32_t mean_dst, uint32_t reciprocal) {
    using namespace tthal::sfpu;
    if constexpr (dual_m2) column_statistics.fold();
    store_as_row(mean_dst, column_statistics.anchor);
    store_as_row(mean_dst, column_statistics.mean_from_anchor(), 16);
    store_as_row(mean_dst + 1, column_statistics.variance(as_float(reciprocal)));
}
template <bool dual_m2 = true>
ALWI void two_pass_stats_finalize_to_face(uint32_t mean_dst, uint32_t group, uint32_t reciprocal) {
    using namespace tthal::sfpu;
    if constexpr (dual_m2) column_statistics.fold();
    store_in_slot(mean_dst, column_statistics.mean, group);
    store_in_slot(mean_dst + 1, column_statistics.variance(as_float(reciprocal)), group);
}
// All 32 columns as one population of equal parts: its mean, and its variance or 32 times that.
template <bool dual_m2 = true, bool average_variance = true>
ALWI void two_pass_stats_finalize_and_combine_to_face(uint32_t mean_dst, uint32_t group, uint32_t reciprocal) {
    using namespace tthal::sfpu;
    if constexpr (dual_m2) column_statistics.fold();
    column_statistics.combine_columns(as_float(reciprocal), average_variance);
    store_in_slot(mean_dst, column_statistics.mean, group, 2);
    store_in_slot(mean_dst + 1, column_statistics.deviations, group, 2);
}

}  // namespace ckernel
