"""Sharding in any number of dimensions: how pages are cut into shards and dealt to banks (host-api.md §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet, CoreSpec, corerange_to_cores
from tthal.device_interface import ShardLayout
from tthal.errors import InvalidArgument, WrongType
from tthal.sharding import checked_shape, shape_2d, shard_counts
from tthal.types import ShardDistributionStrategy, ShardOrientation
from tthal.words import member

__all__ = ["BufferDistributionSpec"]

Shape = Sequence[int]


@dataclass(frozen=True)
class BufferDistributionSpec:
    """Shapes in pages, the cores that hold the shards, and how these are dealt; for ``ND_SHARDED`` buffers.

    A shard may have fewer dimensions than the tensor: the tensor's leading ones then count as one with the first that
    the shard has. Shards are numbered row-major and take the cores row by row (ROW_MAJOR) or column by column
    (COL_MAJOR): in turn with ROUND_ROBIN_1D, in runs with CONTIGUOUS_1D. GRID_2D keeps rows and columns of shards apart
    on one rectangle of cores, with COL_MAJOR transposed. The cores of a DRAM buffer are (bank, 0).

    Raises:
        InvalidArgument: the shapes do not go together, there is no core, or the shards do not fit the rectangle.
    """

    tensor_shape_in_pages: Shape
    shard_shape_in_pages: Shape
    core_range_set: CoreSpec
    shard_orientation: ShardOrientation = ShardOrientation.ROW_MAJOR
    shard_distribution_strategy: ShardDistributionStrategy = ShardDistributionStrategy.ROUND_ROBIN_1D

    def __post_init__(self) -> None:
        tensor = checked_shape(self.tensor_shape_in_pages, "tensor shape in pages")
        shard = checked_shape(self.shard_shape_in_pages, "shard shape in pages")
        if len(shard) > len(tensor):
            raise InvalidArgument(f"shard shape {shard} has more dimensions than the tensor shape {tensor}")
        if not isinstance(self.core_range_set, (CoreCoord, CoreRange, CoreRangeSet)):
            raise WrongType(f"core_range_set must be a CoreRangeSet, not {type(self.core_range_set).__name__}")
        checked = {
            "tensor_shape_in_pages": tensor,
            "shard_shape_in_pages": shard,
            "core_range_set": CoreRangeSet.of(self.core_range_set),
            "shard_orientation": member(ShardOrientation, self.shard_orientation, "shard_orientation"),
            "shard_distribution_strategy": member(
                ShardDistributionStrategy, self.shard_distribution_strategy, "shard_distribution_strategy"
            ),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        _CHECKS[self.shard_distribution_strategy](self)

    @classmethod
    def from_shard_spec(
        cls,
        tensor_shape: Shape,
        shard_shape: Shape,
        page_shape: Shape,
        core_range_set: CoreSpec,
        shard_orientation: ShardOrientation = ShardOrientation.ROW_MAJOR,
        shard_distribution_strategy: ShardDistributionStrategy = ShardDistributionStrategy.ROUND_ROBIN_1D,
    ) -> BufferDistributionSpec:
        """Take shapes in elements; pages of ``page_shape`` (height, width) divide the last two, rounded up."""
        page = shape_2d(page_shape, "page shape")
        return cls(
            _in_pages(checked_shape(tensor_shape, "tensor shape"), page),
            _in_pages(checked_shape(shard_shape, "shard shape"), page),
            core_range_set,
            shard_orientation,
            shard_distribution_strategy,
        )

    def shard_layout(self) -> ShardLayout:
        """Return what backends see: the tensor with as many dimensions as the shard, and the cores in order."""
        return ShardLayout(
            tuple(self.cores()),
            self._tensor(),
            tuple(self.shard_shape_in_pages),
            self.shard_orientation,
            self.shard_distribution_strategy,
        )

    def cores(self) -> list[CoreCoord]:
        """Return the cores in the order in which they take shards; GRID_2D leaves out those that get none."""
        cores: CoreSpec = self.core_range_set
        if self.shard_distribution_strategy is ShardDistributionStrategy.GRID_2D:
            start = CoreRangeSet.of(cores).bounding_box().start
            wide, high = self._grid_of_shards()
            cores = CoreRange(start, CoreCoord(start.x + wide - 1, start.y + high - 1))
        return corerange_to_cores(cores, row_wise=self.shard_orientation is ShardOrientation.ROW_MAJOR)

    def num_cores(self) -> int:
        """Return the number of cores that shards are dealt to."""
        return len(self.cores())

    def num_shards(self) -> int:
        """Return the number of shards."""
        return prod(shard_counts(self._tensor(), self.shard_shape_in_pages))

    def max_num_shards_per_core(self) -> int:
        """Return the most shards any core holds."""
        return -(-self.num_shards() // self.num_cores())

    def _tensor(self) -> tuple[int, ...]:
        """Return the tensor's shape with as many dimensions as the shard."""
        extra = len(self.tensor_shape_in_pages) - len(self.shard_shape_in_pages)
        first, rest = self.tensor_shape_in_pages[: extra + 1], self.tensor_shape_in_pages[extra + 1 :]
        return (prod(first), *rest)

    def _grid_of_shards(self) -> tuple[int, int]:
        """Return the columns and rows of cores that two-dimensional shards take."""
        high, wide = shard_counts(self._tensor(), self.shard_shape_in_pages)
        return (wide, high) if self.shard_orientation is ShardOrientation.ROW_MAJOR else (high, wide)


def _check_cores(spec: BufferDistributionSpec) -> None:
    if CoreRangeSet.of(spec.core_range_set).empty():
        raise InvalidArgument("a sharded buffer needs at least one core; core_range_set is empty")


def _check_runs(spec: BufferDistributionSpec) -> None:
    _check_cores(spec)
    if spec.num_shards() % spec.num_cores():
        raise InvalidArgument(
            f"CONTIGUOUS_1D needs the same number of shards on every core: {spec.num_shards()} shards do not divide "
            f"over {spec.num_cores()} cores; choose other cores or ROUND_ROBIN_1D"
        )


def _check_grid(spec: BufferDistributionSpec) -> None:
    _check_cores(spec)
    cores = CoreRangeSet.of(spec.core_range_set)
    box = cores.bounding_box()
    if len(spec.shard_shape_in_pages) != 2 or len(cores) != 1:
        raise InvalidArgument(
            f"GRID_2D deals shards of two dimensions onto one rectangle of cores, not shards of shape "
            f"{tuple(spec.shard_shape_in_pages)} onto {cores}"
        )
    wide, high = spec._grid_of_shards()
    columns, rows = box.grid_size()
    if wide > columns or high > rows:
        raise InvalidArgument(
            f"{wide} x {high} shards do not fit the {columns} x {rows} rectangle of cores for "
            f"{spec.shard_orientation.name} orientation; make the shards larger or the rectangle wider"
        )


_CHECKS = {
    ShardDistributionStrategy.ROUND_ROBIN_1D: _check_cores,
    ShardDistributionStrategy.GRID_2D: _check_grid,
    ShardDistributionStrategy.CONTIGUOUS_1D: _check_runs,
}


def _in_pages(shape: tuple[int, ...], page: tuple[int, ...]) -> tuple[int, ...]:
    paged = min(len(shape), 2)
    return (*shape[:-paged], *shard_counts(shape[-paged:], page[-paged:]))
