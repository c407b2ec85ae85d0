// Sums over rows, columns and whole tiles in the exact grade; see tile_math.h. The definition is tensix/reduce.py. What
// extreme exponents, or scalers of an unusual shape, need is left to the host: then nothing has happened yet.
#include "exact_math.h"

namespace tthal::tensix {

namespace {

constexpr uint32_t FACE = 16, GROUP = 8, PARTIAL_ROW = 4, LANES = WIDTH;
constexpr int32_t NO_EXPONENT = -(1 << 30);
constexpr I LEAST = I{} + exponent_bits(LEAST_PRODUCT);

// What one source register's slices keep: the high ones' bits, both ones', and the weight of the low ones.
struct Slices {
    uint32_t high, all, low_weight, low_phases;
};
constexpr Slices SLICES_A = {A_HIGH, A_FULL, LOW_A, 1}, SLICES_B = {B_HIGH, B_FULL, LOW_B, 2};

inline F part_of(F value, const Slices& slices, bool low) {
    const F high = as_float(as_int(value) & static_cast<int32_t>(slices.high));
    if (!low) return high;
    const F whole = as_float(as_int(value) & static_cast<int32_t>(slices.all));
    return (whole - high) * fill(power_of_two(slices.low_weight));
}

// 16 factors that all lanes of a row share.
struct Weights {
    float parts[2][FACE];
    int32_t exponents[FACE];  // as they stand in floats
    bool has_low = false, is_odd = false;

    Weights(const uint32_t* patterns, const Slices& slices) {
        for (uint32_t k = 0; k < FACE; k++) {
            const F value = as_float(fill(patterns[k]));
            parts[0][k] = (part_of(value, slices, false) * fill(TIE_BREAKER))[0];
            parts[1][k] = (part_of(value, slices, true) * fill(TIE_BREAKER))[0];
            exponents[k] = patterns[k] & EXPONENT;
            has_low |= parts[1][k] != 0;
            is_odd |= (patterns[k] & EXPONENT) == EXPONENT;
        }
    }
};

// Some vectors of DST, and the matrix instructions that add to them: 16 rows of data, each times its weight.
template <DstKind kind, bool quirk, uint32_t vectors>
struct Pooling {
    using Accumulate = Accumulator<kind, quirk>;

    const Slices &of_data, &of_weights;
    F sums[vectors];
    I is_odd{};

    // The rows of one instruction.
    struct Rows {
        const uint32_t* first;
        uint32_t stride;
        const Weights& weights;
        F constants[2][vectors];
        I groups[vectors];

        F at(uint32_t k, uint32_t v) const { return load<F>(first + k * stride + v * LANES); }
    };

    Pooling(const Slices& of_data, const Slices& of_weights) : of_data(of_data), of_weights(of_weights) {}

    void start(uint32_t v, F value) {
        sums[v] = value;
        is_odd |= is_odd_sum<kind>(value);
    }

    bool is_any_odd() const { return wasm_v128_any_true(reinterpret_cast<v128_t>(is_odd)); }

    I group_exponent(const Rows& rows, uint32_t group, uint32_t v) {
        I most = fill(NO_EXPONENT);
        for (uint32_t k = group * GROUP; k < (group + 1) * GROUP; k++) {
            if (rows.weights.exponents[k] == 0) continue;
            const I magnitude = as_int(rows.at(k, v)) & MAGNITUDE;
            const I sum =
                (magnitude & EXPONENT) + (rows.weights.exponents[k] - static_cast<int32_t>(exponent_bits(BIAS)));
            most = largest(most, select(reinterpret_cast<I>(magnitude != 0), sum, fill(NO_EXPONENT)));
            is_odd |= reinterpret_cast<I>(magnitude >= static_cast<int32_t>(EXPONENT));
        }
        is_odd |= is_outside(most, LEAST_PRODUCT, MOST_PRODUCT) & reinterpret_cast<I>(most != NO_EXPONENT);
        return largest(most, LEAST);
    }

    Rows prepare(const uint32_t* first, uint32_t stride, const Weights& weights) {
        Rows rows = {first, stride, weights, {}, {}};
        if (weights.is_odd) is_odd |= fill(-1);
        for (uint32_t v = 0; v < vectors; v++) {
            const I low = group_exponent(rows, 0, v), high = group_exponent(rows, 1, v);
            constexpr int32_t MAGIC = exponent_bits(MAGIC_EXPONENT) | HALF;
            rows.constants[0][v] = as_float(low + MAGIC);
            rows.constants[1][v] = as_float(high + MAGIC);
            rows.groups[v] = largest(low, high) | HALF;
        }
        return rows;
    }

