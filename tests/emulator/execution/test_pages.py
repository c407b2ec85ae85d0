"""Large buffers in compiled code: every page where numpy's definition puts it, every byte between pages as it was."""

from __future__ import annotations

import numpy as np
import pytest

from tthal_emulator.compiler import find_toolchain, kernel_cache
from tthal_emulator.execution.compiled import PageMover, compiled_part, pages

BANKS, FILLER = 12, 0xEE


@pytest.fixture(scope="module")
def part() -> object:
    return compiled_part(find_toolchain(), kernel_cache())


@pytest.fixture
def mover(part: object, monkeypatch: pytest.MonkeyPatch) -> PageMover:
    """A mover that takes small buffers too, and shares them out."""
    monkeypatch.setattr(pages, "LEAST", 0)
    monkeypatch.setattr(pages, "LEAST_IN_ORDER", 0)
    monkeypatch.setattr(pages, "SHARED", 1 << 12)
    return PageMover(part)


def aligned(size: int, at: int = 0) -> np.ndarray:
    raw = np.full(size + 128, FILLER, np.uint8)
    start = -raw.ctypes.data % 64 + at
    return raw[start : start + size]


def tiles(host: np.ndarray, rows: int, columns: int, tile: tuple[int, int], item: int) -> np.ndarray:
    """Host memory of a row-major matrix, in the order of its tiles' bytes."""
    height, width = tile
    face = min(height, 16)
    split = host.reshape(rows // height, height // face, face, columns // width, width // 16, 16 * item)
    return split.transpose(0, 3, 1, 4, 2, 5)


def expected(data: np.ndarray, page: int, step: int, banks: int) -> list[np.ndarray]:
    flat = np.ascontiguousarray(data).reshape(-1, page)
    found = []
    for bank in range(banks):
        mine = flat[bank::banks]
        memory = np.full((len(mine), step), FILLER, np.uint8)
        memory[:, :page] = mine
        found.append(memory.reshape(-1))
    return found


def check(mover: PageMover, view: np.ndarray, host: np.ndarray, page: int, step: int, banks: int = BANKS) -> None:
    wanted = expected(view, page, step, banks)
    memories = [aligned(memory.size) for memory in wanted]
    assert mover(view, memories, step, page, to_device=True)
    for bank, (memory, should) in enumerate(zip(memories, wanted, strict=True)):
        np.testing.assert_array_equal(memory, should, err_msg=f"bank {bank}")
    sent = host.copy()
    host[:] = 0
    assert mover(view, memories, step, page, to_device=False)
    np.testing.assert_array_equal(host, sent)


@pytest.mark.parametrize("item", [1, 2, 4])
@pytest.mark.parametrize("tile", [(32, 32), (16, 32), (32, 16), (16, 16), (8, 32), (4, 16), (1, 32), (2, 16)])
@pytest.mark.parametrize("grid", [(1, 1), (1, 7), (5, 1), (3, 16), (2, 17), (9, 40)])
def test_tiles(mover: PageMover, grid: tuple[int, int], tile: tuple[int, int], item: int) -> None:
    rows, columns = grid[0] * tile[0], grid[1] * tile[1]
    host = aligned(rows * columns * item)
    host[:] = np.random.default_rng(1).integers(0, 256, host.size)
    page = tile[0] * tile[1] * item
    check(mover, tiles(host, rows, columns, tile, item), host, page, -(-page // 64) * 64)


@pytest.mark.parametrize(("page", "step"), [(2048, 2048), (1088, 1088), (144, 160), (16, 64), (65536, 65536)])
@pytest.mark.parametrize("count", [1, 11, 13, 64])
@pytest.mark.parametrize("banks", [1, 7, 12])
def test_pages_in_a_row(mover: PageMover, page: int, step: int, count: int, banks: int) -> None:
    host = aligned(page * count)
    host[:] = np.random.default_rng(2).integers(0, 256, host.size)
    check(mover, host, host, page, step, min(banks, count))


def test_what_it_cannot_move_it_leaves_alone(mover: PageMover) -> None:
    memories = [aligned(4096) for _ in range(2)]
    misaligned = aligned(4096, at=4)
    odd, reversed_ = aligned(4096).reshape(2, 2048), aligned(4096).reshape(4, 2, 512)[:, :, ::-1]
    for host, page, step in ((misaligned, 2048, 2048), (odd, 100, 112), (reversed_, 1024, 1024), (odd, 2048, 2052)):
        assert not mover(host, memories, step, page, to_device=True)
    assert all((memory == FILLER).all() for memory in memories)


def test_small_buffers_are_left_to_numpy(part: object) -> None:
    assert not PageMover(part)(aligned(2048), [aligned(2048)], 2048, 2048, to_device=True)
