"""Tile math as SIMD inside the kernel, and compiled beside it, gives the bytes of the numpy definition of its grade.

Both run the same kernels on the same bytes: ordinary numbers, and arbitrary patterns with NaN, infinities, denormals
and both zeros among them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn

F = ttnn.DataFormat
PAGE_BYTES = {F.Float32: 4096, F.Float16_b: 2048, F.Bfp8_b: 1088, F.Bfp4_b: 576}
TILES = 4
FIDELITIES = [ttnn.MathFidelity[name] for name in ("LoFi", "HiFi2", "HiFi3", "HiFi4")]

# One kernel, what it does is a runtime argument, so that it is compiled once per pair of formats.
KERNEL = """
#include "api/compute/bcast.h"
#include "api/compute/reduce.h"
#include "api/compute/transpose.h"
#include "api/compute/transpose_dest.h"

constexpr uint32_t TILES = 4;
constexpr auto A = EltwiseBinaryReuseDestType::DEST_TO_SRCA, B = EltwiseBinaryReuseDestType::DEST_TO_SRCB;
using enum BroadcastType;

void calculate(uint32_t what, uint32_t i) {
    switch (what) {
        case 0: copy_init(0, 0, 0); return copy_tile(0, i, 0);
        case 1: copy_init(0, 1, 0); return copy_tile(0, i, 0);
        case 2: copy_init(0, 0, 1); return copy_tile(0, i, 0);
        case 3: transpose_init(0); return transpose_tile(0, i, 0);
        case 4: add_init(0, 1); return add_tiles(0, 1, i, i, 0);
        case 5: sub_init(0, 1, true); sub_tiles(0, 1, i, i, 0); return sub_tiles(0, 1, i, i, 0);
        case 6: mul_init(0, 1); mul_tiles(0, 1, i, i, 0); return mul_tiles(0, 1, i, 3 - i, 0);
        case 7: add_bcast_rows_init(0, 1); return add_tiles_bcast_rows(0, 1, i, i, 0, 17);
        case 8: sub_bcast_cols_init(0, 1); return sub_tiles_bcast_cols(0, 1, i, i, 0);
        case 9: mul_bcast_scalar_init(0, 1); return mul_tiles_bcast_scalar(0, 1, i, i, 0);
        case 10: copy_init(0); copy_tile(0, i, 0); mul_reuse_dest_init<A>(1); return mul_reuse_dest_tiles<A>(1, i, 0);
        case 11: copy_init(0); copy_tile(0, i, 0); sub_reuse_dest_init<B>(1); return sub_reuse_dest_tiles<B>(1, i, 0);
        case 12: unary_bcast_init<ROW>(0); return unary_bcast<ROW>(0, i, 0);
        case 13: unary_bcast_init<COL>(0); return unary_bcast<COL>(0, i, 0);
        case 14: unary_bcast_init<SCALAR>(0); return unary_bcast<SCALAR>(0, i, 0);
        case 15: matmul_init(0, 1); matmul_tiles(0, 1, i, i, 0); return matmul_tiles(0, 1, i, 3 - i, 0);
        case 16: matmul_init(0, 1, 1); return matmul_tiles(0, 1, i, i, 0);
        case 17: copy_init(0); copy_tile(0, i, 0); return transpose_dest<DST_ACCUM_MODE>(0);
    }
}

template <ReduceDim dimension>
void reduce(uint32_t i) {
    reduce_init<PoolType::SUM, dimension>(0, 1, 16);
    reduce_tile<PoolType::SUM, dimension>(0, 1, i, i, 0);
    reduce_tile<PoolType::AVG, dimension>(0, 1, 3 - i, i, 0);
}

