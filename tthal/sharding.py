"""Sharded buffers: their specifications and where each page lies (host-api.md §1.3, §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from tthal import json_form
from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet, CoreSpec, corerange_to_cores
from tthal.device_interface import ShardLayout
from tthal.errors import InvalidArgument, WrongType
from tthal.types import ShardDistributionStrategy, ShardOrientation, TensorMemoryLayout
from tthal.values import Value
from tthal.words import Extents, integer, member

__all__ = ["ShardSpec", "ShardSpecBuffer"]

Shape2D = tuple[int, int]


@dataclass(init=False, unsafe_hash=True)
class ShardSpec(Value):
    """The cores that hold a tensor's shards and the shape of a shard in elements (height, width).

    ``ShardSpec(grid, shard_shape, shard_orientation)`` as ttnn's parameters are called; ``shape`` and ``orientation``,
    as its attributes are, will do too.
    """

    grid: CoreRangeSet
    shape: Shape2D
    orientation: ShardOrientation = ShardOrientation.ROW_MAJOR

    @overload
    def __init__(
        self,
        grid: CoreSpec,
        shard_shape: Sequence[int],
        shard_orientation: ShardOrientation = ShardOrientation.ROW_MAJOR,
    ) -> None: ...
    @overload
    def __init__(
        self, grid: CoreSpec, *, shape: Sequence[int], orientation: ShardOrientation = ShardOrientation.ROW_MAJOR
    ) -> None: ...
    def __init__(
        self,
        grid: CoreSpec,
        shard_shape: Sequence[int] | None = None,
        shard_orientation: ShardOrientation = ShardOrientation.ROW_MAJOR,
        *,
        shape: Sequence[int] | None = None,
        orientation: ShardOrientation | None = None,
    ) -> None:
        if not isinstance(grid, (CoreRangeSet, CoreRange, CoreCoord)):
            raise WrongType(f"a shard grid must be a CoreRangeSet, not {type(grid).__name__}")
        turn = shard_orientation if orientation is None else orientation
        self.grid = CoreRangeSet.of(grid)
        self.shape = shape if shard_shape is None else shard_shape  # type: ignore[assignment]
        self.orientation = turn

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "shape":
            value = Extents(shape_2d(value, "shard shape"))
        elif name == "orientation":
            value = member(ShardOrientation, value, "shard orientation")
        super().__setattr__(name, CoreRangeSet.of(value) if name == "grid" else value)

    def num_cores(self) -> int:
        """Return the number of cores of the grid."""
        return self.grid.num_cores()

    def to_json(self) -> str:
        """Return it as JSON, with ttnn's keys."""
        return json_form.text(self.to_fields())

    @staticmethod
    def from_json(json_string: str) -> ShardSpec:
        """Return what :meth:`to_json` wrote.

        Raises:
            InvalidArgument: it is not such a text.
        """
        return json_form.read(json_string, ShardSpec.from_fields, "ShardSpec")

    def to_fields(self) -> json_form.Fields:
        """Return it as the fields of its JSON."""
        return {"grid": json_form.of_grid(self.grid), "shape": list(self.shape), "orientation": int(self.orientation)}

    @staticmethod
    def from_fields(fields: json_form.Fields) -> ShardSpec:
        """Return what :meth:`to_fields` gave; the errors are those of missing or wrong values."""
        return ShardSpec(json_form.grid(fields["grid"]), fields["shape"], ShardOrientation(fields["orientation"]))


