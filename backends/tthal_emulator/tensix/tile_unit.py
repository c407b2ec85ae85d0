"""Tile operations that a kernel leaves to the host: numpy's definition in `tensix`, on the kernel's own DST and L1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from tthal.device_interface import ComputeSettings
from tthal.types import Arch, DataFormat, MathFidelity

from . import tile_operations as codes
from .dst import Dst
from .errors import UnsupportedFormat
from .formats import TILE_SIDE, Operand, TileShape, info
from .operations import Grade
from .pack import PackSettings
from .register_formats import RegisterFormats
from .tile_math import TileMath
from .tile_operations import CopyFlag, TileOperation

DST_TILES = 16
TILE_WORDS = 32 * 32
DST_BITS = DST_TILES * TILE_WORDS * 4
DST_FRESH = DST_TILES * 32 * 2
DST_SIZE = DST_BITS + DST_FRESH
"""Layout of ``tthal::tensix::Dst`` in include/tthal/border/tensix.h: patterns, then freshness flags."""

Pages = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TileConfiguration:
    """What the unpackers and packers of one kernel are told: its settings and what every buffer index holds."""

    arch: Arch
    grade: Grade
    settings: ComputeSettings
    operands: tuple[Operand | None, ...]


class TileUnit:
    """The matrix path of one running compute kernel.

    Args:
        l1: the core's L1, bytes.
        dst: the kernel's own DST, ``DST_SIZE`` bytes of its memory.
    """

    def __init__(self, configuration: TileConfiguration, l1: Pages, dst: memoryview) -> None:
        settings = configuration.settings
        self._operands = configuration.operands
        self._l1 = l1
        bits = np.frombuffer(dst[:DST_BITS], np.uint32).reshape(DST_TILES, 32, 32)
        fresh = np.frombuffer(dst[DST_BITS:DST_SIZE], np.bool_).reshape(DST_TILES, 32, 2)
        view = Dst(settings.fp32_dest_acc_en, settings.dst_full_sync_en, bits, fresh)
        # The device headers have checked the kernel's index; what they pass is a slot of the whole register file.
        view.capacity = DST_TILES
        self._make_math = partial(
            TileMath,
            configuration.arch,
            configuration.grade,
            fp32_dest_acc_en=settings.fp32_dest_acc_en,
            dst_full_sync_en=settings.dst_full_sync_en,
            bfp8_pack_precise=settings.bfp8_pack_precise,
            dst=view,
        )
        self._math = self._make_math(math_fidelity=settings.math_fidelity)
        self._fidelities = {settings.math_fidelity: self._math}

    def _at_fidelity(self, fidelity: MathFidelity) -> TileMath:
        """Return the matrix path at the kernel's fidelity, or at another one for single operations."""
        if fidelity not in self._fidelities:
            self._fidelities[fidelity] = self._make_math(math_fidelity=fidelity)
        return self._fidelities[fidelity]

    def run(self, operation: int, a: int, b: int, c: int, d: int, e: int, f: int) -> None:
        """Carry out one operation; the arguments are those of ``TileOperation`` in include/tthal/border/tensix.h.

        Raises:
            TensixError: the hardware has no such operation for these formats.
        """
        carry_out = _OPERATIONS.get(operation)
        if carry_out is None:
            raise ValueError(f"unknown tile operation {operation}")
        carry_out(self, a, b, c, d, e, f)

    def _copy(self, cb: int, address: int, slot: int, flags: int, e: int, f: int) -> None:
        swap, within = bool(flags & CopyFlag.SWAP_FACES), bool(flags & CopyFlag.WITHIN_FACES)
        self._math.copy_tile(self._operand(cb), self._page(cb, address), slot, swap, within)

    def _transpose(self, cb: int, address: int, slot: int, d: int, e: int, f: int) -> None:
        self._math.transpose_tile(self._operand(cb), self._page(cb, address), slot)

    def _tilize(self, cb: int, address: int, slot: int, tiles: int, tile: int, fast: int) -> None:
        block = self._page(cb, address, tiles)
        self._math.tilize_block(self._operand(cb), block, tiles, tile, slot, bool(fast))

    def _unary_broadcast(self, cb: int, address: int, slot: int, dim: int, e: int, f: int) -> None:
        self._math.unary_bcast(codes.BROADCASTS[dim], self._operand(cb), self._page(cb, address), slot)

    def _transpose_dest(self, slot: int, is_32_bit: int, faces: int, d: int, e: int, f: int) -> None:
        self._math.transpose_dest(slot, bool(is_32_bit), bool(faces))

    def _binary(self, cb0: int, address0: int, cb1: int, address1: int, slot: int, flags: int) -> None:
        operation, broadcast, accumulate, row = codes.binary_operation(flags)
        operands = self._operand(cb0), self._page(cb0, address0), self._operand(cb1), self._page(cb1, address1)
        self._math.binary_tiles(operation, *operands, slot, broadcast, accumulate, row)

    def _reuse_dest(self, cb: int, address: int, slot: int, operation: int, to_srcb: int, f: int) -> None:
        choice = codes.BINARY_OPERATIONS[operation], codes.REUSES[to_srcb]
        self._math.reuse_dest_tiles(*choice, self._operand(cb), self._page(cb, address), slot)

    def _matmul(self, cb0: int, address0: int, cb1: int, address1: int, target: int, shape: int) -> None:
        slot, stride = target & 0xFF, target >> 8
        transpose, rows, columns = bool(shape & 1), shape >> 8 & 0xFF, shape >> 16
        left = self._page(cb0, address0, (rows - 1) * stride + 1)[::stride]
        right = self._page(cb1, address1, columns)
        math = self._at_fidelity(MathFidelity(shape >> 4 & 0xF))
        math.matmul_block(self._operand(cb0), left, self._operand(cb1), right, slot, transpose)

    def _reduce(self, cb: int, address: int, scaler: int, scaler_address: int, slot: int, flags: int) -> None:
        data = self._operand(cb), self._page(cb, address)
        weights = self._operand(scaler), self._page(scaler, scaler_address)
        self._math.reduce_tile(*codes.reduction(flags), *data, *weights, slot)

    def _tilize_reduce(self, cb: int, address: int, scaler: int, scaler_address: int, slot: int, flags: int) -> None:
        scaler, tiles, column = scaler & 0xFF, scaler >> 8 & 0xFFF, scaler >> 20
        operand, weights = self._operand(cb), (self._operand(scaler & 0xFF), self._page(scaler, scaler_address))
        block = self._bytes(cb, address, tiles * operand.page_bytes)
        page = tile_of_rows(block, operand, tiles, column)
        self._math.reduce_tile(*codes.reduction(flags), operand, page, *weights, slot)

    def _pack(self, cb: int, address: int, slot: int, flags: int, e: int, f: int) -> None:
        self._math.pack_tile(slot, self._operand(cb), self._page(cb, address), codes.pack_settings(flags))

    def _pack_untilize(self, cb: int, address: int, slot: int, flags: int, widths: int, place: int) -> None:
        tiles, full, first = widths & 0xFFFF, widths >> 16, place & 0xFFFF
        operand, settings = self._operand(cb), codes.pack_settings(flags)
        rows, columns = place >> 16 & 0xFF, place >> 24
        if rows == TILE_SIDE and columns < TILE_SIDE:
            return self._pack_narrow_rows(cb, address, slot, settings, tiles, full, first, columns)
        if place >> 16:
            operand = replace(operand, shape=TileShape(rows, columns))
        block = self._bytes(cb, address, full * operand.page_bytes)
        self._math.pack_untilize(slot, tiles, operand, block, full, first, settings)

    def _pack_narrow_rows(
        self, cb: int, address: int, slot: int, settings: PackSettings, tiles: int, full: int, first: int, columns: int
    ) -> None:
        """Write the first datums of a whole tile's rows: by way of a block of whole rows."""
        operand = replace(self._operand(cb), shape=TileShape())
        row_bytes = operand.page_bytes // TILE_SIDE
        whole, width = np.zeros((TILE_SIDE, full, row_bytes), np.uint8), row_bytes * columns // TILE_SIDE
        block = self._bytes(cb, address, TILE_SIDE * full * width).reshape(TILE_SIDE, full, width)
        whole[..., :width] = block
        self._math.pack_untilize(slot, tiles, operand, whole.reshape(-1), full, first, settings)
        block[:] = whole[..., :width]

    def _operand(self, cb: int) -> Operand:
        operand = self._operands[cb] if cb < len(self._operands) else None
        if operand is None:
            raise ValueError(f"circular buffer {cb} has no data format")
        return operand

    def _page(self, cb: int, address: int, tiles: int = 0) -> Pages:
        """Return the bytes of one tile, or of several as (tiles, page bytes)."""
        size = self._operand(cb).page_bytes
        data = self._bytes(cb, address, size * max(tiles, 1))
        return data.reshape(tiles, size) if tiles else data

    def _bytes(self, cb: int, address: int, size: int) -> Pages:
        if address + size > len(self._l1):
            raise ValueError(f"a tile of circular buffer {cb} at 0x{address:x} reaches past the end of L1")
        return self._l1[address : address + size]