void kernel_main() {
    const uint32_t what = get_arg_val<uint32_t>(0), relu = get_arg_val<uint32_t>(1);
    const bool reversed = what == 15 || what == 16;
    cb_wait_front(0, TILES);
    cb_wait_front(1, TILES);
    cb_reserve_back(16, TILES);
    if (reversed) compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);
    else compute_kernel_hw_startup(0, 1, 16);
    pack_relu_config(ReluConfig::from_packed(relu));
    for (uint32_t i = 0; i < TILES; i++) {
        tile_regs_acquire();
        if (what == 20) reduce<ReduceDim::REDUCE_ROW>(i);
        else if (what == 21) reduce<ReduceDim::REDUCE_COL>(i);
        else if (what == 22) reduce<ReduceDim::REDUCE_SCALAR>(i);
        else calculate(what, i);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
    }
    cb_push_back(16, TILES);
}
"""

OPERATIONS = {
    "copy": 0, "copy, faces exchanged": 1, "copy, within faces": 2, "transpose": 3, "add": 4, "sub, accumulated": 5,
    "mul, accumulated": 6, "add, row 17": 7, "sub, column": 8, "mul, element": 9, "mul, DST as SrcA": 10,
    "sub, DST as SrcB": 11, "spread row": 12, "spread column": 13, "spread element": 14, "matmul, accumulated": 15,
    "matmul, transposed": 16, "transpose in DST": 17, "sum rows": 20, "sum columns": 21, "sum tiles": 22,
}  # fmt: skip
INTERESTING_BF16 = (0x0000, 0x8000, 0x7F80, 0xFF80, 0x7FC0, 0x7F81, 0x0001, 0x8001, 0x007F, 0x0080, 0x7F7F, 0x3F80)


def pages_of(data_format: ttnn.DataFormat, seed: int) -> npt.NDArray[np.uint8]:
    """Return tiles of ordinary numbers and tiles of arbitrary patterns."""
    rng = np.random.default_rng(seed)
    if data_format in (F.Bfp8_b, F.Bfp4_b):
        pages = rng.integers(0, 256, (TILES, PAGE_BYTES[data_format]), dtype=np.uint8)
        pages[:2, :64] = rng.integers(118, 132, (2, 64), dtype=np.uint8)
        # A sign without magnitude is minus infinity: not in the tiles of ordinary numbers.
        codes = pages[:2, 64:]
        if data_format is F.Bfp4_b:
            codes[codes >> 4 == 8] |= 0x10
            codes[codes & 0xF == 8] |= 0x01
        codes[codes == 0x80] = 0x81
        return pages
    bits = rng.standard_normal((TILES, 1024)).astype(np.float32).view(np.uint32)
    bits[2] = rng.integers(0, 1 << 32, 1024, dtype=np.uint64).astype(np.uint32)
    special = rng.choice(np.array(INTERESTING_BF16, np.uint32) << 16, 1024)
    bits[3] = np.where(rng.random(1024) < 0.5, special, bits[3])
    if data_format is F.Float32:
        return bits.view(np.uint8)
    return (bits >> 16).astype(np.uint16).view(np.uint8)


@pytest.fixture(
    params=[
        "emulator?numerics=fast",
        "emulator?numerics=exact",
        pytest.param("emulator:p150?numerics=exact", marks=pytest.mark.slow),
    ]
)
def pair(request: pytest.FixtureRequest, benches: Callable[[str], Any]) -> tuple[Any, Any]:
    """Benches of a grade and a chip: with SIMD, and with numpy alone."""
    return benches(request.param), benches(f"{request.param}&fast=off")


def compare(pair: tuple[Any, Any], tensor: Any, a: F, b: F, out: F, args: list[int], **config: Any) -> None:
    inputs = [tensor(0, a, pages_of(a, 1)), tensor(1, b, pages_of(b, 2))]
    target = tensor(16, out, np.zeros((TILES, PAGE_BYTES[out]), np.uint8))
    simd, numpy = (bench.run(KERNEL, inputs, [target], args, **config)[0] for bench in pair)
    assert simd.any(), "the kernel wrote nothing"
    differing = np.flatnonzero((simd != numpy).any(axis=1))
    assert differing.size == 0, f"tiles {differing.tolist()} differ"


@pytest.mark.parametrize("wide", [False, True], ids=["16-bit DST", "32-bit DST"])
@pytest.mark.parametrize("data_format", list(PAGE_BYTES), ids=lambda f: f.name)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_operations(operation: str, data_format: F, wide: bool, pair: tuple[Any, Any], tensor: Any) -> None:
    compare(pair, tensor, data_format, data_format, F.Float32, [OPERATIONS[operation], 0], fp32_dest_acc_en=wide)


@pytest.mark.parametrize("wide", [False, True], ids=["16-bit DST", "32-bit DST"])
@pytest.mark.parametrize("fidelity", FIDELITIES, ids=lambda f: f.name)
@pytest.mark.parametrize(
    "operation", ["mul, accumulated", "mul, DST as SrcA", "matmul, accumulated", "sum rows", "sum tiles"]
)
def test_fidelities(
    operation: str, fidelity: ttnn.MathFidelity, wide: bool, pair: tuple[Any, Any], tensor: Any
) -> None:
    args = [OPERATIONS[operation], 0]
    compare(pair, tensor, F.Float32, F.Float16_b, F.Float32, args, fp32_dest_acc_en=wide, math_fidelity=fidelity)


@pytest.mark.parametrize("wide", [False, True], ids=["16-bit DST", "32-bit DST"])
@pytest.mark.parametrize("precise", [False, True], ids=["", "precise"])
@pytest.mark.parametrize("out", list(PAGE_BYTES), ids=lambda f: f.name)
@pytest.mark.parametrize("relu", [0, 1, 0x3F00_0002, 0x3F00_0003], ids=["", "relu", "above 0.5", "up to 0.5"])
def test_packing(relu: int, out: F, precise: bool, wide: bool, pair: tuple[Any, Any], tensor: Any) -> None:
    compare(pair, tensor, F.Float32, F.Float16_b, out, [0, relu], fp32_dest_acc_en=wide, bfp8_pack_precise=precise)
    compare(pair, tensor, F.Float32, F.Float16_b, out, [20, relu], fp32_dest_acc_en=wide, bfp8_pack_precise=precise)


@pytest.mark.parametrize("wide", [False, True], ids=["16-bit DST", "32-bit DST"])
@pytest.mark.parametrize("data_format", list(PAGE_BYTES), ids=lambda f: f.name)
@pytest.mark.parametrize("operation", ["sum rows", "sum columns", "sum tiles"])
def test_sums_with_scaler_tiles(operation: str, data_format: F, wide: bool, pair: tuple[Any, Any], tensor: Any) -> None:
    """As programs reduce: only the first row of each face of the scaler tile is not zero."""
    rng = np.random.default_rng(11)
    scalers = np.zeros((TILES, 4, 16, 16), np.float32)
    scalers[:, :, 0] = [[[1.0]], [[0.03125]], [[-1.7]], [[0.0]]]
    scalers[3, :, 0] = rng.standard_normal((4, 16))
    data, pages = pages_of(data_format, 1), (scalers.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
    inputs = [tensor(0, data_format, data), tensor(1, F.Float16_b, pages.reshape(TILES, 2048))]
    target = tensor(16, F.Float32, np.zeros((TILES, PAGE_BYTES[F.Float32]), np.uint8))
    for fidelity in FIDELITIES:
        config = {"fp32_dest_acc_en": wide, "math_fidelity": fidelity}
        simd, numpy = (bench.run(KERNEL, inputs, [target], [OPERATIONS[operation], 0], **config)[0] for bench in pair)
        assert simd.any()
        assert np.array_equal(simd, numpy)


PAIRS = [(a, b) for a in PAGE_BYTES for b in PAGE_BYTES if a is not b]


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=[f"{a.name}, {b.name}" for a, b in PAIRS])
def test_mixed_formats(a: F, b: F, pair: tuple[Any, Any], tensor: Any) -> None:
    """Some operations on any two formats into any third, with any fidelity and DST."""
    rng = np.random.default_rng(PAIRS.index((a, b)))
    out, fidelity = list(PAGE_BYTES)[rng.integers(len(PAGE_BYTES))], FIDELITIES[rng.integers(len(FIDELITIES))]
    wide = bool(rng.integers(2))
    for operation in rng.choice(list(OPERATIONS), 6, replace=False):
        args = [OPERATIONS[str(operation)], 0]
        compare(pair, tensor, a, b, out, args, fp32_dest_acc_en=wide, math_fidelity=fidelity)


BLOCK = """
#include "api/compute/pack_untilize.h"
#include "api/compute/tilize.h"

