// Sorting networks for the largest or smallest numbers: values in DST tiles dst and dst + 1, their indices in the two tiles
// behind. Every column of the two tiles is one sequence of 64 numbers; kernels transpose rows to columns before.
//
// Directions: 0 puts the largest first, 1 the smallest. The packed forms of keys (fused, rank_stamped) are not emulated.
#pragma once

#include "api/compute/compute_kernel_api.h"
#include "tthal/bitonic.h"

namespace ckernel {

// With stable sorting, equal values follow their indices: lower ones first in the order of the whole sort.
enum class TopkTieOrder : std::uint8_t { Unset, Ascending, Descending };

constexpr TopkTieOrder topk_tie_order_from_global_direction(bool descending) {
    return descending ? TopkTieOrder::Descending : TopkTieOrder::Ascending;
}

namespace detail {

template <bool stable_sort, bool fused, bool rank_stamped, TopkTieOrder tie_order>
constexpr tthal::sfpu::Ties topk_ties() {
    static_assert(!fused && !rank_stamped, "top-k on packed keys is not emulated: sort values with their index tiles");
    static_assert(!stable_sort || tie_order != TopkTieOrder::Unset, "stable sorting needs a tie_order");
    if (!stable_sort) return tthal::sfpu::Ties::STAY;
    return tie_order == TopkTieOrder::Ascending ? tthal::sfpu::Ties::LOWER_INDEX_IS_SMALLER
                                                : tthal::sfpu::Ties::LOWER_INDEX_IS_LARGER;
}

}  // namespace detail

template <bool fused = false, bool rank_stamped = false, std::uint32_t tag_bits = 16>
ALWI void topk_tile_init() {
    (void)detail::topk_ties<false, fused, rank_stamped, TopkTieOrder::Unset>();
}

// Sequences of 2^(i_end_phase + 1) numbers, sorted in alternating directions. With equal phases only that phase runs: its
// steps from i_start_step down to above i_end_step, then those within 16 numbers.
template <bool stable_sort = false, bool is_fp32_dest_acc_en = DST_ACCUM_MODE, bool fused = false, bool rank_stamped = false,
          TopkTieOrder tie_order = TopkTieOrder::Unset>
ALWI void topk_local_sort(uint32_t dst, int direction, int i_end_phase, int i_start_phase = 0, int i_end_step = 0,
                          int i_start_step = 0) {
    constexpr auto ties = detail::topk_ties<stable_sort, fused, rank_stamped, tie_order>();
    using tthal::sfpu::Column;
    tthal::sfpu::for_each_column(dst, [&](Column& column) {
        for (int phase = i_start_phase; phase <= i_end_phase && phase < 6; phase++) {
            const uint32_t length = 2u << phase;
            const bool partial = i_start_phase == i_end_phase && phase > 3;
            for (uint32_t base = 0; base < Column::LENGTH; base += length) {
                const bool larger_first = (direction != 0) == (base / length % 2 == 1);
                if (!partial) {
                    column.merge_bitonic(base, length, larger_first, ties, length / 2);
                    continue;
                }
                for (int step = i_start_step < 6 ? i_start_step : 6; step > i_end_step && step > 4; step--)
                    for (uint32_t i = 0, distance = 1u << (step - 1); i < length; i++)
                        if ((i & distance) == 0 && i + distance < length)
                            column.order(base + i, base + i + distance, larger_first, ties);
                for (uint32_t part = base; part < base + length; part += 16)
                    column.merge_bitonic(part, 16, larger_first, ties, 8);
            }
        }
    });
}

// Of sequences of k numbers that lie k * 2^m_iter apart, the first gets the larger number of every pair (`smallest`: the
// smaller one), the second the other.
template <bool smallest = false, bool stable_sort = false, bool is_fp32_dest_acc_en = DST_ACCUM_MODE, bool fused = false,
          bool rank_stamped = false, TopkTieOrder tie_order = TopkTieOrder::Unset, std::uint32_t tag_bits = 16>
ALWI void topk_merge(uint32_t dst, int m_iter, int k) {
    constexpr auto ties = detail::topk_ties<stable_sort, fused, rank_stamped, tie_order>();
    using tthal::sfpu::Column;
    const uint32_t length = k > 32 ? 32 : k, wanted = Column::LENGTH >> m_iter;
    const uint32_t total = wanted < 2 * length ? 2 * length : wanted;
    const uint32_t distance = length << m_iter > 32 ? 32 : length << m_iter;
    tthal::sfpu::for_each_column(dst, [&](Column& column) {
        for (uint32_t base = 0, done = 0; done < total && base + distance + length <= Column::LENGTH; base += 2 * distance, done += 2 * length)
            for (uint32_t i = base; i < base + length; i++) column.order(i, i + distance, !smallest, ties);
    });
}

// Sorts sequences of k numbers that lie k * 2^(m_iter + 1) apart, in alternating directions; all, or the first half.
template <bool stable_sort = false, bool is_fp32_dest_acc_en = DST_ACCUM_MODE, bool fused = false, bool rank_stamped = false,
          TopkTieOrder tie_order = TopkTieOrder::Unset>
ALWI void topk_rebuild(uint32_t dst, bool direction, int m_iter, int k, int /* logk */, int skip_second) {
    constexpr auto ties = detail::topk_ties<stable_sort, fused, rank_stamped, tie_order>();
    using tthal::sfpu::Column;
    const uint32_t length = k > 64 ? 64 : k, wanted = Column::LENGTH >> (m_iter + 1);
    const uint32_t total = (wanted < 2 * length ? 2 * length : wanted) >> (skip_second & 1);
    const uint32_t far = length << (m_iter + 1), distance = far > 32 && length <= 32 ? 32 : far;
    tthal::sfpu::for_each_column(dst, [&](Column& column) {
        bool larger_first = !direction;
        for (uint32_t base = 0, done = 0; done < total && base + length <= Column::LENGTH; base += distance, done += length) {
            column.merge_bitonic(base, length, larger_first, ties, length / 2);
            larger_first = !larger_first;
        }
    });
}

// -0 becomes +0 in both tiles of values, so that they count as equal.
template <bool is_fp32_dest_acc_en = DST_ACCUM_MODE>
ALWI void topk_canonicalize_negzero_values(uint32_t dst) {
    using namespace tthal::sfpu;
    for (uint32_t tile = dst; tile < dst + 2; tile++)
        map(Floats(), tile, [](F x) { return as_float(select(x == F(0.0f), U(0), bits_of(x))); });
}

}  // namespace ckernel
