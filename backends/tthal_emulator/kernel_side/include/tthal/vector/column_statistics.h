// Mean and squared deviations of every column of a stream of rows: the vector unit's registers in Welford's and the
// two-pass algorithm. Kernels transpose first, so that a column is a row of their tensor.
#pragma once

#include <array>
#include <cstdint>

#include "tthal/vector/lane.h"

namespace tthal::sfpu {

constexpr uint32_t COLUMNS = tensix::TILE_COLUMNS, COLUMN_VECTORS = COLUMNS / WIDTH;

// A number per column.
struct ColumnRegister {
    F lanes[COLUMN_VECTORS] = {};

    template <typename Function>
    void set(Function function) {
        for (uint32_t i = 0; i < COLUMN_VECTORS; i++) lanes[i] = function(i);
    }
    float operator[](uint32_t column) const { return lanes[column / WIDTH][column % WIDTH]; }
    void put(uint32_t column, float value) { lanes[column / WIDTH][column % WIDTH] = value; }
};

class ColumnStatistics {
public:
    void clear() { mean = deviations = second = {}; }

    // ---- Welford's algorithm: one pass, the mean moves with every row

    void add_row(const uint32_t* row, float reciprocal_count) {
        for (uint32_t i = 0; i < COLUMN_VECTORS; i++) {
            const Lane x = load(row, i), delta = x - mean.lanes[i], moved = mean.lanes[i] + delta * reciprocal_count;
            deviations.lanes[i] = deviations.lanes[i] + delta * (x - moved);
            mean.lanes[i] = moved;
        }
    }

    // ---- two passes: sums of x - anchor, which give the mean; then squares of x - mean

    void begin_at(const uint32_t* row) {
        mean.set([&](uint32_t i) { return load(row, i); });
        deviations = second = {};
    }
    void add_shifted(const uint32_t* row, bool to_second) {
        ColumnRegister& sum = to_second ? second : deviations;
        sum.set([&](uint32_t i) { return sum.lanes[i] + (Lane(load(row, i)) - mean.lanes[i]); });
    }
    void add_square(const uint32_t* row, bool to_second) {
        ColumnRegister& sum = to_second ? second : deviations;
        sum.set([&](uint32_t i) {
            const Lane delta = Lane(load(row, i)) - mean.lanes[i];
            return sum.lanes[i] + delta * delta;
        });
    }
    void finish_mean(float reciprocal_count, bool both, bool retain_anchor) {
        if (both) fold();
        if (retain_anchor) anchor = mean;
        mean.set([&](uint32_t i) { return mean.lanes[i] + Lane(deviations.lanes[i]) * reciprocal_count; });
        deviations = second = {};
    }
    // The second sum joins the first.
    void fold() {
        deviations.set([&](uint32_t i) { return Lane(deviations.lanes[i]) + second.lanes[i]; });
        second = {};
    }

    // ---- results

    ColumnRegister variance(float reciprocal_count) const {
        ColumnRegister result;
        result.set([&](uint32_t i) { return multiplied(deviations.lanes[i], F(reciprocal_count)); });
        return result;
    }
    ColumnRegister mean_from_anchor() const {
        ColumnRegister result;
        result.set([&](uint32_t i) { return Lane(mean.lanes[i]) - anchor.lanes[i]; });
        return result;
    }
    // Joins this block of `block` rows with one that had another mean (Chan, Golub, LeVeque 1979).
    void join(const ColumnRegister& other_mean, const ColumnRegister& other, float reciprocal_total, float block) {
        const float share = reciprocal_total * block;
        for (uint32_t i = 0; i < COLUMN_VECTORS; i++) {
            const Lane delta = Lane(mean.lanes[i]) - other_mean.lanes[i], square = delta * delta;
            mean.lanes[i] = other_mean.lanes[i] + delta * share;
            deviations.lanes[i] = Lane(deviations.lanes[i]) + (other.lanes[i] + square * (block - share * block));
        }
        second = {};
    }
    // Every column gets the mean of all, and the variance of all as one population, times 32 unless averaged.
    void combine_columns(float reciprocal_count, bool average) {
        float sum = 0, within = 0, between = 0;
        for (uint32_t column = 0; column < COLUMNS; column++) {
            sum += mean[column] - mean[0];
            within += deviations[column] * reciprocal_count;
        }
        const float shift = sum / COLUMNS;
        for (uint32_t column = 0; column < COLUMNS; column++) {
            const float delta = mean[column] - mean[0] - shift;
            between += delta * delta;
        }
        const float first = mean[0], total = within + between;
        mean.set([&](uint32_t) { return F(first + shift); });
        deviations.set([&](uint32_t) { return F(average ? total / COLUMNS : total); });
    }

    ColumnRegister mean, deviations, second, anchor;

private:
    static F load(const uint32_t* row, uint32_t i) { return as_float(*reinterpret_cast<const U*>(row + WIDTH * i)); }
};

inline ColumnStatistics column_statistics;

// 1 / (index + 1), from the table of float32 patterns where there is one.
template <typename Table>
inline float reciprocal_of(uint32_t index, const Table& table) {
    if constexpr (std::tuple_size_v<Table> > 0) {
        if (index < table.size()) return as_float(table[index]);
    }
    return 1.0f / static_cast<float>(index + 1);
}

// Calls `visit(row, its number from 0)` for rows start_row .. of a tile.
template <typename Visit>
inline void for_each_tile_row(uint32_t dst, uint32_t start_row, uint32_t num_rows, Visit visit) {
    const uint32_t* tile = tensix::math_tile(dst);
    for (uint32_t number = 0; number < num_rows && start_row + number < tensix::TILE_ROWS; number++)
        visit(tile + (start_row + number) * COLUMNS, number);
}

// ---- where a register lies in DST

inline uint32_t stored_float(float value) {
    alignas(16) uint32_t lanes[WIDTH];
    Floats().store(lanes, F(value));
    return lanes[0];
}

// As a row of the tile; the three rows below become zeros.
inline void store_as_row(uint32_t dst, const ColumnRegister& values, uint32_t row = 0) {
    uint32_t* at = tensix::math_tile(dst) + row * COLUMNS;
    __builtin_memset(at, 0, 4 * COLUMNS * sizeof(uint32_t));
    for (uint32_t column = 0; column < COLUMNS; column++) at[column] = stored_float(values[column]);
}

// As one vector, the even columns of four rows: the order of columns that the transposition of four vectors leaves. A
// slot is four rows of the upper left face; slots from 4 on go on in the next face.
constexpr uint32_t place_in_slot(uint32_t slot, uint32_t column) {
    const uint32_t row = column / 16 * 2 + column % 2, face = slot / 4;
    return (face / 2 * 16 + slot % 4 * 4 + row) * COLUMNS + face % 2 * 16 + column % 16 / 2 * 2;
}
inline void store_in_slot(uint32_t dst, const ColumnRegister& values, uint32_t slot = 0, uint32_t copies = 1) {
    uint32_t* tile = tensix::math_tile(dst);
    for (uint32_t column = 0; column < COLUMNS; column++)
        for (uint32_t copy = 0; copy < copies; copy++)
            tile[place_in_slot(slot, column) + copy] = stored_float(values[column]);
}
inline ColumnRegister load_from_slot(uint32_t dst, uint32_t slot = 0) {
    const uint32_t* tile = tensix::math_tile(dst);
    ColumnRegister values;
    for (uint32_t column = 0; column < COLUMNS; column++)
        values.put(column, as_float(tile[place_in_slot(slot, column)]));
    return values;
}

}  // namespace tthal::sfpu