void kernel_main() {
    const uint32_t what = get_arg_val<uint32_t>(0);
    if (what < 2) compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);
    else compute_kernel_hw_startup(0, 16);
    cb_wait_front(0, 4);
    cb_wait_front(1, 4);
    cb_reserve_back(16, 4);
    if (what < 2) {
        // [2 x 2 tiles] @ [2 x 2 tiles], one step of k per call
        matmul_block_init(0, 1, what, 2, 2, 2);
        tile_regs_acquire();
        for (uint32_t k = 0; k < 2; k++) matmul_block(0, 1, k, 2 * k, 0, what, 2, 2, 2);
        tile_regs_commit();
        tile_regs_wait();
        pack_block(0, 16, 4);
        tile_regs_release();
    } else if (what == 2) {
        tilize_init(0, 2, 16);
        tilize_block(0, 2, 16);
        tilize_block(0, 2, 16, 2, 2);
        tilize_uninit(0, 16);
    } else if (what == 3) {
        fast_tilize_init(0, 4, 16);
        fast_tilize_block(0, 4, 16);
        fast_tilize_uninit(0, 16, 4);
    } else {
        pack_untilize_init<2, 4>(0, 16);
        for (uint32_t block = 0; block < 2; block++) {
            pack_untilize_block<2, 4>(0, 1, 16, block);
            cb_pop_front(0, 2);
        }
        pack_untilize_uninit(16);
    }
    cb_push_back(16, 4);
}
"""


@pytest.mark.parametrize("wide", [False, True], ids=["16-bit DST", "32-bit DST"])
@pytest.mark.parametrize("data_format", [F.Float32, F.Float16_b], ids=lambda f: f.name)
@pytest.mark.parametrize("what", ["matmul_block", "matmul_block, transposed", "tilize", "fast tilize", "untilize"])
def test_blocks(what: str, data_format: F, wide: bool, pair: tuple[Any, Any], tensor: Any) -> None:
    names = ["matmul_block", "matmul_block, transposed", "tilize", "fast tilize", "untilize"]
    inputs = [tensor(cb, data_format, pages_of(data_format, cb)) for cb in (0, 1)]
    target = tensor(16, data_format, np.zeros((4, PAGE_BYTES[data_format]), np.uint8))
    simd, numpy = (bench.run(BLOCK, inputs, [target], [names.index(what)], fp32_dest_acc_en=wide)[0] for bench in pair)
    assert simd.any()
    assert np.array_equal(simd, numpy)
