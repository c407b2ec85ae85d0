"""The tile operations: what they compute on exact data, and what they refuse."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthal.types import DataFormat, MathFidelity
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX
from tthal_emulator.tensix.errors import DstIndexError, TensixError, UnsupportedFormat
from tthal_emulator.tensix.formats import FORMATS, Operand, TileShape
from tthal_emulator.tensix.layout import matrix_from_slots
from tthal_emulator.tensix.operations import BinaryOperation, Broadcast, Dimension, Grade, Pool, ReuseDest
from tthal_emulator.tensix.pack import PackSettings
from tthal_emulator.tensix.tile_math import TileMath

few = settings(max_examples=25, deadline=None)

Pages = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float32]
BF16 = Operand(DataFormat.Float16_b)
FP32 = Operand(DataFormat.Float32)
GRADES = pytest.mark.parametrize("grade", list(Grade), ids=lambda g: g.value)
FLOATS = [f for f in FORMATS if f.name.startswith(("Fl", "Bf"))]
MODES = pytest.mark.parametrize("fp32", [False, True], ids=["16-bit", "32-bit"])


def bf16(shape: TileShape) -> Operand:
    return Operand(DataFormat.Float16_b, shape)


def pages_of(tiles: Numbers) -> Pages:
    """Bfloat16 pages (tiles, bytes) of matrices (tiles, height, width)."""
    count, height, width = tiles.shape
    rows = min(height, 16)
    faces = tiles.reshape(count, height // rows, rows, width // 16, 16).swapaxes(2, 3)
    upper = np.ascontiguousarray(faces, np.float32).view(np.uint32) >> np.uint32(16)
    return upper.astype(np.uint16).reshape(count, -1).view(np.uint8)


def tiles_of(pages: Pages, shape: TileShape) -> Numbers:
    grid = (pages.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    grid = grid.reshape(-1, shape.faces_down, shape.faces_across, shape.face_rows, 16).swapaxes(2, 3)
    return grid.reshape(-1, shape.height, shape.width)


def integers(seed: int, shape: tuple[int, ...], top: int = 3) -> Numbers:
    return np.random.default_rng(seed).integers(-top, top + 1, shape).astype(np.float32)


def read(machine: TileMath, idst: int, shape: TileShape, count: int = 1) -> Numbers:
    return matrix_from_slots(machine.dst.window(idst, shape, count), shape).view(np.float32)


# ----------------------------------------------------------------------------------------- arithmetic


@GRADES
@MODES
@pytest.mark.parametrize("op", list(BinaryOperation), ids=lambda o: o.value)
@pytest.mark.parametrize("dim", list(Broadcast), ids=lambda d: d.name.lower())
@pytest.mark.parametrize("shape", [TileShape(), TileShape(16, 32), TileShape(32, 16), TileShape(8, 32)], ids=str)
def test_binary(grade: Grade, fp32: bool, op: BinaryOperation, dim: Broadcast, shape: TileShape) -> None:
    a, b = integers(1, (2, shape.height, shape.width)), integers(2, (2, shape.height, shape.width))
    spread = {Broadcast.ROW: b[:, :1], Broadcast.COL: b[:, :, :1], Broadcast.SCALAR: b[:, :1, :1]}.get(dim, b)
    expected = {BinaryOperation.ADD: a + spread, BinaryOperation.SUB: a - spread, BinaryOperation.MUL: a * spread}[op]
    machine = TileMath(grade=grade, fp32_dest_acc_en=fp32)
    machine.binary_tiles(op, bf16(shape), pages_of(a), bf16(shape), pages_of(b), 1, dim)
    assert np.array_equal(read(machine, 1, shape, 2), expected)


@GRADES
def test_accumulation_and_its_absence(grade: Grade) -> None:
    a, b = integers(1, (1, 32, 32)), integers(2, (1, 32, 32))
    machine = TileMath(grade=grade, fp32_dest_acc_en=True)
    for accumulate in (True, True, False):
        machine.binary_tiles(BinaryOperation.ADD, BF16, pages_of(a), BF16, pages_of(b), 0, accumulate=accumulate)
    assert np.array_equal(read(machine, 0, TileShape())[0], (a + b)[0])
    machine.binary_tiles(BinaryOperation.ADD, BF16, pages_of(a), BF16, pages_of(b), 0, accumulate=True)
    machine.binary_tiles(BinaryOperation.MUL, BF16, pages_of(a), BF16, pages_of(b), 0)
    assert np.array_equal(read(machine, 0, TileShape())[0], (2 * (a + b) + a * b)[0])


@GRADES
def test_row_broadcast_takes_the_row_asked_for(grade: Grade) -> None:
    a, b = integers(1, (1, 32, 32)), integers(2, (1, 32, 32))
    machine = TileMath(grade=grade)
    machine.binary_tiles(BinaryOperation.ADD, BF16, pages_of(a), BF16, pages_of(b), 0, Broadcast.ROW, bcast_row=21)
    assert np.array_equal(read(machine, 0, TileShape())[0], a[0] + b[0, 21])


@GRADES
@MODES
@pytest.mark.parametrize("transpose", [False, True])
def test_matmul_block(grade: Grade, fp32: bool, transpose: bool) -> None:
    rt, ct, kt = 2, 2, 3
    a, b = integers(3, (rt * kt, 32, 32), 1), integers(4, (kt * ct, 32, 32), 1)
    machine = TileMath(grade=grade, math_fidelity=MathFidelity.LoFi, fp32_dest_acc_en=fp32)
    for k in range(kt):
        row = b[k * ct : (k + 1) * ct]
        machine.matmul_block(BF16, pages_of(a)[k::kt], BF16, pages_of(row), 0, transpose)
    right = b.swapaxes(1, 2) if transpose else b
    expected = np.einsum("rkij,kcjl->rcil", a.reshape(rt, kt, 32, 32), right.reshape(kt, ct, 32, 32))
    assert np.array_equal(read(machine, 0, TileShape(), 4), expected.reshape(4, 32, 32))


@GRADES
@pytest.mark.parametrize(
    ("left", "right"),
    [((16, 32), (32, 32)), ((32, 32), (32, 16)), ((4, 32), (32, 32)), ((16, 32), (32, 16)), ((32, 16), (16, 32))],
)
def test_matmul_of_small_tiles(grade: Grade, left: tuple[int, int], right: tuple[int, int]) -> None:
    a, b = integers(5, (1, *left), 1), integers(6, (1, *right), 1)
    machine = TileMath(grade=grade)
    machine.matmul_block(bf16(TileShape(*left)), pages_of(a), bf16(TileShape(*right)), pages_of(b), 0)
    out = TileShape(left[0], right[1])
    assert np.array_equal(read(machine, 0, out)[0], a[0] @ b[0])


@GRADES
@MODES
@pytest.mark.parametrize("op", list(BinaryOperation), ids=lambda o: o.value)
@pytest.mark.parametrize("reuse", list(ReuseDest), ids=lambda r: r.value)
def test_dest_reuse(grade: Grade, fp32: bool, op: BinaryOperation, reuse: ReuseDest) -> None:
    first, second = integers(7, (1, 32, 32)), integers(8, (1, 32, 32))
    machine = TileMath(grade=grade, fp32_dest_acc_en=fp32)
    machine.copy_tile(BF16, pages_of(first), 0)
    machine.reuse_dest_tiles(op, reuse, BF16, pages_of(second), 0, wide=False)
    x, y = (first, second) if reuse is ReuseDest.DEST_TO_SRCA else (second, first)
    expected = {BinaryOperation.ADD: x + y, BinaryOperation.SUB: x - y, BinaryOperation.MUL: x * y}[op]
    assert np.array_equal(read(machine, 0, TileShape()), expected)


@GRADES
@pytest.mark.parametrize("op", list(BinaryOperation), ids=lambda o: o.value)
def test_bytes_compute_as_integers(grade: Grade, op: BinaryOperation) -> None:
    operand = Operand(DataFormat.Int8)
    a, b = (np.random.default_rng(s).integers(0, 256, (1, 1024)).astype(np.uint8) for s in (1, 2))
    machine = TileMath(grade=grade, fp32_dest_acc_en=True)
    machine.binary_tiles(op, operand, a, operand, b, 0)
    out = np.zeros(1024, np.uint8)
    machine.pack_tile(0, operand, out)
    x, y = (np.where(v >= 128, -(v.astype(int) & 127), v) for v in (a[0], b[0]))
    exact = {BinaryOperation.ADD: x + y, BinaryOperation.SUB: x - y, BinaryOperation.MUL: x * y}[op]
    signed = np.where(out >= 128, -(out.astype(int) & 127), out)
    assert np.array_equal(signed, np.clip(exact, -127, 127))


# ----------------------------------------------------------------------------------------- moves


@pytest.mark.parametrize("fp32", [False, True])
@few
@given(seed=st.integers(0, 2**32 - 1), data_format=st.sampled_from(FLOATS))
def test_moves_do_not_depend_on_the_grade(fp32: bool, seed: int, data_format: DataFormat) -> None:
    operand = Operand(data_format)
    page = np.random.default_rng(seed).integers(0, 256, operand.page_bytes).astype(np.uint8)
    exact, quick = (TileMath(BLACKHOLE_TENSIX, g, fp32_dest_acc_en=fp32, dst_full_sync_en=True) for g in Grade)
    for machine in (exact, quick):
        machine.copy_tile(operand, page, 0)
        machine.transpose_tile(operand, page, 1)
        for i, dim in enumerate((Broadcast.ROW, Broadcast.COL, Broadcast.SCALAR)):
            machine.unary_bcast(dim, operand, page, 2 + i)
        for i, dim in enumerate(Dimension):
            machine.reduce_tile(Pool.MAX, dim, operand, page, operand, page, 5 + i)
    assert np.array_equal(exact.dst.bits, quick.dst.bits)


@MODES
def test_transposes(fp32: bool) -> None:
    tile = np.arange(1024, dtype=np.float32).reshape(1, 32, 32) % 255
    machine = TileMath(WORMHOLE_TENSIX, Grade.EXACT, fp32_dest_acc_en=fp32)
    machine.transpose_tile(BF16, pages_of(tile), 0)
    machine.copy_tile(BF16, pages_of(tile), 1, True, True)
    machine.copy_tile(BF16, pages_of(tile), 2)
    machine.transpose_dest(2, is_32_bit=fp32)
    for idst in range(3):
        assert np.array_equal(read(machine, idst, TileShape())[0], tile[0].T)
    machine.copy_tile(BF16, pages_of(tile), 3, transpose_within_face=True)
    swapped = tile[0].reshape(2, 16, 2, 16).transpose(0, 3, 2, 1).reshape(32, 32)
    assert np.array_equal(read(machine, 3, TileShape())[0], swapped)


def test_transpose_dest_keeps_all_32_bits() -> None:
    machine = TileMath(fp32_dest_acc_en=True)
    raw = np.random.default_rng(1).integers(0, 2**32, (32, 32), dtype=np.uint64).astype(np.uint32)
    machine.dst.store(0, raw[None])
    machine.transpose_dest(0, is_32_bit=True)
    assert np.array_equal(machine.dst.bits[0], raw.T)
    machine.transpose_dest(0, is_32_bit=True, transpose_faces=False)
    assert np.array_equal(machine.dst.bits[0, :16, 16:], raw.T[:16, 16:].T)
    assert np.array_equal(machine.dst.bits[0, 16:, :16], raw.T[16:, :16].T)


@pytest.mark.parametrize(("is_32_bit", "faces"), [(True, True), (False, False)])
def test_unsupported_dest_transposes_are_refused(is_32_bit: bool, faces: bool) -> None:
    with pytest.raises(TensixError, match="transpose_dest"):
        TileMath(fp32_dest_acc_en=False).transpose_dest(0, is_32_bit, faces)


@pytest.mark.parametrize("data_format", [DataFormat.Float32, DataFormat.Int32, DataFormat.UInt32])
def test_unpacking_to_dest_keeps_every_bit(data_format: DataFormat) -> None:
    operand = Operand(data_format, unpack_to_dest=True)
    page = np.random.default_rng(2).integers(0, 256, 4096).astype(np.uint8)
    machine = TileMath(fp32_dest_acc_en=True)
    machine.copy_tile(operand, page, 0)
    out = np.zeros(4096, np.uint8)
    machine.pack_tile(0, Operand(data_format), out)
    assert np.array_equal(out, page)


def test_uint16_lands_in_the_lower_half_of_32_bit_dst() -> None:
    page = np.arange(1024, dtype=np.uint16).view(np.uint8)
    machine = TileMath(fp32_dest_acc_en=True)
    machine.copy_tile(Operand(DataFormat.UInt16), page, 0)
    assert machine.dst.bits[0].max() == 1023


def test_fast_tilize_keeps_nan_where_the_adder_makes_infinity() -> None:
    rows = np.full((32, 32), np.nan, np.float32)
    machine = TileMath(fp32_dest_acc_en=True)
    for idst, fast in enumerate((False, True)):
        machine.tilize_block(FP32, rows.view(np.uint8), 1, 0, idst, fast)
    assert np.isposinf(read(machine, 0, TileShape())).all()
    assert np.isnan(read(machine, 1, TileShape())).all()


# ----------------------------------------------------------------------------------------- pack


def test_pack_writes_into_the_view_it_is_given() -> None:
    l1 = np.zeros(8 * 2048, np.uint8)
    machine = TileMath()
    tiles = integers(1, (2, 32, 32))
    machine.copy_tile(BF16, pages_of(tiles), 3)
    machine.pack_tile(3, BF16, l1.reshape(8, 2048)[5:7])
    assert np.array_equal(tiles_of(l1[5 * 2048 : 7 * 2048], TileShape()), tiles)
    assert not l1[: 5 * 2048].any()


def test_untilized_pack_fills_its_columns_only() -> None:
    tiles = integers(2, (4, 32, 32))
    machine = TileMath()
    block = np.zeros((4, 2048), np.uint8)
    for first in (2, 0):
        machine.copy_tile(BF16, pages_of(tiles[first : first + 2]), 0)
        machine.pack_untilize(0, 2, BF16, block, 4, first)
    rows = (block.reshape(32, -1).view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    assert np.array_equal(rows, np.concatenate(list(tiles), axis=1))


def test_tilize_then_untilize_is_identity() -> None:
    rows = (np.random.default_rng(3).standard_normal((32, 96)).astype(np.float32).view(np.uint32) >> 16).astype(
        np.uint16
    )
    block = rows.view(np.uint8).reshape(3, 2048)
    machine = TileMath()
    out = np.zeros_like(block)
    for t in range(3):
        machine.tilize_block(BF16, block, 3, t, t)
    machine.pack_untilize(0, 3, BF16, out, 3, 0)
    assert np.array_equal(out, block)


def test_l1_accumulation_adds_pages() -> None:
    tiles = integers(4, (3, 32, 32))
    machine = TileMath()
    out = np.zeros(2048, np.uint8)
    for i, tile in enumerate(tiles):
        machine.copy_tile(BF16, pages_of(tile[None]), 0)
        machine.pack_tile(0, BF16, out, PackSettings(l1_accumulate=i > 0))
    assert np.array_equal(tiles_of(out, TileShape())[0], tiles.sum(axis=0))


# ----------------------------------------------------------------------------------------- refusals


def test_the_fpu_does_not_compute_with_uint16() -> None:
    page = np.zeros(2048, np.uint8)
    operand = Operand(DataFormat.UInt16)
    with pytest.raises(UnsupportedFormat, match="SFPU"):
        TileMath().binary_tiles(BinaryOperation.ADD, operand, page, operand, page, 0)


def test_integers_do_not_mix_with_floats() -> None:
    machine = TileMath(fp32_dest_acc_en=True)
    with pytest.raises(UnsupportedFormat, match="Int8"):
        machine.binary_tiles(
            BinaryOperation.ADD, Operand(DataFormat.Int8), np.zeros(1024, np.uint8), BF16, np.zeros(2048, np.uint8), 0
        )


def test_bytes_need_32_bit_dst() -> None:
    with pytest.raises(UnsupportedFormat, match="fp32_dest_acc_en"):
        TileMath().copy_tile(Operand(DataFormat.Int8), np.zeros(1024, np.uint8), 0)


def test_unpacking_to_dest_needs_32_bit_dst() -> None:
    with pytest.raises(TensixError, match="fp32_dest_acc_en"):
        TileMath().copy_tile(Operand(DataFormat.Float32, unpack_to_dest=True), np.zeros(4096, np.uint8), 0)


def test_the_fpu_cannot_read_a_buffer_that_goes_to_dest() -> None:
    operand = Operand(DataFormat.Float32, unpack_to_dest=True)
    page = np.zeros(4096, np.uint8)
    with pytest.raises(UnsupportedFormat, match="unpack_to_dest_mode"):
        TileMath(fp32_dest_acc_en=True).binary_tiles(BinaryOperation.ADD, operand, page, operand, page, 0)


def test_fp8_e4m3_exists_on_blackhole_only() -> None:
    page = np.full(1024, 0x38, np.uint8)  # 1.0
    operand = Operand(DataFormat.Fp8_e4m3)
    with pytest.raises(UnsupportedFormat, match="Blackhole"):
        TileMath(WORMHOLE_TENSIX).copy_tile(operand, page, 0)
    machine = TileMath(BLACKHOLE_TENSIX)
    machine.copy_tile(operand, page, 0)
    out = np.zeros(1024, np.uint8)
    machine.pack_tile(0, operand, out)
    assert np.array_equal(out, page)


@pytest.mark.parametrize("idst", [8, -1])
def test_dst_indices_are_checked(idst: int) -> None:
    with pytest.raises(DstIndexError):
        TileMath().copy_tile(BF16, np.zeros(2048, np.uint8), idst)


def test_inner_sides_must_agree() -> None:
    small = bf16(TileShape(16, 32))
    page = np.zeros(1024, np.uint8)
    with pytest.raises(TensixError, match="inner sides"):
        TileMath().matmul_block(small, page, small, page, 0)


def test_operands_of_different_shapes_are_refused() -> None:
    with pytest.raises(TensixError, match="one shape"):
        TileMath().binary_tiles(
            BinaryOperation.ADD, BF16, np.zeros(2048, np.uint8), bf16(TileShape(16, 32)), np.zeros(1024, np.uint8), 0
        )


def test_fidelity_must_be_one_of_four() -> None:
    with pytest.raises(TensixError, match="HiFi4"):
        TileMath(math_fidelity=MathFidelity.Invalid)


def test_pages_to_pack_into_must_fit() -> None:
    with pytest.raises(TensixError, match="2048 bytes"):
        TileMath().pack_tile(0, BF16, np.zeros(1024, np.uint8))


def test_operand_counts_must_agree() -> None:
    pages = pages_of(integers(1, (3, 32, 32)))
    with pytest.raises(TensixError, match="3 tiles"):
        TileMath().binary_tiles(BinaryOperation.ADD, BF16, pages, BF16, pages[:2], 0)


def test_one_tile_of_b_serves_many_of_a() -> None:
    a, b = integers(1, (3, 32, 32)), integers(2, (1, 32, 32))
    machine = TileMath()
    machine.binary_tiles(BinaryOperation.SUB, BF16, pages_of(a), BF16, pages_of(b), 2)
    assert np.array_equal(read(machine, 2, TileShape(), 3), a - b)
