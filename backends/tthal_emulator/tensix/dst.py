"""DST, the accumulator register file between the FPU, the SFPU and the packer (numerics.md §2; host-api.md §3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .datum import U32
from .errors import DstIndexError
from .formats import FACE_SIDE, TILE_SIDE, TileShape

Fresh = npt.NDArray[np.bool_]


def dst_capacity(fp32_dest_acc_en: bool, dst_full_sync_en: bool) -> int:
    """Return how many 32x32 tiles a kernel may index: 16, 8 or 4."""
    return 16 >> (int(fp32_dest_acc_en) + int(not dst_full_sync_en))


class Dst:
    """The section of DST that a kernel holds between ``tile_regs_acquire`` and ``tile_regs_release``.

    Attributes:
        bits: uint32 (capacity, 32, 32), float32 patterns (see `datum`), row-major; faces lie in slot order.
        fresh: bool (capacity, 32, 2), per row and column half: nothing was written since `clear`. Such rows hold
            zeros; only the pooling instruction tells the difference and reads them as the smallest value.
    """

    def __init__(
        self,
        fp32_dest_acc_en: bool,
        dst_full_sync_en: bool = False,
        bits: U32 | None = None,
        fresh: Fresh | None = None,
    ) -> None:
        """Make a cleared section, or a view of one that lies in somebody else's memory."""
        self.is_32_bit = fp32_dest_acc_en
        self.capacity = dst_capacity(fp32_dest_acc_en, dst_full_sync_en)
        self.bits: U32 = np.zeros((self.capacity, TILE_SIDE, TILE_SIDE), np.uint32) if bits is None else bits
        self.fresh: Fresh = np.ones((self.capacity, TILE_SIDE, 2), np.bool_) if fresh is None else fresh

    def clear(self) -> None:
        """Mark every row invalid and zero, as the packer does on release (ZEROACC)."""
        self.bits[:] = 0
        self.fresh[:] = True

    def check(self, index: int, count: int = 1) -> None:
        """Raise DstIndexError unless tiles index .. index+count-1 exist."""
        if index < 0 or count < 1 or index + count > self.capacity:
            mode = "32-bit" if self.is_32_bit else "16-bit"
            span = f"tile {index}" if count == 1 else f"tiles {index}..{index + count - 1}"
            raise DstIndexError(
                f"DST {span} does not exist: {self.capacity} tiles fit in {mode} mode; use a smaller index, process "
                "fewer tiles per acquire, or enable dst_full_sync_en or disable fp32_dest_acc_en"
            )

    def window(self, index: int, shape: TileShape, count: int = 1) -> U32:
        """Return a writable view (count, rows, columns) of the slots that tiles of this shape occupy."""
        self.check(index, count)
        rows, columns = slot_extent(shape)
        return self.bits[index : index + count, :rows, :columns]

    def store(self, index: int, values: U32) -> None:
        """Write values of shape (tiles, rows, columns) to the upper left of consecutive tiles."""
        count, rows, columns = values.shape
        self.check(index, count)
        self.bits[index : index + count, :rows, :columns] = values
        self.fresh[index : index + count, :rows, : -(-columns // FACE_SIDE)] = False


def slot_extent(shape: TileShape) -> tuple[int, int]:
    """Return rows and columns of DST's 32x32 window that a tile's faces fill."""
    if shape.num_faces == 4:
        return TILE_SIDE, TILE_SIDE
    return shape.face_rows, FACE_SIDE * shape.num_faces
