"""Shards cut for a tensor from the cores that shall hold them (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Iterable
from math import lcm

from tthal.coordinates import CoreRange, CoreRangeSet
from tthal.errors import InvalidArgument
from tthal.tensor.memory_config import NdShardSpec
from tthal.tensor.shard_forms import round_up
from tthal.tensor.spec_facts import SpecFacts
from tthal.tensor.types import Layout, ShardShapeAlignment
from tthal.types import ShardDistributionStrategy, ShardOrientation

RECOMMENDED_BYTES = 64
"""What rows of a row-major shard are best aligned to: no memory of any chip asks for more."""


def height_shards(spec: SpecFacts, grid: CoreRangeSet, orientation: ShardOrientation) -> NdShardSpec:
    """Cut along the height, one shard for a core."""
    height, width = spec.physical_shape
    shard = round_up(_share(height, grid.num_cores()), spec.tile.height if spec.layout is Layout.TILE else 1)
    return NdShardSpec((shard, width), grid, orientation)


def width_shards(spec: SpecFacts, grid: CoreRangeSet, orientation: ShardOrientation) -> NdShardSpec:
    """Cut along the width, one shard for a core."""
    height, width = spec.physical_shape
    shard = round_up(_share(width, grid.num_cores()), spec.tile.width if spec.layout is Layout.TILE else 1)
    return NdShardSpec((height, shard), grid, orientation)


def block_shards(spec: SpecFacts, grid: CoreRange | CoreRangeSet, orientation: ShardOrientation) -> NdShardSpec:
    """Cut along both, one block for a core of a rectangle.

    Raises:
        InvalidArgument: the cores are no rectangle.
    """
    cores = CoreRangeSet.of(grid)
    if cores.size() != 1:
        raise InvalidArgument(f"block sharding takes one rectangle of cores, not {cores}")
    columns, rows = cores.bounding_box().grid_size()
    down, across = (rows, columns) if orientation is ShardOrientation.ROW_MAJOR else (columns, rows)
    height, width = spec.physical_shape
    shard = aligned((_share(height, down), _share(width, across)), spec, ShardShapeAlignment.RECOMMENDED)
    return NdShardSpec(shard, cores, orientation, ShardDistributionStrategy.GRID_2D)


def shards_across(
    spec: SpecFacts, dims: Iterable[int], grid: CoreRangeSet, orientation: ShardOrientation
) -> NdShardSpec:
    """Cut the given dimensions as finely as possible and no other."""
    extents = list(spec.padded_extents)
    for dim in dims:
        extents[_place(dim, extents)] = 1
    return NdShardSpec(extents, grid, orientation)


def shards_across_others(
    spec: SpecFacts, dims: Iterable[int], grid: CoreRangeSet, orientation: ShardOrientation
) -> NdShardSpec:
    """Cut all but the given dimensions as finely as possible."""
    whole = spec.padded_extents
    extents = [1] * len(whole)
    for dim in dims:
        extents[_place(dim, whole)] = whole[dim]
    return NdShardSpec(extents, grid, orientation)


def aligned(shard: Iterable[int], spec: SpecFacts, alignment: ShardShapeAlignment) -> tuple[int, ...]:
    """Round a shard's shape up to whole tiles; recommended, also rows of a row-major one to 64 bytes."""
    extents = tuple(shard)
    if alignment is ShardShapeAlignment.NONE:
        return extents
    steps: tuple[int, ...] = (1,)
    if spec.layout is Layout.TILE:
        steps = (spec.tile.height, spec.tile.width)
    elif alignment is ShardShapeAlignment.RECOMMENDED:
        steps = (lcm(RECOMMENDED_BYTES, spec.element_bytes) // spec.element_bytes,)
    if len(extents) < len(steps):
        raise InvalidArgument(f"a shard of tiles has two dimensions at least, not the shape {list(extents)}")
    kept, last = extents[: -len(steps)], extents[-len(steps) :]
    return kept + tuple(round_up(extent, step) for extent, step in zip(last, steps, strict=True))


def _share(extent: int, parts: int) -> int:
    if not parts:
        raise InvalidArgument("a sharded tensor needs at least one core; the grid is empty")
    return -(-extent // parts)


def _place(dim: int, extents: tuple[int, ...] | list[int]) -> int:
    if not -len(extents) <= dim < len(extents):
        raise InvalidArgument(f"dimension {dim} is outside a padded shape of {len(extents)} dimensions")
    return dim % len(extents)
