"""Whole computations on the matrix and vector units against float64: softmax, layernorm, RMSnorm, a GELU MLP.

Each kernel takes row-blocks of tiles from its buffers; all operands are bfloat16 and DST is 32 bits wide. The
tolerances come from the roundings on the way: every intermediate buffer is bfloat16, whose 7 stored fraction bits make
each step uncertain by up to 2^-8 relative, and the FPU cuts or aligns operands to 2^-10.
"""

from __future__ import annotations

from collections.abc import Callable
from math import erf
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.tiles import tilize, untilize

F64 = npt.NDArray[np.float64]
F = ttnn.DataFormat
BF16 = ml_dtypes.bfloat16
TILE_BYTES = 2048
HALF_UNIT = 2.0**-8
"""Half a unit in the last place of a bfloat16, relative to the number."""

COMMON = """
#include "api/compute/bcast.h"
#include "api/compute/compute_kernel_api.h"
#include "api/compute/eltwise_unary/binop_with_scalar.h"
#include "api/compute/eltwise_unary/gelu.h"
#include "api/compute/eltwise_unary/rsqrt.h"
#include "api/compute/reduce.h"

constexpr uint32_t Wt = get_compile_time_arg_val(0);

// Computes one DST tile with `work` and packs it as the next tile of a buffer.
template <typename Work>
void make_tile(uint32_t out, Work work) {
    tile_regs_acquire();
    work();
    tile_regs_commit();
    cb_reserve_back(out, 1);
    tile_regs_wait();
    pack_tile(0, out);
    tile_regs_release();
    cb_push_back(out, 1);
}

// Column 0 of the result holds the sum or the maximum of every row of Wt tiles.
template <PoolType pool, typename Finish>
void reduce_rows(uint32_t in, uint32_t scaler, uint32_t out, Finish finish) {
    constexpr bool sum = pool != PoolType::MAX;
    reconfig_data_format(sum ? scaler : in, sum ? in : scaler);
    reduce_init<pool, ReduceDim::REDUCE_ROW>(in, scaler, out);
    make_tile(out, [&] {
        for (uint32_t i = 0; i < Wt; i++) reduce_tile<pool, ReduceDim::REDUCE_ROW>(in, scaler, i, 0, 0);
        finish();
    });
    reduce_uninit();
}
"""

SOFTMAX = (
    COMMON
    + """
constexpr uint32_t x = 0, ones = 1, out = 16, largest = 24, powers = 25, inverse = 26;

void kernel_main() {
    compute_kernel_hw_startup(x, ones, out);
    cb_wait_front(ones, 1);
    cb_wait_front(x, Wt);
    reduce_rows<PoolType::MAX>(x, ones, largest, [] {});

    cb_wait_front(largest, 1);
    sub_bcast_cols_init(x, largest);
    exp_tile_init();
    for (uint32_t i = 0; i < Wt; i++)
        make_tile(powers, [&] { sub_tiles_bcast_cols(x, largest, i, 0, 0); exp_tile(0); });

    cb_wait_front(powers, Wt);
    recip_tile_init();
    reduce_rows<PoolType::SUM>(powers, ones, inverse, [] { recip_tile(0); });

    cb_wait_front(inverse, 1);
    mul_bcast_cols_init(powers, inverse);
    for (uint32_t i = 0; i < Wt; i++) make_tile(out, [&] { mul_tiles_bcast_cols(powers, inverse, i, 0, 0); });
}
"""
)

