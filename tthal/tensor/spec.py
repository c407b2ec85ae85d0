"""What a tensor is: shape, element type, layout and memory, and the pages that follow from them (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import overload

from tthal.buffer_distribution import BufferDistributionSpec
from tthal.data_formats import ELEMENT_BITS, Tile, tile_size
from tthal.errors import InvalidArgument
from tthal.sharding import ShardSpec
from tthal.tensor.memory_config import MemoryConfig, NdShardSpec
from tthal.tensor.shape import Shape, as_shape
from tthal.tensor.shard_forms import with_both_forms
from tthal.tensor.types import BLOCK_TYPES, Layout
from tthal.types import BufferType, DataType, ShardDistributionStrategy, ShardOrientation, TensorMemoryLayout

WORD_BYTES = 4
"""A page of an empty row-major tensor holds one word."""


class TensorSpec:
    """Shape, element type, layout, tile and memory of a tensor; everything else follows from these.

    ``TensorSpec(shape, dtype, layout, buffer_type=DRAM, tile=None)`` is interleaved,
    ``TensorSpec(shape, dtype, layout, memory_layout, shard_spec, buffer_type=DRAM, tile=None)`` and
    ``TensorSpec(shape, dtype, layout, nd_shard_spec, buffer_type=DRAM, tile=None)`` are sharded.

    Raises:
        InvalidArgument: the type has no such layout, or the shards fit neither the tile, the tensor nor the cores.
    """

    @overload
    def __init__(
        self,
        shape: Iterable[int],
        dtype: DataType,
        layout: Layout,
        buffer_type: BufferType = BufferType.DRAM,
        tile: Tile | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        shape: Iterable[int],
        dtype: DataType,
        layout: Layout,
        memory_layout: TensorMemoryLayout,
        shard_spec: ShardSpec | None = None,
        buffer_type: BufferType = BufferType.DRAM,
        tile: Tile | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        shape: Iterable[int],
        dtype: DataType,
        layout: Layout,
        nd_shard_spec: NdShardSpec,
        buffer_type: BufferType = BufferType.DRAM,
        tile: Tile | None = None,
    ) -> None: ...
    def __init__(self, shape: Iterable[int], dtype: DataType, layout: Layout, *given: object, **named: object) -> None:
        values = _by_kind(given, named)
        buffer_type = values.get("buffer_type", BufferType.DRAM)
        if "nd_shard_spec" in values:
            config = MemoryConfig(buffer_type=buffer_type, nd_shard_spec=values["nd_shard_spec"])  # type: ignore[call-overload]
        else:
            memory_layout = values.get("memory_layout", TensorMemoryLayout.INTERLEAVED)
            config = MemoryConfig(memory_layout, buffer_type, values.get("shard_spec"))  # type: ignore[call-overload]
        self._fill(as_shape(shape), dtype, layout, config, values.get("tile"))

    @classmethod
    def of(
        cls,
        shape: Iterable[int],
        dtype: DataType,
        layout: Layout,
        memory_config: MemoryConfig | None = None,
        tile: Tile | None = None,
    ) -> TensorSpec:
        """Return the spec with a memory config of either form; None is DRAM, interleaved."""
        spec = cls.__new__(cls)
        spec._fill(as_shape(shape), dtype, layout, memory_config or MemoryConfig(), tile)
        return spec

    def _fill(self, shape: Shape, dtype: DataType, layout: Layout, config: MemoryConfig, tile: object) -> None:
        _check_kinds(dtype, layout, config, tile)
        self._shape = shape
        self._dtype = dtype
        self._layout = layout
        self._tile = tile if isinstance(tile, Tile) else Tile()
        self._memory_config = config
        _check_shard_is_whole_tiles(self)
        _check_type_and_layout(dtype, layout)
        _check_shards_fit(self)
        self._memory_config = with_both_forms(config, self.padded_extents, self.physical_shape)

    # ------------------------------------------------------------------ what it says

    @property
    def shape(self) -> Shape:
        """The logical shape."""
        return self._shape

    @property
    def dtype(self) -> DataType:
        """The element type."""
        return self._dtype

    @property
    def layout(self) -> Layout:
        """Row by row or tile by tile."""
        return self._layout

    @property
    def tile(self) -> Tile:
        """The tile; 32x32 of a row-major tensor, which has none."""
        return self._tile if self._layout is Layout.TILE else Tile()

    @property
    def memory_config(self) -> MemoryConfig:
        """Where its pages go; both forms of a shard specification where both say the same."""
        return self._memory_config

    # ------------------------------------------------------------------ what follows

    @property
    def padded_extents(self) -> tuple[int, ...]:
        """The shape with its last two dimensions rounded up to whole tiles, or the last one to whole shards."""
        alignment = self._alignment
        extents = (1,) * (len(alignment) - len(self._shape)) + tuple(self._shape)
        kept, last = extents[: -len(alignment)], extents[-len(alignment) :]
        return kept + tuple(round_up(extent, step) for extent, step in zip(last, alignment, strict=True))

    @property
    def padded_shape(self) -> Shape:
        """The padded shape; it has two dimensions at least when the layout is TILE."""
        return Shape(self.padded_extents)

    @property
    def physical_shape(self) -> tuple[int, int]:
        """Height and width of the padded tensor in elements, all dimensions but the last taken together."""
        *outer, width = self.padded_extents
        return prod(outer), width

    @property
    def page_shape(self) -> tuple[int, int]:
        """Height and width of a page in elements."""
        if self._layout is Layout.TILE:
            return self.tile.height, self.tile.width
        height, width = self.physical_shape
        if not height or not width:
            return 1, WORD_BYTES // self.element_bytes
        config = self._memory_config
        if config.shard_spec is not None and config.memory_layout is not TensorMemoryLayout.HEIGHT_SHARDED:
            return 1, config.shard_spec.shape[1]
        if config.is_sharded() and config.nd_shard_spec is not None:
            return 1, config.nd_shard_spec.shard_shape[-1]
        return 1, width

    @property
    def page_bytes(self) -> int:
        """The bytes of a page."""
        if self._layout is Layout.TILE:
            return tile_size(self._dtype, self.tile)
        return prod(self.page_shape) * self.element_bytes

    @property
    def num_pages(self) -> int:
        """The number of pages.

        Raises:
            InvalidArgument: the tensor is no whole number of pages.
        """
        whole, page = self.physical_shape, self.page_shape
        if prod(whole) and (whole[0] % page[0] or whole[1] % page[1]):
            raise InvalidArgument(f"a tensor of {whole} elements is no whole number of pages of {page}")
        return prod(whole) // prod(page)

    @property
    def num_bytes(self) -> int:
        """The bytes of all pages, as they lie in host memory."""
        return self.num_pages * self.page_bytes

    @property
    def element_bytes(self) -> int:
        """The bytes of an element; 4 of a block-float type, whose values are float32 outside tiles."""
        return 4 if self._dtype in BLOCK_TYPES else ELEMENT_BITS[self._dtype.data_format] // 8

    def distribution(self) -> BufferDistributionSpec | None:
        """Return how the pages are dealt to cores or banks, None when they are interleaved.

        Raises:
            InvalidArgument: the memory config is sharded but has no shard specification.
        """
        config = self._memory_config
        if not config.is_sharded():
            return None
        nd = config.nd_shard_spec
        if nd is None:
            raise InvalidArgument(
                f"a {config.memory_layout.name} tensor needs a shard specification in its MemoryConfig; "
                "create_sharded_memory_config makes one"
            )
        whole, shard = self.padded_extents, tuple(nd.shard_shape)
        if nd.shard_distribution_strategy is ShardDistributionStrategy.GRID_2D and len(shard) == 1:
            whole, shard = (1, *whole), (1, *shard)
        return BufferDistributionSpec.from_shard_spec(
            whole,
            shard,
            self.page_shape,
            nd.grid,
            nd.orientation,
            nd.shard_distribution_strategy,
        )

    @property
    def _alignment(self) -> tuple[int, ...]:
        """What the last dimensions are rounded up to."""
        if self._layout is Layout.TILE:
            return self._tile.height, self._tile.width
        config = self._memory_config
        if config.shard_spec is not None:
            return (config.shard_spec.shape[1],)
        if config.nd_shard_spec is not None:
            return (config.nd_shard_spec.shard_shape[-1],)
        return (1,)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TensorSpec):
            return NotImplemented
        return self._identity() == other._identity() and self._memory_config == other._memory_config

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[object, ...]:
        return self._shape, self._dtype, self._layout, self.tile

    def __repr__(self) -> str:
        tile = f", tile={self.tile}" if self._layout is Layout.TILE else ""
        return (
            f"TensorSpec(shape={list(self._shape)}, dtype={self._dtype.name}, layout={self._layout.name}, "
            f"{self._memory_config}{tile})"
        )


def round_up(value: int, step: int) -> int:
    """Return the next multiple of ``step``; ``value`` itself for a step of 0."""
    return -(-value // step) * step if step else value


_NAMES: dict[str, type] = {
    "memory_layout": TensorMemoryLayout,
    "shard_spec": ShardSpec,
    "nd_shard_spec": NdShardSpec,
    "buffer_type": BufferType,
    "tile": Tile,
}


def _by_kind(given: tuple[object, ...], named: dict[str, object]) -> dict[str, object]:
    """Name the arguments behind the layout: each kind of them occurs once, in the order of the names."""
    values: dict[str, object] = {}
    names = iter(_NAMES)
    for value in given:
        if value is None:
            continue
        name = next((name for name in names if isinstance(value, _NAMES[name])), None)
        if name is None:
            raise TypeError(f"TensorSpec does not take {value!r} there; it takes {', '.join(_NAMES)} in this order")
        values[name] = value
    for name, value in named.items():
        if name not in _NAMES or name in values or not isinstance(value, (_NAMES[name], type(None))):
            raise TypeError(f"TensorSpec does not take {name}={value!r}; it takes {', '.join(_NAMES)}")
        if value is not None:
            values[name] = value
    return values


def _check_kinds(dtype: object, layout: object, config: object, tile: object) -> None:
    wanted = (("dtype", dtype, DataType), ("layout", layout, Layout), ("memory_config", config, MemoryConfig))
    for name, value, kind in wanted:
        if not isinstance(value, kind):
            raise TypeError(f"{name} must be a {kind.__name__}, not {value!r}")
    if tile is not None and not isinstance(tile, Tile):
        raise TypeError(f"tile must be a Tile such as Tile((32, 32)), not {tile!r}")


def _check_type_and_layout(dtype: DataType, layout: Layout) -> None:
    if dtype is DataType.INVALID or layout is Layout.INVALID:
        raise InvalidArgument(f"a tensor has neither the type {dtype.name} nor the layout {layout.name}")
    if dtype in BLOCK_TYPES and layout is not Layout.TILE:
        raise InvalidArgument(
            f"{dtype.name} shares exponents within tiles: only TILE layout is possible; pass layout=TILE_LAYOUT"
        )
    if dtype is DataType.FP8_E4M3 and layout is not Layout.ROW_MAJOR:
        raise InvalidArgument("FP8_E4M3 is possible in ROW_MAJOR layout only; pass layout=ROW_MAJOR_LAYOUT")


def _check_shard_is_whole_tiles(spec: TensorSpec) -> None:
    config = spec.memory_config
    if spec.layout is not Layout.TILE or not config.is_sharded():
        return
    if config.shard_spec is not None:
        shard: tuple[int, ...] = config.shard_spec.shape
    elif config.nd_shard_spec is not None:
        shard = (config.nd_shard_spec.shard_shape[-2], config.nd_shard_spec.shard_shape[-1])
    else:
        return
    if shard[0] % spec.tile.height or shard[1] % spec.tile.width:
        raise InvalidArgument(
            f"physical shard shape {list(shard)} must be a multiple of the tile {list(spec.tile.tile_shape)} in both "
            "directions; round the shard up or use ROW_MAJOR_LAYOUT"
        )


def _check_shards_fit(spec: TensorSpec) -> None:
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
