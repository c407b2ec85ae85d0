"""Dealing work to cores: the first cores of a grid or a set, in the rectangles that the vendor's library cuts.

A program deals its pages while it walks these rectangles, so their order says which core works on what. A set is walked
rectangle by rectangle in lines: column by column, or row by row on request. A line joins the one taken before it where
it is its neighbour and as long, also over the border of two rectangles (cuts and order of ttnn 0.81.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from tthal import host_rules
from tthal.coordinates import (
    CoreCoord,
    CoreLike,
    CoreRange,
    CoreRangeSet,
    CoreSpec,
    as_core,
    corerange_to_cores,
    is_pair_of_numbers,
)
from tthal.errors import InvalidArgument, WrongType
from tthal.words import integer

__all__ = [
    "grid_to_cores",
    "num_cores_to_corerangeset",
    "num_cores_to_corerangeset_in_subcoregrids",
    "split_work_to_cores",
]

Split = tuple[int, CoreRangeSet, CoreRangeSet, CoreRangeSet, int, int]


def num_cores_to_corerangeset(
    target_num_cores: int, grid_size: CoreLike | Sequence[int], row_wise: bool = False
) -> CoreRangeSet:
    """Return the first ``target_num_cores`` cores of a grid, column by column or row by row.

    Raises:
        InvalidArgument: the grid has fewer cores.
    """
    grid_size = as_core(grid_size, "grid_size")
    if target_num_cores > grid_size.x * grid_size.y:
        raise InvalidArgument(
            f"{target_num_cores} cores do not fit a grid of {grid_size.x}x{grid_size.y} = {grid_size.x * grid_size.y}"
        )
    if target_num_cores < 0:
        raise InvalidArgument(f"{target_num_cores} cores cannot be taken from a grid")
    return _taken(_grid(grid_size), 0, target_num_cores, row_wise) if target_num_cores else CoreRangeSet()


def num_cores_to_corerangeset_in_subcoregrids(
    start_core: CoreLike, target_num_cores: int, sub_core_grids: CoreSpec, row_wise: bool = False
) -> CoreRangeSet:
    """Return ``target_num_cores`` cores of a set from ``start_core`` on, rectangle by rectangle.

    Raises:
        InvalidArgument: ``start_core`` is not in the set, or fewer cores follow it than are asked for.
    """
    start_core, core_ranges = as_core(start_core, "start_core"), CoreRangeSet.of(sub_core_grids)
    if not core_ranges.contains(start_core):
        raise InvalidArgument(f"the start core {start_core} is not one of {core_ranges}")
    first = _position(core_ranges, start_core, row_wise)
    left = core_ranges.num_cores() - first
    if not 0 < target_num_cores <= left:
        raise InvalidArgument(f"{target_num_cores} cores cannot be taken: {left} from {start_core} on in {core_ranges}")
    return _taken(core_ranges, first, target_num_cores, row_wise)


@overload
def split_work_to_cores(grid_size: CoreSpec, units_to_divide: int, row_wise: bool = False) -> Split: ...
@overload
def split_work_to_cores(*, core_grid: CoreSpec, units_to_divide: int, row_wise: bool = False) -> Split: ...
def split_work_to_cores(
    grid_size: CoreSpec | None = None,
    units_to_divide: int = 0,
    row_wise: bool = False,
    *,
    core_grid: CoreSpec | None = None,
) -> Split:
    """Deal units of work to cores as evenly as whole units allow.

    Args:
        grid_size: a grid's size, ``device.compute_with_storage_grid_size()``, or the cores to use.
        units_to_divide: how many units there are.
        row_wise: whether cores are taken row by row; column by column otherwise.
        core_grid: the cores to use, by the vendor's name.

    Returns:
        The number of cores used, all of them, the first group, the second group, and the units of a core in each; the
        first group has one unit more per core, the second group is empty when the units divide evenly.

    Raises:
        InvalidArgument: ``units_to_divide`` is negative, or there is no core to give any to.
    """
    units = integer(units_to_divide, "units_to_divide")
    if units < 0:
        raise InvalidArgument(f"{units} units of work cannot be dealt out")
    if units == 0:
        return 0, CoreRangeSet(), CoreRangeSet(), CoreRangeSet(), 0, 0
    core_ranges = _cores(grid_size if core_grid is None else core_grid)
    walk = _taken if host_rules.in_force() >= host_rules.VENDOR_CUTS else _joined
    count = min(units, core_ranges.num_cores())
    if count == 0:
        raise InvalidArgument(f"there are {units} units of work and no core to deal them to")
    whole = walk is _taken and units >= core_ranges.num_cores()
    everybody = core_ranges if whole else walk(core_ranges, 0, count, row_wise)
    each, rest = divmod(units, count)
    if rest == 0:
        return count, everybody, everybody, CoreRangeSet(), each, 0
    more, others = (walk(core_ranges, *part, row_wise) for part in ((0, rest), (rest, count - rest)))
    return count, everybody, more, others, each + 1, each


@overload
def grid_to_cores(num_cores: int, grid_size_x: int, grid_size_y: int, row_wise: bool = False) -> list[CoreCoord]: ...
@overload
def grid_to_cores(start: CoreLike, end: CoreLike, row_wise: bool = False) -> list[CoreCoord]: ...
def grid_to_cores(*given: object, **named: object) -> list[CoreCoord]:
    """List cores: the first ``num_cores`` of a grid from (0, 0), or those of the rectangle from ``start`` to ``end``.

    Column by column, or row by row with ``row_wise``.

    Raises:
        InvalidArgument: the grid has fewer cores, or the end lies before the start.
    """
    by_corners = "start" in named or "end" in named or bool(given and not hasattr(given[0], "__index__"))
    names = ("start", "end", "row_wise") if by_corners else ("num_cores", "grid_size_x", "grid_size_y", "row_wise")
    values = {**dict(zip(names, given, strict=False)), **named}
    if set(values) - set(names) or set(names[:-1]) - set(values) or len(given) > len(names):
        raise WrongType("grid_to_cores takes (num_cores, grid_size_x, grid_size_y) or (start, end), and row_wise")
    row_wise = bool(values.get("row_wise", False))
    if by_corners:
        rectangle = CoreRange(as_core(values["start"], "start"), as_core(values["end"], "end"))
        return corerange_to_cores(rectangle, row_wise=row_wise)
    size, count = (values["grid_size_x"], values["grid_size_y"]), integer(values["num_cores"], "num_cores")
    return corerange_to_cores(num_cores_to_corerangeset(count, size, row_wise), row_wise=row_wise)  # type: ignore[arg-type]


def _cores(given: CoreSpec | None) -> CoreRangeSet:
    if isinstance(given, CoreCoord) or is_pair_of_numbers(given):
        return _grid(as_core(given, "grid_size"))
    if given is None:
        raise WrongType("split_work_to_cores needs grid_size, or core_grid")
    return CoreRangeSet.of(given)


def _grid(size: CoreCoord) -> CoreRangeSet:
    if size.x == 0 or size.y == 0:
        return CoreRangeSet()
    return CoreRangeSet(CoreRange(CoreCoord(0, 0), CoreCoord(size.x - 1, size.y - 1)))


def _position(core_ranges: CoreRangeSet, core: CoreCoord, row_wise: bool) -> int:
    """Return how many cores are walked before ``core``."""
    before = 0
    for each in core_ranges:
        if each.contains(core):
            size, x, y = each.grid_size(), core.x - each.start.x, core.y - each.start.y
            return before + (y * size.x + x if row_wise else x * size.y + y)
        before += each.size()
    return before


def _taken(core_ranges: CoreRangeSet, first: int, count: int, row_wise: bool) -> CoreRangeSet:
    """Return ``count`` cores of the walk through a set, after its ``first``."""
    taken: list[CoreRange] = []
    for line in _lines(core_ranges, first, first + count, row_wise):
        before = taken[-1] if taken else line
        if row_wise:
            follows = line.start == CoreCoord(before.start.x, before.end.y + 1) and line.end.x == before.end.x
        else:
            follows = line.start == CoreCoord(before.end.x + 1, before.start.y) and line.end.y == before.end.y
        if follows:
            taken[-1] = CoreRange(before.start, line.end)
        else:
            taken.append(line)
    return CoreRangeSet(taken)


def _joined(core_ranges: CoreRangeSet, first: int, count: int, row_wise: bool) -> CoreRangeSet:
    """Return the same cores as :func:`_taken`, as tthal 0.1 cut them."""
    return CoreRangeSet(corerange_to_cores(core_ranges, row_wise=row_wise)[first : first + count]).merge_ranges()


def _lines(core_ranges: CoreRangeSet, begin: int, end: int, row_wise: bool) -> Iterator[CoreRange]:
    """Walk the lines of a set, without the cores before the place ``begin`` and from ``end`` on."""
    for each in core_ranges:
        size, corner = each.grid_size(), each.start
        length, lines = (size.x, size.y) if row_wise else (size.y, size.x)
        for line in range(lines):
            first, last = max(begin, 0), min(end, length) - 1
            begin, end = begin - length, end - length
            if first > last:
                continue
            if row_wise:
                y = corner.y + line
                yield CoreRange(CoreCoord(corner.x + first, y), CoreCoord(corner.x + last, y))
            else:
                x = corner.x + line
                yield CoreRange(CoreCoord(x, corner.y + first), CoreCoord(x, corner.y + last))