# The scaler tile holds 1 / N, so that sums over rows are means.
LAYERNORM = (
    COMMON
    + """
constexpr uint32_t x = 0, mean_scaler = 1, gamma = 2, beta = 3, out = 16;
constexpr uint32_t mean = 24, centred = 25, squares = 26, inverse = 27, normal = 28, scaled = 29;

void kernel_main() {
    compute_kernel_hw_startup(x, mean_scaler, out);
    cb_wait_front(mean_scaler, 1);
    cb_wait_front(x, Wt);
    cb_wait_front(gamma, Wt);
    cb_wait_front(beta, Wt);
    if constexpr (CENTRED) {
        reduce_rows<PoolType::SUM>(x, mean_scaler, mean, [] {});
        cb_wait_front(mean, 1);
        sub_bcast_cols_init(x, mean);
        for (uint32_t i = 0; i < Wt; i++) make_tile(centred, [&] { sub_tiles_bcast_cols(x, mean, i, 0, 0); });
    } else {
        copy_init(x);
        for (uint32_t i = 0; i < Wt; i++) make_tile(centred, [&] { copy_tile(x, i, 0); });
    }

    cb_wait_front(centred, Wt);
    mul_init(centred, centred);
    for (uint32_t i = 0; i < Wt; i++) make_tile(squares, [&] { mul_tiles(centred, centred, i, i, 0); });
    cb_wait_front(squares, Wt);
    const uint32_t epsilon = get_arg_val<uint32_t>(0);
    binop_with_scalar_tile_init();
    rsqrt_tile_init();
    reduce_rows<PoolType::SUM>(squares, mean_scaler, inverse, [=] { add_unary_tile(0, epsilon); rsqrt_tile(0); });

    cb_wait_front(inverse, 1);
    mul_bcast_cols_init(centred, inverse);
    for (uint32_t i = 0; i < Wt; i++) make_tile(normal, [&] { mul_tiles_bcast_cols(centred, inverse, i, 0, 0); });
    cb_wait_front(normal, Wt);
    mul_bcast_rows_init(normal, gamma);
    for (uint32_t i = 0; i < Wt; i++) make_tile(scaled, [&] { mul_tiles_bcast_rows(normal, gamma, i, i, 0); });
    cb_wait_front(scaled, Wt);
    add_bcast_rows_init(scaled, beta);
    for (uint32_t i = 0; i < Wt; i++) make_tile(out, [&] { add_tiles_bcast_rows(scaled, beta, i, i, 0); });
}
"""
)

# gelu(x @ w1 + b1) @ w2 for one row of tiles: Wt hidden tiles, Kt tiles of x and of the result.
MLP = (
    COMMON
    + """
constexpr uint32_t Kt = get_compile_time_arg_val(1);
constexpr uint32_t x = 0, w1 = 1, b1 = 2, w2 = 3, out = 16, product = 24, hidden = 25;

// One row of tiles times a matrix of `inner` x `columns` tiles.
void multiply(uint32_t left, uint32_t right, uint32_t to, uint32_t inner, uint32_t columns) {
    matmul_init(left, right);
    for (uint32_t column = 0; column < columns; column++)
        make_tile(to, [&] {
            for (uint32_t k = 0; k < inner; k++) matmul_tiles(left, right, k, k * columns + column, 0);
        });
}

void kernel_main() {
    compute_kernel_hw_startup<SrcOrder::Reverse>(x, w1, out);
    cb_wait_front(x, Kt);
    cb_wait_front(w1, Kt * Wt);
    cb_wait_front(b1, Wt);
    cb_wait_front(w2, Wt * Kt);
    multiply(x, w1, product, Kt, Wt);
    cb_wait_front(product, Wt);
    add_bcast_rows_init(product, b1);
    gelu_tile_init<false>();
    for (uint32_t i = 0; i < Wt; i++)
        make_tile(hidden, [&] { add_tiles_bcast_rows(product, b1, i, i, 0); gelu_tile<false>(0); });
    cb_wait_front(hidden, Wt);
    multiply(hidden, w2, out, Wt, Kt);
}
"""
)