    F group_sum(const Rows& rows, uint32_t group, uint32_t v, bool low_data, bool low_weights) const {
        F sum = rows.constants[group][v];
        for (uint32_t k = group * GROUP; k < (group + 1) * GROUP; k++)
            sum += part_of(rows.at(k, v), of_data, low_data) * fill(rows.weights.parts[low_weights][k]);
        return sum - rows.constants[group][v];
    }

    void add(const Rows& rows, uint32_t phase) {
        const Accumulate accumulate(phase);
        const bool low_data = phase & of_data.low_phases, low_weights = phase & of_weights.low_phases;
        const bool nothing = low_weights && !rows.weights.has_low;
        for (uint32_t v = 0; v < vectors; v++) {
            if (nothing) {
                sums[v] = accumulate.add_nothing(sums[v], rows.groups[v]);
                continue;
            }
            const F first = group_sum(rows, 0, v, low_data, low_weights),
                    second = group_sum(rows, 1, v, low_data, low_weights);
            sums[v] = accumulate.add(sums[v], first, second, rows.groups[v]);
        }
    }
};

void mark_written(uint8_t (*fresh)[2], uint32_t row, uint32_t rows, uint32_t half) {
    for (uint32_t i = 0; i < rows; i++) fresh[row + i][half] = 0;
}

template <DstKind kind, bool quirk>
struct Reduction {
    const uint32_t *data, *scaler;
    uint32_t* dst;
    uint8_t (*fresh)[2];
    const bool cuts_rows;
    const uint32_t phases = phases_of(processor().math_fidelity);

    // Each row of faces times the transposed scaler faces; column 0 is the sum. The others get what the scalers' further
    // rows make of them: mostly these are zeros, and add nothing.
    bool sum_rows() const {
        for (uint32_t row = 1; row < FACE; row++)
            for (uint32_t i = 0; i < TILE_COLUMNS; i += LANES)
                if (wasm_v128_any_true(wasm_v128_load(scaler + row * TILE_COLUMNS + i))) return false;
        constexpr uint32_t VECTORS = TILE_ROWS / LANES;
        Pooling<kind, quirk, VECTORS> pool(SLICES_B, SLICES_A);
        for (uint32_t row = 0; row < TILE_ROWS; row++) {
            for (uint32_t i = 0; i < FACE; i += LANES)
                pool.is_odd |= is_odd_sum<kind>(load<F>(dst + row * TILE_COLUMNS + i));
            pool.sums[row / LANES][row % LANES] = as_float(fill(dst[row * TILE_COLUMNS]))[0];
        }
        const Weights first(scaler, SLICES_A), second(scaler + FACE, SLICES_A);
        const auto left = pool.prepare(data, TILE_COLUMNS, first);
        const auto right = pool.prepare(data + FACE * TILE_COLUMNS, TILE_COLUMNS, second);
        if (pool.is_any_odd()) return false;
        if (cuts_rows) {
            add_cut(pool, left);
            add_cut(pool, right);
        } else {
            for (uint32_t phase = 0; phase < phases; phase++) {
                pool.add(left, phase);
                pool.add(right, phase);
            }
        }
        for (uint32_t row = 0; row < TILE_ROWS; row++) {
            uint32_t* const line = dst + row * TILE_COLUMNS;
            for (uint32_t i = 0; i < FACE; i += LANES) store(line + i, load<F>(line + i) + 0.0f);  // -0 becomes +0
            line[0] = reinterpret_cast<const uint32_t*>(pool.sums)[row];
        }
        mark_written(fresh, 0, TILE_ROWS, 0);
        return true;
    }

    // What chips do whose scaler is bfloat16 while the data is not (numerics.md §10.5): a face's sums are cut to it.
    template <typename Pool>
    void add_cut(Pool& pool, const typename Pool::Rows& rows) const {
        Pool face(pool.of_data, pool.of_weights);
        for (F& sum : face.sums) sum = F{};
        for (uint32_t phase = 0; phase < phases; phase++) face.add(rows, phase);
        for (uint32_t v = 0; v < sizeof face.sums / sizeof *face.sums; v++) {
            const F total = pool.sums[v] + as_float(as_int(face.sums[v]) & static_cast<int32_t>(BFLOAT16));
            pool.sums[v] = as_float(as_int(total) & reinterpret_cast<I>((as_int(total) & EXPONENT) != 0));
        }
    }