class ShardSpecBuffer:
    """A :class:`ShardSpec` with the shape of a page in elements and of the whole tensor in pages (height, width).

    ``ShardSpecBuffer(grid, shard_shape, orientation, page_shape, tensor2d_shape_in_pages)`` or
    ``ShardSpecBuffer(shard_spec, page_shape, tensor2d_shape_in_pages)``.
    """

    __slots__ = ("page_shape", "tensor2d_shape_in_pages", "tensor_shard_spec")

    @overload
    def __init__(self, grid: ShardSpec, shard_shape: Sequence[int], orientation: Sequence[int], /) -> None: ...
    @overload
    def __init__(
        self,
        grid: CoreRangeSet,
        shard_shape: Sequence[int],
        orientation: ShardOrientation,
        page_shape: Sequence[int],
        tensor2d_shape_in_pages: Sequence[int],
    ) -> None: ...
    @overload
    def __init__(
        self, *, shard_spec: ShardSpec, page_shape: Sequence[int], tensor2d_shape_in_pages: Sequence[int]
    ) -> None: ...
    def __init__(self, *given: object, **named: object) -> None:
        names = _SPEC_NAMES if given and isinstance(given[0], ShardSpec) else _GRID_NAMES
        values = dict(zip(names, given, strict=False))
        values.update(named)
        if "shard_spec" not in values:
            missing = [name for name in _GRID_NAMES if name not in values]
            if missing:
                raise WrongType(f"ShardSpecBuffer needs {', '.join(missing)}")
            values["shard_spec"] = ShardSpec(values["grid"], values["shard_shape"], values["orientation"])  # type: ignore[call-overload]
        self.tensor_shard_spec: ShardSpec = values["shard_spec"]  # type: ignore[assignment]
        self.page_shape = shape_2d(values.get("page_shape"), "page shape")
        self.tensor2d_shape_in_pages = shape_2d(values.get("tensor2d_shape_in_pages"), "tensor shape in pages")

    @property
    def grid(self) -> CoreRangeSet:
        """The cores that hold the shards."""
        return self.tensor_shard_spec.grid

    @property
    def shape(self) -> Shape2D:
        """The shape of a shard in elements."""
        return self.tensor_shard_spec.shape

    @property
    def orientation(self) -> ShardOrientation:
        """The order in which the cores take the shards."""
        return self.tensor_shard_spec.orientation

    @property
    def shape_in_pages(self) -> Shape2D:
        """The shape of a shard in pages.

        Raises:
            InvalidArgument: a shard is not a whole number of pages.
        """
        if self.shape[0] % self.page_shape[0] or self.shape[1] % self.page_shape[1]:
            raise InvalidArgument(
                f"shard shape {self.shape} must be a multiple of the page shape {self.page_shape} in both directions"
            )
        return self.shape[0] // self.page_shape[0], self.shape[1] // self.page_shape[1]

    def num_pages(self) -> int:
        """Return the number of pages of a shard."""
        return prod(self.shape_in_pages)

    def __repr__(self) -> str:
        return (
            f"ShardSpecBuffer({self.tensor_shard_spec}, page_shape={self.page_shape}, "
            f"tensor2d_shape_in_pages={self.tensor2d_shape_in_pages})"
        )


_SPEC_NAMES = ("shard_spec", "page_shape", "tensor2d_shape_in_pages")
_GRID_NAMES = ("grid", "shard_shape", "orientation", "page_shape", "tensor2d_shape_in_pages")


def shard_layout(layout: TensorMemoryLayout, spec: ShardSpecBuffer) -> ShardLayout:
    """Return where the pages of a height-, width- or block-sharded buffer go.

    Shards are numbered row-major, blocks too, and take the cores in the order of ``corerange_to_cores``: row by row for
    ROW_MAJOR, column by column for COL_MAJOR. A grid wider than the blocks is not kept in rows: the next row of blocks
    goes on where the last one ended, which is where a kernel's TensorAccessor looks for it (host-api.md §4). A shard
    need not span the tensor: height sharding deals the pages out in order, width sharding cuts rectangles as block
    sharding does (libtt_metal 0.81.1 on a simulated card).

    Raises:
        InvalidArgument: the shards do not fit the tensor or the cores (host-api.md §4).
    """
    shard, tensor = spec.shape_in_pages, spec.tensor2d_shape_in_pages
    if layout is TensorMemoryLayout.HEIGHT_SHARDED:
        tensor = _rows_as_wide_as(shard, tensor)
    high, wide = shard_counts(tensor, shard)
    shards = high, wide
    _SHARD_CHECKS[layout](spec, shards)
    row_wise = spec.orientation is ShardOrientation.ROW_MAJOR
    grid = spec.grid.bounding_box() if layout is TensorMemoryLayout.BLOCK_SHARDED else spec.grid
    cores = tuple(corerange_to_cores(grid, row_wise=row_wise))
    if prod(shards) > len(cores):
        axis = {TensorMemoryLayout.HEIGHT_SHARDED: " along height", TensorMemoryLayout.WIDTH_SHARDED: " along width"}
        raise InvalidArgument(
            f"number of shards{axis.get(layout, '')} {prod(shards)} must not exceed number of cores {len(cores)}; "
            "make the shards larger or the grid wider"
        )
    return ShardLayout(cores, tensor, shard, spec.orientation)


