"""What is taken and free in a device's memories; the expected blocks are those of ttnn 0.81.1 on a mock n150."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import tthal as ttnn

NO_BLOCK = str((1 << 64) - 1)


@pytest.fixture
def device(clean_selection: None) -> Iterator[ttnn.Device]:
    with ttnn.open_device(backend="emulator:n150") as opened:
        yield opened


def tensor(device: ttnn.Device, config: ttnn.MemoryConfig) -> ttnn.Tensor:
    values = np.ones((8, 32, 32), np.float32)
    return ttnn.from_numpy(values, ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device, memory_config=config)


def sizes(device: ttnn.Device, kind: ttnn.BufferType) -> list[tuple[int, int, str]]:
    table = ttnn.get_memory_view(device, kind).block_table
    return [(int(block["address"]), int(block["size"]), block["allocated"]) for block in table]


def test_an_empty_memory_is_one_free_block(device: ttnn.Device) -> None:
    view = ttnn.get_memory_view(device, ttnn.BufferType.L1)
    assert (view.num_banks, view.total_bytes_per_bank, view.total_bytes_allocated_per_bank) == (64, 1393312, 0)
    assert view.total_bytes_free_per_bank == view.largest_contiguous_bytes_free_per_bank == 1393312
    free = {"blockID": "0", "address": "0", "size": "1393312", "allocated": "no"}
    assert view.block_table == [{**free, "prevID": NO_BLOCK, "nextID": NO_BLOCK}]


def test_buffers_are_blocks_at_the_vendors_places(device: ttnn.Device) -> None:
    kept = [tensor(device, config) for config in (ttnn.DRAM_MEMORY_CONFIG, ttnn.L1_MEMORY_CONFIG)]
    assert sizes(device, ttnn.BufferType.DRAM) == [(0, 2048, "yes"), (2048, 1072691136, "no")]
    assert sizes(device, ttnn.BufferType.L1) == [(0, 1391264, "no"), (1391264, 2048, "yes")]
    view = ttnn.get_memory_view(device, ttnn.BufferType.DRAM)
    assert (view.num_banks, view.total_bytes_per_bank, view.total_bytes_allocated_per_bank) == (12, 1072693184, 2048)
    for each in kept:
        each.deallocate()
    assert sizes(device, ttnn.BufferType.DRAM) == [(0, 1072693184, "no")]


def test_a_hole_is_free_and_the_largest_part_is_named(device: ttnn.Device) -> None:
    first, second, third = (tensor(device, ttnn.DRAM_MEMORY_CONFIG) for _ in range(3))
    second.deallocate()
    view = ttnn.get_memory_view(device, ttnn.BufferType.DRAM)
    assert [block["allocated"] for block in view.block_table] == ["yes", "no", "yes", "no"]
    assert [block["nextID"] for block in view.block_table] == ["1", "2", "3", NO_BLOCK]
    assert view.largest_contiguous_bytes_free_per_bank == 1072693184 - 3 * 2048
    assert view.total_bytes_free_per_bank == 1072693184 - 2 * 2048
    assert first.is_allocated()
    assert third.is_allocated()


def test_memories_that_nobody_asked_for_have_nothing(device: ttnn.Device) -> None:
    for kind, banks in ((ttnn.BufferType.L1_SMALL, 0), (ttnn.BufferType.TRACE, 12)):
        view = ttnn.get_memory_view(device, kind)
        assert (view.num_banks, view.total_bytes_per_bank, view.largest_contiguous_bytes_free_per_bank) == (banks, 0, 0)


def test_tensors_have_numbers_of_their_own(device: ttnn.Device) -> None:
    first = tensor(device, ttnn.DRAM_MEMORY_CONFIG)
    others = [first.cpu(), ttnn.reshape(first, [1, 8, 32, 32]), tensor(device, ttnn.L1_MEMORY_CONFIG)]
    assert len({each.tensor_id for each in (first, *others)}) == 4
    assert first.to(device).tensor_id == first.tensor_id
    first.tensor_id = 77
    assert first.tensor_id == 77


def test_a_device_is_a_view_of_one(device: ttnn.Device) -> None:
    view = device.get_view()
    assert (view.shape(), view.num_devices()) == (ttnn.MeshShape(1, 1), 1)
    assert view.is_local(ttnn.MeshCoordinate(0, 0))
    assert not view.is_local(ttnn.MeshCoordinate(0, 1))
    here = ttnn.MeshCoordinate(0, 0)
    assert view.get_local_mesh_coord_range() == ttnn.MeshCoordinateRange(here, here)
