"""Row-major layouts against plain slicing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tthal.types import DataFormat
from tthal_emulator.tensix import tilize
from tthal_emulator.tensix.errors import TensixError, UnsupportedFormat
from tthal_emulator.tensix.formats import Operand, TileShape

SHAPES = [TileShape(h, w) for h, w in ((32, 32), (16, 32), (32, 16), (16, 16), (4, 32))]
WORDS = {DataFormat.Float32: np.uint32, DataFormat.Float16_b: np.uint16, DataFormat.UInt8: np.uint8}


def expected_page(tile: npt.NDArray[np.unsignedinteger], shape: TileShape) -> bytes:
    faces = [
        tile[r : r + shape.face_rows, c : c + 16].tobytes()
        for r in range(0, shape.height, shape.face_rows)
        for c in range(0, shape.width, 16)
    ]
    return b"".join(faces)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("data_format", WORDS, ids=lambda f: f.name)
def test_rows_to_pages_and_back(shape: TileShape, data_format: DataFormat) -> None:
    tiles, word = 3, WORDS[data_format]
    operand = Operand(data_format, shape)
    rows = np.random.default_rng(1).integers(0, 256, (shape.height, tiles * shape.width)).astype(word)
    block = rows.view(np.uint8)
    pages = tilize.pages_from_rows(block, operand, tiles)
    for t in range(tiles):
        tile = rows[:, t * shape.width : (t + 1) * shape.width]
        assert pages[t].tobytes() == expected_page(tile, shape)
    assert np.array_equal(tilize.rows_from_pages(pages, operand), block)


def test_window_of_a_block_is_its_columns() -> None:
    operand = Operand(DataFormat.Float16_b)
    block = np.zeros((4, operand.page_bytes), np.uint8)
    tilize.row_window(block, operand, 4, 1, 2)[:] = 1
    rows = block.reshape(32, 4 * 64)
    assert rows[:, 64:192].all()
    assert not rows[:, :64].any()
    assert not rows[:, 192:].any()


def test_window_past_the_block_is_refused() -> None:
    block = np.zeros((4, 2048), np.uint8)
    with pytest.raises(TensixError, match=r"tiles 3\.\.4"):
        tilize.row_window(block, Operand(DataFormat.Float16_b), 4, 3, 2)


def test_block_floats_have_no_row_major_form() -> None:
    with pytest.raises(UnsupportedFormat, match="row-major"):
        tilize.datum_bytes(Operand(DataFormat.Bfp8_b))


def test_block_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(TensixError, match="8192 bytes"):
        tilize.pages_from_rows(np.zeros(4096, np.uint8), Operand(DataFormat.Float16_b), 4)
