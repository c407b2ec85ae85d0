"""The words of TensorAccessorArgs, against those of the vendor's library (n150: logical (0,0) is virtual (18,18))."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

import tthal as ttnn
from tthal import host_rules
from tthal.errors import InvalidArgument, Unsupported
from tthal.tensor_accessor import squeeze_shapes

HEIGHT, WIDTH = ttnn.TensorMemoryLayout.HEIGHT_SHARDED, ttnn.TensorMemoryLayout.WIDTH_SHARDED
BLOCK = ttnn.TensorMemoryLayout.BLOCK_SHARDED
ROW, COLUMN = ttnn.ShardOrientation.ROW_MAJOR, ttnn.ShardOrientation.COL_MAJOR
DRAM, L1 = ttnn.BufferType.DRAM, ttnn.BufferType.L1


def with_encoding(device: ttnn.Device, version: int) -> ttnn.Device:
    device.properties = replace(device.properties, accessor_encoding=version)
    return device


@pytest.fixture
def device(null_backend: object) -> Iterator[ttnn.Device]:
    with ttnn.open_device(backend="null") as opened:
        yield with_encoding(opened, 2)


def interleaved(device: ttnn.Device, memory: ttnn.BufferType, page: int = 2048) -> ttnn.Buffer:
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 4 * page, page, memory))


def sharded(
    device: ttnn.Device,
    layout: ttnn.TensorMemoryLayout,
    tensor: tuple[int, int],
    shard: tuple[int, int],
    grid: tuple[int, int],
    order: ttnn.ShardOrientation = ROW,
    memory: ttnn.BufferType = L1,
) -> ttnn.Buffer:
    """Shapes in pages of 32x32 elements of 2 bytes."""
    cores = ttnn.CoreRangeSet(ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(grid[0] - 1, grid[1] - 1)))
    spec = ttnn.ShardSpecBuffer(cores, (shard[0] * 32, shard[1] * 32), order, (32, 32), tensor)
    size = tensor[0] * tensor[1] * 2048
    return ttnn.CreateBuffer(ttnn.ShardedBufferConfig(device, size, 2048, memory, layout, spec))


@pytest.mark.parametrize(
    ("memory", "page", "words"), [(DRAM, 2048, [2, 2048]), (L1, 2048, [0, 2048]), (DRAM, 100, [2, 128])]
)
def test_an_interleaved_buffer_is_two_words(
    device: ttnn.Device, memory: ttnn.BufferType, page: int, words: list[int]
) -> None:
    args = ttnn.TensorAccessorArgs(interleaved(device, memory, page))
    assert (args.get_compile_time_args(), args.get_common_runtime_args()) == (words, [])


# As TensorAccessorArgs(tensor).get_compile_time_args() of ttnn 0.81.1 gives them on a mock n150.
MEASURED = [
    (HEIGHT, (4, 2), (1, 2), (2, 2), ROW, L1, [1, 2048, 1, 4, 8, 2, 0x13121212, 0x13131213]),
    (HEIGHT, (4, 2), (1, 2), (2, 2), COLUMN, L1, [1, 2048, 1, 4, 8, 2, 0x12131212, 0x13131312]),
    (HEIGHT, (4, 2), (1, 2), (2, 3), ROW, L1, [1, 2048, 1, 6, 8, 2, 0x13121212, 0x13131213, 0x13141214]),
    (HEIGHT, (3, 1), (1, 1), (2, 2), ROW, L1, [1, 2048, 1, 4, 3, 1, 0x13121212, 0x13131213]),
    (HEIGHT, (4, 2), (1, 2), (4, 1), ROW, DRAM, [3, 2048, 1, 4, 8, 2, 0x01000000, 0x03000200]),
    (WIDTH, (2, 4), (2, 1), (2, 2), ROW, L1, [1, 2048, 2, 4, 2, 4, 2, 1, 0x13121212, 0x13131213]),
    (WIDTH, (1, 4), (1, 1), (4, 1), ROW, L1, [1, 2048, 1, 4, 4, 1, 0x13121212, 0x15121412]),
    (BLOCK, (4, 4), (1, 2), (2, 4), ROW, L1,
     [1, 2048, 1, 8, 16, 2, 0x13121212, 0x13131213, 0x13141214, 0x13151215]),
    (BLOCK, (2, 2), (2, 2), (1, 1), ROW, L1, [1, 2048, 1, 1, 4, 4, 0x1212]),
]  # fmt: skip


@pytest.mark.parametrize(("layout", "tensor", "shard", "grid", "order", "memory", "words"), MEASURED)
def test_a_sharded_buffer_has_the_vendors_words(
    device: ttnn.Device, layout, tensor, shard, grid, order, memory, words
) -> None:
    buffer = sharded(device, layout, tensor, shard, grid, order, memory)
    assert ttnn.TensorAccessorArgs(buffer).get_compile_time_args() == words


def test_an_odd_number_of_banks_ends_in_a_half_word(device: ttnn.Device) -> None:
    buffer = sharded(device, HEIGHT, (3, 1), (1, 1), (3, 1))
    assert ttnn.TensorAccessorArgs(buffer).get_compile_time_args()[6:] == [0x13121212, 0x1412]


# ---------------------------------------------------------------------------------------------- runtime items


def test_runtime_items_move_in_order(device: ttnn.Device) -> None:
    buffer = sharded(device, WIDTH, (2, 4), (2, 1), (2, 2))
    config = ttnn.ArgConfig.RuntimeTensorShape | ttnn.ArgConfig.RuntimeBankCoords
    args = ttnn.TensorAccessorArgs(buffer, config)
    assert args.get_compile_time_args() == [1 | 16 | 64, 2048, 2, 4, 2, 1]
    assert args.get_common_runtime_args() == [2, 4, 0x13121212, 0x13131213]
    everything = ttnn.TensorAccessorArgs(buffer, ttnn.ArgConfig.Runtime)
    assert everything.get_compile_time_args() == [1 | 4 | 8 | 16 | 32 | 64, 2048]
    assert everything.get_common_runtime_args() == [2, 4, 2, 4, 2, 1, 0x13121212, 0x13131213]


def test_only_the_page_size_of_an_interleaved_buffer_moves(device: ttnn.Device) -> None:
    buffer = interleaved(device, DRAM)
    args = ttnn.TensorAccessorArgs(buffer, ttnn.ArgConfig.Runtime | ttnn.ArgConfig.RuntimePageSize)
    assert (args.get_compile_time_args(), args.get_common_runtime_args()) == ([2 | 128], [2048])


@pytest.mark.parametrize(
    "config",
    [
        ttnn.ArgConfig.RuntimeRank,
        ttnn.ArgConfig.RuntimeRank | ttnn.ArgConfig.RuntimeShardShape,
        ttnn.ArgConfig.RuntimeNumBanks,
        ttnn.ArgConfig.RuntimePageSize,
    ],
)
def test_runtime_items_that_do_not_go_together_are_refused(device: ttnn.Device, config: ttnn.ArgConfig) -> None:
    buffer = sharded(device, WIDTH, (2, 4), (2, 1), (2, 2))
    with pytest.raises(InvalidArgument, match=r"needs|interleaved buffers only"):
        ttnn.TensorAccessorArgs(buffer, config)


def test_words_are_appended_to_a_kernels_arguments(device: ttnn.Device) -> None:
    compile_time, common = [7], [8]
    ttnn.TensorAccessorArgs(interleaved(device, DRAM)).append_to(compile_time)
    moved = ttnn.TensorAccessorArgs(interleaved(device, L1), ttnn.ArgConfig.RuntimePageSize)
    with pytest.raises(InvalidArgument, match="second argument"):
        moved.append_to(compile_time)
    moved.append_to(compile_time, common)
    ttnn.TensorAccessorArgs().append_to(compile_time, common)
    assert (compile_time, common) == ([7, 2, 2048, 128, 0, 0], [8, 2048])


def test_the_encoding_of_2025_has_no_page_size(device: ttnn.Device) -> None:
    with_encoding(device, 1)
    assert ttnn.TensorAccessorArgs(interleaved(device, DRAM)).get_compile_time_args() == [2]
    buffer = sharded(device, HEIGHT, (4, 2), (1, 2), (2, 2))
    assert ttnn.TensorAccessorArgs(buffer).get_compile_time_args() == [1, 1, 4, 8, 2, 0x13121212, 0x13131213]
    with_encoding(device, 3)
    with pytest.raises(Unsupported, match="version 3"):
        ttnn.TensorAccessorArgs(buffer)


# ---------------------------------------------------------------------------------------------- squeezing


@pytest.mark.parametrize(
    ("tensor", "shard", "squeezed_tensor", "squeezed_shard"),
    [
        ((5,), (3,), (5,), (3,)),
        ((3, 6), (2, 2), (3, 6), (2, 2)),
        ((1, 3, 6), (2, 2), (3, 6), (2, 2)),
        ((5, 3, 6), (2, 2), (15, 6), (2, 2)),
        ((1, 1, 3, 6), (1, 1, 2, 2), (3, 6), (2, 2)),
        ((2, 3, 6), (1, 2, 2), (2, 3, 6), (1, 2, 2)),
        ((2, 3, 6), (2, 2, 2), (2, 3, 6), (2, 2, 2)),
        ((4, 4, 6), (1, 3, 2), (4, 4, 6), (1, 3, 2)),
        ((4, 4, 6), (1, 2, 2), (16, 6), (2, 2)),
        ((4, 4, 5, 5, 4, 6), (4, 3, 5, 5, 2, 2), (4, 100, 4, 6), (4, 75, 2, 2)),
        ((4, 4, 5, 5, 4, 6), (4, 3, 1, 1, 2, 2), (4, 4, 100, 6), (4, 3, 2, 2)),
        ((4, 4, 5, 5, 4, 6), (4, 3, 1, 1, 3, 2), (4, 4, 25, 4, 6), (4, 3, 1, 3, 2)),
        ((4, 4, 5, 5, 4, 6), (4, 4, 1, 1, 3, 2), (16, 25, 4, 6), (16, 1, 3, 2)),
        ((5, 1, 11, 11), (5, 1, 1), (5, 121), (5, 1)),
    ],
)
def test_shapes_are_squeezed_as_the_vendors(tensor, shard, squeezed_tensor, squeezed_shard) -> None:
    """The shapes that tt-metal's own unit tests of sharding expect."""
    assert squeeze_shapes(tensor, shard) == (squeezed_tensor, squeezed_shard)


