"""Reductions: the sequences of pooling and matrix instructions behind ``reduce_tile`` (numerics.md §4.4, §4.5).

One call reduces one tile onto one DST tile. Sums add to what is there, maxima compare with it. Scaler faces go with
data faces: only row 0 of a scaler face counts, and its element i weighs the i-th datum that is pooled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tthal.types import DataFormat
from tthal_emulator.board.tensix_traits import TensixTraits

from . import datum, fast, integer
from .datum import I32, I64, U32
from .dst import Dst
from .formats import FACE_SIDE, TileShape
from .grades import Fpu
from .integer import INTEGER_SOURCES
from .layout import slots_to_faces
from .moves import source_from_dst, through_adder
from .operations import Dimension, Pool
from .unpack import Source

_PARTIAL_ROW = 4
"""DST row in which the first stage of a scalar reduction collects (llk_math_reduce.h of 0.81.1)."""
_LOWEST_SRC = 0x7FFFF
"""The Src datum that missing rows hold in a maximum: all bits set, below every number."""
_LOWEST_KEY = -(1 << 40)


@dataclass(frozen=True, slots=True)
class PooledTile:
    """One operand of a reduction: the datums of one tile, (rows, columns) in slot order, and its shape."""

    source: Source
    shape: TileShape

    def faces(self, fill: int = 0) -> I32:
        """Return the faces as (faces, 16, 16); the rows that a small face lacks hold ``fill``."""
        rows = slots_to_faces(self.source.bits, self.shape).reshape(self.shape.num_faces, -1, FACE_SIDE)
        missing = FACE_SIDE - self.shape.face_rows
        return np.pad(rows, ((0, 0), (0, missing), (0, 0)), constant_values=fill)


@dataclass(frozen=True, slots=True)
class Reduction:
    """The reduction of one tile onto DST[index].

    Attributes:
        dst: the DST section.
        index: the tile that collects.
        fpu: the arithmetic.
        chip: it decides how much of a partial scalar result survives the way back to SrcA.
        cuts_mixed_rows: sums of rows of TF32 data with a bfloat16 scaler are cut to bfloat16 within each face, as
            chips do and the simulators do not (numerics.md §10.5).
    """

    dst: Dst
    index: int
    fpu: Fpu
    chip: TensixTraits
    cuts_mixed_rows: bool = False

    def run(self, pool: Pool, dim: Dimension, data: PooledTile, scaler: PooledTile) -> None:
        """Reduce one tile."""
        self.dst.check(self.index)
        if pool is Pool.MAX:
            steps = {Dimension.ROW: self._row_max, Dimension.COL: self._column_max, Dimension.SCALAR: self._scalar_max}
        else:
            steps = {Dimension.ROW: self._row_sum, Dimension.COL: self._column_sum, Dimension.SCALAR: self._scalar_sum}
        steps[dim](data, scaler)

    # -------------------------------------------------------------------------------------------- sums

    def _row_sum(self, data: PooledTile, scaler: PooledTile) -> None:
        """Multiply each row of faces by the transposed scaler faces; column 0 is the sum.

        A full tile runs its phases outside (and scaler faces 0 and 1 serve both rows of faces), a smaller one inside.
        """
        across, down = data.shape.faces_across, data.shape.faces_down
        if self.cuts_mixed_rows and _is_mixed(data, scaler):
            self._cut_row_sum(data, scaler)
            return
        full = data.shape.num_faces == 4
        faces, scales = data.faces(), scaler.faces()
        for r in range(down):
            order = [r * across + c for c in range(across)]
            b = np.concatenate([faces[f] for f in order], axis=1)
            a = np.concatenate([scales[f % 2 if full else f].T for f in order])
            slot = self._slot(r * across)
            self._put(
                r * across, 0, self.fpu.matmul(data.source.with_bits(b), scaler.source.with_bits(a), slot, not full)
            )

    def _cut_row_sum(self, data: PooledTile, scaler: PooledTile) -> None:
        """The sums of rows where SrcA, in which the scaler lies, is bfloat16: each face's sum is cut to it."""
        across, faces, scales = data.shape.faces_across, data.faces(), scaler.faces()
        for face in range(data.shape.num_faces):
            slot = face // across * across
            weights = scales[face % 2 if data.shape.num_faces == 4 else face].T
            nothing = np.zeros((FACE_SIDE, FACE_SIDE), np.uint32)
            total = self.fpu.matmul(data.source.with_bits(faces[face]), scaler.source.with_bits(weights), nothing)
            added = fast.add(self._slot(slot).view(np.float32), (total & datum.BF16_MASK).view(np.float32))
            self._put(slot, 0, fast.settle(added, True, False))

    def _column_sum(self, data: PooledTile, scaler: PooledTile) -> None:
        """Pool each column of faces downwards, each face weighed by row 0 of its scaler face; row 0 is the sum."""
        across, down = data.shape.faces_across, data.shape.faces_down
        faces, scales = data.faces(), scaler.faces()
        for c in range(across):
            order = [r * across + c for r in range(down)]
            self._put(c, 0, self._pool_sum(data, scaler, faces[order], scales[order, 0], self._slot(c)[:1]))

    def _scalar_sum(self, data: PooledTile, scaler: PooledTile) -> None:
        """Pool all faces onto one row, then that row as a column, weighed again by the scaler face used last."""
        faces, scales = data.faces(), scaler.faces()[: data.shape.num_faces]
        start = self._slot(0)[_PARTIAL_ROW : _PARTIAL_ROW + 1]
        partial = self._pool_sum(data, scaler, faces, scales[:, 0], start)
        column = self._partial_to_source(partial[0], data, scaler)
        last = scaler.source.with_bits(scales[-1, :1])
        result = self.fpu.matmul(last, column.with_bits(column.bits[:, None]), self._slot(0)[:1, :1])
        self._clear_partial_row()
        self._put(0, 0, result)

    def _pool_sum(self, data: PooledTile, scaler: PooledTile, faces: I32, weights: I32, start: U32) -> U32:
        """Return start + the weighted sum of the rows of all faces (GAPOOL per face, phases inside)."""
        a = data.source.with_bits(faces.reshape(-1, FACE_SIDE))
        return self.fpu.matmul(scaler.source.with_bits(weights.reshape(1, -1)), a, start, True)

    # -------------------------------------------------------------------------------------------- maxima

    def _row_max(self, data: PooledTile, scaler: PooledTile) -> None:
        """Pool transposed faces onto row 0, then transpose through SrcB: row 0 and column 0 hold the maxima."""
        across = data.shape.faces_across
        faces, scales = data.faces(_LOWEST_SRC), scaler.faces()
        for r in range(data.shape.faces_down):
            slot = r * across
            maxima = self._row_maximum(data, slot, 0)
            for c in range(across):
                maxima = self._pool_max(data, scaler, faces[slot + c].T, scales[slot + c, 0], maxima)
            moved = self._pattern_to_source(self._keys_to_bits(maxima, data), data, scaler, both=True)
            block = np.zeros((FACE_SIDE, FACE_SIDE), np.int32)
            block[0, :] = block[:, 0] = moved.bits
            self._put(slot, 0, through_adder(moved.with_bits(block)))

    def _column_max(self, data: PooledTile, scaler: PooledTile) -> None:
        """Pool each column of faces downwards onto row 0."""
        across = data.shape.faces_across
        faces, scales = data.faces(_LOWEST_SRC), scaler.faces()
        for c in range(across):
            maxima = self._row_maximum(data, c, 0)
            for f in range(c, data.shape.num_faces, across):
                maxima = self._pool_max(data, scaler, faces[f], scales[f, 0], maxima)
            self._put(c, 0, self._four_rows(self._keys_to_bits(maxima, data)))

    def _scalar_max(self, data: PooledTile, scaler: PooledTile) -> None:
        """Pool all faces onto one row, then that row as a column."""
        faces, scales = data.faces(_LOWEST_SRC), scaler.faces()[: data.shape.num_faces]
        maxima = self._row_maximum(data, 0, _PARTIAL_ROW)
        for face, weights in zip(faces, scales[:, 0], strict=True):
            maxima = self._pool_max(data, scaler, face, weights, maxima)
        column = self._partial_to_source(self._keys_to_bits(maxima, data), data, scaler)
        self._clear_partial_row()
        start = self._row_maximum(data, 0, 0)[:1]
        single = self._pool_max(data, scaler, column.bits[:, None], scales[-1, 0], start)
        row = np.zeros(FACE_SIDE, np.uint32)
        row[:1] = self._keys_to_bits(single, data)
        self._put(0, 0, self._four_rows(row))

    def _pool_max(self, data: PooledTile, scaler: PooledTile, block: I32, weights: I32, start: I64) -> I64:
        """Return the running maxima of the columns of 16 rows (GMPOOL); only a weight's exponent scales."""
        if data.source.format in INTEGER_SOURCES:
            keys = integer.values(block)
        else:
            weight = datum.fp32_from_src(weights, scaler.source.five_bit_exponent)
            keys = _scaled_keys(datum.fp32_from_src(block, data.source.five_bit_exponent), weight[:, None])
        missing = block == _LOWEST_SRC
        result: I64 = np.maximum(start, np.where(missing, _LOWEST_KEY, keys).max(axis=0))
        return result

    def _row_maximum(self, data: PooledTile, slot: int, row: int) -> I64:
        """Return DST's present row as comparable keys; a fresh row is below every number."""
        if self._fresh(slot)[row]:
            return np.full(FACE_SIDE, _LOWEST_KEY, np.int64)
        bits = self._slot(slot)[row]
        if data.source.format in INTEGER_SOURCES:
            return integer.decode(bits)
        bits = bits & datum.TF32_MASK if self.dst.is_32_bit else bits
        return _ordered((bits & datum.FP32_MAGNITUDE).astype(np.int64), bits >= datum.FP32_SIGN)

    def _keys_to_bits(self, keys: I64, data: PooledTile) -> U32:
        if data.source.format in INTEGER_SOURCES:
            return integer.encode(np.where(keys == _LOWEST_KEY, 0, keys))
        magnitude = np.where(keys < 0, -keys - 1, keys) & int(datum.FP32_MAGNITUDE)
        bits = magnitude.astype(np.uint32) | np.where(keys < 0, datum.FP32_SIGN, np.uint32(0))
        result: U32 = np.where(keys == _LOWEST_KEY, np.uint32(0xFFFF_FFFF), bits)
        return result

    # -------------------------------------------------------------------------------------------- moves

    def _partial_to_source(self, bits: U32, data: PooledTile, scaler: PooledTile) -> Source:
        """Move a partial row back to SrcA; some chips' move also takes SrcB's width (numerics.md §11.2)."""
        moved = self._pattern_to_source(bits, data, scaler, both=self.chip.partial_takes_both_widths)
        return moved.with_bits(np.where(moved.bits & datum.SRC_EXPONENT == 0, np.int32(0), moved.bits))

    def _pattern_to_source(self, bits: U32, data: PooledTile, scaler: PooledTile, both: bool) -> Source:
        """Cut DST patterns to Src datums: TF32 if the data is (and the scaler, where both count), else bfloat16."""
        wide = data.source.format is DataFormat.Tf32 and (not both or scaler.source.format is DataFormat.Tf32)
        return source_from_dst(bits, data.source.format, wide, self.dst.is_32_bit)

    def _four_rows(self, row: U32) -> U32:
        """Return the four rows that the pooling instruction writes: the result and three of zeros."""
        rows = np.zeros((4, FACE_SIDE), np.uint32)
        rows[0] = row
        return rows

    def _clear_partial_row(self) -> None:
        self._slot(0)[_PARTIAL_ROW] = 0
        self._fresh(0)[_PARTIAL_ROW] = True

    def _slot(self, slot: int) -> U32:
        """Return a writable view (16, 16) of a face's place in the DST tile."""
        top, left = FACE_SIDE * (slot // 2), FACE_SIDE * (slot % 2)
        view: U32 = self.dst.bits[self.index, top : top + FACE_SIDE, left : left + FACE_SIDE]
        return view

    def _fresh(self, slot: int) -> npt.NDArray[np.bool_]:
        top = FACE_SIDE * (slot // 2)
        view: npt.NDArray[np.bool_] = self.dst.fresh[self.index, top : top + FACE_SIDE, slot % 2]
        return view

    def _put(self, slot: int, row: int, values: U32) -> None:
        rows, columns = values.shape
        self._slot(slot)[row : row + rows, :columns] = values
        self._fresh(slot)[row : row + rows] = False


def _is_mixed(data: PooledTile, scaler: PooledTile) -> bool:
    return data.source.format is DataFormat.Tf32 and scaler.source.format is DataFormat.Float16_b


def _scaled_keys(bits: U32, weight: U32) -> I64:
    """Return comparable keys of values times 2^exponent(weight); a zero weight ranks below every number."""
    exponent = ((weight & datum.FP32_EXPONENT) >> np.uint32(datum.FP32_FRACTION_BITS)).astype(np.int64)
    magnitude = (datum.flush_denormals(bits) & datum.FP32_MAGNITUDE).astype(np.int64)
    scaled = magnitude + ((exponent - datum.FP32_BIAS) << datum.FP32_FRACTION_BITS)
    keys = _ordered(np.where(magnitude > 0, scaled, 0), (bits >= datum.FP32_SIGN) & (magnitude > 0))
    return np.where(exponent == 0, _LOWEST_KEY, keys)


def _ordered(magnitude: I64, negative: npt.NDArray[np.bool_]) -> I64:
    """Return keys in the order of sign and magnitude, -0 below +0."""
    return np.where(negative, -magnitude - 1, magnitude)
