"""Reductions of small integers, where every grade must give the mathematical result."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tthal.types import DataFormat, MathFidelity
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX, TensixTraits
from tthal_emulator.tensix.formats import Operand, TileShape
from tthal_emulator.tensix.operations import Dimension, Grade, Pool
from tthal_emulator.tensix.pack import PLAIN_PACK, REDUCTION_MASKS, PackSettings
from tthal_emulator.tensix.tile_math import TileMath

Matrix = npt.NDArray[np.float32]
BF16 = Operand(DataFormat.Float16_b)
GRADES = pytest.mark.parametrize("grade", list(Grade), ids=lambda g: g.value)
DIMS = pytest.mark.parametrize("dim", list(Dimension), ids=lambda d: d.name.lower())
MODES = pytest.mark.parametrize("fp32", [False, True], ids=["16-bit", "32-bit"])


def page(matrix: Matrix) -> npt.NDArray[np.uint8]:
    """A bfloat16 page of a matrix that bfloat16 holds exactly."""
    height, width = matrix.shape
    rows = min(height, 16)
    faces = matrix.reshape(height // rows, rows, width // 16, 16).swapaxes(1, 2)
    upper = np.ascontiguousarray(faces, np.float32).view(np.uint32) >> np.uint32(16)
    return upper.astype(np.uint16).reshape(-1).view(np.uint8)


def ones() -> npt.NDArray[np.uint8]:
    return page(np.ones((32, 32), np.float32))


def reduced(matrix: Matrix, dim: Dimension, how: Callable[..., Matrix]) -> Matrix:
    """What a reduction leaves in a tile, zeros elsewhere."""
    out = np.zeros_like(matrix)
    if dim is Dimension.ROW:
        out[:, 0] = how(matrix, axis=1)
    elif dim is Dimension.COL:
        out[0] = how(matrix, axis=0)
    else:
        out[0, 0] = how(matrix)
    return out


def packed(machine: TileMath, out: Operand, dim: Dimension | None = None) -> Matrix:
    result = np.zeros(out.page_bytes, np.uint8)
    settings = PLAIN_PACK if dim is None else PackSettings(edge_mask=REDUCTION_MASKS[dim])
    machine.pack_tile(0, out, result, settings)
    shape = out.shape
    grid = (result.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    grid = grid.reshape(shape.faces_down, shape.faces_across, shape.face_rows, 16).swapaxes(1, 2)
    return grid.reshape(shape.height, shape.width)


def machine_for(grade: Grade, fp32: bool, chip: TensixTraits = WORMHOLE_TENSIX) -> TileMath:
    return TileMath(chip, grade, math_fidelity=MathFidelity.HiFi4, fp32_dest_acc_en=fp32)


def integers(seed: int, shape: tuple[int, int], top: int) -> Matrix:
    return np.random.default_rng(seed).integers(-top, top + 1, shape).astype(np.float32)


@GRADES
@DIMS
@MODES
@pytest.mark.parametrize("height", [32, 16])
@pytest.mark.parametrize("width", [32, 16])
def test_sum(grade: Grade, dim: Dimension, fp32: bool, height: int, width: int) -> None:
    """Few enough ones and minus ones for every partial sum to fit 8 bits."""
    operand = Operand(DataFormat.Float16_b, TileShape(height, width))
    matrix = integers(1, (height, width), 1) * (np.random.default_rng(2).random((height, width)) < 0.1)
    machine = machine_for(grade, fp32)
    machine.reduce_tile(Pool.SUM, dim, operand, page(matrix), BF16, ones(), 0)
    assert np.array_equal(packed(machine, operand, dim), reduced(matrix, dim, np.sum))


@GRADES
@DIMS
@MODES
def test_sums_of_several_tiles_add_up(grade: Grade, dim: Dimension, fp32: bool) -> None:
    tiles = [integers(seed, (32, 32), 1) * (np.random.default_rng(seed).random((32, 32)) < 0.05) for seed in range(3)]
    machine = machine_for(grade, fp32)
    for tile in tiles:
        machine.reduce_tile(Pool.SUM, dim, BF16, page(tile), BF16, ones(), 0)
    assert np.array_equal(packed(machine, BF16, dim), reduced(np.sum(tiles, axis=0), dim, np.sum))


@GRADES
@DIMS
@MODES
@pytest.mark.parametrize("chip", [WORMHOLE_TENSIX, BLACKHOLE_TENSIX], ids=lambda each: each.chip)
def test_maximum_of_several_negative_tiles(grade: Grade, dim: Dimension, fp32: bool, chip: TensixTraits) -> None:
    """A fresh DST row is below every number, so zero never wins."""
    tiles = [integers(seed, (32, 32), 50) - 60 for seed in range(3)]
    machine = machine_for(grade, fp32, chip)
    for tile in tiles:
        machine.reduce_tile(Pool.MAX, dim, BF16, page(tile), BF16, ones(), 0)
    assert np.array_equal(packed(machine, BF16, dim), reduced(np.max(tiles, axis=0), dim, np.max))


@GRADES
@DIMS
@pytest.mark.parametrize("height", [16, 8, 2])
def test_maximum_of_small_tiles_ignores_missing_rows(grade: Grade, dim: Dimension, height: int) -> None:
    operand = Operand(DataFormat.Float16_b, TileShape(height, 32))
    matrix = integers(3, (height, 32), 50) - 60
    machine = machine_for(grade, False)
    machine.reduce_tile(Pool.MAX, dim, operand, page(matrix), BF16, ones(), 0)
    assert np.array_equal(packed(machine, operand, dim), reduced(matrix, dim, np.max))


@GRADES
def test_maximum_scales_by_the_exponent_of_the_scaler(grade: Grade) -> None:
    """GMPOOL multiplies by the power of two in the scaler (tt-isa-documentation, GMPOOL)."""
    matrix = integers(4, (32, 32), 50) - 60
    machine = machine_for(grade, True)
    scaler = page(np.full((32, 32), 0.75, np.float32))
    machine.reduce_tile(Pool.MAX, Dimension.COL, BF16, page(matrix), BF16, scaler, 0)
    assert np.array_equal(packed(machine, BF16, Dimension.COL)[0], matrix.max(axis=0) / 2)


@GRADES
def test_each_scaler_face_weighs_its_data_face(grade: Grade) -> None:
    """Columns weigh face f with row 0 of scaler face f; rows use scaler faces 0 and 1 for both rows of faces."""
    scaler = np.zeros((32, 32), np.float32)
    scaler[0, :16], scaler[0, 16:], scaler[16, :16], scaler[16, 16:] = 1, 2, 4, 8
    data = np.ones((32, 32), np.float32)
    columns = machine_for(grade, True)
    columns.reduce_tile(Pool.SUM, Dimension.COL, BF16, page(data), BF16, page(scaler), 0)
    assert np.array_equal(packed(columns, BF16, Dimension.COL)[0], [16 * (1 + 4)] * 16 + [16 * (2 + 8)] * 16)
    rows = machine_for(grade, True)
    rows.reduce_tile(Pool.SUM, Dimension.ROW, BF16, page(data), BF16, page(scaler), 0)
    assert np.array_equal(packed(rows, BF16, Dimension.ROW)[:, 0], [16 * (1 + 2)] * 32)


@GRADES
def test_scalar_sums_are_weighed_twice(grade: Grade) -> None:
    """The last step uses the scaler of the last face again (numerics.md §4.4)."""
    scaler = page(np.full((32, 32), 0.5, np.float32))
    machine = machine_for(grade, True)
    machine.reduce_tile(Pool.AVG, Dimension.SCALAR, BF16, ones(), BF16, scaler, 0)
    assert packed(machine, BF16, Dimension.SCALAR)[0, 0] == 1024 / 4


def test_the_mask_of_a_reduction_is_the_packers_alone() -> None:
    machine = machine_for(Grade.EXACT, False)
    machine.copy_tile(BF16, ones(), 0)
    assert packed(machine, BF16, Dimension.SCALAR).sum() == 1
    assert packed(machine, BF16).sum() == 1024
