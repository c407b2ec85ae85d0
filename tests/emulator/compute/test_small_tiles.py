"""Kernels on tiles smaller than 32 x 32, against numpy; the numbers are small whole ones, so every step is exact."""

# ruff: noqa: E501 - one line per operation

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.tiles import tilize, untilize

F = ttnn.DataFormat
F64 = npt.NDArray[np.float64]
SHAPES = [(16, 32), (32, 16), (16, 16), (8, 32), (4, 32), (2, 32), (1, 32), (8, 16)]
BROADCASTABLE = [(16, 32), (16, 16)]
"""Shapes whose broadcasts the vendor supports besides whole tiles (golden_more, fact 7)."""

KERNEL = """
#include "api/compute/bcast.h"
#include "api/compute/compute_kernel_api.h"
#include "api/compute/copy_dest_values.h"
#include "api/compute/eltwise_unary/negative.h"
#include "api/compute/reduce.h"
#include "api/compute/transpose.h"
using enum EltwiseBinaryReuseDestType;

void calculate(uint32_t what) {
    switch (what) {
%s
    }
}

void kernel_main() {
    const uint32_t what = get_arg_val<uint32_t>(0), full = get_arg_val<uint32_t>(1);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    cb_wait_front(2, 1);
    cb_reserve_back(16, 1);
    if (full) compute_kernel_hw_startup<SrcOrder::Reverse>(0, 2, 16);
    else compute_kernel_hw_startup(0, 1, 16);
    tile_regs_acquire();
    calculate(what);
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
"""

# Statements, and what they make of a, b (small tiles) and w (a whole tile).
ANYWHERE: dict[str, tuple[str, Callable[[F64, F64, F64], Any]]] = {
    "copy": ("copy_init(0); copy_tile(0, 0, 0);", lambda a, b, w: a),
    "add": ("add_init(0, 1); add_tiles(0, 1, 0, 0, 0);", lambda a, b, w: a + b),
    "sub, accumulated": ("sub_init(0, 1, true); sub_tiles(0, 1, 0, 0, 0); sub_tiles(0, 1, 0, 0, 0);", lambda a, b, w: 2 * (a - b)),
    "mul, accumulated": ("mul_init(0, 1); mul_tiles(0, 1, 0, 0, 0); mul_tiles(0, 1, 0, 0, 0);", lambda a, b, w: 2 * a * b),
    "DST minus a tile": ("copy_init(0); copy_tile(0, 0, 0); sub_reuse_dest_init<DEST_TO_SRCA>(1); sub_reuse_dest_tiles<DEST_TO_SRCA>(1, 0, 0);", lambda a, b, w: a - b),
    "a tile minus DST": ("copy_init(0); copy_tile(0, 0, 0); sub_reuse_dest_init<DEST_TO_SRCB>(1); sub_reuse_dest_tiles<DEST_TO_SRCB>(1, 0, 0);", lambda a, b, w: b - a),
    "DST times a tile": ("copy_init(0); copy_tile(0, 0, 0); mul_reuse_dest_init<DEST_TO_SRCA>(1); mul_reuse_dest_tiles<DEST_TO_SRCA>(1, 0, 0);", lambda a, b, w: a * b),
    "copied within DST": ("copy_init(0); copy_tile(0, 0, 3); copy_dest_values(3, 0);", lambda a, b, w: a),
    "negative": ("copy_init(0); copy_tile(0, 0, 0); negative_tile_init(); negative_tile(0);", lambda a, b, w: -a),
    "square": ("copy_init(0); copy_tile(0, 0, 0); square_tile_init(); square_tile(0);", lambda a, b, w: a * a),
}  # fmt: skip
SPREAD: dict[str, tuple[str, Callable[[F64, F64, F64], Any]]] = {
    "add a row": ("add_bcast_rows_init(0, 1); add_tiles_bcast_rows(0, 1, 0, 0, 0);", lambda a, b, w: a + b[:1]),
    "sub a column": ("sub_bcast_cols_init(0, 1); sub_tiles_bcast_cols(0, 1, 0, 0, 0);", lambda a, b, w: a - b[:, :1]),
    "mul an element": ("mul_bcast_scalar_init(0, 1); mul_tiles_bcast_scalar(0, 1, 0, 0, 0);", lambda a, b, w: a * b[0, 0]),
    "spread a row": ("unary_bcast_init<BroadcastType::ROW>(0); unary_bcast<BroadcastType::ROW>(0, 0, 0);", lambda a, b, w: a[:1] + 0 * a),
    "spread an element": ("unary_bcast_init<BroadcastType::SCALAR>(0); unary_bcast<BroadcastType::SCALAR>(0, 0, 0);", lambda a, b, w: a[0, 0] + 0 * a),
}  # fmt: skip
PRODUCTS: dict[str, tuple[str, Callable[[F64, F64, F64], Any]]] = {
    "matmul": ("matmul_init(0, 2); matmul_tiles(0, 2, 0, 0, 0);", lambda a, b, w: a @ w),
    "matmul, transposed": ("matmul_init(0, 2, 1); matmul_tiles(0, 2, 0, 0, 0);", lambda a, b, w: a @ w.T),
    "matmul_block": (
        "matmul_block_init(0, 2, 0, 1, 1, 1); matmul_block(0, 2, 0, 0, 0, 0, 1, 1, 1);",
        lambda a, b, w: a @ w,
    ),
}
ALL = {**ANYWHERE, **SPREAD, **PRODUCTS}
CASES = [
    *((name, shape) for name in ANYWHERE for shape in SHAPES),
    *((name, shape) for name in SPREAD for shape in BROADCASTABLE),
    *((name, shape) for name in PRODUCTS for shape in SHAPES if shape[1] == 32),
]


