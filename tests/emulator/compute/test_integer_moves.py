"""Tiles of integers and of whole float32 are moved with all their bits; which way they go, the format decides.

ttnn sets fp32_dest_acc_en for Int32 and UInt32 and leaves unpack_to_dest_mode at Default: copy, transpose, unary
broadcast and tilize of 0.81.1 unpack 32-bit integers to DST whatever the mode says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.errors import KernelError

F = ttnn.DataFormat
WIDE = ttnn.UnpackToDestMode.UnpackToDestFp32
TYPES: dict[F, type[np.generic]] = {
    F.Int32: np.int32, F.UInt32: np.uint32, F.Float32: np.uint32, F.UInt16: np.uint16, F.UInt8: np.uint8,
    F.Int8: np.uint8, F.Float16_b: np.uint16,
}  # fmt: skip
"""What datums are as bits; Int8 is sign and magnitude."""

KERNEL = """
#include "api/compute/bcast.h"
#include "api/compute/pack_untilize.h"
#include "api/compute/tilize.h"
#include "api/compute/transpose.h"
#include "api/compute/untilize.h"
using enum BroadcastType;
void one(uint32_t what) {
    tile_regs_acquire();
    switch (what) {
        case 0: copy_init(0); copy_tile(0, 0, 0); break;
        case 1: transpose_init(0); transpose_tile(0, 0, 0); break;
        case 2: unary_bcast_init<ROW>(0, 16); unary_bcast<ROW>(0, 0, 0); break;
        case 3: unary_bcast_init<COL>(0, 16); unary_bcast<COL>(0, 0, 0); break;
        case 4: unary_bcast_init<SCALAR>(0, 16); unary_bcast<SCALAR>(0, 0, 0); break;
        case 5: add_init(0, 0); add_tiles(0, 0, 0, 0, 0); break;
        case 6: matmul_init(0, 0); matmul_tiles(0, 0, 0, 0, 0); break;
        case 7: copy_init(0); copy_tile(0, 0, 0); mul_reuse_dest_init<EltwiseBinaryReuseDestType::DEST_TO_SRCA>(0);
                mul_reuse_dest_tiles<EltwiseBinaryReuseDestType::DEST_TO_SRCA>(0, 0, 0); break;
    }
    tile_regs_commit(); tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
}
void kernel_main() {
    const uint32_t what = get_arg_val<uint32_t>(0);
    compute_kernel_hw_startup(0, 16);
    cb_wait_front(0, 1);
    cb_reserve_back(16, 1);
    if (what < 10) one(what);
    else if (what == 10) { tilize_init(0, 1, 16); tilize_block(0, 1, 16); tilize_uninit(0, 16); }
    else if (what == 11) { untilize_init(0); untilize_block(0, 1, 16); untilize_uninit(0); }
    else { pack_untilize_init<1>(0, 16); pack_untilize_block<1>(0, 1, 16); pack_untilize_uninit(16); }
    cb_push_back(16, 1);
}
"""
Matrix = npt.NDArray[np.generic]
MOVES: dict[str, tuple[int, Callable[[Any], Any]]] = {
    "copy": (0, lambda x: x),
    "transpose": (1, lambda x: x.T),
    "row": (2, lambda x: np.tile(x[0], (32, 1))),
    "column": (3, lambda x: np.tile(x[:, :1], (1, 32))),
    "element": (4, lambda x: np.full_like(x, x[0, 0])),
}


@pytest.fixture(params=["emulator", "emulator?fast=off", "emulator:p150", "emulator?numerics=fast"])
def mover(request: pytest.FixtureRequest, benches: Callable[[str], Any], tensor: Any) -> Callable[..., Matrix]:
    """Run one operation on a page of bytes; return the page it makes."""

    def run(what: int, data_format: F, page: Matrix, **config: Any) -> Matrix:
        size = page.nbytes
        inputs = [tensor(0, data_format, page.view(np.uint8).reshape(1, size))]
        target = tensor(16, data_format, np.zeros((1, size), np.uint8))
        (found,) = benches(request.param).run(KERNEL, inputs, [target], [what], **config)
        return np.ascontiguousarray(found).reshape(-1).view(TYPES[data_format])

    return run


def matrix(data_format: F, seed: int = 3) -> Matrix:
    bits = np.random.default_rng(seed).integers(0, 1 << 8 * np.dtype(TYPES[data_format]).itemsize, (32, 32), np.uint64)
    return bits.astype(TYPES[data_format])


@pytest.mark.parametrize("mode", [(), (WIDE,) * 32], ids=["default mode", "to dest"])
@pytest.mark.parametrize("data_format", [F.Int32, F.UInt32])
@pytest.mark.parametrize("move", MOVES)
def test_32_bit_integers(move: str, data_format: F, mode: tuple[Any, ...], mover: Callable[..., Matrix]) -> None:
    what, expected = MOVES[move]
    x = matrix(data_format)
    found = mover(what, data_format, ttnn.tilize(x), fp32_dest_acc_en=True, unpack_to_dest_mode=mode)
    assert np.array_equal(ttnn.untilize(found, (32, 32)), expected(x))


@pytest.mark.parametrize("data_format", [F.Int32, F.UInt32])
def test_32_bit_integers_to_tiles_and_back(data_format: F, mover: Callable[..., Matrix]) -> None:
    x = matrix(data_format)
    assert np.array_equal(mover(10, data_format, x, fp32_dest_acc_en=True), ttnn.tilize(x).reshape(-1))
    for what in (11, 12):
        assert np.array_equal(mover(what, data_format, ttnn.tilize(x), fp32_dest_acc_en=True).reshape(32, 32), x)


@pytest.mark.parametrize("move", MOVES)
def test_float32_keeps_its_bits_in_the_mode_for_it(move: str, mover: Callable[..., Matrix]) -> None:
    what, expected = MOVES[move]
    x = matrix(F.Float32)
    found = mover(what, F.Float32, ttnn.tilize(x), fp32_dest_acc_en=True, unpack_to_dest_mode=(WIDE,) * 32)
    assert np.array_equal(ttnn.untilize(found, (32, 32)), expected(x))


@pytest.mark.parametrize("wide", [False, True])
def test_the_mode_is_for_float32_alone(wide: bool, mover: Callable[..., Matrix]) -> None:
    """For bfloat16 the vendor's build generates the same descriptors with it and without."""
    x = (np.random.default_rng(4).standard_normal((32, 32)).astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    for what, expected in (MOVES["copy"], MOVES["transpose"]):
        found = mover(what, F.Float16_b, ttnn.tilize(x), fp32_dest_acc_en=wide, unpack_to_dest_mode=(WIDE,) * 32)
        assert np.array_equal(ttnn.untilize(found, (32, 32)), expected(x))


@pytest.mark.parametrize("move", ["copy", "transpose", "row"])
def test_uint16_in_a_16_bit_dst(move: str, mover: Callable[..., Matrix]) -> None:
    what, expected = MOVES[move]
    # A broadcast goes past the zero flag of SrcA, which takes a pattern without exponent for zero.
    x = matrix(F.UInt16) | np.uint16(0x4000 if move != "copy" else 0)
    found = mover(what, F.UInt16, ttnn.tilize(x))
    assert np.array_equal(ttnn.untilize(found, (32, 32)), expected(x))


@pytest.mark.parametrize("data_format", [F.UInt8, F.Int8])
@pytest.mark.parametrize("move", ["copy", "transpose"])
def test_bytes_in_a_32_bit_dst(move: str, data_format: F, mover: Callable[..., Matrix]) -> None:
    what, expected = MOVES[move]
    x = matrix(data_format)
    x[x == 0x80] = 1  # -0 is no number
    found = mover(what, data_format, ttnn.tilize(x), fp32_dest_acc_en=True)
    assert np.array_equal(ttnn.untilize(found, (32, 32)), expected(x))


@pytest.mark.parametrize("data_format", [F.Int32, F.UInt32])
@pytest.mark.parametrize("what", [5, 6, 7], ids=["add", "matmul", "reuse DST"])
def test_the_fpu_does_not_compute_with_32_bit_integers(what: int, data_format: F, mover: Callable[..., Matrix]) -> None:
    with pytest.raises(KernelError, match=f"does not compute with {data_format.name}.* use SFPU operations"):
        mover(what, data_format, ttnn.tilize(matrix(data_format)), fp32_dest_acc_en=True)


@pytest.mark.parametrize("mode", [(), (WIDE,) * 32], ids=["default mode", "to dest"])
@pytest.mark.parametrize("data_format", [F.Int32, F.UInt32])
def test_32_bits_need_a_32_bit_dst(data_format: F, mode: tuple[Any, ...], mover: Callable[..., Matrix]) -> None:
    with pytest.raises(KernelError, match=rf"{data_format.name} .* needs a 32-bit DST; set fp32_dest_acc_en"):
        mover(0, data_format, ttnn.tilize(matrix(data_format)), unpack_to_dest_mode=mode)
