"""Row-major rows to tile pages and back, as the unpacker's tilize and the packer's untilize modes address L1.

A row-major block is as many rows as a tile is high, and some tiles wide: (rows, tiles * width) datums without gaps,
in the bytes of as many pages. Only formats whose datums are whole bytes can be row-major.
"""

from __future__ import annotations

import numpy as np

from .datum import U8
from .errors import TensixError, UnsupportedFormat
from .formats import FACE_SIDE, Operand, info


def datum_bytes(operand: Operand) -> int:
    """Return the bytes of one row-major datum.

    Raises:
        UnsupportedFormat: block floats share exponents within a tile and have no row-major form.
    """
    row = info(operand.format)
    if row.is_block_float:
        raise UnsupportedFormat(f"{operand.format.name} has no row-major layout; use a format of whole bytes per datum")
    return row.bits // 8


def pages_from_rows(block: U8, operand: Operand, tiles: int) -> U8:
    """Return a row-major block, any shape of its bytes, as tile pages (tiles, page bytes)."""
    shape, size = operand.shape, datum_bytes(operand)
    if block.size != tiles * operand.page_bytes:
        raise TensixError(
            f"a row-major block of {tiles} tiles of {operand.format.name} has {tiles * operand.page_bytes} bytes, "
            f"but {block.size} were given"
        )
    grid = block.reshape(shape.faces_down, shape.face_rows, tiles, shape.faces_across, FACE_SIDE * size)
    return np.ascontiguousarray(grid.transpose(2, 0, 3, 1, 4)).reshape(tiles, operand.page_bytes)


def page_from_rows(block: U8, operand: Operand, tiles: int, tile: int) -> U8:
    """Return one tile of a row-major block of ``tiles`` tiles as a page (page bytes,)."""
    columns = row_window(block, operand, tiles, tile, 1)
    page: U8 = pages_from_rows(np.ascontiguousarray(columns), operand, 1)[0]
    return page


def rows_from_pages(pages: U8, operand: Operand) -> U8:
    """Return tile pages (tiles, page bytes) as a row-major block (rows, bytes of all tiles' rows)."""
    shape, size = operand.shape, datum_bytes(operand)
    grid = pages.reshape(-1, shape.faces_down, shape.faces_across, shape.face_rows, FACE_SIDE * size)
    return np.ascontiguousarray(grid.transpose(1, 3, 0, 2, 4)).reshape(shape.height, -1)


def row_window(block: U8, operand: Operand, full_tiles: int, first_tile: int, tiles: int) -> U8:
    """Return the columns (rows, bytes) of some tiles inside a row-major block of ``full_tiles`` tiles, as a view."""
    width = operand.shape.width * datum_bytes(operand)
    if not 0 <= first_tile <= full_tiles - tiles or block.size != full_tiles * operand.page_bytes:
        raise TensixError(
            f"tiles {first_tile}..{first_tile + tiles - 1} of a row-major block of {full_tiles} tiles "
            f"({full_tiles * operand.page_bytes} bytes) do not fit in {block.size} bytes"
        )
    if not block.flags.c_contiguous:
        raise TensixError("a row-major block must be contiguous L1 memory")
    rows = block.reshape(operand.shape.height, full_tiles * width)
    return rows[:, first_tile * width : (first_tile + tiles) * width]