def page_placement(layout: ShardLayout) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return, for every host page in row-major order, the index of its core in ``layout.cores`` and its slot there.

    Slots count pages in a core's memory. A shard keeps the room of its whole shape: pages past the tensor's edge leave
    their slots empty (host-api.md §4).
    """
    pages = np.indices(layout.tensor_shape).reshape(len(layout.tensor_shape), -1)
    extent = np.array(layout.shard_shape).reshape(-1, 1)
    inside = np.ravel_multi_index(tuple(pages % extent), layout.shard_shape)
    shard = np.ravel_multi_index(tuple(pages // extent), shard_counts(layout.tensor_shape, layout.shard_shape))
    if layout.strategy is ShardDistributionStrategy.CONTIGUOUS_1D:
        core, turn = np.divmod(shard, shards_per_core(layout))
    else:
        turn, core = np.divmod(shard, len(layout.cores))
    return core, turn * prod(layout.shard_shape) + inside


def shard_counts(tensor_shape: Sequence[int], shard_shape: Sequence[int]) -> tuple[int, ...]:
    """Return the number of shards along every dimension."""
    return tuple(-(-whole // part) for whole, part in zip(tensor_shape, shard_shape, strict=True))


def shards_per_core(layout: ShardLayout) -> int:
    """Return the most shards any core holds."""
    return -(-prod(shard_counts(layout.tensor_shape, layout.shard_shape)) // len(layout.cores))


def _rows_as_wide_as(shard: Shape2D, tensor: Shape2D) -> Shape2D:
    """Return the pages of a tensor, in order, as rows of the width of a shard."""
    pages, width = prod(tensor), shard[1]
    if pages % width:
        raise InvalidArgument(
            f"{pages} pages of a height-sharded buffer do not fill rows as wide as a shard, {width} pages: the "
            f"vendor's library would leave out the last {pages % width}; choose a shard width that divides their number"
        )
    return pages // width, width


def _any_shards(spec: ShardSpecBuffer, shards: Shape2D) -> None:
    """Height and width say how shards are cut; the cores take as many as there are."""


def _check_block(spec: ShardSpecBuffer, shards: Shape2D) -> None:
    box = spec.grid.bounding_box()
    if box.size() != spec.grid.num_cores():
        raise InvalidArgument(f"the shard grid must be one full rectangle for block sharded, not {spec.grid}")
    columns, rows = box.grid_size()
    row_major = spec.orientation is ShardOrientation.ROW_MAJOR
    high, wide = (rows, columns) if row_major else (columns, rows)
    for axis, count, room in (("height", shards[0], high), ("width", shards[1], wide)):
        if count > room:
            line = "rows" if (axis == "height") == row_major else "columns"
            raise InvalidArgument(
                f"number of shards along {axis} {count} must not exceed number of {line} {room} for "
                f"{'row' if row_major else 'column'} major orientation"
            )


def _no_layout(spec: ShardSpecBuffer, shards: Shape2D) -> None:
    raise InvalidArgument("shard_parameters describe HEIGHT_SHARDED, WIDTH_SHARDED or BLOCK_SHARDED buffers only")


_SHARD_CHECKS = {
    TensorMemoryLayout.INTERLEAVED: _no_layout,
    TensorMemoryLayout.HEIGHT_SHARDED: _any_shards,
    TensorMemoryLayout.WIDTH_SHARDED: _any_shards,
    TensorMemoryLayout.BLOCK_SHARDED: _check_block,
    TensorMemoryLayout.ND_SHARDED: _no_layout,
}


def checked_shape(given: object, what: str) -> tuple[int, ...]:
    """Return a shape as a tuple of numbers of at least 1.

    Raises:
        InvalidArgument: it is something else.
    """
    if not isinstance(given, Sequence) or isinstance(given, (str, bytes)) or not given:
        raise InvalidArgument(f"{what} must be a sequence of numbers, not {given!r}")
    shape = tuple(integer(value, what) for value in given)
    if min(shape) < 1:
        raise InvalidArgument(f"{what} {shape} must be at least 1 in every direction")
    return shape


def shape_2d(given: object, what: str) -> Shape2D:
    """Return a shape as (height, width). Raises as :func:`checked_shape`."""
    shape = checked_shape(given, what)
    if len(shape) != 2:
        raise InvalidArgument(f"{what} must be two numbers (height, width), not {given!r}")
    return shape[0], shape[1]
