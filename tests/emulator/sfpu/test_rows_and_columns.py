"""Reductions, broadcasts, averages and sums over rows and columns of DST tiles, against numpy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tthal.errors import CompileError

F32 = npt.NDArray[np.float32]
BROADCAST = '#include "api/compute/sfpu_binary_bcast.h"'


def tiles(count: int, seed: int = 1) -> F32:
    return np.random.default_rng(seed).uniform(-4, 4, (count, 32, 32)).astype(np.float32)


BROADCASTS: list[tuple[str, Callable[[Any, Any], Any]]] = [
    ("sfpu_bcast_col_init(); sfpu_add_bcast_col_init(); sfpu_add_bcast_col(0, 1);", lambda x, y: x + y[:, :1]),
    ("sfpu_bcast_col_init(); sfpu_sub_bcast_col_init(); sfpu_sub_bcast_col(0, 1);", lambda x, y: x - y[:, :1]),
    ("sfpu_bcast_col_init(); sfpu_mul_bcast_col_init(); sfpu_mul_bcast_col(0, 1);", lambda x, y: x * y[:, :1]),
    ("sfpu_bcast_row_init(); sfpu_add_bcast_row_init(); sfpu_add_bcast_row(0, 1);", lambda x, y: x + y[:1]),
    ("sfpu_bcast_row_init(); sfpu_sub_bcast_row_init(); sfpu_sub_bcast_row(0, 1);", lambda x, y: x - y[:1]),
    ("sfpu_bcast_row_init(); sfpu_mul_bcast_row_init(); sfpu_mul_bcast_row(0, 1);", lambda x, y: x * y[:1]),
    ("sfpu_bcast_init<BroadcastType::COL>(); sfpu_bcast<BroadcastType::COL, ELWADD>(0, 1);", lambda x, y: x + y[:, :1]),
    ("sfpu_bcast_init<BroadcastType::COL>(); sfpu_bcast<BroadcastType::COL, ELWSUB>(0, 1);", lambda x, y: x - y[:, :1]),
    ("sfpu_bcast_init<BroadcastType::ROW>(); sfpu_bcast<BroadcastType::ROW, ELWMUL>(0, 1);", lambda x, y: x * y[:1]),
]


def test_broadcasts_of_a_column_and_a_row(lanes: Any) -> None:
    x, y = tiles(2)
    results = lanes.run_each(BROADCAST, [call for call, _ in BROADCASTS], np.stack([x, y]))[:, 0].view(np.float32)
    for result, (call, oracle) in zip(results, BROADCASTS, strict=True):
        assert np.array_equal(result, oracle(x, y)), call


def test_normalisation(lanes: Any) -> None:
    data = tiles(4)
    bodies = [
        "sfpu_normalize_bcast_col(0, 2, 3);",
        "sfpu_normalize_bcast_col_two_tiles(0, 1, 2, 3);",
        "sfpu_normalize_bcast_scalar_init(); sfpu_normalize_bcast_scalar(0, 2, 3);",
        "sfpu_residual_normalize_bcast_col(0, 1, 2, 3);",
    ]
    results = lanes.run_each(BROADCAST, bodies, data, 2).view(np.float32)
    mean, scale = data[2][:, :1], data[3][:, :1]
    assert np.array_equal(results[0, 0], (data[0] - mean) * scale)
    assert np.array_equal(results[1], (data[:2] - mean) * scale)
    assert np.array_equal(results[2, 0], (data[0] - data[2][0, 0]) * data[3][0, 0])
    assert np.array_equal(results[3, 0], (data[0] + data[1] - mean) * scale)


POOLS: dict[str, Callable[..., Any]] = {"SUM": np.sum, "AVG": np.mean, "MAX": np.max, "MIN": np.min}


@pytest.mark.parametrize("pool", POOLS)
def test_columns_reduce_to_the_first_row(lanes: Any, pool: str) -> None:
    data = tiles(1)
    template = f"<PoolType::{pool}, DataFormat::Float32>"
    call = f"sfpu_reduce_init{template}(); sfpu_reduce{template}(0);"
    result = lanes.floats("", call, data)[0]
    # 31 additions of numbers below 4 * 32, each rounded.
    assert np.allclose(result[0], POOLS[pool](data[0].astype(np.float64), axis=0), rtol=0, atol=31 * 128 * 2.0**-24)
    assert np.array_equal(result[1:], data[0][1:])


@pytest.mark.parametrize("pool", POOLS)
def test_rows_of_several_tiles_reduce_to_a_column(lanes: Any, pool: str) -> None:
    data = tiles(4)
    call = f"sfpu_reduce<PoolType::{pool}, DataFormat::Float32, ReduceDim::REDUCE_ROW>(0, 2, 2);"
    result = lanes.floats("", call, data, 4)
    for band in range(2):
        rows = np.concatenate([data[2 * band], data[2 * band + 1]], axis=1).astype(np.float64)
        assert np.allclose(result[2 * band][:, 0], POOLS[pool](rows, axis=1), rtol=0, atol=63 * 256 * 2.0**-24)


INTEGER_FORMATS: list[tuple[str, type[Any]]] = [("Int32", np.int32), ("UInt32", np.uint32)]


@pytest.mark.parametrize(("format", "number"), INTEGER_FORMATS)
def test_integers_reduce_exactly_and_wrap(lanes: Any, format: str, number: type[Any]) -> None:
    data = np.random.default_rng(2).integers(0, 2**32, (32, 32), np.uint64).astype(np.uint32)
    calls = [f"sfpu_reduce<PoolType::{pool}, DataFormat::{format}>(0);" for pool in ("SUM", "MAX", "MIN", "AVG")]
    rows = lanes.run_each("", calls, data)[:, 0, 0]
    numbers = data.view(number)
    total = numbers.astype(np.int64).sum(axis=0).astype(np.uint32)
    assert np.array_equal(rows[0], total)
    assert np.array_equal(rows[1].view(number), numbers.max(axis=0))
    assert np.array_equal(rows[2].view(number), numbers.min(axis=0))
    assert np.array_equal(rows[3].view(number), np.trunc(total.view(number) / 32).astype(number))


def test_uint16_reduces_in_both_modes(lanes: Any) -> None:
    numbers = np.random.default_rng(2).integers(0, 1000, (32, 32)).astype(np.uint32)
    call = "sfpu_reduce<PoolType::MAX, DataFormat::UInt16>(0);"
    assert np.array_equal(lanes.run("", call, numbers)[0, 0], numbers.max(axis=0) * 0x10001)
    assert np.array_equal(lanes.run("", call, numbers << 16, wide=False)[0, 0], numbers.max(axis=0) << 16)


def test_average_of_rows_of_integers_does_not_compile(lanes: Any) -> None:
    with pytest.raises(CompileError, match="average of rows is that of floats"):
        lanes.run("", "sfpu_reduce<PoolType::AVG, DataFormat::Int32, ReduceDim::REDUCE_ROW>(0);", tiles(1))


@pytest.mark.parametrize("format", ["Float32", "Int32", "UInt32"])
def test_the_upper_rows_of_two_tiles_are_added(lanes: Any, format: str) -> None:
    data = tiles(3) if format == "Float32" else np.arange(3 * 1024, dtype=np.uint32).reshape(3, 32, 32)
    result = lanes.run("", f"sfpu_add_top_row_init(); sfpu_add_top_row<DataFormat::{format}>(0, 1, 2);", data, 3)[2]
    expected = data[2].copy()
    expected[:4] = data[0][:4] + data[1][:4]
    assert np.array_equal(result, expected.view(np.uint32))


def test_running_products_of_vectors(lanes: Any) -> None:
    data = np.random.default_rng(5).uniform(0.9, 1.1, (32, 32)).astype(np.float32)
    result = lanes.floats("", "tiled_prod_tile_init(); tiled_prod_tile(0);", data)[0]

    def vectors(tile: F32) -> F32:
        """(32 vectors, 32 lanes) in the order of dst_reg."""
        faces = tile.reshape(2, 16, 2, 16).swapaxes(1, 2).reshape(4, 4, 4, 8, 2)
        result: F32 = np.moveaxis(faces, 4, 2).reshape(32, 32)
        return result

    assert np.array_equal(vectors(result), np.cumprod(vectors(data), axis=0, dtype=np.float32))


def test_moving_averages_go_on_in_the_next_tile(lanes: Any) -> None:
    data = tiles(3)
    alpha, beta = np.float32(0.75), np.float32(0.25)
    weights = ", ".join(f"0x{value.view(np.uint32):08x}u" for value in (alpha, beta))
    body = f"ema_init({weights}); ema_clear_previous_output(); ema_tile(0); copy_dest_values(2, 1); ema_tile(1);"
    head = '#include "api/compute/ema.h"\n#include "api/compute/copy_dest_values.h"'
    result = lanes.floats(head, body, data, 3)[2]
    y = np.zeros(32, np.float32)
    expected = []
    for row in np.concatenate([data[0], data[2]]):
        y = alpha * y + beta * row
        expected.append(y)
    assert np.array_equal(result, np.array(expected[32:]))


def test_rows_are_added_where_indices_say(lanes: Any) -> None:
    data = tiles(2)
    places = np.random.default_rng(6).integers(0, 40, 32)
    table = ", ".join(map(str, [0] * 16 + places.tolist()))
    head = f'#include "api/compute/reshuffle.h"\nalignas(16) static uint8_t table[] = {{{table}}};'
    call = "reshuffle_rows_tile_init(); reshuffle_rows_tile(0, reinterpret_cast<uintptr_t>(table));"
    expected = data[1].copy()
    for row, place in enumerate(places):
        if place < 32:
            expected[place] += data[0][row]
    assert np.array_equal(lanes.floats(head, call, data, 2)[1], expected)


def test_partial_sums_of_integers(lanes: Any) -> None:
    data = np.random.default_rng(9).integers(-(2**20), 2**20, (2, 32, 32)).astype(np.int32)
    head = '#include "api/compute/eltwise_unary/sfpu_int_sum.h"'
    calls = ["sfpu_sum_int_init(); sfpu_sum_int_col(0);", "sfpu_sum_int_row(0);", "sfpu_add_int(0);"]
    columns, rows, sums = lanes.run_each(head, calls, data)[:, 0].view(np.int32)
    assert np.array_equal(columns[:4], data[0].reshape(8, 4, 32).sum(axis=0))
    assert np.array_equal(rows[:, :16:2], data[0].reshape(32, 2, 8, 2).sum(axis=(1, 3)))
    assert np.array_equal(sums, data[0] + data[1])


def test_logarithm_of_gamma_with_reflection(lanes: Any) -> None:
    x = np.random.default_rng(11).uniform(-5, 8, (32, 32)).astype(np.float32)
    sine = np.log(np.abs(np.sin(np.pi * x.astype(np.float64)))).astype(np.float32)
    log_z = np.log(np.where(x < 0.5, np.float32(1) - x, x).astype(np.float64)).astype(np.float32)
    inputs = np.stack([x, sine, x, log_z])
    head = '#include "api/compute/eltwise_unary/lgamma.h"'
    finish = "lgamma_adjusted_tile_init(); lgamma_adjusted_tile(0, 1, 2, 0);"
    bodies = [
        f"lgamma_stirling_tile_init(); lgamma_stirling_tile(0); {finish}",
        f"lgamma_stirling_float_tile_init(); lgamma_stirling_float_tile(2, 3, 0); {finish}",
    ]
    expected = np.vectorize(math.lgamma)(x.astype(np.float64))
    # Three numbers of up to 15 are added, each rounded to float32.
    for result in lanes.run_each(head, bodies, inputs)[:, 0].view(np.float32):
        assert np.allclose(result, expected, rtol=0, atol=4 * 16 * 2.0**-24)


def test_logarithm_of_gamma_uses_the_given_logarithm(lanes: Any) -> None:
    x = np.random.default_rng(12).uniform(0.5, 8, (32, 32)).astype(np.float32)
    x[0, :2] = 1, 2
    given = np.log(x.astype(np.float64)) + 0.125
    head = '#include "api/compute/eltwise_unary/lgamma.h"'
    result = lanes.floats(head, "lgamma_stirling_float_tile(0, 1, 2);", [x, given.astype(np.float32), x], 3)[2]
    expected = np.vectorize(math.lgamma)(x.astype(np.float64)) + 0.125 * (x.astype(np.float64) - 0.5)
    expected[0, :2] = 0
    assert np.allclose(result, expected, rtol=0, atol=4 * 16 * 2.0**-24)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("situ_glu", "situ_glu_tile_init(); situ_glu_tile(0, 1, 2);"),
        ("clamped_silu_glu", "clamped_silu_glu_tile_init(); clamped_silu_glu_tile(0, 1, 2);"),
    ],
)
def test_gated_units_are_blackholes(lanes: Any, blackhole: Any, name: str, call: str) -> None:
    data = 5 * tiles(2)
    gate, up = data.astype(np.float64)
    if name == "situ_glu":
        expected = 4 * np.tanh(gate / 4) / (1 + np.exp(-gate)) * 25 * np.tanh(up / 25)
    else:
        limited = np.minimum(gate, 10)
        expected = limited / (1 + np.exp(-limited)) * np.clip(up, -10, 10)
    head = f'#include "api/compute/{name}.h"'
    # Five roundings, and three functions of up to two units each.
    assert np.allclose(blackhole.floats(head, call, data, 3)[2], expected, rtol=12 * 2.0**-23, atol=1e-30)
    with pytest.raises(CompileError, match=name):
        lanes.floats(head, call, data, 3)
