"""Tile operations that a kernel leaves to the host: the numpy definition of `tensix`, on the kernel's own DST and L1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tthal.device_interface import ComputeSettings
from tthal.types import Arch, DataFormat

from . import abi
from .abi import TileOperation
from .tensix.dst import Dst
from .tensix.formats import Operand, TileShape
from .tensix.machine import TileMath
from .tensix.operations import BinaryOp, Broadcast, Grade

DST_TILES = 16
TILE_WORDS = 32 * 32
DST_BITS = DST_TILES * TILE_WORDS * 4
DST_FRESH = DST_TILES * 32 * 2
DST_SIZE = DST_BITS + DST_FRESH
"""Layout of ``tthal::tensix::Dst`` in include/tthal/tensix.h: patterns, then freshness flags."""

_BINARY = (BinaryOp.ADD, BinaryOp.SUB, BinaryOp.MUL)
_BROADCAST = (Broadcast.NONE, Broadcast.ROW, Broadcast.COL, Broadcast.SCALAR)


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

    def __init__(self, configuration: TileConfiguration, l1: npt.NDArray[np.uint8], dst: memoryview) -> None:
        settings = configuration.settings
        self._operands = configuration.operands
        self._l1 = l1
        bits = np.frombuffer(dst[:DST_BITS], np.uint32).reshape(DST_TILES, 32, 32)
        fresh = np.frombuffer(dst[DST_BITS:DST_SIZE], np.bool_).reshape(DST_TILES, 32, 2)
        view = Dst(settings.fp32_dest_acc_en, settings.dst_full_sync_en, bits, fresh)
        # The device headers have checked the kernel's index; what they pass is a slot of the whole register file.
        view.capacity = DST_TILES
        self._math = TileMath(
            configuration.arch,
            configuration.grade,
            math_fidelity=settings.math_fidelity,
            fp32_dest_acc_en=settings.fp32_dest_acc_en,
            dst_full_sync_en=settings.dst_full_sync_en,
            bfp8_pack_precise=settings.bfp8_pack_precise,
            dst=view,
        )

    def run(self, operation: int, a: int, b: int, c: int, d: int, e: int, f: int) -> None:
        """Carry out one operation; the arguments are those of ``TileOperation`` in include/tthal/tensix.h.

        Raises:
            TensixError: the hardware has no such operation for these formats.
        """
        math = self._math
        if operation == TileOperation.COPY:
            math.copy_tile(self._operand(a), self._page(a, b), c)
        elif operation == TileOperation.PACK:
            math.pack_tile(c, self._operand(a), self._page(a, b))
        elif operation == TileOperation.MATMUL:
            operands = self._operand(a), self._page(a, b), self._operand(c), self._page(c, d)
            math.matmul_tiles(*operands, e, transpose=bool(f))
        elif operation == TileOperation.BINARY:
            self._binary(a, b, c, d, e, f)
        else:
            raise ValueError(f"unknown tile operation {operation}")

    def _binary(self, cb0: int, address0: int, cb1: int, address1: int, slot: int, flags: int) -> None:
        operation = _BINARY[flags & abi.BINARY_OPERATION_MASK]
        broadcast = _BROADCAST[flags >> abi.BINARY_BROADCAST_SHIFT & abi.BINARY_BROADCAST_MASK]
        self._math.binary_tiles(
            operation,
            self._operand(cb0),
            self._page(cb0, address0),
            self._operand(cb1),
            self._page(cb1, address1),
            slot,
            broadcast,
            accumulate=bool(flags & abi.BINARY_ACCUMULATE),
        )

    def _operand(self, cb: int) -> Operand:
        operand = self._operands[cb] if cb < len(self._operands) else None
        if operand is None:
            raise ValueError(f"circular buffer {cb} has no data format")
        return operand

    def _page(self, cb: int, address: int) -> npt.NDArray[np.uint8]:
        size = self._operand(cb).page_bytes
        if address + size > len(self._l1):
            raise ValueError(f"a tile of circular buffer {cb} at 0x{address:x} reaches past the end of L1")
        return self._l1[address : address + size]


def operand_of(data_format: DataFormat, tile: tuple[int, int], unpack_to_dest: bool) -> Operand:
    """Return what unpackers and packers are told of a circular buffer; ``tile`` is (height, width)."""
    return Operand(data_format, TileShape(*tile), unpack_to_dest)
