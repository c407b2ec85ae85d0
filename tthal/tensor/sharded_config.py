"""Memory configs for sharded tensors from a shape and a grid of cores (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.core_grid import CoreGrid
from tthal.errors import InvalidArgument
from tthal.sharding import ShardSpec
from tthal.tensor.memory_config import MemoryConfig
from tthal.tensor.shape import Shape, as_shape
from tthal.tensor.shard_forms import round_up
from tthal.tensor.types import TILE_SIZE, ShardStrategy
from tthal.types import BufferType, ShardOrientation, TensorMemoryLayout

_LAYOUTS = {
    ShardStrategy.HEIGHT: TensorMemoryLayout.HEIGHT_SHARDED,
    ShardStrategy.WIDTH: TensorMemoryLayout.WIDTH_SHARDED,
    ShardStrategy.BLOCK: TensorMemoryLayout.BLOCK_SHARDED,
}


def create_sharded_memory_config(
    shape: Iterable[int],
    core_grid: CoreGrid | CoreRangeSet | Iterable[CoreGrid],
    strategy: ShardStrategy,
    orientation: ShardOrientation | None = None,
    use_height_and_width_as_shard_shape: bool = False,
) -> MemoryConfig:
    """Return an L1 memory config that cuts a tensor evenly over a grid of cores.

    Args:
        shape: of the tensor; with ``use_height_and_width_as_shard_shape`` of a shard, of which the last two count.
        core_grid: the grid from (0, 0) on, two grids of which the second is the row below, or the cores themselves.
        strategy: along the height, the width, or both.
        orientation: the order in which the cores take the shards, ROW_MAJOR if None.
        use_height_and_width_as_shard_shape: whether ``shape`` is the shard's; swapped for COL_MAJOR.

    Raises:
        InvalidArgument: the tensor does not divide evenly over the grid.
    """
    extents = _extents(shape)
    if strategy not in _LAYOUTS:
        raise InvalidArgument(f"strategy must be a ShardStrategy (HEIGHT, WIDTH or BLOCK), not {strategy!r}")
    direction = ShardOrientation.ROW_MAJOR if orientation is None else orientation
    row_major = direction is ShardOrientation.ROW_MAJOR
    if use_height_and_width_as_shard_shape:
        height, width = extents[-2:]
        shard = (height, width) if row_major else (width, height)
    elif isinstance(core_grid, CoreGrid):
        shard = _even_shard((prod(extents[:-1]), extents[-1]), core_grid, strategy, row_major)
    else:
        raise InvalidArgument(
            "the shard's shape follows from a CoreGrid only; with other cores pass the shard's shape and "
            "use_height_and_width_as_shard_shape=True"
        )
    spec = ShardSpec(_cores(core_grid), shard, direction)
    return MemoryConfig(_LAYOUTS[strategy], BufferType.L1, spec)


def create_sharded_memory_config_(
    shape: Iterable[int],
    core_grid: CoreGrid | CoreRangeSet | Iterable[CoreGrid],
    strategy: ShardStrategy | TensorMemoryLayout,
    orientation: ShardOrientation,
    use_height_and_width_as_shard_shape: bool = False,
    tile_layout: bool = False,
) -> MemoryConfig:
    """Return an L1 memory config that cuts a tensor over any cores, unevenly if need be; the last shard is shorter.

    ``tile_layout`` rounds the tensor's height up first, so that shards of blocks are whole tiles high.

    Raises:
        InvalidArgument: blocks on cores that are no rectangle, or shards of which neither side is whole tiles.
    """
    layout = _LAYOUTS[strategy] if isinstance(strategy, ShardStrategy) else strategy
    extents, cores = _extents(shape), _cores(core_grid)
    row_major = orientation is ShardOrientation.ROW_MAJOR
    if use_height_and_width_as_shard_shape:
        height, width = extents[-2:]
        shard = (height, width) if row_major else (width, height)
    else:
        shard = _uneven_shard((prod(extents[:-1]), extents[-1]), cores, layout, row_major, tile_layout)
    if tile_layout and shard[0] % TILE_SIZE and shard[1] % TILE_SIZE:
        raise InvalidArgument(f"a shard of {shard} is no whole number of tiles in either direction; pad the tensor")
    return MemoryConfig(layout, BufferType.L1, ShardSpec(cores, shard, orientation))


def _uneven_shard(
    whole: tuple[int, int], cores: CoreRangeSet, layout: TensorMemoryLayout, row_major: bool, tiles: bool
) -> tuple[int, int]:
    down, across, step = cores.num_cores(), 1, cores.num_cores()
    if layout is TensorMemoryLayout.WIDTH_SHARDED:
        down, across = 1, cores.num_cores()
        step = 1
    elif layout is TensorMemoryLayout.BLOCK_SHARDED:
        columns, rows = cores.bounding_box().grid_size()
        if columns * rows != cores.num_cores():
            raise InvalidArgument(f"blocks need one full rectangle of cores, not {cores}")
        down, across = (rows, columns) if row_major else (columns, rows)
        step = down * TILE_SIZE
    height = round_up(whole[0], step) if tiles else whole[0]
    return -(-height // down), -(-whole[1] // across)


def _extents(shape: Iterable[int]) -> tuple[int, ...]:
    if not isinstance(shape, (list, tuple, Shape)) or len(shape) < 2:
        raise InvalidArgument(f"the shape of a sharded tensor has two extents at least, not {shape!r}")
    return tuple(as_shape(shape))


def _even_shard(whole: tuple[int, int], grid: CoreGrid, strategy: ShardStrategy, row_major: bool) -> tuple[int, int]:
    down, across = {
        ShardStrategy.HEIGHT: (grid.num_cores, 1),
        ShardStrategy.WIDTH: (1, grid.num_cores),
        ShardStrategy.BLOCK: (grid.y, grid.x) if row_major else (grid.x, grid.y),
    }[strategy]
    if whole[0] % down or whole[1] % across:
        raise InvalidArgument(
            f"invalid sharding core_grid: a tensor of {whole[0]} x {whole[1]} does not divide evenly into {down} x "
            f"{across} shards; choose another grid, or pad the tensor"
        )
    return whole[0] // down, whole[1] // across


def _cores(core_grid: CoreGrid | CoreRangeSet | Iterable[CoreGrid]) -> CoreRangeSet:
    if isinstance(core_grid, CoreRangeSet):
        return core_grid
    if isinstance(core_grid, CoreGrid):
        return CoreRangeSet([CoreRange(CoreCoord(0, 0), CoreCoord(core_grid.x - 1, core_grid.y - 1))])
    grids = list(core_grid)
    if len(grids) != 2 or not all(isinstance(each, CoreGrid) for each in grids):
        raise InvalidArgument(f"core_grid must be a CoreGrid, two of them, or a CoreRangeSet, not {core_grid!r}")
    first, second = grids
    return CoreRangeSet(
        [
            CoreRange(CoreCoord(0, 0), CoreCoord(first.x - 1, first.y - 1)),
            CoreRange(CoreCoord(0, first.y), CoreCoord(second.x - 1, first.y)),
        ]
    )
