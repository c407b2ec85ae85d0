"""The two forms of a shard specification, and when one can say what the other says (ttnn 0.81.1).

A tensor's memory config holds both where both are possible: programs read either.
"""

from __future__ import annotations

from math import prod

from tthal.errors import InvalidArgument
from tthal.sharding import ShardSpec
from tthal.tensor.memory_config import MemoryConfig, NdShardSpec
from tthal.types import ShardDistributionStrategy, ShardOrientation, TensorMemoryLayout

Extents = tuple[int, ...]
Extents2D = tuple[int, int]


def with_both_forms(config: MemoryConfig, padded: Extents, physical: Extents2D) -> MemoryConfig:
    """Return a config with the other form of its shard specification added, if there is one.

    Args:
        config: as the program gave it.
        padded: the tensor's padded shape.
        physical: its height and width in elements, all dimensions but the last taken together.
    """
    if config.created_with_nd_shard_spec:
        return _with_2d_form(config, padded, physical)
    if config.shard_spec is not None:
        return config.with_specs(config.memory_layout, config.shard_spec, _nd_form(config, padded))
    return config


def round_up(value: int, step: int) -> int:
    """Return the next multiple of ``step``; ``value`` itself for a step of 0."""
    return -(-value // step) * step if step else value


def _nd_form(config: MemoryConfig, padded: Extents) -> NdShardSpec:
    spec = config.shard_spec
    if spec is None:
        raise InvalidArgument("the memory config has no shard_spec")
    shape: Extents = spec.shape
    if len(padded) == 1:
        if spec.shape[0] != 1:
            raise InvalidArgument(f"a shard of a tensor with one dimension must have height 1, not {spec.shape}")
        shape = spec.shape[1:]
    block = config.memory_layout is TensorMemoryLayout.BLOCK_SHARDED
    strategy = ShardDistributionStrategy.GRID_2D if block else ShardDistributionStrategy.ROUND_ROBIN_1D
    return NdShardSpec(shape, spec.grid, spec.orientation, strategy)


def _with_2d_form(config: MemoryConfig, padded: Extents, physical: Extents2D) -> MemoryConfig:
    nd = config.nd_shard_spec
    if nd is None or nd.shard_distribution_strategy is ShardDistributionStrategy.CONTIGUOUS_1D:
        return config
    shape = _flat_shard(tuple(nd.shard_shape), padded)
    if shape is None:
        return config
    layout = _layout_of_flat(nd, shape, padded, physical)
    if layout is None:
        return config
    return config.with_specs(layout, ShardSpec(nd.grid, shape, nd.orientation), nd)


def _flat_shard(shard: Extents, padded: Extents) -> Extents2D | None:
    """Return a shard as (height, width) of the tensor with its outer dimensions taken together; None if it is none."""
    height = 1
    for back in range(2, len(shard) + 1):
        extent = shard[-back]
        whole = padded[-back] if back <= len(padded) else 1
        height *= extent
        if whole == extent:
            continue
        if prod(shard) != height * shard[-1]:
            return None
        # The cut dimension must be the shard's first one, divide evenly, or be the tensor's first that is not 1.
        if back == len(shard) or whole % extent == 0 or prod(padded[:-back]) == 1:
            break
        return None
    return height, shard[-1]


def _layout_of_flat(
    nd: NdShardSpec, shard: Extents2D, padded: Extents, physical: Extents2D
) -> TensorMemoryLayout | None:
    """Return which 2-D layout deals the same shards to the same cores, None if none does."""
    down, across = (-(-whole // part) for whole, part in zip(physical, shard, strict=True))
    if nd.orientation is not ShardOrientation.ROW_MAJOR:
        down, across = across, down
    if down * across > nd.grid.num_cores():
        return None
    in_turn = nd.shard_distribution_strategy is ShardDistributionStrategy.ROUND_ROBIN_1D
    if in_turn and shard[0] * padded[-1] == prod(padded):
        return TensorMemoryLayout.WIDTH_SHARDED
    if in_turn and shard[1] == padded[-1]:
        return TensorMemoryLayout.HEIGHT_SHARDED
    if nd.grid.size() != 1:
        return None
    columns, rows = nd.grid.bounding_box().grid_size()
    if (in_turn and across != columns) or across > columns or down > rows:
        return None
    return TensorMemoryLayout.BLOCK_SHARDED
