"""Maxima of columns with the indices of where they were, as pooling uses them, against numpy's argmax."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tthal.errors import CompileError

F32 = npt.NDArray[np.float32]
U32 = npt.NDArray[np.uint32]


def operands(seed: int = 0) -> tuple[F32, U32]:
    """Rows of numbers, some of them equal, and an index for each."""
    rng = np.random.default_rng(seed)
    return rng.integers(-9, 9, (32, 32)).astype(np.float32), rng.permutation(1024).astype(np.uint32).reshape(32, 32)


def row_major(rows: Any) -> Any:
    """A DST tile that rows of 32 fill half row by half row: face by face, as DST counts its rows."""
    return rows.reshape(2, 2, 16, 16).swapaxes(1, 2).reshape(32, 32)


def row_0(tile: Any) -> Any:
    """The first 32 datums of such a tile."""
    return tile.reshape(2, 16, 2, 16).swapaxes(1, 2).reshape(-1)[:32]


def largest(values: F32, indices: U32) -> tuple[F32, U32]:
    at = values.argmax(axis=0)
    return values[at, np.arange(32)], indices[at, np.arange(32)]


def test_nine_rows_of_a_tile(lanes: Any) -> None:
    values, indices = operands()
    body = "max_reduce_with_indices_init(); max_reduce_with_indices(0, 1);"
    result = lanes.run("", body, [values.view(np.uint32), indices], 2)
    best, where = largest(values[:9], indices[:9])
    assert np.array_equal(result[0, 0].view(np.float32), best)
    assert np.array_equal(result[1, 0], where)
    assert np.array_equal(result[:, 9:], [values[9:].view(np.uint32), indices[9:]])


@pytest.mark.parametrize(("asked", "rows"), [(4, 9), (9, 9), (10, 32), (32, 32)])
def test_rows_that_lie_half_by_half(lanes: Any, asked: int, rows: int) -> None:
    values, indices = operands(1)
    call = f"max_reduce_with_indices<{asked}, DataLayout::ROW_MAJOR>(0, 1);"
    body = "max_reduce_with_indices_init<DataLayout::ROW_MAJOR>();" + call
    result = lanes.run("", body, [row_major(values).view(np.uint32), row_major(indices)], 2)
    best, where = largest(values[:rows], indices[:rows])
    assert np.array_equal(row_0(result[0]).view(np.float32), best)
    assert np.array_equal(row_0(result[1]), where)


def test_chunks_collect(lanes: Any) -> None:
    chunks = [operands(seed) for seed in (2, 3)]
    joined = [np.concatenate([chunk[i] for chunk in chunks]) for i in (0, 1)]
    (values, indices), second = chunks[0], [row_major(part).view(np.uint32) for part in chunks[1]]
    fill = np.full((32, 32), 0x7F000000, np.uint32)
    tiles = [row_major(values).view(np.uint32), fill, row_major(indices), fill, *second]
    call = "max_reduce_with_indices<32, DataLayout::ROW_MAJOR, true>(0, 2, {});"
    body = call.format(0) + "copy_dest_values(4, 0); copy_dest_values(5, 2);" + call.format(1)
    result = lanes.run('#include "api/compute/copy_dest_values.h"', body, tiles, 4)
    best, where = largest(*joined)
    for tile in (0, 1):
        assert np.array_equal(row_0(result[tile]).view(np.float32), best)
        assert np.array_equal(row_0(result[tile + 2]), where)


@pytest.mark.parametrize("settings", ["<10>", "<9, DataLayout::TILE, true>"])
def test_what_tiles_cannot_do(lanes: Any, settings: str) -> None:
    values, indices = operands()
    with pytest.raises(CompileError, match="need DataLayout::ROW_MAJOR"):
        lanes.run("", f"max_reduce_with_indices{settings}(0, 1);", [values.view(np.uint32), indices])
