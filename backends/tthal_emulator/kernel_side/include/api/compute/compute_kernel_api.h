// The header that most compute kernels begin with: common operations of the vector unit.
#pragma once

#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/recip.h"
#include "tthal/vector/llk_sfpu.h"
#include "tthal/vector/sfpu_api.h"
#include "tthal/vector/sfpu_reductions.h"

namespace ckernel {

TTHAL_INIT(sigmoid_tile_init)
TTHAL_INIT(sigmoid_tile_init_pack)
// The faces may be the first template argument.
template <auto faces = VectorMode::RC, bool approximate = false, auto... settings>
ALWI void sigmoid_tile(uint32_t dst, tthal::sfpu::Faces which = tthal::sfpu::faces_of(faces)) {
    using namespace tthal::unit;
    constexpr tthal::sfpu::Operation operation("sigmoid_tile", approximate);
    map(Floats(approximate ? Store::OWN : Store::ROUND), dst, [](F x) { return sigmoid<approximate>(x); }, which, operation);
}
template <auto faces = VectorMode::RC, bool approximate = false, auto... settings>
ALWI void sigmoid_tile_pack(uint32_t dst) {
    using namespace tthal::unit;
    map_packed(
        Floats(approximate ? Store::OWN : Store::ROUND), dst, [](F x) { return sigmoid<approximate>(x); },
        faces_of(faces));
}
TTHAL_UNARY(silu, ROUND, silu(x))
TTHAL_UNARY_PACKED(silu, Store::ROUND, 0, silu(x))
TTHAL_UNARY_MODE(tanh, mode ? Store::OWN : Store::ROUND, false, tanh<mode>(x))
TTHAL_UNARY_PACKED(tanh, mode ? Store::OWN : Store::ROUND, false, tanh<mode>(x))
TTHAL_UNARY(square, EVEN, square(x))
TTHAL_UNARY_MODE(log, Store::ROUND, false, log<mode>(x))
// log(x) * factor; the factor is a float32 pattern, or a float16 one in older kernels.
TTHAL_INIT(log_with_base_tile_init)
template <bool fast = false, bool base_is_two = false, auto... settings>
ALWI void log_with_base_tile(uint32_t dst, uint32_t factor_bits) {
    using namespace tthal::unit;
    const F factor = factor_bits <= 0xFFFF ? float_of_float16(factor_bits) : float_parameter(factor_bits);
    map(Floats(Store::ROUND), dst, [=](F x) { return log_with_base<base_is_two, fast>(x, factor); });
}
TTHAL_UNARY(signbit, CUT, truth(is_negative(x)))
TTHAL_INIT(signbit_tile_int32_init)
TTHAL_INTEGER(signbit_tile_int32, Words, (x < I(0)) & 1)
TTHAL_UNARY(abs, CUT, abs(x))
TTHAL_INTEGER(abs_tile_int32, Words, select(x < I(0), -x, x))
TTHAL_UNARY(sign, CUT, sign(x))
TTHAL_UNARY(exp2, ROUND, exp2(x))
TTHAL_UNARY(expm1, ROUND, expm1(x))
TTHAL_UNARY_1(heaviside, CUT, at_zero, heaviside(x, at_zero))
TTHAL_UNARY_1(unary_max, CUT, limit, maximum(x, limit))
TTHAL_UNARY_1(unary_min, CUT, limit, minimum(x, limit))
TTHAL_INIT(unary_max_int32_tile_init)
TTHAL_INIT(unary_min_int32_tile_init)
TTHAL_INIT(unary_max_uint32_tile_init)
TTHAL_INIT(unary_min_uint32_tile_init)
TTHAL_INTEGER_1(unary_max_int32_tile, Words, select(x < n, n, x))
TTHAL_INTEGER_1(unary_min_int32_tile, Words, select(x > n, n, x))
TTHAL_INTEGER_1(unary_max_uint32_tile, Words, select(bits_of(x) < bits_of(n), n, x))
TTHAL_INTEGER_1(unary_min_uint32_tile, Words, select(bits_of(x) > bits_of(n), n, x))

// x^n by multiplications; n is an integer.
TTHAL_INIT(power_iterative_tile_init)
template <auto... settings>
ALWI void power_iterative_tile(uint32_t dst, uint32_t exponent) {
    using namespace tthal::unit;
    map(Floats(), dst, [=](F x) { return power(x, exponent); });
}

// The bits of a float32 exponent. Up to 2025 they were an integer, which as a float32 is a denormal: no exponent of today.
TTHAL_INIT(power_tile_init)
template <auto... settings>
ALWI void power_tile(uint32_t dst, uint32_t exponent_bits, tthal::sfpu::Faces faces = {}) {
    using namespace tthal::unit;
    if (exponent_bits != 0 && exponent_bits < 0x00800000) return power_iterative_tile(dst, exponent_bits);
    const F exponent = float_parameter(exponent_bits);
    map(Floats(Store::ROUND), dst, [=](F x) { return power(x, exponent); }, faces);
}

// Around a look at the units from outside: nothing is under way here between two statements.
ALWI void dbg_halt() {}
ALWI void dbg_unhalt() {}

// (re, im) pairs in even and odd columns times i: (-im, re).
TTHAL_INIT(alt_complex_rotate90_tile_init)
template <auto... settings>
ALWI void alt_complex_rotate90_tile(uint32_t dst) {
    using namespace tthal::unit;
    map(Floats(), dst, [](F x) {
        F turned;
        for (uint32_t lane = 0; lane < tthal::sfpu::WIDTH; lane += 2)
            turned[lane] = -x[lane + 1], turned[lane + 1] = x[lane];
        return turned;
    });
}

// Every vector of four rows by eight columns times all before it, lane by lane; vectors as dst_reg counts them.
TTHAL_INIT(tiled_prod_tile_init)
template <auto... settings>
ALWI void tiled_prod_tile(uint32_t dst) {
    using namespace sfpi;
    vFloat product = 1.0f;
    for (uint32_t vector = 0; vector < impl_::VECTORS_PER_TILE; vector++) {
        vDReg datums(dst * impl_::VECTORS_PER_TILE + vector);
        product *= datums;
        datums = product;
    }
}

// Columns of one tile to its first row, or rows of ct x rt tiles to the first column of each row of tiles.
template <PoolType pool, DataFormat format, auto... settings>
ALWI void sfpu_reduce_init() {
    tthal::sfpu::initialised();
}
template <PoolType pool, DataFormat format, ReduceDim dim = ReduceDim::REDUCE_COL, auto... settings>
ALWI void sfpu_reduce(uint32_t dst, uint32_t ct_dim = 1, uint32_t rt_dim = 1) {
    static_assert(dim == ReduceDim::REDUCE_COL || dim == ReduceDim::REDUCE_ROW, "sfpu_reduce pools columns and rows");
    static_assert(dim == ReduceDim::REDUCE_COL || pool != PoolType::AVG || tthal::sfpu::is_float<format>,
                  "sfpu_reduce: the average of rows is that of floats");
    if constexpr (dim == ReduceDim::REDUCE_COL) {
        tthal::sfpu::begin("sfpu_reduce_columns", dst);
        tthal::sfpu::reduce_columns<pool, format>(dst);
    } else {
        tthal::sfpu::begin("sfpu_reduce_rows", dst);
        tthal::sfpu::reduce_rows<pool, format>(dst, ct_dim, rt_dim);
    }
}

// Column by column the largest of up to 9 or of 32 rows, with its index, to row 0 of both tiles. `accumulate` joins chunks
// in the tiles behind; row-major data fill DST half row by half row.
template <DataLayout layout = DataLayout::TILE>
ALWI void max_reduce_with_indices_init() {}
template <int num_rows = 9, DataLayout layout = DataLayout::TILE, bool accumulate = false, auto... settings>
ALWI void max_reduce_with_indices(uint32_t dst, uint32_t dst_indices, [[maybe_unused]] uint32_t chunk = 0) {
    static_assert(num_rows <= 32, "max_reduce_with_indices: a tile has 32 rows");
    static_assert(layout == DataLayout::ROW_MAJOR || (num_rows <= 9 && !accumulate),
                  "max_reduce_with_indices: more than 9 rows, and accumulation, need DataLayout::ROW_MAJOR");
    constexpr uint32_t rows = num_rows <= 9 ? 9 : 32;
    tthal::sfpu::reduce_with_indices(dst, dst_indices, rows, layout);
    if constexpr (accumulate && rows == 32) tthal::sfpu::collect_with_indices(dst, dst_indices, chunk == 0, layout);
}

// The upper four rows of two tiles, to a third.
TTHAL_INIT(sfpu_add_top_row_init)
template <DataFormat format>
ALWI void sfpu_add_top_row(uint32_t dst0, uint32_t dst1, uint32_t out) {
    using namespace tthal::unit;
    const auto lanes = lanes_of<format>();
    const uint32_t *a = tthal::tensix::math_tile(dst0), *b = tthal::tensix::math_tile(dst1);
    uint32_t* target = tthal::tensix::math_tile(out);
    for (uint32_t at = 0; at < 4 * 32; at += tthal::sfpu::WIDTH)
        lanes.store(target + at, lanes.load(a + at) + lanes.load(b + at));
}

}  // namespace ckernel

// Up to 0.72 the sorting networks were declared here.
#include "api/compute/topk.h"
