"""Sections of DST between MATH and PACK: capacity by mode, order of the calls, and what a section holds at first."""

# ruff: noqa: E501 - one line per kernel

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import KernelError

F = ttnn.DataFormat
PAGE = 2048

FRAME = """
#include "api/compute/copy_dest_values.h"
void kernel_main() {
    unary_op_init_common(0, 16);
    cb_wait_front(0, 1);
    cb_reserve_back(16, 1);
    %s
    cb_push_back(16, 1);
}
"""


def ones(tensor: Any) -> Any:
    return tensor(0, F.Float16_b, np.full((1, 1024), 0x3F80, np.uint16).view(np.uint8))


def run(bench: Any, tensor: Any, body: str, **config: Any) -> Any:
    out = tensor(16, F.Float16_b, np.zeros((1, PAGE), np.uint8))
    return bench.run(FRAME % body, [ones(tensor)], [out], **config)[0].view(np.uint16)


PACK = "tile_regs_wait(); pack_tile(0, 16); tile_regs_release();"


@pytest.mark.parametrize(
    ("wide", "full", "capacity"), [(False, False, 8), (False, True, 16), (True, False, 4), (True, True, 8)]
)
def test_capacity(wide: bool, full: bool, capacity: int, benches: Callable[[str], Any], tensor: Any) -> None:
    settings = {"fp32_dest_acc_en": wide, "dst_full_sync_en": full}
    last = f"tile_regs_acquire(); copy_tile(0, 0, {capacity - 1}); copy_dest_values({capacity - 1}, 0); tile_regs_commit();"
    assert np.all(run(benches("emulator"), tensor, last + PACK, **settings) == 0x3F80)
    past = f"tile_regs_acquire(); copy_tile(0, 0, {capacity}); tile_regs_commit();"
    with pytest.raises(KernelError, match=f"copy_tile: DST tile {capacity} does not exist: {capacity} fit"):
        run(benches("emulator"), tensor, past + PACK, **settings)


@pytest.mark.parametrize(
    ("body", "call"),
    [
        ("tile_regs_acquire(); tile_regs_acquire();", "tile_regs_acquire"),
        ("tile_regs_commit();", "tile_regs_commit"),
        ("tile_regs_wait();", "tile_regs_wait"),
        ("tile_regs_release();", "tile_regs_release"),
        ("copy_tile(0, 0, 0);", "copy_tile"),
        ("tile_regs_acquire(); tile_regs_commit(); copy_tile(0, 0, 0);", "copy_tile"),
        ("copy_dest_values(0, 1);", "copy_dest_values"),
        ("matmul_tiles(0, 0, 0, 0, 0);", "matmul_tiles"),
        ("pack_tile_block(0, 16, 1);", "pack_tile_block"),
        ("tile_regs_acquire(); tile_regs_commit(); pack_tile(0, 16);", "pack_tile"),
        ("tile_regs_acquire(); release_dst();", "tile_regs_release"),
        ("tile_regs_acquire(); tile_regs_wait(); pack_tile(0, 16);", "pack_tile"),
        ("tile_regs_acquire(); tile_regs_wait(); tile_regs_release();", "tile_regs_release"),
        ("tile_regs_acquire(); tile_regs_commit(); tile_regs_release();", "tile_regs_release"),
    ],
)
def test_misuse_names_the_call(body: str, call: str, benches: Callable[[str], Any], tensor: Any) -> None:
    with pytest.raises(KernelError, match=f"{call} out of order"):
        run(benches("emulator"), tensor, body)


@pytest.mark.parametrize("full", [False, True], ids=["half sync", "full sync"])
def test_a_section_is_zero_when_acquired(full: bool, benches: Callable[[str], Any], tensor: Any) -> None:
    # Three sections, each filled and released; the last one is packed as it was found.
    fill = "tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit(); tile_regs_wait(); tile_regs_release();"
    body = 3 * fill + "tile_regs_acquire(); tile_regs_commit();" + PACK
    assert not run(benches("emulator"), tensor, body, dst_full_sync_en=full).any()


def test_with_half_sync_math_may_be_a_section_ahead(benches: Callable[[str], Any], tensor: Any) -> None:
    body = (
        "tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit(); tile_regs_acquire(); tile_regs_commit();" + PACK
    )
    assert np.all(run(benches("emulator"), tensor, body + "tile_regs_wait(); tile_regs_release();") == 0x3F80)
    with pytest.raises(KernelError, match="tile_regs_acquire out of order"):
        run(benches("emulator"), tensor, body, dst_full_sync_en=True)


def test_waiting_early_and_twice(benches: Callable[[str], Any], tensor: Any) -> None:
    """PACK's wait takes nothing, so kernels of the vendor's wait before MATH commits, and once more behind it."""
    body = "tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_wait(); copy_tile(0, 0, 0); tile_regs_commit();"
    assert np.all(run(benches("emulator"), tensor, body + "tile_regs_wait();" + PACK) == 0x3F80)


def test_the_older_pair_owns_the_section_together(benches: Callable[[str], Any], tensor: Any) -> None:
    body = "acquire_dst(tt::DstMode::Half); copy_tile(0, 0, 0); pack_tile(0, 16); release_dst(tt::DstMode::Half);"
    assert np.all(run(benches("emulator"), tensor, body) == 0x3F80)


def test_release_dst_behind_the_newer_four_passes_an_empty_section(benches: Callable[[str], Any], tensor: Any) -> None:
    """As vecadd_multi_core of tt-metal called it until spring 2026."""
    section = "tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit(); tile_regs_wait();"
    body = f"{section} tile_regs_release(); release_dst(); {section} pack_tile(0, 16); tile_regs_release();"
    assert np.all(run(benches("emulator"), tensor, body) == 0x3F80)


def test_capacity_is_known_when_compiling(benches: Callable[[str], Any], tensor: Any) -> None:
    body = """
    static_assert(get_dest_max_tiles<DstSync::SyncHalf, false, DstTileShape::Tile32x32>() == 8);
    static_assert(get_dest_max_tiles<DstSync::SyncFull, false, DstTileShape::Tile32x32>() == 16);
    static_assert(get_dest_max_tiles<DstSync::SyncHalf, true, DstTileShape::Tile32x32>() == 4);
    tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit();
    """
    assert np.all(run(benches("emulator"), tensor, body + PACK) == 0x3F80)
