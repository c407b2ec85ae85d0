"""The DST register file: capacity, views, and what counts as written."""

from __future__ import annotations

import numpy as np
import pytest

from tthal_emulator.tensix.dst import Dst, dst_capacity
from tthal_emulator.tensix.errors import DstIndexError
from tthal_emulator.tensix.formats import TileShape


@pytest.mark.parametrize(
    ("fp32", "full", "tiles"), [(False, True, 16), (False, False, 8), (True, True, 8), (True, False, 4)]
)
def test_capacity(fp32: bool, full: bool, tiles: int) -> None:
    assert dst_capacity(fp32, full) == tiles
    assert Dst(fp32, full).bits.shape == (tiles, 32, 32)


@pytest.mark.parametrize(("index", "count"), [(4, 1), (-1, 1), (3, 2), (0, 5)])
def test_index_past_the_capacity_is_an_error_with_a_remedy(index: int, count: int) -> None:
    with pytest.raises(DstIndexError, match="4 tiles fit in 32-bit mode"):
        Dst(fp32_dest_acc_en=True).check(index, count)


def test_store_marks_rows_written_and_clear_forgets_them() -> None:
    dst = Dst(fp32_dest_acc_en=False)
    dst.store(2, np.full((1, 16, 16), 7, np.uint32))
    assert dst.bits[2, :16, :16].min() == 7
    assert dst.bits[2, 16:].max() == 0
    assert not dst.fresh[2, :16, 0].any()
    assert dst.fresh[2, 16:].all()
    assert dst.fresh[2, :16, 1].all()
    dst.clear()
    assert dst.fresh.all()
    assert not dst.bits.any()


def test_window_is_a_view_of_the_slots_of_a_shape() -> None:
    dst = Dst(fp32_dest_acc_en=False)
    dst.window(1, TileShape(32, 16))[:] = 9
    assert dst.bits[1, :16].min() == 9
    assert dst.bits[1, 16:].max() == 0


def test_a_section_may_lie_in_foreign_memory() -> None:
    memory = np.zeros(8 * 1024 * 4, np.uint8)
    dst = Dst(fp32_dest_acc_en=False, bits=memory.view(np.uint32).reshape(8, 32, 32))
    dst.store(7, np.full((1, 32, 32), 0x3F800000, np.uint32))
    assert memory.view(np.float32)[-1024:].sum() == 1024
