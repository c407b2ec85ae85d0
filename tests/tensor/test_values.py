"""Values through tensors and back: every type, layout and memory, from numpy and torch, on an emulated device."""

from __future__ import annotations

import numpy as np
import pytest
from ml_dtypes import bfloat16

import tthal as ttnn
from tthal.errors import InvalidArgument, ObjectClosed

GRID = ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 1))])
ROW_WISE = ttnn.ShardOrientation.ROW_MAJOR


def flat(layout: ttnn.TensorMemoryLayout, *shape: int) -> ttnn.MemoryConfig:
    return ttnn.MemoryConfig(layout, ttnn.BufferType.L1, ttnn.ShardSpec(GRID, shape, ROW_WISE))


MEMORIES = {
    "DRAM": ttnn.DRAM_MEMORY_CONFIG,
    "L1": ttnn.L1_MEMORY_CONFIG,
    "height": flat(ttnn.TensorMemoryLayout.HEIGHT_SHARDED, 64, 96),
    "width": flat(ttnn.TensorMemoryLayout.WIDTH_SHARDED, 192, 32),
    "block": flat(ttnn.TensorMemoryLayout.BLOCK_SHARDED, 96, 64),
    "nd": ttnn.MemoryConfig(ttnn.BufferType.L1, ttnn.NdShardSpec((1, 32, 64), GRID)),
    "nd in DRAM": ttnn.MemoryConfig(
        ttnn.BufferType.DRAM,
        ttnn.NdShardSpec((2, 64, 32), ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(1, 0), ttnn.CoreCoord(4, 0))])),
    ),
}


def integers(*shape: int) -> np.ndarray:
    """Small whole numbers, which every type holds."""
    return np.random.default_rng(3).integers(0, 8, shape).astype(np.float32)


@pytest.mark.parametrize("layout", [ttnn.ROW_MAJOR_LAYOUT, ttnn.TILE_LAYOUT], ids=str)
@pytest.mark.parametrize("memory", MEMORIES)
def test_there_and_back(device: ttnn.Device, memory: str, layout: ttnn.Layout) -> None:
    values = integers(3, 50, 96)
    if layout is ttnn.ROW_MAJOR_LAYOUT and memory in ("width", "height"):
        values = integers(3, 64, 96)
    tensor = ttnn.from_numpy(values, ttnn.bfloat16, layout=layout, device=device, memory_config=MEMORIES[memory])
    assert tensor.storage_type() is ttnn.StorageType.DEVICE
    assert tensor.is_sharded() is (memory not in ("DRAM", "L1"))
    back = ttnn.to_numpy(tensor)
    assert back.dtype == bfloat16
    np.testing.assert_array_equal(back.astype(np.float32), values)


@pytest.mark.parametrize("dtype", [each for each in ttnn.DataType if each.name not in ("INVALID", "FP8_E4M3")], ids=str)
def test_every_type(device: ttnn.Device, dtype: ttnn.DataType) -> None:
    values = integers(40, 70)
    tensor = ttnn.from_numpy(values, dtype, layout=ttnn.TILE_LAYOUT, device=device)
    np.testing.assert_array_equal(ttnn.to_numpy(tensor, np.float32), values)


def test_a_blackhole_has_fp8() -> None:
    values = integers(4, 64)
    with ttnn.open_device(backend="emulator:p150") as device:
        tensor = ttnn.from_numpy(values, ttnn.fp8_e4m3, device=device)
        np.testing.assert_array_equal(ttnn.to_numpy(tensor, np.float32), values)


@pytest.mark.parametrize("wanted", MEMORIES)
@pytest.mark.parametrize("given", MEMORIES)
def test_from_one_memory_to_another(device: ttnn.Device, given: str, wanted: str) -> None:
    values = integers(3, 64, 96)
    tensor = ttnn.from_numpy(values, layout=ttnn.TILE_LAYOUT, device=device, memory_config=MEMORIES[given])
    moved = ttnn.to_memory_config(tensor, MEMORIES[wanted])
    assert moved.memory_config() == MEMORIES[wanted] or wanted == "nd"
    np.testing.assert_array_equal(ttnn.to_numpy(moved), values)


