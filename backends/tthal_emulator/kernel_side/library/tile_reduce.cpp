// Sums over rows, columns and whole tiles (tensix/reduce.py defines them).
#include "units.h"

namespace tthal::tensix {

namespace {

constexpr uint32_t FACE = 16, PARTIAL_ROW = 4;

alignas(16) uint32_t data_tile[TILE_ELEMENTS], scaler_tile[TILE_ELEMENTS];

// A row of 16 sums: Rule 3 with one factor of SrcB per row of SrcA.
struct RowOfSums {
    v128_t sum[4];
    const Passes passes;

    explicit RowOfSums(const uint32_t* start) : passes(passes_of(processor().math_fidelity)) {
        for (uint32_t i = 0; i < 4; i++) sum[i] = wasm_v128_load(start + 4 * i);
    }

    void add(const uint32_t* a, uint32_t b) {
        for (uint32_t p = 0; p < passes.count; p++) {
            const Pass& pass = passes.pass[p];
            const v128_t factor = pass.low_b ? low_part(splat(b)) : splat(b & pass.b);
            const v128_t mask = splat(pass.a);
            for (uint32_t i = 0; i < 4; i++) {
                const v128_t operand = wasm_v128_and(wasm_v128_load(a + 4 * i), mask);
                sum[i] = wasm_f32x4_add(sum[i], wasm_f32x4_mul(operand, factor));
            }
        }
    }