def pages(matrix: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return a matrix as tile pages of bfloat16."""
    tiles = np.ascontiguousarray(tilize(np.ascontiguousarray(matrix).astype(BF16)))
    return tiles.view(np.uint8).reshape(-1, TILE_BYTES)


def row_tiles(vector: F64) -> npt.NDArray[np.uint8]:
    """Return a vector as the first rows of tiles."""
    matrix = np.zeros((32, vector.size))
    matrix[0] = vector
    return pages(matrix)


def rounded(matrix: F64) -> F64:
    return np.asarray(matrix.astype(BF16).astype(np.float64))


def run(
    bench: Any,
    tensor: Any,
    source: str,
    inputs: list[npt.NDArray[np.uint8]],
    columns: int,
    scratch: dict[int, int],
    **more: Any,
) -> F64:
    """Run a kernel on buffers 0, 1, ..; ``scratch`` gives tiles of further ones. Return buffer 16 as a matrix."""
    operands = [tensor(cb, F.Float16_b, data) for cb, data in enumerate(inputs)]
    out = tensor(16, F.Float16_b, np.zeros((columns // 32, TILE_BYTES), np.uint8))
    buffers = {cb: (F.Float16_b, TILE_BYTES, tiles) for cb, tiles in scratch.items()}
    data = bench.run(source, operands, [out], scratch=buffers, fp32_dest_acc_en=True, **more)[0]
    return np.asarray(untilize(data.reshape(-1).view(BF16), (32, columns)).astype(np.float64))


GRADES = ["emulator", "emulator?numerics=fast"]


@pytest.mark.parametrize("grade", GRADES)
def test_softmax(grade: str, benches: Callable[[str], Any], tensor: Any) -> None:
    x = rounded(np.random.default_rng(0).normal(0, 2, (32, 128)))
    got = run(
        benches(grade),
        tensor,
        SOFTMAX,
        [pages(x), pages(np.ones((32, 32)))],
        128,
        {24: 1, 25: 4, 26: 1},
        compile_args=[4],
    )
    powers = np.exp(x - x.max(1, keepdims=True))
    wanted = powers / powers.sum(1, keepdims=True)
    # x - max has 10 fraction bits in the FPU: its error is absolute and becomes the power's relative one. Then the
    # power, the inverse and the result are rounded, and both factors of the last product are cut.
    exponent_error = 2.0**-10 * np.abs(x - x.max(1, keepdims=True)).max()
    allowed = wanted * (exponent_error + 3 * HALF_UNIT + 4 * 2.0**-10)
    assert np.all(np.abs(got - wanted) <= allowed)
    np.testing.assert_allclose(got.sum(1), 1, atol=0.02)


def normalised(x: F64, centred: bool, epsilon: float) -> F64:
    y = x - x.mean(1, keepdims=True) if centred else x
    return np.asarray(y / np.sqrt(np.mean(y * y, 1, keepdims=True) + epsilon))


@pytest.mark.parametrize("grade", GRADES)
@pytest.mark.parametrize("centred", [True, False], ids=["layernorm", "RMSnorm"])
def test_normalisation(centred: bool, grade: str, benches: Callable[[str], Any], tensor: Any) -> None:
    rng = np.random.default_rng(1)
    x, gamma, beta = (
        rounded(rng.normal(0.5, 2, (32, 128))),
        rounded(rng.uniform(0.5, 1.5, 128)),
        rounded(rng.normal(0, 1, 128)),
    )
    epsilon = 1e-5
    got = run(
        benches(grade),
        tensor,
        LAYERNORM,
        [pages(x), pages(np.full((32, 32), 1 / 128)), row_tiles(gamma), row_tiles(beta)],
        128,
        {24: 1, 25: 4, 26: 4, 27: 1, 28: 4, 29: 4},
        args=[int(np.float32(epsilon).view(np.uint32))],
        compile_args=[4],
        defines={"CENTRED": "true" if centred else "false"},
    )
    wanted = normalised(x, centred, epsilon) * gamma + beta
    # Relative to the normalised value: the difference, squares, inverse, product and scaled product are rounded; the
    # mean is rounded too, which shifts a whole row by a part of the deviation.
    scale = np.abs(normalised(x, centred, epsilon) * gamma)
    shift = np.abs(gamma) * (HALF_UNIT + 2.0**-10) * np.abs(x.mean(1, keepdims=True)) if centred else 0
    allowed = (
        (5 * HALF_UNIT + 5 * 2.0**-10) * scale + shift + HALF_UNIT * np.abs(wanted) + 2.0**-10 * (scale + np.abs(beta))
    )
    assert np.all(np.abs(got - wanted) <= allowed)


@pytest.mark.parametrize("grade", GRADES)
def test_gelu_mlp(grade: str, benches: Callable[[str], Any], tensor: Any) -> None:
    rng = np.random.default_rng(2)
    x, w1, w2 = (
        rounded(rng.normal(0, 1, (32, 64))),
        rounded(rng.normal(0, 0.125, (64, 128))),
        rounded(rng.normal(0, 0.125, (128, 64))),
    )
    b1 = rounded(rng.normal(0, 0.5, 128))
    got = run(
        benches(grade),
        tensor,
        MLP,
        [pages(x), pages(w1), row_tiles(b1), pages(w2)],
        64,
        {24: 4, 25: 4},
        compile_args=[4, 2],
    )
    before = x @ w1 + b1
    hidden = before * 0.5 * (1 + np.vectorize(erf)(before / np.sqrt(2)))
    wanted = hidden @ w2
    # The first product is good to 2^-10 of its terms, then rounded; gelu's slope is at most 1.13.
    first = 2.0**-10 * (np.abs(x) @ np.abs(w1)) + HALF_UNIT * np.abs(x @ w1) + 2.0**-10 * (np.abs(before) + np.abs(b1))
    second = 1.13 * first + HALF_UNIT * np.abs(hidden)
    allowed = second @ np.abs(w2) + 2.0**-10 * (np.abs(hidden) @ np.abs(w2)) + HALF_UNIT * np.abs(wanted)
    assert np.all(np.abs(got - wanted) <= allowed)
    assert np.linalg.norm(got - wanted) <= 0.01 * np.linalg.norm(wanted)