    // The rows of some faces, each weighed by row 0 of its scaler face, onto one row of 16.
    template <uint32_t faces>
    bool pool_faces(const uint32_t (&corners)[faces], const uint32_t* start, F (&result)[FACE / LANES]) const {
        Pooling<kind, quirk, FACE / LANES> pool(SLICES_A, SLICES_B);
        for (uint32_t v = 0; v < FACE / LANES; v++) pool.start(v, load<F>(start + v * LANES));
        for (uint32_t corner : corners) {
            const Weights weights(scaler + corner, SLICES_B);
            const auto rows = pool.prepare(data + corner, TILE_COLUMNS, weights);
            if (pool.is_any_odd()) return false;
            for (uint32_t phase = 0; phase < phases; phase++) pool.add(rows, phase);
        }
        for (uint32_t v = 0; v < FACE / LANES; v++) result[v] = pool.sums[v];
        return true;
    }

    bool sum_columns() const {
        constexpr uint32_t BELOW = FACE * TILE_COLUMNS;
        F results[2][FACE / LANES];
        for (uint32_t half = 0; half < 2; half++)
            if (!pool_faces({half * FACE, half * FACE + BELOW}, dst + half * FACE, results[half])) return false;
        for (uint32_t half = 0; half < 2; half++) {
            for (uint32_t v = 0; v < FACE / LANES; v++) store(dst + half * FACE + v * LANES, results[half][v]);
            mark_written(fresh, 0, 1, half);
        }
        return true;
    }

    // All faces onto one row, then that row as a column, weighed again by the last scaler face.
    bool sum_tile(uint32_t register_bits) const {
        constexpr uint32_t BELOW = FACE * TILE_COLUMNS;
        F partial[FACE / LANES];
        if (!pool_faces({0, FACE, BELOW, BELOW + FACE}, dst + PARTIAL_ROW * TILE_COLUMNS, partial)) return false;
        alignas(16) uint32_t column[FACE][LANES] = {};
        for (uint32_t k = 0; k < FACE; k++) {
            const uint32_t cut = reinterpret_cast<const uint32_t*>(partial)[k] & register_bits;
            column[k][0] = (cut & EXPONENT) == 0 ? 0 : cut;
        }
        Pooling<kind, quirk, 1> pool(SLICES_A, SLICES_B);
        pool.start(0, as_float(I{static_cast<int32_t>(dst[0])}));
        const Weights last(scaler + BELOW + FACE, SLICES_B);
        const auto rows = pool.prepare(column[0], LANES, last);
        if (pool.is_any_odd()) return false;
        for (uint32_t phase = 0; phase < phases; phase++) pool.add(rows, phase);
        __builtin_memset(dst + PARTIAL_ROW * TILE_COLUMNS, 0, FACE * sizeof *dst);
        fresh[PARTIAL_ROW][0] = 1;
        dst[0] = as_int(pool.sums[0])[0];
        fresh[0][0] = 0;
        return true;
    }

    bool run(Dimension dimension, uint32_t register_bits) const {
        if (dimension == Dimension::ROW) return sum_rows();
        if (dimension == Dimension::COL) return sum_columns();
        return sum_tile(register_bits);
    }
};

}  // namespace

bool exact_reduce(Dimension dimension, const uint32_t* data, const uint32_t* scaler, uint32_t register_bits,
                  bool cuts_rows, uint32_t* dst, uint8_t (*fresh)[2]) {
    if (!processor().fp32_dest)
        return Reduction<DstKind::BFLOAT16, false>{data, scaler, dst, fresh, cuts_rows}.run(dimension, register_bits);
    if (processor().numerics & NUMERICS_MINUS_ONE_QUIRK)
        return Reduction<DstKind::FLOAT32, true>{data, scaler, dst, fresh, cuts_rows}.run(dimension, register_bits);
    return Reduction<DstKind::FLOAT32, false>{data, scaler, dst, fresh, cuts_rows}.run(dimension, register_bits);
}

}  // namespace tthal::tensix
