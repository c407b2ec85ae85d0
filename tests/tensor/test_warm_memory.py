"""Memory of large arrays is used again, and only when nobody sees it any more."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from tthal.tensor.warm_memory import LEAST, WarmMemory


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, ml_dtypes.bfloat16])
def test_an_array_is_an_ordinary_one(dtype: type) -> None:
    memory = WarmMemory()
    array = memory.array((4, LEAST), dtype)
    assert array.shape == (4, LEAST)
    assert array.dtype == np.dtype(dtype)
    assert array.flags.c_contiguous
    assert array.flags.writeable
    array[...] = 1
    assert np.all(array == 1)


def test_memory_comes_back_with_the_last_view() -> None:
    memory = WarmMemory()
    array = memory.array((LEAST,), np.uint8)
    place = address(array)
    view = array[10:20].reshape(2, 5)
    del array
    assert memory.kept == 0
    assert address(memory.array((LEAST,), np.uint8)) != place
    del view
    assert memory.kept == 2 * LEAST  # with that of the array which was looked at only
    assert place in [address(memory.array((LEAST,), np.uint8)), address(memory.array((LEAST,), np.uint8))]


def test_arrays_that_live_side_by_side_share_nothing() -> None:
    memory = WarmMemory()
    arrays = [memory.array((LEAST,), np.uint8) for _ in range(4)]
    for value, array in enumerate(arrays):
        array[...] = value
    assert [int(array[0]) for array in arrays] == [0, 1, 2, 3]
    assert not any(np.may_share_memory(a, b) for a in arrays for b in arrays if a is not b)


def test_only_so_much_is_kept() -> None:
    memory = WarmMemory(most_kept=2 * LEAST)
    arrays = [memory.array((LEAST,), np.uint8) for _ in range(4)]
    arrays.clear()
    assert memory.kept == 2 * LEAST
    large = memory.array((3 * LEAST,), np.uint8)
    del large
    assert memory.kept == 0


def test_small_arrays_are_numpys() -> None:
    assert WarmMemory().array((3,), np.uint8).base is None
