"""Tile operations that a kernel leaves to the host: numpy's definition in `tensix`, on the kernel's own DST and L1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.device_interface import ComputeSettings
from tthal.types import DataFormat, MathFidelity
from tthal_emulator import abi
from tthal_emulator.abi import tile_operations as operations
from tthal_emulator.board.tensix_traits import TensixTraits

from .dst import Dst
from .errors import UnsupportedFormat
from .formats import TILE_SIDE, Operand, TileShape, info
from .operations import Follow, Grade
from .pack import PackSettings
from .register_formats import RegisterFormats
from .tile_math import TileMath

DST_SIZE = abi.DST.size

Pages = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TileConfiguration:
    """What the unpackers and packers of one kernel are told: its settings and what every buffer index holds."""

    chip: TensixTraits
    grade: Grade
    follow: Follow
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
        shared = np.frombuffer(dst, abi.DST.dtype)
        bits = shared["bits"][0].reshape(abi.DST_TILES, abi.TILE_ROWS, abi.TILE_COLUMNS)
        view = Dst(settings.fp32_dest_acc_en, settings.dst_full_sync_en, bits, shared["fresh"][0].view(np.bool_))
        # The device headers have checked the kernel's index; what they pass is a slot of the whole register file.
        view.capacity = abi.DST_TILES
        self._make_math = partial(
            TileMath,
            configuration.chip,
            configuration.grade,
            follow=configuration.follow,
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

    def run(self, operation: int, *words: int) -> None:
        """Carry out one operation; the words are those of ``abi.TILE_OPERATIONS``.

        Raises:
            TensixError: the hardware has no such operation for these formats.
            ValueError: there is no such operation.
        """
        kind = abi.TILE_OPERATIONS.get(operation)
        if kind is None:
            raise ValueError(f"unknown tile operation {operation}")
        asked = kind.read(words)
        special = _SPECIAL.get(kind)
        if special is not None:
            special(self, asked)
        else:
            getattr(self._math, kind.method)(**self._arguments(asked))

    def _arguments(self, asked: abi.TileOperation) -> dict[str, Any]:
        """Return the arguments of the defining method: those that the kernel named, tiles as format and bytes."""
        found: dict[str, Any] = {}
        for name, kind, names in abi.arguments(type(asked)):
            value = getattr(asked, name)
            if kind is abi.TileInL1:
                found |= {names.operand: self._operand(value.cb), names.pages: self._page(value)}
            elif isinstance(value, abi.PackerSettings):
                found[name] = PackSettings.told(value)
            elif isinstance(value, abi.PackedWord):
                found |= {each.name: getattr(value, each.name) for each in abi.bit_fields(kind)}
            else:
                found[name] = value
        return found

    def _tilize(self, asked: operations.Tilize) -> None:
        block = self._page(asked.source, asked.tiles)
        operand = self._operand(asked.source.cb)
        self._math.tilize_block(operand, block, asked.tiles, asked.tile, asked.idst, asked.fast)

    def _matmul(self, asked: operations.Matmul) -> None:
        how, target = asked.how, asked.target
        left = self._page(asked.in0, (how.rows - 1) * target.row_stride + 1)[:: target.row_stride]
        right = self._page(asked.in1, how.columns)
        math = self._at_fidelity(MathFidelity(how.fidelity))
        operands = self._operand(asked.in0.cb), left, self._operand(asked.in1.cb), right
        math.matmul_block(*operands, target.slot, how.transpose)

    def _tilize_reduce(self, asked: operations.TilizeReduce) -> None:
        operand, where, how = self._operand(asked.data.cb), asked.where, asked.how
        block = self._bytes(asked.data, where.tiles * operand.page_bytes)
        page = tile_of_rows(block, operand, where.tiles, where.tile)
        scaler = abi.TileInL1(where.scaler_cb, asked.scaler_address)
        weights = self._operand(scaler.cb), self._page(scaler)
        self._math.reduce_tile(how.pool, how.dim, operand, page, *weights, asked.idst)

    def _pack_untilize(self, asked: operations.PackUntilize) -> None:
        operand, settings = self._operand(asked.out.cb), PackSettings.told(asked.settings)
        place, widths = asked.place, asked.widths
        if place.rows == TILE_SIDE and place.columns < TILE_SIDE:
            return self._pack_narrow_rows(asked, settings)
        if place.rows or place.columns:
            operand = replace(operand, shape=TileShape(place.rows, place.columns))
        block = self._bytes(asked.out, widths.full * operand.page_bytes)
        self._math.pack_untilize(asked.idst, widths.tiles, operand, block, widths.full, place.first, settings)

    def _pack_narrow_rows(self, asked: operations.PackUntilize, settings: PackSettings) -> None:
        """Write the first datums of a whole tile's rows: by way of a block of whole rows."""
        operand, full = replace(self._operand(asked.out.cb), shape=TileShape()), asked.widths.full
        row_bytes = operand.page_bytes // TILE_SIDE
        whole = np.zeros((TILE_SIDE, full, row_bytes), np.uint8)
        width = row_bytes * asked.place.columns // TILE_SIDE
        block = self._bytes(asked.out, TILE_SIDE * full * width).reshape(TILE_SIDE, full, width)
        whole[..., :width] = block
        tiles, first = asked.widths.tiles, asked.place.first
        self._math.pack_untilize(asked.idst, tiles, operand, whole.reshape(-1), full, first, settings)
        block[:] = whole[..., :width]

    def _operand(self, cb: int) -> Operand:
        operand = self._operands[cb] if cb < len(self._operands) else None
        if operand is None:
            raise ValueError(f"circular buffer {cb} has no data format")
        return operand

    def _page(self, tile: abi.TileInL1, tiles: int = 0) -> Pages:
        """Return the bytes of one tile, or of several as (tiles, page bytes)."""
        size = self._operand(tile.cb).page_bytes
        data = self._bytes(tile, size * max(tiles, 1))
        return data.reshape(tiles, size) if tiles else data

    def _bytes(self, tile: abi.TileInL1, size: int) -> Pages:
        if tile.address + size > len(self._l1):
            raise ValueError(f"a tile of circular buffer {tile.cb} at 0x{tile.address:x} reaches past the end of L1")
        return self._l1[tile.address : tile.address + size]


_SPECIAL: dict[type[abi.TileOperation], Callable[[TileUnit, Any], None]] = {
    operations.Matmul: TileUnit._matmul,
    operations.PackUntilize: TileUnit._pack_untilize,
    operations.Tilize: TileUnit._tilize,
    operations.TilizeReduce: TileUnit._tilize_reduce,
}
"""Operations whose tiles are not whole pages, each of which the definition is told by itself."""


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
