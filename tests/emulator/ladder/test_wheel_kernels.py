"""Compute kernels of the vendor's wheel that the ladder does not name, run with real arguments and oracles."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.tiles import tilize, untilize

sys.path.append(str(Path(__file__).resolve().parent))
from stage_data import (
    F64,
    HALF_UNIT,
    NEEDS_CORPUS,
    TILE_BYTES,
    Bench,
    F,
    Pages,
    check,
    empty,
    matrix,
    normal,
    pages,
    rounded,
    vendor_file,
)

pytestmark = NEEDS_CORPUS
I32 = npt.NDArray[np.int32]
WIDE = ttnn.UnpackToDestMode.UnpackToDestFp32


def words(values: npt.NDArray[Any]) -> Pages:
    """Return a matrix of whole numbers as pages of tiles."""
    flat = np.ascontiguousarray(tilize(values)).view(np.uint8)
    return flat.reshape(values.size // 1024, -1)


@pytest.mark.parametrize("output_tiles", [1, 2])
@pytest.mark.parametrize("stable", [0, 1])
@pytest.mark.parametrize("largest", [0, 1])
def test_topk(largest: int, stable: int, output_tiles: int, benches: Bench, tensor: Any) -> None:
    """The 32 or 64 first of 128 numbers of every row, with their places."""
    x, tiles = normal(1, 32, 128, deviation=4), 4
    places = np.tile(np.arange(128, dtype=np.uint16), (32, 1))
    buffers = {"input": 0, "index": 1, "transposed_val": 24, "transposed_ind": 25}
    buffers |= {"result_prep_val": 26, "result_prep_ind": 27, "output_val": 16, "output_ind": 17}
    settings = {"Ht": 1, "Wt": tiles, "output_tiles": output_tiles, "largest": largest, "stable_sort": stable}
    named = {f"dfb::{name}": cb for name, cb in buffers.items()} | {"rta::work_per_core": 0, "args::rank_stamped": 0}
    named |= {f"args::{name}": value for name, value in settings.items()}
    inputs = [tensor(0, F.Float16_b, pages(x), depth=2), tensor(1, F.UInt16, words(places), depth=2)]
    outputs = [
        tensor(16, F.Float16_b, empty(output_tiles), depth=2),
        tensor(17, F.UInt16, empty(output_tiles), depth=2),
    ]
    sizes = {
        24: (F.Float16_b, 4),
        25: (F.UInt16, 4),
        26: (F.Float16_b, 2 * output_tiles),
        27: (F.UInt16, 2 * output_tiles),
    }
    scratch = {cb: (data_format, TILE_BYTES, size) for cb, (data_format, size) in sizes.items()}
    kernel = vendor_file("operations/reduction/topk/device/kernels/compute/topk.cpp")
    values, found = benches("emulator").run(kernel, inputs, outputs, [1], scratch=scratch, named_compile_args=named)
    wanted = np.sort(x, 1)[:, ::-1] if largest else np.sort(x, 1)
    wanted = wanted[:, : 32 * output_tiles]
    assert np.array_equal(matrix(values, 32, 32 * output_tiles), wanted)
    indices = untilize(found.reshape(-1).view(np.uint16), (32, 32 * output_tiles)).astype(np.int64)
    assert np.array_equal(np.take_along_axis(x, indices, 1), wanted)


def test_products_of_tiles(benches: Bench, tensor: Any) -> None:
    """Two results, each the product of five tiles, made in DST."""
    x = rounded(np.random.default_rng(2).uniform(0.5, 1.5, (10, 32, 32)))
    named = {"rta::num_input_tiles": 0, "rta::num_output_tiles": 1, "dfb::in": 0, "dfb::out": 3}
    tiles = np.concatenate([pages(tile) for tile in x])
    inputs, out = [tensor(0, F.Float16_b, tiles, depth=2)], tensor(3, F.Float16_b, empty(2), depth=2)
    config = {"named_compile_args": named, "fp32_dest_acc_en": True}
    kernel = vendor_file("operations/reduction/prod/device/kernels/compute/prod_nc.cpp")
    got = benches("emulator").run(kernel, inputs, [out], [5, 2], **config)[0]
    wanted = x.reshape(2, 5, 32, 32).prod(1)
    # DST goes through SrcA four times, with 8 bits of a bfloat16 operand's format each time.
    for number in range(2):
        check(matrix(got[number], 32, 32), wanted[number], 4 * 2 * HALF_UNIT + HALF_UNIT)


TERNARY: dict[str, tuple[str, str, Callable[[F64, F64, F64], F64]]] = {
    "where": ("where_tile_init", "where_tile<DataFormat::Float16_b>", lambda a, b, c: np.where(a != 0, b, c)),
    "lerp": ("lerp_tile_init", "lerp_tile<DataFormat::Float16_b>", lambda a, b, c: a + c * (b - a)),
}


@pytest.mark.parametrize("operation", TERNARY)
def test_three_tensors(operation: str, benches: Bench, tensor: Any) -> None:
    init, call, oracle = TERNARY[operation]
    a, b, c = (normal(seed, 32, 96) for seed in (3, 4, 5))
    a[::2] = 0
    inputs = [tensor(cb, F.Float16_b, pages(x), depth=2) for cb, x in enumerate((a, b, c))]
    config = {
        "compile_args": [1],
        "defines": {"TERNARY_SFPU_OP_INIT": init, "TERNARY_SFPU_OP_FUNC": call},
        "fp32_dest_acc_en": True,
    }
    kernel = vendor_file("operations/eltwise/ternary/device/kernels/compute/ternary_sfpu_no_bcast_ttt.cpp")
    out = tensor(3, F.Float16_b, empty(3), depth=2)
    got = benches("emulator").run(kernel, inputs, [out], [3], **config)[0]
    check(matrix(got, 32, 96), oracle(a, b, c), HALF_UNIT, 1e-6)


INTEGERS: dict[str, tuple[str, str, Callable[[I32, I32], Any]]] = {
    "sum": ("add_int_tile_init();", "add_int_tile<DataFormat::Int32>", np.add),
    "product": ("mul_int_tile_init<DataFormat::Int32>();", "mul_int_tile<DataFormat::Int32>", np.multiply),
    "greatest common divisor": ("gcd_tile_init();", "gcd_tile", np.gcd),
    "quotient": ("div_int32_floor_tile_init();", "div_int32_floor_tile", np.floor_divide),
    "less": ("lt_int_tile_init<DataFormat::Int32>();", "lt_int_tile<DataFormat::Int32>", np.less),
}


@pytest.mark.parametrize("operation", INTEGERS)
def test_integers_of_two_tensors(operation: str, benches: Bench, tensor: Any) -> None:
    init, call, oracle = INTEGERS[operation]
    rng = np.random.default_rng(6)
    a, b = rng.integers(-5000, 5000, (32, 96)).astype(np.int32), rng.integers(1, 99, (32, 96)).astype(np.int32)
    inputs = [tensor(cb, F.Int32, words(x), depth=4) for cb, x in enumerate((a, b))]
    nothing = {f"PROCESS_{side}_ACTIVATIONS(i)": "" for side in ("LHS", "RHS", "POST")}
    config = {
        "compile_args": [2],
        "defines": {**nothing, "BINARY_SFPU_INIT": init, "BINARY_SFPU_OP": call},
        "fp32_dest_acc_en": True,
        "unpack_to_dest_mode": [WIDE, WIDE],
    }
    kernel = vendor_file("operations/eltwise/binary_ng/device/kernels/compute/eltwise_binary_sfpu_no_bcast.cpp")
    got = benches("emulator").run(kernel, inputs, [tensor(2, F.Int32, empty(3, 4096), depth=4)], [3], **config)[0]
    found = untilize(got.reshape(-1).view(np.int32), (32, 96))
    assert np.array_equal(found, oracle(a, b).astype(np.int32))


def test_rows_transposed(benches: Bench, tensor: Any) -> None:
    """Row-major in, row-major out, by way of tiles."""
    x = normal(7, 64, 96)
    rows = x.astype(np.float32).view(np.uint32)
    data = (rows >> 16).astype(np.uint16).view(np.uint8).reshape(6, TILE_BYTES)
    inputs, out = [tensor(0, F.Float16_b, data)], tensor(16, F.Float16_b, empty(6))
    kernel = vendor_file("operations/data_movement/transpose/device/kernels/compute/transpose_wh_rm.cpp")
    scratch = {24: (F.Float16_b, TILE_BYTES, 6)}
    got = benches("emulator").run(kernel, inputs, [out], [1], scratch=scratch, compile_args=[2, 3, 6])[0]
    found = (got.reshape(-1).view(np.uint16).astype(np.uint32) << 16).view(np.float32).reshape(96, 64)
    assert np.array_equal(found.astype(np.float64), x.T)


def test_running_sums_with_compensation(benches: Bench, tensor: Any) -> None:
    """Twelve tiles, each result the sum of those so far; after a large first one, plain sums would lose the rest."""
    x = np.random.default_rng(8).uniform(0.5, 1.5, (12, 32, 32)).astype(np.float32)
    x[0] = 1e7
    tiles = np.concatenate([words(tile) for tile in x])
    named = {"args::default_acc_value": 0, "rta::num_rows": 0, "rta::tiles_per_row": 1}
    named |= {"dfb::in": 0, "dfb::out": 16, "dfb::acc": 24, "dfb::comp": 25}
    defines = {
        "BINARY_OP_INIT": "add_binary_tile_init",
        "BINARY_OP": "add_binary_tile",
        "FILL_TILE": "fill_tile_bitcast",
    }
    config = {
        "named_compile_args": named,
        "defines": {**defines, "COMPENSATED_SUM": "1"},
        "fp32_dest_acc_en": True,
        "unpack_to_dest_mode": [WIDE] * 32,
        "scratch": dict.fromkeys((24, 25), (F.Float32, 4096, 1)),
    }
    kernel = vendor_file("operations/reduction/accumulation/device/kernels/compute/accumulation_compute.cpp")
    inputs, out = [tensor(0, F.Float32, tiles, depth=2)], tensor(16, F.Float32, empty(12, 4096), depth=2)
    got = benches("emulator").run(kernel, inputs, [out], [1, 12], **config)[0]
    wanted = np.cumsum(x.astype(np.float64), 0)
    for number in range(12):
        # A unit of float32, whatever the length.
        check(matrix(got[number], 32, 32, dtype=np.float32), wanted[number], 2.0**-23)
