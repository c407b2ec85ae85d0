// Reductions and broadcasts within DST: what the vector unit does with rows and columns of tiles.
#pragma once

#include "tthal/vector/lane.h"

namespace tthal::sfpu {

// One datum of a tile, by the lanes that hold its format.
template <DataFormat format>
class Datum {
public:
    auto load(uint32_t bits) const {
        alignas(16) uint32_t lanes[WIDTH];
        put_lanes(lanes, U(bits));
        const auto lane = lanes_.load(lanes)[0];
        if constexpr (format == DataFormat::UInt32) return static_cast<uint32_t>(lane);
        else return lane;
    }
    template <typename Number>
    uint32_t stored(Number value) const {
        alignas(16) uint32_t lanes[WIDTH];
        if constexpr (is_float<format>) lanes_.store(lanes, F(value));
        else lanes_.store(lanes, I(static_cast<int32_t>(value)));
        return lanes[0];
    }

private:
    decltype(lanes_of<format>()) lanes_ = lanes_of<format>();
};

template <ckernel::PoolType pool, typename Number>
Number pooled(Number a, Number b) {
    if constexpr (std::is_integral_v<Number>) {
        if constexpr (pool == ckernel::PoolType::MAX) return b > a ? b : a;
        else if constexpr (pool == ckernel::PoolType::MIN) return b < a ? b : a;
        else return static_cast<Number>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
    } else if constexpr (pool == ckernel::PoolType::MAX || pool == ckernel::PoolType::MIN) {
        const bool above = rank(__builtin_bit_cast(uint32_t, b)) > rank(__builtin_bit_cast(uint32_t, a));
        return above == (pool == ckernel::PoolType::MAX) ? b : a;
    } else {
        return F(Lane(F(a)) + Lane(F(b)))[0];
    }
}

// Of four: the last two first, then the second, then the first.
template <ckernel::PoolType pool, typename At>
auto pooled_four(At at) {
    return pooled<pool>(at(0), pooled<pool>(at(1), pooled<pool>(at(2), at(3))));
}

// Sums have the order of the kernels of TT-Metal 0.81.1 (ckernel_sfpu_reduce.h).
#ifdef ARCH_BLACKHOLE
constexpr bool IN_PAIRS = false;
#else
constexpr bool IN_PAIRS = true;
#endif

// Of 32 rows: every fourth row of a face, then both faces, then the four that are left.
template <ckernel::PoolType pool, typename Load>
auto pooled_column(Load load) {
    const auto fourth = [&](uint32_t row) { return pooled_four<pool>([&](uint32_t at) { return load(row + 4 * at); }); };
    const auto both = [&](uint32_t row) { return pooled<pool>(fourth(row), fourth(row + FACE_ROWS)); };
    if constexpr (IN_PAIRS) return pooled<pool>(pooled<pool>(both(0), both(1)), pooled<pool>(both(2), both(3)));
    else return pooled_four<pool>(both);
}

// The columns of one tile, to its first row; the other rows stay.
template <ckernel::PoolType pool, DataFormat format>
void reduce_columns(uint32_t dst) {
    uint32_t* tile = tensix::math_tile(dst);
    const Datum<format> datum;
    for (uint32_t column = 0; column < tensix::TILE_COLUMNS; column++) {
        auto total = pooled_column<pool>(
            [&](uint32_t row) { return datum.load(tile[row * tensix::TILE_COLUMNS + column]); });
        if constexpr (pool == ckernel::PoolType::AVG) total = total / static_cast<decltype(total)>(tensix::TILE_ROWS);
        tile[column] = datum.stored(total);
    }
}

constexpr uint32_t ROW_SUMS = 8;  // of one row, each in another order, in the even columns of the left face

// One row of a tile: two neighbours of both faces, then what is 4, 2 and 1 places away, round the eight.
template <ckernel::PoolType pool, DataFormat format>
void reduce_row(uint32_t* row, float factor) {
    const Datum<format> datum;
    decltype(datum.load(0)) sums[ROW_SUMS], before[ROW_SUMS];
    for (uint32_t i = 0; i < ROW_SUMS; i++)
        sums[i] = pooled_four<pool>([&](uint32_t at) { return datum.load(row[at / 2 * FACE_ROWS + 2 * i + at % 2]); });
    for (uint32_t turn = ROW_SUMS / 2; turn > 0; turn /= 2) {
        for (uint32_t i = 0; i < ROW_SUMS; i++) before[i] = sums[i];
        for (uint32_t i = 0; i < ROW_SUMS; i++) sums[i] = pooled<pool>(before[i], before[(i - turn) % ROW_SUMS]);
    }
    for (uint32_t i = 0; i < ROW_SUMS; i++) {
        if constexpr (pool == ckernel::PoolType::AVG) sums[i] = multiplied(F(sums[i]), F(factor))[0];
        row[2 * i] = datum.stored(sums[i]);
    }
}

// The rows of `columns` tiles side by side, to the first column of the first; then the next `columns` tiles. Every tile for
// itself, then from left to right.
template <ckernel::PoolType pool, DataFormat format>
void reduce_rows(uint32_t dst, uint32_t columns, uint32_t rows) {
    const Datum<format> datum;
    const float factor = 1.0f / static_cast<float>(columns * tensix::TILE_COLUMNS);
    for (uint32_t band = 0; band < rows; band++, dst += columns) {
        for (uint32_t column = 0; column < columns; column++)
            for (uint32_t line = 0; line < tensix::TILE_ELEMENTS; line += tensix::TILE_COLUMNS)
                reduce_row<pool, format>(tensix::math_tile(dst + column) + line, columns == 1 ? factor : 1.0f);
        if (columns == 1) continue;
        uint32_t* first = tensix::math_tile(dst);
        for (uint32_t line = 0; line < tensix::TILE_ELEMENTS; line += tensix::TILE_COLUMNS)
            for (uint32_t i = line; i < line + 2 * ROW_SUMS; i += 2) {
                auto total = datum.load(first[i]);
                for (uint32_t column = 1; column < columns; column++)
                    total = pooled<pool>(total, datum.load(tensix::math_tile(dst + column)[i]));
                if constexpr (pool == ckernel::PoolType::AVG) total = multiplied(F(total), F(factor))[0];
                first[i] = datum.stored(total);
            }
    }
}

// ---- maxima of columns and where they were

// Where a datum of a row-major block of 32 columns lies in DST when its halves of rows are packed one behind the other.
constexpr uint32_t place_of_row_major(uint32_t row, uint32_t column) {
    const uint32_t line = 2 * row + column / 16, face = line / 16;
    return (face / 2 * 16 + line % 16) * tensix::TILE_COLUMNS + face % 2 * 16 + column % 16;
}
constexpr uint32_t place_in_dst(ckernel::DataLayout layout, uint32_t row, uint32_t column) {
    return layout == ckernel::DataLayout::ROW_MAJOR ? place_of_row_major(row, column)
                                                    : row * tensix::TILE_COLUMNS + column;
}

// Numbers with their indices: the largest of the first `rows` of every column comes to row 0; of equal ones, the first.
inline void reduce_with_indices(uint32_t values, uint32_t indices, uint32_t rows, ckernel::DataLayout layout) {
    uint32_t *numbers = tensix::math_tile(values), *places = tensix::math_tile(indices);
    for (uint32_t column = 0; column < tensix::TILE_COLUMNS; column++) {
        uint32_t best = place_in_dst(layout, 0, column);
        for (uint32_t row = 1; row < rows; row++) {
            const uint32_t place = place_in_dst(layout, row, column);
            if (rank(numbers[place]) > rank(numbers[best])) best = place;
        }
        const uint32_t target = place_in_dst(layout, 0, column), number = numbers[best], index = places[best];
        numbers[target] = number;
        places[target] = index;
    }
}

// Joins row 0 with that of the tiles behind, which the first chunk begins; both get the result.
inline void collect_with_indices(uint32_t values, uint32_t indices, bool first, ckernel::DataLayout layout) {
    uint32_t *numbers = tensix::math_tile(values), *places = tensix::math_tile(indices);
    uint32_t *total = tensix::math_tile(values + 1), *total_places = tensix::math_tile(indices + 1);
    for (uint32_t column = 0; column < tensix::TILE_COLUMNS; column++) {
        const uint32_t at = place_in_dst(layout, 0, column);
        if (!first && rank(total[at]) >= rank(numbers[at])) {
            numbers[at] = total[at];
            places[at] = total_places[at];
        }
        total[at] = numbers[at];
        total_places[at] = places[at];
    }
}

enum class Line { COLUMN, ROW, CORNER };

// The number of a tile's first column, first row or corner that stands for a place.
inline F line_of(Line line, const uint32_t* tile, uint32_t place) {
    if (line == Line::ROW) return as_float(*reinterpret_cast<const U*>(tile + place % tensix::TILE_COLUMNS));
    return as_float(tile[line == Line::COLUMN ? place / tensix::TILE_COLUMNS * tensix::TILE_COLUMNS : 0]);
}

// function(datum, line's number) in place; the line is read before the tile is written.
template <typename Function>
void map_with_line(Line line, uint32_t dst, uint32_t other, Function function) {
    alignas(16) uint32_t held[tensix::TILE_ELEMENTS];
    __builtin_memcpy(held, tensix::math_tile(other), sizeof held);
    uint32_t* tile = tensix::math_tile(dst);
    const Floats lanes;
    for_each_place(
        {}, [&](uint32_t at) { lanes.store(tile + at, function(lanes.load(tile + at), line_of(line, held, at))); });
}

// (datum - mean) * scale in place.
inline void normalize(Line line, uint32_t dst, uint32_t mean, uint32_t scale) {
    uint32_t* tile = tensix::math_tile(dst);
    const uint32_t *means = tensix::math_tile(mean), *scales = tensix::math_tile(scale);
    const Floats lanes;
    for_each_place({}, [&](uint32_t at) {
        const F centred = Lane(lanes.load(tile + at)) - line_of(line, means, at);
        lanes.store(tile + at, multiplied(centred, line_of(line, scales, at)));
    });
}

}  // namespace tthal::sfpu