@pytest.mark.parametrize(
    "shape", [(6, 32, 96), (1, 192, 96), (3, 64, 96), (3, 2, 32, 96), (96, 192), (-1,), (2, -1, 96)]
)
@pytest.mark.parametrize("layout", [ttnn.ROW_MAJOR_LAYOUT, ttnn.TILE_LAYOUT], ids=str)
def test_another_shape_keeps_the_values_in_order(
    device: ttnn.Device, shape: tuple[int, ...], layout: ttnn.Layout
) -> None:
    values = integers(3, 64, 96)
    for tensor in (ttnn.from_numpy(values, layout=layout), ttnn.from_numpy(values, layout=layout, device=device)):
        reshaped = ttnn.reshape(tensor, shape)
        np.testing.assert_array_equal(ttnn.to_numpy(reshaped), values.reshape(shape))


def test_a_shape_that_moves_no_byte_shares_the_memory(device: ttnn.Device) -> None:
    tensor = ttnn.from_numpy(integers(3, 64, 96), layout=ttnn.TILE_LAYOUT, device=device)
    for shape in ((6, 32, 96), (192, 96)):
        view = ttnn.view(tensor, shape)
        assert view.buffer_address() == tensor.buffer_address()
        assert view.shape == shape
    with pytest.raises(InvalidArgument, match=r"view: Shape\(\[3, 64, 96\]\) as Shape\(\[96, 192\]\) would move bytes"):
        ttnn.view(tensor, (96, 192))
    view.deallocate()
    assert tensor.is_allocated()
    view.deallocate(force=True)
    assert not tensor.is_allocated()


def test_layouts_on_the_device(device: ttnn.Device) -> None:
    values = integers(3, 50, 70)
    tiles = ttnn.to_layout(ttnn.from_numpy(values, device=device), ttnn.TILE_LAYOUT, pad_value=9)
    assert (tiles.layout, tiles.padded_shape) == (ttnn.TILE_LAYOUT, (3, 64, 96))
    padded = ttnn.to_numpy(ttnn.from_device(tiles).to(ttnn.ROW_MAJOR_LAYOUT))
    np.testing.assert_array_equal(padded, values)
    np.testing.assert_array_equal(ttnn.to_numpy(ttnn.to_layout(tiles, ttnn.ROW_MAJOR_LAYOUT)), values)


@pytest.mark.parametrize("index", [0, -1, (slice(None), 3), (..., slice(2, 9)), (1, slice(10, 40), 5), slice(1, None)])
def test_parts(device: ttnn.Device, index: object) -> None:
    values = integers(3, 50, 70)
    for tensor in (ttnn.from_numpy(values), ttnn.from_numpy(values, layout=ttnn.TILE_LAYOUT, device=device)):
        np.testing.assert_array_equal(ttnn.to_numpy(tensor[index]), values[index])
    with pytest.raises(IndexError):
        tensor[3]
    with pytest.raises(TypeError, match="indexed by whole numbers"):
        tensor["x"]


def test_shards_by_core(device: ttnn.Device) -> None:
    values = integers(192, 96)
    tensor = ttnn.from_numpy(values, layout=ttnn.TILE_LAYOUT, device=device, memory_config=MEMORIES["block"])
    whole = np.zeros((192, 128), np.float32)
    whole[:, :96] = values
    for core in GRID.bounding_box():
        wanted = whole[96 * core.y : 96 * core.y + 96, 64 * core.x : 64 * core.x + 64]
        np.testing.assert_array_equal(ttnn.to_numpy(tensor.extract_shard(core))[0, 0], wanted)
    np.testing.assert_array_equal(ttnn.to_numpy(tensor.extract_shard(3))[0, 0], whole[96:, 64:])


def test_writing_the_shards_of_some_cores(device: ttnn.Device) -> None:
    old, new = np.zeros((192, 96), np.float32), integers(192, 96) + 1
    tensor = ttnn.from_numpy(old, layout=ttnn.TILE_LAYOUT, device=device, memory_config=MEMORIES["block"])
    host = ttnn.from_numpy(new, layout=ttnn.TILE_LAYOUT)
    lower = ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(0, 1), ttnn.CoreCoord(1, 1))])
    ttnn.copy_host_to_device_tensor_partial(host, tensor, lower)
    back = ttnn.to_numpy(tensor)
    np.testing.assert_array_equal(back[:96], old[:96])
    np.testing.assert_array_equal(back[96:], new[96:])


