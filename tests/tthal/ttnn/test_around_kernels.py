"""What public programs do around their own kernels beside tthal's names: signs, cuts, pads, shards, marks, types."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tthal
from tthal.errors import InvalidArgument, WrongType
from tthal.ttnn import alias

LEFT = np.arange(1, 7, dtype=np.float32).reshape(2, 3)
RIGHT = LEFT[::-1] * 2
TILES = np.arange(32 * 64, dtype=np.float32).reshape(32, 64) % 251


@pytest.fixture
def ttnn() -> Iterator[Any]:
    """The module that ``import ttnn`` gives."""
    alias.install()
    yield importlib.import_module("ttnn")
    alias.uninstall()


@pytest.fixture(scope="module")
def device() -> Iterator[tthal.Device]:
    with tthal.open_device(backend="emulator") as opened:
        yield opened


@pytest.mark.parametrize(
    "compute",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * b,
        lambda a, b: a / b,
        lambda a, b: 3 + a,
        lambda a, b: 3 - a,
        lambda a, b: 2.0 * a,
        lambda a, b: 12 / a,
        lambda a, b: a - 1,
    ],
)
def test_signs_compute_on_the_host(ttnn: Any, compute: Any) -> None:
    a, b = (ttnn.from_numpy(each, dtype=ttnn.float32) for each in (LEFT, RIGHT))
    assert np.allclose(ttnn.to_numpy(compute(a, b)), compute(LEFT, RIGHT))


def test_a_product_of_matrices_has_a_sign(ttnn: Any) -> None:
    a, b = ttnn.from_numpy(LEFT, dtype=ttnn.float32), ttnn.from_numpy(RIGHT.T, dtype=ttnn.float32)
    assert np.array_equal(ttnn.to_numpy(a @ b), LEFT @ RIGHT.T)
    with pytest.raises(TypeError):
        a @ "b"


def test_tensors_are_cut_and_padded(ttnn: Any, device: tthal.Device) -> None:
    tensor = ttnn.from_numpy(TILES, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    part = ttnn.slice(tensor, [0, 32], [32, 64])
    assert np.array_equal(ttnn.to_numpy(part), TILES[:, 32:])
    assert part.memory_config() == tensor.memory_config()
    wider = ttnn.pad(tensor, [(0, 32), (0, 0)], value=7.0, memory_config=ttnn.L1_MEMORY_CONFIG)
    assert np.array_equal(ttnn.to_numpy(wider), np.pad(TILES, [(0, 32), (0, 0)], constant_values=7))
    assert wider.memory_config() == ttnn.L1_MEMORY_CONFIG
    same = ttnn.assign(tensor)
    assert same.buffer_address() != tensor.buffer_address()
    assert np.array_equal(ttnn.to_numpy(same), TILES)


def test_tensors_go_into_shards_and_out(ttnn: Any, device: tthal.Device) -> None:
    tensor = ttnn.from_numpy(TILES, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    rows = ttnn.ShardOrientation.ROW_MAJOR
    width = ttnn.TensorMemoryLayout.WIDTH_SHARDED
    config = ttnn.create_sharded_memory_config((32, 64), ttnn.CoreGrid(x=2, y=1), ttnn.ShardStrategy.WIDTH)
    for sharded in (
        ttnn.interleaved_to_sharded(tensor, config),
        ttnn.interleaved_to_sharded(tensor, ttnn.CoreGrid(x=2, y=1), [32, 32], width, rows),
    ):
        assert sharded.memory_config() == config
        back = ttnn.sharded_to_interleaved(sharded)
        assert back.memory_config() == ttnn.DRAM_MEMORY_CONFIG
        assert np.array_equal(ttnn.to_numpy(back), TILES)
    with pytest.raises(InvalidArgument, match="shard_shape"):
        ttnn.interleaved_to_sharded(tensor, ttnn.CoreGrid(x=2, y=1))


def test_names_of_arrays_take_tensors(ttnn: Any, device: tthal.Device) -> None:
    tensor = ttnn.from_numpy(TILES, dtype=ttnn.bfloat16, device=device)
    tiled = ttnn.tilize(tensor)
    assert tiled.layout is ttnn.TILE_LAYOUT
    assert np.array_equal(ttnn.to_numpy(ttnn.untilize(tiled)), TILES)
    assert np.array_equal(ttnn.tilize(TILES), tthal.tilize(TILES))
    assert np.array_equal(ttnn.untilize(ttnn.tilize(TILES), TILES.shape), TILES)


def test_placements_on_a_mesh_of_one(ttnn: Any, device: tthal.Device) -> None:
    for config in (
        ttnn.MeshMapperConfig([ttnn.PlacementReplicate(), ttnn.PlacementShard(1)]),
        ttnn.MeshMapperConfig(row_dim=None, col_dim=1),
        ttnn.MeshMapperConfig(None, 1),
    ):
        assert config.placements == [ttnn.PlacementReplicate(), ttnn.PlacementShard(1)]
        mapper = ttnn.create_mesh_mapper(device, config)
        tensor = ttnn.from_numpy(TILES, dtype=ttnn.bfloat16, device=device) if mapper else None
        assert np.array_equal(ttnn.to_numpy(tensor), TILES)
    assert ttnn.MeshComposerConfig([0, 1]).dims == ttnn.MeshComposerConfig(0, 1).dims == [0, 1]
    assert ttnn.create_mesh_composer(device, ttnn.MeshComposerConfig(row_dim=0, col_dim=1))
    with pytest.raises(WrongType, match="placements"):
        ttnn.MeshMapperConfig([], rows=1)


def test_marks_and_types(ttnn: Any) -> None:
    torch = pytest.importorskip("torch", reason="types of torch are asked for")
    assert ttnn.start_tracy_zone("file", "function", 1) is None
    assert ttnn.ttnn_dtype_to_torch_dtype(ttnn.bfloat8_b) is torch.float32
    assert ttnn.ttnn_dtype_to_torch_dtype(ttnn.uint16) is torch.uint16
    assert ttnn.core.roundup(33, 32) == 64
    assert ttnn._ttnn.device.pad_to_tile_shape([1, 2, 2, 2]) == [1, 2, 32, 32]
    with pytest.raises(AttributeError, match="operations library"):
        ttnn.prim  # noqa: B018
