// Bitonic sorting networks over the 64 numbers of a column of two DST tiles, with indices that move along; and what the
// low bits of a number may carry so that equal numbers keep their order.
#pragma once

#include "tthal/vector/lane.h"

namespace tthal::sfpu {

// Which of two equal numbers counts as the larger one: neither (they stay), or the one of lower or higher index.
enum class Ties : uint8_t { STAY, LOWER_INDEX_IS_SMALLER, LOWER_INDEX_IS_LARGER };

// One column at a time: row r of the first tile is position r, of the second 32 + r.
class Column {
public:
    static constexpr uint32_t LENGTH = 2 * tensix::TILE_ROWS;

    // Without indices of its own, a number carries its index itself.
    Column(uint32_t dst, uint32_t column, bool has_indices) : has_indices_(has_indices) {
        for (uint32_t tile = 0; tile < 2; tile++) {
            values_[tile] = tensix::math_tile(dst + tile) + column;
            if (has_indices) indices_[tile] = tensix::math_tile(dst + 2 + tile) + column;
        }
    }

    // Compares two positions; the larger number goes to the first of them, or to the second.
    void order(uint32_t first, uint32_t second, bool larger_first, Ties ties) {
        uint32_t &a = value(first), &b = value(second);
        if (!has_indices_) {
            if (larger_first ? rank(a) < rank(b) : rank(b) < rank(a)) exchange(a, b);
            return;
        }
        uint32_t &i = index(first), &j = index(second);
        if (larger_first ? !is_less(a, i, b, j, ties) : !is_less(b, j, a, i, ties)) return;
        exchange(a, b);
        exchange(i, j);
    }

    // Sorts `length` numbers from `base` on that first rise and then fall, or the other way round.
    void merge_bitonic(uint32_t base, uint32_t length, bool larger_first, Ties ties, uint32_t distance) {
        for (; distance > 0; distance /= 2)
            for (uint32_t i = 0; i < length; i++)
                if ((i & distance) == 0) order(base + i, base + i + distance, larger_first, ties);
    }

    uint32_t& value(uint32_t position) { return values_[position / 32][position % 32 * tensix::TILE_COLUMNS]; }

private:
    uint32_t& index(uint32_t position) { return indices_[position / 32][position % 32 * tensix::TILE_COLUMNS]; }

    static bool is_less(uint32_t a, uint32_t i, uint32_t b, uint32_t j, Ties ties) {
        if (rank(a) != rank(b)) return rank(a) < rank(b);
        if (ties == Ties::STAY || i == j) return false;
        return (ties == Ties::LOWER_INDEX_IS_SMALLER) == (i < j);
    }
    static void exchange(uint32_t& a, uint32_t& b) {
        const uint32_t held = a;
        a = b;
        b = held;
    }

    uint32_t *values_[2], *indices_[2];
    bool has_indices_;
};

// The low bits of a number that carry a tag: lower tags come first where numbers are equal, in the order `largest` says.
// Sign and magnitude are compared, so tags of half of the numbers are complemented.
template <bool largest, uint32_t tag_bits>
struct Tag {
    static_assert(tag_bits >= 6 && tag_bits <= 16, "tags have 6 to 16 bits");
    static constexpr uint32_t MASK = (1u << tag_bits) - 1;

    static uint32_t of(uint32_t number, uint32_t tag) {
        return ((number >> 31 == 0) == largest ? tag ^ MASK : tag) & MASK;
    }
    static uint32_t put(uint32_t number, uint32_t tag) { return (number & ~MASK) | of(number, tag); }
};

template <typename Work>
inline void for_each_column(uint32_t dst, bool has_indices, Work work) {
    for (uint32_t number = 0; number < tensix::TILE_COLUMNS; number++) {
        Column column(dst, number, has_indices);
        work(column);
    }
}

}  // namespace tthal::sfpu
