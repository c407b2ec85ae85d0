"""What a tensor is: shape, element type, layout and memory, and the pages that follow from them (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import prod
from typing import Any, overload

from tthal.buffer_distribution import BufferDistributionSpec
from tthal.coordinates import CoreRange, CoreRangeSet
from tthal.data_formats import ELEMENT_BITS, Tile, tile_size
from tthal.errors import InvalidArgument, WrongType
from tthal.sharding import ShardSpec
from tthal.tensor import sharded_specs
from tthal.tensor.memory_config import MemoryConfig, NdShardSpec
from tthal.tensor.shape import Shape, as_shape
from tthal.tensor.shard_forms import round_up, with_both_forms
from tthal.tensor.spec_checks import check_parts, check_spec
from tthal.tensor.types import BLOCK_TYPES, Layout, ShardShapeAlignment
from tthal.types import BufferType, DataType, ShardDistributionStrategy, ShardOrientation, TensorMemoryLayout
from tthal.values import owned

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
        padded_shape: Iterable[int] | None = None,
    ) -> TensorSpec:
        """Return the spec with a memory config of either form; None is DRAM, interleaved.

        A ``padded_shape`` of its own is for tensors that a program padded itself.
        """
        spec = cls.__new__(cls)
        padded = None if padded_shape is None else as_shape(padded_shape)
        spec._fill(as_shape(shape), dtype, layout, memory_config or MemoryConfig(), tile, padded)
        return spec

    def _fill(
        self,
        shape: Shape,
        dtype: DataType,
        layout: Layout,
        config: MemoryConfig,
        tile: object,
        padded: Shape | None = None,
    ) -> None:
        check_parts(dtype, layout, config, tile)
        self._shape = shape
        self._dtype = dtype
        self._layout = layout
        self._tile = tile if isinstance(tile, Tile) else Tile()
        self._memory_config = config
        self._own_padding = None if padded is None else tuple(padded)
        check_spec(self)
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
        """Where its pages go; both forms of a shard specification where both say the same. A copy, to be changed."""
        return owned(self._memory_config)  # type: ignore[no-any-return]

    # ------------------------------------------------------------------ what follows

    @property
    def padded_extents(self) -> tuple[int, ...]:
        """The shape with its last two dimensions rounded up to whole tiles, or the last one to whole shards."""
        if self._own_padding is not None:
            return self._own_padding
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

    # ------------------------------------------------------------------ the same tensor in shards

    def height_sharded(
        self, grid: CoreRangeSet, orientation: ShardOrientation = ShardOrientation.ROW_MAJOR
    ) -> TensorSpec:
        """Return the spec cut along its height (all dimensions but the last), one shard for a core."""
        return self._in_shards(sharded_specs.height_shards(self, grid, orientation))

    def width_sharded(
        self, grid: CoreRangeSet, orientation: ShardOrientation = ShardOrientation.ROW_MAJOR
    ) -> TensorSpec:
        """Return the spec cut along its width, one shard for a core."""
        return self._in_shards(sharded_specs.width_shards(self, grid, orientation))

    def block_sharded(
        self, grid: CoreRange | CoreRangeSet, orientation: ShardOrientation = ShardOrientation.ROW_MAJOR
    ) -> TensorSpec:
        """Return the spec cut along height and width, one block for a core of a rectangle."""
        return self._in_shards(sharded_specs.block_shards(self, grid, orientation))

    def sharded_across_dims(
        self, dims: Iterable[int], grid: CoreRangeSet, orientation: ShardOrientation = ShardOrientation.ROW_MAJOR
    ) -> TensorSpec:
        """Return the spec cut in the given dimensions as finely as tiles allow."""
        return self.sharded(sharded_specs.shards_across(self, dims, grid, orientation))

    def sharded_across_dims_except(
        self, dims: Iterable[int], grid: CoreRangeSet, orientation: ShardOrientation = ShardOrientation.ROW_MAJOR
    ) -> TensorSpec:
        """Return the spec cut in all but the given dimensions as finely as tiles allow."""
        return self.sharded(sharded_specs.shards_across_others(self, dims, grid, orientation))

    @overload
    def sharded(
        self, nd_shard_spec: NdShardSpec, shard_alignment: ShardShapeAlignment = ShardShapeAlignment.RECOMMENDED
    ) -> TensorSpec: ...
    @overload
    def sharded(
        self,
        shard_shape: Iterable[int],
        grid: CoreRangeSet,
        shard_alignment: ShardShapeAlignment = ShardShapeAlignment.RECOMMENDED,
        orientation: ShardOrientation = ShardOrientation.ROW_MAJOR,
        shard_distribution_strategy: ShardDistributionStrategy = ShardDistributionStrategy.ROUND_ROBIN_1D,
    ) -> TensorSpec: ...
    def sharded(self, *given: Any, **named: Any) -> TensorSpec:
        """Return the spec in shards of a shape, rounded up to what the layout asks for or works best with."""
        if "nd_shard_spec" in named or isinstance(given[0] if given else None, NdShardSpec):
            return self._in_aligned_shards(*given, **named)
        return self._in_shards_of_shape(*given, **named)

    def _in_shards_of_shape(
        self,
        shard_shape: Iterable[int],
        grid: CoreRangeSet,
        shard_alignment: ShardShapeAlignment = ShardShapeAlignment.RECOMMENDED,
        orientation: ShardOrientation = ShardOrientation.ROW_MAJOR,
        shard_distribution_strategy: ShardDistributionStrategy = ShardDistributionStrategy.ROUND_ROBIN_1D,
    ) -> TensorSpec:
        shards = NdShardSpec(shard_shape, grid, orientation, shard_distribution_strategy)
        return self._in_aligned_shards(shards, shard_alignment)

    def _in_aligned_shards(
        self, nd_shard_spec: NdShardSpec, shard_alignment: ShardShapeAlignment = ShardShapeAlignment.RECOMMENDED
    ) -> TensorSpec:
        shape = Shape(sharded_specs.aligned(nd_shard_spec.shard_shape, self, shard_alignment))
        return self._in_shards(replace(nd_shard_spec, shard_shape=shape))

    def _in_shards(self, shards: NdShardSpec) -> TensorSpec:
        config = MemoryConfig(self._memory_config.buffer_type, shards)
        return TensorSpec.of(self._shape, self._dtype, self._layout, config, self._tile)

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
        return self._shape, self._dtype, self._layout, self.tile, self.padded_extents

    def __repr__(self) -> str:
        tile = f", tile={self.tile}" if self._layout is Layout.TILE else ""
        return (
            f"TensorSpec(shape={list(self._shape)}, dtype={self._dtype.name}, layout={self._layout.name}, "
            f"{self._memory_config}{tile})"
        )


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
            raise WrongType(f"TensorSpec does not take {value!r} there; it takes {', '.join(_NAMES)} in this order")
        values[name] = value
    for name, value in named.items():
        if name not in _NAMES or name in values or not isinstance(value, (_NAMES[name], type(None))):
            raise WrongType(f"TensorSpec does not take {name}={value!r}; it takes {', '.join(_NAMES)}")
        if value is not None:
            values[name] = value
    return values
