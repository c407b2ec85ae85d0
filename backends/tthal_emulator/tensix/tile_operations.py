"""How a kernel names tile operations to the host: the host's half of include/tthal/border/tensix.h."""

from __future__ import annotations

from enum import IntEnum, IntFlag

from .operations import BinaryOp, Broadcast, PoolType, ReduceDim, ReuseDest
from .pack import EdgeMask, PackSettings, Relu, ReluMode


class TileOperation(IntEnum):
    """Tile operations that the host's numpy definition carries out."""

    COPY = 0
    BINARY = 1
    MATMUL = 2
    PACK = 3
    TRANSPOSE = 4
    TILIZE = 5
    UNARY_BROADCAST = 6
    TRANSPOSE_DEST = 7
    REUSE_DEST = 8
    REDUCE = 9
    PACK_UNTILIZE = 10
    TILIZE_REDUCE = 11


class CopyFlag(IntFlag):
    """How a copied tile is rearranged."""

    SWAP_FACES = 1
    WITHIN_FACES = 2


BINARY_OPERATIONS = (BinaryOp.ADD, BinaryOp.SUB, BinaryOp.MUL)
BROADCASTS = (Broadcast.NONE, Broadcast.ROW, Broadcast.COL, Broadcast.SCALAR)
POOLS = (PoolType.SUM, PoolType.AVG, PoolType.MAX)
DIMENSIONS = (ReduceDim.ROW, ReduceDim.COL, ReduceDim.SCALAR)
REUSES = (ReuseDest.DEST_TO_SRCA, ReuseDest.DEST_TO_SRCB)

_EDGE_MASKS = (EdgeMask.NONE, EdgeMask.COLUMN_0, EdgeMask.ROW_0, EdgeMask.ELEMENT_0)
_ACCUMULATE = 0x10


def binary_operation(flags: int) -> tuple[BinaryOp, Broadcast, bool, int]:
    """Return operation, broadcast, whether it accumulates, and the row of a row broadcast (``BinaryFlags``)."""
    return BINARY_OPERATIONS[flags & 3], BROADCASTS[flags >> 2 & 3], bool(flags & _ACCUMULATE), flags >> 8


def reduction(flags: int) -> tuple[PoolType, ReduceDim]:
    """Return what a reduction does and what it leaves."""
    return POOLS[flags & 3], DIMENSIONS[flags >> 2 & 3]


def pack_settings(flags: int) -> PackSettings:
    """Return the packer's settings (``PackFlags``)."""
    relu = Relu(ReluMode(flags & 3), flags >> 16)
    return PackSettings(relu, _EDGE_MASKS[flags >> 2 & 3], bool(flags & _ACCUMULATE))