def whole_numbers(seed: int, *shape: int) -> F64:
    return np.random.default_rng(seed).integers(-2, 3, shape).astype(np.float64)


def page(x: F64, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    flat = np.ascontiguousarray(tilize(x.astype(ml_dtypes.bfloat16), ttnn.Tile(shape)))
    return flat.view(np.uint8).reshape(1, -1)


@pytest.mark.parametrize("wide", [False, True], ids=["16-bit DST", "32-bit DST"])
@pytest.mark.parametrize("grade", ["emulator", "emulator?numerics=fast"])
@pytest.mark.parametrize(("name", "shape"), CASES, ids=[f"{name} {height}x{width}" for name, (height, width) in CASES])
def test_small_tiles(
    name: str, shape: tuple[int, int], grade: str, wide: bool, benches: Callable[[str], Any], tensor: Any
) -> None:
    if name == "spread a row" and wide:
        pytest.skip("a row of 16-bit datums in a 32-bit DST is garbage on hardware (golden_more, fact 6)")
    a, b, w = whole_numbers(1, *shape), whole_numbers(2, *shape), whole_numbers(3, 32, 32)
    inputs = [
        tensor(0, F.Float16_b, page(a, shape), shape),
        tensor(1, F.Float16_b, page(b, shape), shape),
        tensor(2, F.Float16_b, page(w, (32, 32))),
    ]
    out = tensor(16, F.Float16_b, np.zeros((1, 2 * shape[0] * shape[1]), np.uint8), shape)
    arms = "\n".join(f"        case {i}: {{ {call} }} break;" for i, (call, _) in enumerate(ALL.values()))
    args = [list(ALL).index(name), int(name in PRODUCTS)]
    got = benches(grade).run(KERNEL % arms, inputs, [out], args, fp32_dest_acc_en=wide)[0]
    found = untilize(got.reshape(-1).view(ml_dtypes.bfloat16), shape, ttnn.Tile(shape)).astype(np.float64)
    assert np.array_equal(found, ALL[name][1](a, b, w))
