"""What a tensor's spec must fulfil: type and layout, tiles in shards, shards on cores (ttnn 0.81.1)."""

from __future__ import annotations

from tthal.data_formats import Tile
from tthal.errors import InvalidArgument, WrongType
from tthal.sharding import ShardSpec
from tthal.tensor.memory_config import MemoryConfig
from tthal.tensor.spec_facts import SpecFacts
from tthal.tensor.types import BLOCK_TYPES, Layout
from tthal.types import DataType, ShardOrientation, TensorMemoryLayout


def check_parts(dtype: object, layout: object, config: object, tile: object) -> None:
    """Check the kinds of a spec's parts.

    Raises:
        TypeError: one is something else.
        InvalidArgument: a row-major tensor is given a tile of its own.
    """
    wanted = (("dtype", dtype, DataType), ("layout", layout, Layout), ("memory_config", config, MemoryConfig))
    for name, value, kind in wanted:
        if not isinstance(value, kind):
            raise WrongType(f"{name} must be a {kind.__name__}, not {value!r}")
    if tile is not None and not isinstance(tile, Tile):
        raise WrongType(f"tile must be a Tile such as Tile((32, 32)), not {tile!r}")
    if layout is Layout.ROW_MAJOR and tile not in (None, Tile()):
        raise InvalidArgument(f"a ROW_MAJOR tensor has no tile; leave tile={tile} out or use TILE_LAYOUT")


def check_spec(spec: SpecFacts) -> None:
    """Check that a spec's parts go together.

    Raises:
        InvalidArgument: they do not; says why.
    """
    _check_shard_is_whole_tiles(spec)
    _check_type_and_layout(spec.dtype, spec.layout)
    _check_shards_fit(spec)


def _check_type_and_layout(dtype: DataType, layout: Layout) -> None:
    if dtype is DataType.INVALID or layout is Layout.INVALID:
        raise InvalidArgument(f"a tensor has neither the type {dtype.name} nor the layout {layout.name}")
    if dtype in BLOCK_TYPES and layout is not Layout.TILE:
        raise InvalidArgument(
            f"{dtype.name} shares exponents within tiles: only TILE layout is possible; pass layout=TILE_LAYOUT"
        )
    if dtype is DataType.FP8_E4M3 and layout is not Layout.ROW_MAJOR:
        raise InvalidArgument("FP8_E4M3 is possible in ROW_MAJOR layout only; pass layout=ROW_MAJOR_LAYOUT")


def _check_shard_is_whole_tiles(spec: SpecFacts) -> None:
    config = spec.memory_config
    if spec.layout is not Layout.TILE or not config.is_sharded():
        return
    if config.shard_spec is not None:
        shard: tuple[int, ...] = config.shard_spec.shape
    elif config.nd_shard_spec is not None:
        shard = (config.nd_shard_spec.shard_shape[-2], config.nd_shard_spec.shard_shape[-1])
    else:
        raise InvalidArgument(f"a {config.memory_layout.name} MemoryConfig needs a shard specification for a tensor")
    if shard[0] % spec.tile.height or shard[1] % spec.tile.width:
        raise InvalidArgument(
            f"physical shard shape {list(shard)} must be a multiple of the tile {list(spec.tile.tile_shape)} in both "
            "directions; round the shard up or use ROW_MAJOR_LAYOUT"
        )


def _check_shards_fit(spec: SpecFacts) -> None:
    shards = spec.memory_config.shard_spec
    if shards is None or not spec.memory_config.is_sharded():
        return
    physical = spec.physical_shape
    down, across = (-(-whole // part) for whole, part in zip(physical, shards.shape, strict=True))
    _FITS.get(spec.memory_config.memory_layout, _fits_any)(shards, physical, down, across)


def _fits_any(shards: ShardSpec, physical: tuple[int, int], down: int, across: int) -> None:
    """Nothing more is asked of it."""


def _fits_height(shards: ShardSpec, physical: tuple[int, int], down: int, across: int) -> None:
    if physical[1] != shards.shape[1]:
        raise InvalidArgument(
            f"shard width {shards.shape[1]} must match physical width {physical[1]} for height sharded"
        )
    _require_cores("height", down, shards)


def _fits_width(shards: ShardSpec, physical: tuple[int, int], down: int, across: int) -> None:
    if physical[0] != shards.shape[0]:
        raise InvalidArgument(
            f"shard height {shards.shape[0]} must match physical height {physical[0]} for width sharded"
        )
    _require_cores("width", across, shards)


def _fits_block(shards: ShardSpec, physical: tuple[int, int], down: int, across: int) -> None:
    if shards.grid.size() != 1:
        raise InvalidArgument(f"the shard grid must be one full rectangle for block sharded, not {shards.grid}")
    columns, rows = shards.grid.bounding_box().grid_size()
    row_major = shards.orientation is ShardOrientation.ROW_MAJOR
    high, wide = (("rows", rows), ("columns", columns)) if row_major else (("columns", columns), ("rows", rows))
    for axis, count, (line, room) in (("height", down, high), ("width", across, wide)):
        if count > room:
            raise InvalidArgument(
                f"number of shards along {axis} {count} must not exceed number of {line} {room} for "
                f"{'row' if row_major else 'column'} major orientation; make the shards larger or the grid wider"
            )


def _require_cores(axis: str, count: int, shards: ShardSpec) -> None:
    if count > shards.num_cores():
        raise InvalidArgument(
            f"number of shards along {axis} {count} must not exceed number of cores {shards.num_cores()}; make the "
            "shards larger or the grid wider"
        )


_FITS = {
    TensorMemoryLayout.HEIGHT_SHARDED: _fits_height,
    TensorMemoryLayout.WIDTH_SHARDED: _fits_width,
    TensorMemoryLayout.BLOCK_SHARDED: _fits_block,
}
