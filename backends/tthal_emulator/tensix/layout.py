"""Where the datums of a tile lie: pages, DST, matrices.

*Face order* is that of a page: faces one after the other, left before right, top before bottom, row-major inside.
*Slot order* is that of a DST tile's 32x32 window, which the hardware fills with the first two faces beside each other
and the next two below. For every shape but 32x16 slot order is the tile's own matrix.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from .errors import TensixError
from .formats import FACE_SIDE, TileShape
from .operations import Broadcast

T = TypeVar("T", bound=np.generic)


def faces_to_slots(faces: npt.NDArray[T], shape: TileShape) -> npt.NDArray[T]:
    """Arrange face-order datums (tiles, datums) in slot order: (tiles, face rows x 1 or 2, 16 or 32)."""
    down = 2 if shape.num_faces == 4 else 1
    across = shape.num_faces // down
    grid = faces.reshape(-1, down, across, shape.face_rows, FACE_SIDE)
    result: npt.NDArray[T] = grid.swapaxes(2, 3).reshape(-1, down * shape.face_rows, across * FACE_SIDE)
    return result


def slots_to_faces(slots: npt.NDArray[T], shape: TileShape) -> npt.NDArray[T]:
    """Undo `faces_to_slots`: return (tiles, datums)."""
    down = 2 if shape.num_faces == 4 else 1
    across = shape.num_faces // down
    grid = slots.reshape(-1, down, shape.face_rows, across, FACE_SIDE)
    result: npt.NDArray[T] = grid.swapaxes(2, 3).reshape(-1, shape.datums)
    return result


def matrix_from_slots(slots: npt.NDArray[T], shape: TileShape) -> npt.NDArray[T]:
    """Return tiles in slot order as matrices (tiles, height, width)."""
    if shape.faces_down == 1 or shape.faces_across == 2:
        return slots
    halves: npt.NDArray[T] = slots.reshape(-1, FACE_SIDE, 2, FACE_SIDE).swapaxes(1, 2)
    return halves.reshape(-1, shape.height, shape.width)


def slots_from_matrix(matrix: npt.NDArray[T], shape: TileShape) -> npt.NDArray[T]:
    """Undo `matrix_from_slots`."""
    if shape.faces_down == 1 or shape.faces_across == 2:
        return matrix
    halves: npt.NDArray[T] = matrix.reshape(-1, 2, FACE_SIDE, FACE_SIDE).swapaxes(1, 2)
    return halves.reshape(-1, FACE_SIDE, 2 * FACE_SIDE)


def block_from_tiles(tiles: npt.NDArray[T], rt: int, ct: int) -> npt.NDArray[T]:
    """Arrange (rt * ct, H, W) as one matrix (rt * H, ct * W)."""
    height, width = tiles.shape[1:]
    return np.ascontiguousarray(tiles.reshape(rt, ct, height, width).swapaxes(1, 2)).reshape(rt * height, ct * width)


def tiles_from_block(block: npt.NDArray[T], rt: int, ct: int) -> npt.NDArray[T]:
    """Undo `block_from_tiles`."""
    height, width = block.shape[0] // rt, block.shape[1] // ct
    result: npt.NDArray[T] = block.reshape(rt, height, ct, width).swapaxes(1, 2).reshape(rt * ct, height, width)
    return result


def rearranged(slots: npt.NDArray[T], shape: TileShape, swap_faces: bool, within_face: bool) -> npt.NDArray[T]:
    """Exchange the second and third of four faces, and transpose each face, in slot order."""
    if not (swap_faces or within_face):
        return slots
    if shape.face_rows != FACE_SIDE:
        raise TensixError(f"tiles of height {shape.height} cannot be transposed: their faces are not square")
    down, across = slots.shape[1] // FACE_SIDE, slots.shape[2] // FACE_SIDE
    grid = slots.reshape(-1, down, FACE_SIDE, across, FACE_SIDE).swapaxes(2, 3)
    if swap_faces and shape.num_faces == 4:
        grid = grid.swapaxes(1, 2)
    if within_face:
        grid = grid.swapaxes(3, 4)
    return np.ascontiguousarray(grid.swapaxes(2, 3)).reshape(slots.shape)


def broadcast(
    slots: npt.NDArray[T], shape: TileShape, dim: Broadcast, target: TileShape | None = None, row: int = 0
) -> npt.NDArray[T]:
    """Spread the first row (or row ``row``), column or element of tiles over a target shape, in slot order."""
    target = shape if target is None else target
    matrix = matrix_from_slots(slots, shape)
    _check_broadcast(shape, target, dim, row)
    if dim is Broadcast.ROW:
        matrix = matrix[:, row : row + 1, :]
    elif dim is Broadcast.COL:
        matrix = matrix[:, :, :1]
    else:
        matrix = matrix[:, :1, :1]
    spread = np.broadcast_to(matrix, (matrix.shape[0], target.height, target.width))
    return slots_from_matrix(spread, target)


def _check_broadcast(shape: TileShape, target: TileShape, dim: Broadcast, row: int) -> None:
    fits = {
        Broadcast.ROW: shape.width == target.width and 0 <= row < shape.height,
        Broadcast.COL: shape.height == target.height,
    }
    if not fits.get(dim, True):
        raise TensixError(
            f"row or column broadcast from a tile of {shape} (row {row}) does not fill a tile of {target}"
        )
