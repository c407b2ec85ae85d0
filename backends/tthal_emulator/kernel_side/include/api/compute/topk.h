// Sorting networks for the largest or smallest numbers: values in DST tiles dst and dst + 1, their indices in the two tiles
// behind. Every column of the two tiles is one sequence of 64 numbers; kernels transpose rows to columns before.
//
// Directions: 0 puts the largest first, 1 the smallest. Keys may carry in their low bits what orders equal values: their
// indices (fused; the index tiles stay as they are) or their places (rank_stamped). Both need a 32-bit DST.
#pragma once

#include "api/compute/compute_kernel_api.h"
#include "tthal/vector/bitonic.h"

namespace ckernel {

// With stable sorting, equal values follow their indices: lower ones first in the order of the whole sort.
enum class TopkTieOrder : std::uint8_t { Unset, Ascending, Descending };

constexpr TopkTieOrder topk_tie_order_from_global_direction(bool descending) {
    return descending ? TopkTieOrder::Descending : TopkTieOrder::Ascending;
}

namespace detail {

template <bool stable_sort, bool fused, bool rank_stamped, TopkTieOrder tie_order>
constexpr tthal::sfpu::Ties topk_ties() {
    static_assert(fused + rank_stamped + stable_sort <= 1, "fused, rank_stamped and stable_sort exclude each other");
    static_assert(DST_ACCUM_MODE || !(fused || rank_stamped), "packed keys need a 32-bit DST: enable fp32_dest_acc_en");
    static_assert(!stable_sort || tie_order != TopkTieOrder::Unset, "stable sorting needs a tie_order");
    if (!stable_sort) return tthal::sfpu::Ties::STAY;
    return tie_order == TopkTieOrder::Ascending ? tthal::sfpu::Ties::LOWER_INDEX_IS_SMALLER
                                                : tthal::sfpu::Ties::LOWER_INDEX_IS_LARGER;
}

// 16-bit values in a 32-bit DST, which the program announces: what lies above them does not count.
inline void keep_16_bit_values([[maybe_unused]] uint32_t dst) {
#ifdef TOPK_UINT16_FP32_DEST
    using namespace tthal::sfpu;
    for (uint32_t tile = dst; tile < dst + 2; tile++) map(Words(), tile, [](I x) { return x & 0xFFFF; });
#endif
}

// From the lower half of every word to the upper one, which the packer reads.
template <bool is_fp32_dest_acc_en>
inline void move_to_upper_half(uint32_t dst) {
    static_assert(is_fp32_dest_acc_en, "moving 16-bit datums to the half that is packed needs a 32-bit DST");
    using namespace tthal::sfpu;
    map(Words(), dst, [](I x) { return x << 16; });
}

}  // namespace detail

template <bool fused = false, bool rank_stamped = false, std::uint32_t tag_bits = 16>
ALWI void topk_tile_init() {
    (void)detail::topk_ties<false, fused, rank_stamped, TopkTieOrder::Unset>();
}

// Sequences of 2^(i_end_phase + 1) numbers, sorted in alternating directions. With equal phases only that phase runs: its
// steps from i_start_step down to above i_end_step, then those within 16 numbers.
template <bool stable_sort = false, bool is_fp32_dest_acc_en = DST_ACCUM_MODE, bool fused = false,
          bool rank_stamped = false, TopkTieOrder tie_order = TopkTieOrder::Unset>
ALWI void topk_local_sort(uint32_t dst, int direction, int i_end_phase, int i_start_phase = 0, int i_end_step = 0,
                          int i_start_step = 0) {
    constexpr auto ties = detail::topk_ties<stable_sort, fused, rank_stamped, tie_order>();
    using tthal::sfpu::Column;
    detail::keep_16_bit_values(dst);
    tthal::sfpu::for_each_column(dst, !fused, [&](Column& column) {
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
// smaller one), the second the other. Ranks are stamped anew: the places in the first sequence, then those in the second,
// which is sorted the other way.
template <bool smallest = false, bool stable_sort = false, bool is_fp32_dest_acc_en = DST_ACCUM_MODE,
          bool fused = false, bool rank_stamped = false, TopkTieOrder tie_order = TopkTieOrder::Unset,
          std::uint32_t tag_bits = 16>
ALWI void topk_merge(uint32_t dst, int m_iter, int k) {
    constexpr auto ties = detail::topk_ties<stable_sort, fused, rank_stamped, tie_order>();
    using tthal::sfpu::Column;
    const uint32_t length = k > 32 ? 32 : k, wanted = Column::LENGTH >> m_iter;
    const uint32_t total = wanted < 2 * length ? 2 * length : wanted;
    const uint32_t distance = length << m_iter > 32 ? 32 : length << m_iter;
    detail::keep_16_bit_values(dst);
    tthal::sfpu::for_each_column(dst, !fused, [&](Column& column) {
        for (uint32_t base = 0, done = 0; done < total && base + distance + length <= Column::LENGTH;
             base += 2 * distance, done += 2 * length)
            for (uint32_t i = base; i < base + length; i++) {
                if constexpr (rank_stamped) {
                    using Tag = tthal::sfpu::Tag<!smallest, tag_bits>;
                    column.value(i) = Tag::put(column.value(i), i - base);
                    column.value(i + distance) = Tag::put(column.value(i + distance), 2 * k - 1 - (i - base));
                }
                column.order(i, i + distance, !smallest, ties);
            }
    });
}

// Sorts sequences of k numbers that lie k * 2^(m_iter + 1) apart, in alternating directions; all, or the first half.
template <bool stable_sort = false, bool is_fp32_dest_acc_en = DST_ACCUM_MODE, bool fused = false,
          bool rank_stamped = false, TopkTieOrder tie_order = TopkTieOrder::Unset>
ALWI void topk_rebuild(uint32_t dst, bool direction, int m_iter, int k, int /* logk */, int skip_second) {
    constexpr auto ties = detail::topk_ties<stable_sort, fused, rank_stamped, tie_order>();
    using tthal::sfpu::Column;
    const uint32_t length = k > 64 ? 64 : k, wanted = Column::LENGTH >> (m_iter + 1);
    const uint32_t total = (wanted < 2 * length ? 2 * length : wanted) >> (skip_second & 1);
    const uint32_t far = length << (m_iter + 1), distance = far > 32 && length <= 32 ? 32 : far;
    detail::keep_16_bit_values(dst);
    tthal::sfpu::for_each_column(dst, !fused, [&](Column& column) {
        bool larger_first = !direction;
        for (uint32_t base = 0, done = 0; done < total && base + length <= Column::LENGTH;
             base += distance, done += length) {
            column.merge_bitonic(base, length, larger_first, ties, length / 2);
            larger_first = !larger_first;
        }
    });
}

// ---- keys that carry indices: the value in the upper half, its 16-bit index in the lower

template <bool largest>
ALWI void topk_fuse_tile(uint32_t dst) {
    using namespace tthal::sfpu;
    for (uint32_t tile = dst; tile < dst + 2; tile++)
        map(Words(), tile, tile + 2, tile, [](I value, I index) {
            return I(value | each_integer(value, index, [](int32_t v, int32_t i) {
                         return static_cast<int32_t>(
                             Tag<largest, 16>::of(static_cast<uint32_t>(v), static_cast<uint32_t>(i)));
                     }));
        });
}
// Values again, and their indices in the tiles behind, in the half that is packed.
template <bool largest>
ALWI void topk_defuse_tile(uint32_t dst, uint32_t num_tiles) {
    for (uint32_t tile = dst; tile < dst + num_tiles; tile++) {
        uint32_t *values = tthal::tensix::math_tile(tile), *indices = tthal::tensix::math_tile(tile + 2);
        for (uint32_t i = 0; i < tthal::tensix::TILE_ELEMENTS; i++) {
            indices[i] = tthal::sfpu::Tag<largest, 16>::of(values[i], values[i]) << 16;
            values[i] &= 0xFFFF0000;
        }
    }
}

// ---- keys that carry their rank, in as many low bits as `tag_bits` says; -0 counts as +0

template <bool largest, std::uint32_t tag_bits = 16>
ALWI void topk_stamp_tile_rank_range(uint32_t dst, uint32_t dst_tile_index, uint32_t rank_base) {
    uint32_t* tile = tthal::tensix::math_tile(dst + dst_tile_index);
    for (uint32_t i = 0; i < tthal::tensix::TILE_ELEMENTS; i++) {
        const uint32_t value = tile[i] == 0x80000000 ? 0 : tile[i];
        tile[i] = tthal::sfpu::Tag<largest, tag_bits>::put(value, rank_base + i / tthal::tensix::TILE_COLUMNS);
    }
}
template <bool largest, std::uint32_t tag_bits = 16>
ALWI void topk_stamp_local_positions(std::uint32_t dst) {
    topk_stamp_tile_rank_range<largest, tag_bits>(dst, 0, 0);
    topk_stamp_tile_rank_range<largest, tag_bits>(dst, 1, 32);
}
template <std::uint32_t tag_bits = 16, bool is_fp32_dest_acc_en = DST_ACCUM_MODE>
ALWI void topk_strip_rank_tags(std::uint32_t dst) {
    using namespace tthal::sfpu;
    constexpr int32_t KEPT = static_cast<int32_t>(~Tag<true, tag_bits>::MASK);
    map(Words(), dst, [](I x) { return x & KEPT; });
}

// ---- 16-bit tiles before they are packed

template <bool is_fp32_dest_acc_en = DST_ACCUM_MODE>
ALWI void topk_finalize_uint16_indices(std::uint32_t dst) {
    detail::move_to_upper_half<is_fp32_dest_acc_en>(dst);
}
template <bool is_fp32_dest_acc_en = DST_ACCUM_MODE>
ALWI void topk_uint16_move_dest_tile_to_pack_half(std::uint32_t dst) {
    detail::move_to_upper_half<is_fp32_dest_acc_en>(dst);
}
ALWI void topk_uint16_prepare_value_tile_for_pack([[maybe_unused]] uint32_t dst) {
#ifdef TOPK_UINT16_FP32_DEST
    detail::move_to_upper_half<DST_ACCUM_MODE>(dst);
#endif
}

// -0 becomes +0 in both tiles of values, so that they count as equal.
template <bool is_fp32_dest_acc_en = DST_ACCUM_MODE>
ALWI void topk_canonicalize_negzero_values(uint32_t dst) {
    using namespace tthal::sfpu;
    for (uint32_t tile = dst; tile < dst + 2; tile++)
        map(Floats(), tile, [](F x) { return as_float(select(x == F(0.0f), U(0), bits_of(x))); });
}

}  // namespace ckernel