def test_copies(device: ttnn.Device) -> None:
    values = integers(64, 96)
    host, there = ttnn.from_numpy(values), ttnn.zeros((64, 96), ttnn.float32, device=device)
    ttnn.copy_host_to_device_tensor(host, there)
    again = ttnn.zeros((64, 96), ttnn.float32)
    ttnn.copy_device_to_host_tensor(there, again)
    np.testing.assert_array_equal(ttnn.to_numpy(again), values)
    sharded = ttnn.empty((64, 96), ttnn.bfloat16, ttnn.TILE_LAYOUT, device, ttnn.L1_MEMORY_CONFIG)
    assert ttnn.copy(there, sharded) is sharded
    np.testing.assert_array_equal(ttnn.to_numpy(sharded, np.float32), values)
    with pytest.raises(InvalidArgument, match="same shape"):
        ttnn.copy_host_to_device_tensor(ttnn.zeros((3, 4)), there)


def test_random_numbers_are_in_range_and_repeat(device: ttnn.Device) -> None:
    first, second = (
        ttnn.to_numpy(ttnn.rand((64, 64), device, dtype=ttnn.float32, low=2, high=5, seed=7)) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert 2 <= first.min() < 2.2
    assert 4.8 < first.max() < 5


def test_after_its_end_a_tensor_says_so(device: ttnn.Device) -> None:
    tensor = ttnn.zeros((32, 32), device=device)
    tensor.deallocate()
    tensor.deallocate()
    assert not tensor.is_allocated()
    assert "not allocated" in repr(tensor)
    for ask in (tensor.buffer_address, tensor.to_numpy, tensor.cpu, tensor.buffer_num_pages):
        with pytest.raises(ObjectClosed, match="not allocated"):
            ask()


def test_memory_is_freed_with_the_last_reference(device: ttnn.Device) -> None:
    first = ttnn.zeros((32, 32), device=device, memory_config=ttnn.L1_MEMORY_CONFIG)
    address = first.buffer_address()
    ttnn.synchronize_device(device)
    del first
    assert ttnn.zeros((32, 32), device=device, memory_config=ttnn.L1_MEMORY_CONFIG).buffer_address() == address


def test_host_buffers_are_the_pages(device: ttnn.Device) -> None:
    tensor = ttnn.from_numpy(integers(5, 7), ttnn.bfloat16, layout=ttnn.TILE_LAYOUT)
    buffer = tensor.host_buffer().get_shard(ttnn.MeshCoordinate(0, 0))
    assert len(buffer) == 2048
    assert bytes(np.asarray(buffer)) == bytes(np.from_dlpack(buffer)) == bytes(buffer[i] for i in range(2048))
    with pytest.raises(InvalidArgument, match=r"tensor\.cpu\(\)\.host_buffer\(\)"):
        tensor.to(device).host_buffer()


def test_numpys_seed_repeats_random_tensors() -> None:
    with ttnn.open_device() as device:
        drawn = []
        for _ in range(2):
            np.random.seed(3)
            made = (ttnn.rand((4, 64), device), ttnn.rand((4, 64), device), ttnn.randn((4, 64), device))
            drawn.append([ttnn.to_numpy(each) for each in made])
    assert all(np.array_equal(a, b) for a, b in zip(*drawn, strict=True))
    assert not np.array_equal(drawn[0][0], drawn[0][1])


def test_tensors_print_as_they_are_asked_to() -> None:
    large, small = (ttnn.from_numpy(np.arange(n, dtype=np.float32) / 7) for n in (64, 3))
    whole = str(large)
    assert "..." in whole
    try:
        ttnn.set_printoptions(profile="full")
        assert "..." not in str(large)
        ttnn.set_printoptions(profile="EMPTY")
        assert str(small).startswith("ttnn.Tensor(..., shape=Shape([3])")
        ttnn.set_printoptions(profile="short", sci_mode=True, precision=2)
        assert "[0.00e+00, 1.43e-01, 2.86e-01]" in str(small)
        ttnn.set_printoptions(profile="short", sci_mode=False)
        assert "[0.0000, 0.1429, 0.2857]" in str(small)
        for wrong in ({"profile": "long"}, {"profile": "short", "precision": -1}):
            with pytest.raises(InvalidArgument):
                ttnn.set_printoptions(**wrong)
    finally:
        ttnn.set_printoptions(profile="short")
    assert str(large) == whole