    void store(uint32_t* target) const {
        for (uint32_t i = 0; i < 4; i++) wasm_v128_store(target + 4 * i, settle(sum[i], processor().fp32_dest));
    }
};

void mark_written(uint8_t (*fresh)[2], uint32_t row, uint32_t rows, uint32_t half) {
    for (uint32_t i = 0; i < rows; i++) fresh[row + i][half] = 0;
}

// Each row of faces times the transposed scaler faces; column 0 is the sum, the others what the hardware leaves there.
void sum_rows(uint32_t* dst, uint8_t (*fresh)[2]) {
    simd_rearrange(scaler_tile, {true, true});
    for (uint32_t row = 0; row < TILE_ROWS; row++) {
        RowOfSums sums(dst + row * TILE_COLUMNS);
        for (uint32_t k = 0; k < TILE_COLUMNS; k++)
            sums.add(scaler_tile + k * TILE_COLUMNS, data_tile[row * TILE_COLUMNS + k]);
        sums.store(dst + row * TILE_COLUMNS);
    }
    mark_written(fresh, 0, TILE_ROWS, 0);
}

// The rows of one face, each weighed by row 0 of the scaler face.
void pool_face(RowOfSums& sums, uint32_t face) {
    const uint32_t corner = (face >> 1) * FACE * TILE_COLUMNS + (face & 1) * FACE;
    for (uint32_t k = 0; k < FACE; k++) sums.add(data_tile + corner + k * TILE_COLUMNS, scaler_tile[corner + k]);
}

void sum_columns(uint32_t* dst, uint8_t (*fresh)[2]) {
    for (uint32_t half = 0; half < 2; half++) {
        RowOfSums sums(dst + half * FACE);
        pool_face(sums, half);
        pool_face(sums, half + 2);
        sums.store(dst + half * FACE);
        mark_written(fresh, 0, 1, half);
    }
}

// All faces onto one row, then that row as a column, weighed again by the last scaler face.
void sum_tile(uint32_t register_bits, uint32_t* dst, uint8_t (*fresh)[2]) {
    uint32_t* partial = dst + PARTIAL_ROW * TILE_COLUMNS;
    RowOfSums sums(partial);
    for (uint32_t face = 0; face < 4; face++) pool_face(sums, face);
    sums.store(partial);
    uint32_t column[FACE];
    for (uint32_t k = 0; k < FACE; k++) {
        const uint32_t cut = partial[k] & register_bits;
        column[k] = (cut & EXPONENT) == 0 ? 0 : cut;
    }
    __builtin_memset(partial, 0, FACE * sizeof *partial);
    fresh[PARTIAL_ROW][0] = 1;
    const uint32_t* last = scaler_tile + FACE * TILE_COLUMNS + FACE;
    alignas(16) uint32_t line[FACE] = {dst[0]};
    RowOfSums total(line);
    for (uint32_t k = 0; k < FACE; k++) {
        alignas(16) uint32_t operand[FACE] = {column[k]};
        total.add(operand, last[k]);
    }
    total.store(line);
    dst[0] = line[0];
    fresh[0][0] = 0;
}

// What the move of a partial scalar sum back to SrcA keeps; on some chips SrcB's width counts too (numerics.md §11.2).
uint32_t register_bits(const Tile& data, const Tile& scaler) {
    const bool both = processor().numerics & NUMERICS_PARTIAL_TAKES_BOTH;
    const bool wide = processor().fp32_dest && data.format == FLOAT32 && (!both || scaler.format == FLOAT32);
    return wide ? TF32 : BFLOAT16;
}

// Whether a chip cuts the sums of rows to the scaler's bfloat16; the simulators do not (numerics.md §10.5).
bool cuts_rows(const Tile& data, const Tile& scaler) {
    const bool mixed = data.format == FLOAT32 && scaler.format == FLOAT16_B;
    return mixed && processor().fp32_dest && !(processor().numerics & NUMERICS_FOLLOW_SIMULATOR);
}

// Where it returns false it has left all to the host.
bool simd_reduce(Pool pool, Dimension dimension, const Tile& data, const Tile& scaler, uint32_t* dst,
                 uint8_t (*fresh)[2]) {
    if (pool == Pool::MAX) return false;
    unpack_operand(data, data_tile);
    unpack_operand(scaler, scaler_tile);
    const uint32_t kept = register_bits(data, scaler);
    if (is_exact()) {
        if (dimension == Dimension::ROW) simd_rearrange(data_tile, {true, true});
        return exact_reduce(dimension, data_tile, scaler_tile, kept, cuts_rows(data, scaler), dst, fresh);
    }
    if (dimension == Dimension::ROW) sum_rows(dst, fresh);
    else if (dimension == Dimension::COL) sum_columns(dst, fresh);
    else sum_tile(kept, dst, fresh);
    return true;
}

// The format in which a datum of DST reaches a source register.
uint32_t register_format(uint32_t cb) {
    const uint8_t format = format_of(cb).format;
    if (is_integer(format)) return format;
    if (has_five_bit_exponent(format)) return FLOAT16;
    return format == FLOAT32 && processor().fp32_dest ? TF32_FORMAT : FLOAT16_B;
}

}  // namespace

void reduce_tile(Pool pool, Dimension dimension, uint32_t cb, uint32_t scaler_cb, uint32_t tile, uint32_t scaler,
                 uint32_t index, uint32_t place) {
    require_either(cb);
    require_either(scaler_cb);
    const uint32_t address = front_tile_address(cb, tile), scaler_address = front_tile_address(scaler_cb, scaler),
                   target = math_slot(index);
    needs(set_up_for(pool, dimension), place);
    reduced(target);
    announce_operand(TileOperation::REDUCE, place, cb, address, index);
    announce_operand(TileOperation::REDUCE, place, scaler_cb, scaler_address, index);
    const Tile data = tile_at(cb, address), weights = tile_at(scaler_cb, scaler_address);
    const bool known = unpacks(cb) && unpacks(scaler_cb);
    if (known && simd_reduce(pool, dimension, data, weights, dst.bits[target], dst.fresh[target])) return;
    host_reduce(cb, address, scaler_cb, scaler_address, target, {pool, dimension});
}

void reduce_rows_tile(Pool pool, Dimension dimension, uint32_t cb, uint32_t scaler_cb, uint32_t tiles, uint32_t tile,
                      uint32_t scaler, uint32_t index, uint32_t place) {
    require_either(cb);
    require_either(scaler_cb);
    const uint32_t target = math_slot(index);
    reduced(target);
    announce_operand(TileOperation::TILIZE_REDUCE, place, cb, front_tile_address(cb, 0), index,
                     tiles * format_of(cb).bytes);
    announce_operand(TileOperation::TILIZE_REDUCE, place, scaler_cb, front_tile_address(scaler_cb, scaler), index);
    host_tilize_reduce(cb, front_tile_address(cb, 0), {scaler_cb, tiles, tile}, front_tile_address(scaler_cb, scaler),
                       target, {pool, dimension});
}

void sum_dest(uint32_t srca_cb, uint32_t srcb_cb, uint32_t tiles, float scaler, uint32_t place) {
    const uint32_t target = math_slot(0, tiles);
    reduced(target);
    announce_dst(TileOperation::SUM_DEST, place, 0);
    host_sum_dest(target, tiles, __builtin_bit_cast(uint32_t, scaler), register_format(srca_cb),
                  register_format(srcb_cb));
}

}  // namespace tthal::tensix
