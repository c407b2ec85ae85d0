"""Core coordinates and their set algebra, checked against sets of pairs."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthal import (
    CoreCoord,
    CoreRange,
    CoreRangeSet,
    InvalidArgument,
    corerange_to_cores,
    grid_to_cores,
    num_cores_to_corerangeset,
    num_cores_to_corerangeset_in_subcoregrids,
    split_work_to_cores,
)

GRID = 7


def rectangle(x0: int, y0: int, x1: int, y1: int) -> CoreRange:
    return CoreRange(CoreCoord(x0, y0), CoreCoord(x1, y1))


def pairs(core_ranges: CoreRangeSet) -> set[tuple[int, int]]:
    return {(core.x, core.y) for core in core_ranges.cores()}


cells = st.tuples(st.integers(0, GRID - 1), st.integers(0, GRID - 1))


@st.composite
def rectangles(draw: st.DrawFn) -> CoreRange:
    (x0, y0), (x1, y1) = draw(cells), draw(cells)
    return rectangle(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


@st.composite
def range_sets(draw: st.DrawFn) -> CoreRangeSet:
    chosen: list[CoreRange] = []
    for candidate in draw(st.lists(rectangles(), max_size=5)):
        if not any(candidate.intersects(other) for other in chosen):
            chosen.append(candidate)
    return CoreRangeSet(chosen)


@settings(deadline=None)
@given(range_sets(), range_sets())
def test_set_algebra_is_that_of_the_cells(first: CoreRangeSet, second: CoreRangeSet) -> None:
    mine, theirs = pairs(first), pairs(second)
    assert pairs(first.merge(second)) == mine | theirs
    assert pairs(first.intersection(second)) == mine & theirs
    assert pairs(first.subtract(second)) == mine - theirs
    assert first.intersects(second) == bool(mine & theirs)
    assert first.contains(second) == (theirs <= mine)
    assert first.num_cores() == len(mine)


@given(range_sets())
def test_merged_ranges_cover_the_same_cells_in_no_more_rectangles(core_ranges: CoreRangeSet) -> None:
    merged = core_ranges.merge_ranges()
    assert pairs(merged) == pairs(core_ranges)
    singles = CoreRangeSet(corerange_to_cores(core_ranges)).merge_ranges()
    assert singles == merged or len(core_ranges) < 2


@given(rectangles(), rectangles())
def test_rectangles_intersect_and_subtract_as_their_cells(first: CoreRange, second: CoreRange) -> None:
    mine, theirs = set(first), set(second)
    common = first.intersection(second)
    assert (set(common) if common else set()) == mine & theirs
    assert first.intersects(second) == bool(mine & theirs)
    rest = [core for piece in first.subtract(second) for core in piece]
    assert sorted(rest) == sorted(mine - theirs)
    union = first.merge(second)
    assert union is None or set(union) == mine | theirs


def test_one_row_of_single_cores_merges_into_one_rectangle() -> None:
    cores = [CoreCoord(x, y) for y in range(3) for x in range(4)]
    assert CoreRangeSet(cores).merge_ranges() == CoreRangeSet(rectangle(0, 0, 3, 2))


def test_ranges_stay_as_given_until_merged() -> None:
    both = CoreRangeSet([rectangle(2, 0, 3, 0), rectangle(0, 0, 1, 0)])
    assert str(both) == "{[2-0 - 3-0], [0-0 - 1-0]}"
    assert str(both.merge_ranges()) == "{[0-0 - 3-0]}"


def test_a_python_set_of_ranges_gets_the_vendors_order() -> None:
    ranges = [rectangle(x, y, x, y) for x, y in [(3, 1), (0, 5), (2, 2), (0, 1)]]
    assert CoreRangeSet(set(ranges)).ranges == tuple(sorted(ranges))


def test_overlapping_ranges_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="overlap"):
        CoreRangeSet([rectangle(0, 0, 2, 2), rectangle(2, 2, 3, 3)])
    with pytest.raises(InvalidArgument, match="overlap"):
        CoreRangeSet([CoreCoord(1, 1), CoreCoord(1, 1)])


def test_a_range_ends_after_its_start() -> None:
    with pytest.raises(InvalidArgument, match=r"invalid core range.*swap"):
        rectangle(1, 0, 0, 0)
    assert CoreRange(CoreCoord(3, 4)).size() == 1


@pytest.mark.parametrize("bad", [1.0, "1", None, True])
def test_coordinates_are_whole_numbers(bad: object) -> None:
    with pytest.raises(TypeError, match="CoreCoord x must be an int"):
        CoreCoord(bad, 0)  # type: ignore[arg-type]


def test_numpy_integers_are_coordinates() -> None:
    core = CoreCoord(np.int64(3), np.uint8(4))  # type: ignore[arg-type]
    assert core == CoreCoord(3, 4)
    assert type(core.x) is int


def test_negative_coordinates_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="y=-1 is negative"):
        CoreCoord(0, -1)


def test_cores_are_listed_by_column_unless_row_wise_is_asked() -> None:
    block = rectangle(0, 0, 1, 1)
    assert [str(core) for core in corerange_to_cores(block)] == ["0-0", "0-1", "1-0", "1-1"]
    assert [str(core) for core in corerange_to_cores(block, row_wise=True)] == ["0-0", "1-0", "0-1", "1-1"]
    assert len(corerange_to_cores(block, max_cores=3)) == 3


@pytest.mark.parametrize("row_wise", [False, True])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 24])
def test_the_first_cores_of_a_grid(count: int, row_wise: bool) -> None:
    walk = [(x, y) for y in range(3) for x in range(8)] if row_wise else [(x, y) for x in range(8) for y in range(3)]
    found = num_cores_to_corerangeset(count, CoreCoord(8, 3), row_wise)
    assert pairs(found) == set(walk[:count])
    assert len(found) <= 2


def test_a_grid_has_no_more_cores_than_it_has() -> None:
    with pytest.raises(InvalidArgument, match="25 cores do not fit a grid of 8x3 = 24"):
        num_cores_to_corerangeset(25, CoreCoord(8, 3))


@pytest.mark.parametrize("units", [0, 1, 5, 64, 65, 100, 128, 1000])
def test_work_is_dealt_evenly(units: int) -> None:
    count, cores, first, second, in_first, in_second = split_work_to_cores(CoreCoord(8, 8), units)
    assert count == cores.num_cores() == min(units, 64)
    assert first.num_cores() * in_first + second.num_cores() * in_second == units
    assert pairs(first) | pairs(second) == pairs(cores)
    assert not first.intersects(second)
    assert second.empty() or in_first == in_second + 1


PAIR = CoreRangeSet([rectangle(2, 0, 3, 1), rectangle(0, 0, 0, 1)])


@pytest.mark.parametrize(
    ("grid", "units", "row_wise", "first", "second"),
    [
        (CoreCoord(8, 8), 100, False, "{[0-0 - 3-7], [4-0 - 4-3]}", "{[4-4 - 4-7], [5-0 - 7-7]}"),
        (CoreCoord(8, 8), 100, True, "{[0-0 - 7-3], [0-4 - 3-4]}", "{[4-4 - 7-4], [0-5 - 7-7]}"),
        (CoreCoord(8, 8), 10, False, "{[0-0 - 0-7], [1-0 - 1-1]}", "{}"),
        (PAIR, 8, False, "{[2-0 - 2-1]}", "{[3-0 - 3-1], [0-0 - 0-1]}"),
        (PAIR, 9, True, "{[2-0 - 3-0], [2-1 - 2-1]}", "{[3-1 - 3-1], [0-0 - 0-1]}"),
        (PAIR, 6, True, "{[2-0 - 3-1], [0-0 - 0-1]}", "{}"),
    ],
)
def test_work_is_dealt_in_the_vendors_rectangles(
    grid: CoreCoord | CoreRangeSet, units: int, row_wise: bool, first: str, second: str
) -> None:
    """Values of ttnn 0.81.1; tests/metal/test_host_programs.py compares 5,000 more."""
    groups = split_work_to_cores(grid, units, row_wise)[2:4]
    assert [str(group) for group in groups] == [first, second]


def test_lines_of_neighbouring_rectangles_join_as_the_vendors() -> None:
    """Values of ttnn 0.81.1: only in the direction of the walk, only with the line taken before."""
    beside = CoreRangeSet([rectangle(0, 0, 1, 1), rectangle(2, 0, 3, 1)])
    found = [num_cores_to_corerangeset_in_subcoregrids(CoreCoord(0, 0), 8, beside, by_row) for by_row in (False, True)]
    assert [str(each) for each in found] == ["{[0-0 - 3-1]}", "{[0-0 - 1-1], [2-0 - 3-1]}"]
    with pytest.raises(InvalidArgument, match="4 cores cannot be taken: 2 from 3-0 on"):
        num_cores_to_corerangeset_in_subcoregrids(CoreCoord(3, 0), 4, beside)
    with pytest.raises(InvalidArgument, match="start core 7-7 is not one of"):
        num_cores_to_corerangeset_in_subcoregrids(CoreCoord(7, 7), 1, beside)


def test_rectangles_are_merged_and_subtracted_in_the_vendors_order() -> None:
    """Values of ttnn 0.81.1."""
    assert str(CoreRangeSet([rectangle(3, 0, 3, 0), rectangle(0, 1, 0, 1)]).merge_ranges()) == (
        "{[0-1 - 0-1], [3-0 - 3-0]}"
    )
    whole = CoreRangeSet([rectangle(4, 0, 5, 0), rectangle(3, 3, 5, 5)])
    rest = whole.subtract(CoreRangeSet([rectangle(0, 3, 0, 5), rectangle(3, 4, 3, 5)]))
    assert str(rest) == "{[4-3 - 5-5], [3-3 - 3-3], [4-0 - 5-0]}"


def test_work_needs_a_core() -> None:
    with pytest.raises(InvalidArgument, match="3 units of work and no core"):
        split_work_to_cores(CoreRangeSet(), 3)
    assert split_work_to_cores(CoreRangeSet(), 0)[0] == 0


def test_an_empty_set_has_no_bounding_box() -> None:
    assert CoreRangeSet().empty()
    with pytest.raises(InvalidArgument, match="no bounding box"):
        CoreRangeSet().bounding_box()
    assert CoreRangeSet([CoreCoord(1, 5), CoreCoord(4, 2)]).bounding_box() == rectangle(1, 2, 4, 5)


def test_a_pair_of_numbers_is_a_core_everywhere() -> None:
    core, block = CoreCoord(1, 2), rectangle(0, 0, 1, 2)
    assert CoreCoord((1, 2)) == core == (1, 2)
    assert hash(core) == hash((1, 2))
    assert CoreRange((0, 0), [1, 2]) == block  # type: ignore[arg-type]
    assert CoreRangeSet([(0, 0), rectangle(1, 1, 2, 2)]).num_cores() == 5
    assert block.contains((1, 2))
    assert block.contains(CoreRangeSet([block]))
    assert (0, 1) in CoreRangeSet(block)
    assert not CoreRangeSet(block).contains((2, 0))
    assert num_cores_to_corerangeset(3, [8, 8], True) == CoreRangeSet(rectangle(0, 0, 2, 0))
    assert split_work_to_cores(grid_size=(4, 3), units_to_divide=22) == split_work_to_cores(CoreCoord(4, 3), 22)
    assert split_work_to_cores(core_grid=CoreRangeSet(block), units_to_divide=3)[0] == 3


@pytest.mark.parametrize("bad", [(1,), (1, 2, 3), "12", (1.0, 2), None])
def test_what_is_no_pair_is_no_core(bad: object) -> None:
    for make in (CoreCoord, CoreRange):
        with pytest.raises(TypeError):
            make(bad)  # type: ignore[arg-type]


def test_rectangles_are_read_or_called_for() -> None:
    both = CoreRangeSet([rectangle(2, 0, 3, 0), rectangle(0, 0, 1, 0)])
    assert both.ranges() == list(both.ranges) == list(both)
    assert msgspec.json.decode(msgspec.json.encode(both), type=CoreRangeSet).ranges() == both.ranges()


def test_cores_are_written_as_the_vendor_writes_them() -> None:
    # ttnn 0.81.1 prints these.
    assert CoreCoord(1, 2).to_json() == '{"x":1,"y":2}'
    both = CoreRangeSet([rectangle(0, 0, 1, 1)])
    assert both.to_json() == '[{"end":{"x":1,"y":1},"start":{"x":0,"y":0}}]'
    assert CoreRangeSet.from_json(both.to_json()) == both
    assert CoreRange.from_json(rectangle(0, 1, 2, 3).to_json()) == rectangle(0, 1, 2, 3)
    assert CoreCoord.from_json('{"x":1,"y":2}') == CoreCoord(1, 2)


def test_cores_of_a_grid_or_between_corners() -> None:
    # ttnn 0.81.1: grid_to_cores(4, 2, 2, True) and grid_to_cores((0, 0), (1, 1)).
    assert [str(core) for core in grid_to_cores(4, 2, 2, True)] == ["0-0", "1-0", "0-1", "1-1"]
    assert [str(core) for core in grid_to_cores((0, 0), (1, 1))] == ["0-0", "0-1", "1-0", "1-1"]
    assert len(grid_to_cores(num_cores=3, grid_size_x=4, grid_size_y=4)) == 3
    with pytest.raises(TypeError, match="num_cores, grid_size_x"):
        grid_to_cores(3, 4)  # type: ignore[call-overload]


def test_a_set_of_cores_is_shown_in_short() -> None:
    """As ttnn 0.81.1 shows it."""
    assert repr(CoreRangeSet(CoreRange(CoreCoord(0, 0), CoreCoord(3, 3)))) == "{[0-0 - 3-3]}"
    assert (
        repr(CoreRangeSet([CoreRange(CoreCoord(i, i), CoreCoord(i, i)) for i in (0, 2)]))
        == "{[0-0 - 0-0], [2-2 - 2-2]}"
    )