_OPERATIONS: dict[int, Callable[[TileUnit, int, int, int, int, int, int], None]] = {
    TileOperation.COPY: TileUnit._copy,
    TileOperation.BINARY: TileUnit._binary,
    TileOperation.MATMUL: TileUnit._matmul,
    TileOperation.PACK: TileUnit._pack,
    TileOperation.TRANSPOSE: TileUnit._transpose,
    TileOperation.TILIZE: TileUnit._tilize,
    TileOperation.UNARY_BROADCAST: TileUnit._unary_broadcast,
    TileOperation.TRANSPOSE_DEST: TileUnit._transpose_dest,
    TileOperation.REUSE_DEST: TileUnit._reuse_dest,
    TileOperation.REDUCE: TileUnit._reduce,
    TileOperation.PACK_UNTILIZE: TileUnit._pack_untilize,
    TileOperation.TILIZE_REDUCE: TileUnit._tilize_reduce,
}


def tile_of_rows(block: Pages, operand: Operand, tiles: int, column: int) -> Pages:
    """Return the bytes of one tile of a row-major block that is ``tiles`` tiles wide and one tile high.

    Raises:
        UnsupportedFormat: datums of block floats have no bytes of their own.
    """
    if info(operand.format).is_block_float:
        raise UnsupportedFormat(f"rows of {operand.format.name} cannot be tilized; use a format whose datums are whole")
    shape = operand.shape
    rows = block.reshape(shape.height, tiles, -1)[:, column]
    faces = rows.reshape(shape.faces_down, shape.face_rows, shape.faces_across, -1).swapaxes(1, 2)
    return np.ascontiguousarray(faces).reshape(-1)


def operand_of(
    data_format: DataFormat, tile: tuple[int, int], unpack_to_dest: bool, registers: RegisterFormats | None = None
) -> Operand:
    """Return what unpackers and packers are told of a circular buffer; ``tile`` is (height, width)."""
    unpacked, packed = (registers.unpacked, registers.packed) if registers is not None else (None, None)
    return Operand(data_format, TileShape(*tile), unpack_to_dest, unpacked, packed)