@pytest.mark.parametrize("spare", [2, 3])
def test_spare_cores_of_a_block_sharded_buffer_are_no_banks(device: ttnn.Device, spare: int) -> None:
    """ttnn 0.81.1 on a mock n150: 192x64 float32 tiles in shards of 96x64 on (2,4)-(5,4) are two banks; height-sharded
    buffers list all their cores."""
    blocks = sharded(device, BLOCK, (6, 2), (3, 2), (2 + spare, 1), COLUMN)
    (first, second) = (device.worker_core_from_logical_core(ttnn.CoreCoord(x, 0)) for x in (0, 1))
    coordinates = (second.x << 24) + (second.y << 16) + (first.x << 8) + first.y
    assert ttnn.TensorAccessorArgs(blocks).get_compile_time_args() == [1, 2048, 1, 2, 12, 6, coordinates]
    rows = sharded(device, HEIGHT, (6, 2), (3, 2), (2 + spare, 1))
    assert ttnn.TensorAccessorArgs(rows).get_compile_time_args()[3] == 2 + spare


def test_accessors_of_an_older_trace_list_all_cores(device: ttnn.Device) -> None:
    device.properties = replace(device.properties, host_rules=host_rules.FIRST)
    blocks = sharded(device, BLOCK, (6, 2), (3, 2), (4, 1), COLUMN)
    assert ttnn.TensorAccessorArgs(blocks).get_compile_time_args()[3] == 4
