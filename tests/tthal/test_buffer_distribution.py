"""Sharding in any number of dimensions."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tthal as ttnn
from tthal.errors import InvalidArgument
from tthal.sharding import page_placement

ROW, COLUMN = ttnn.ShardOrientation.ROW_MAJOR, ttnn.ShardOrientation.COL_MAJOR
ROUND_ROBIN = ttnn.ShardDistributionStrategy.ROUND_ROBIN_1D
GRID_2D = ttnn.ShardDistributionStrategy.GRID_2D
CONTIGUOUS = ttnn.ShardDistributionStrategy.CONTIGUOUS_1D


def grid(columns: int, rows: int, x: int = 0, y: int = 0) -> ttnn.CoreRange:
    return ttnn.CoreRange(ttnn.CoreCoord(x, y), ttnn.CoreCoord(x + columns - 1, y + rows - 1))


def slots(spec: ttnn.BufferDistributionSpec) -> dict[str, dict[int, int]]:
    """The pages of every core, by slot."""
    layout = spec.shard_layout()
    found: dict[str, dict[int, int]] = {}
    for page, (core, slot) in enumerate(zip(*page_placement(layout), strict=True)):
        found.setdefault(str(layout.cores[core]), {})[int(slot)] = page
    return found


def test_three_dimensions_go_round() -> None:
    spec = ttnn.BufferDistributionSpec((2, 2, 3), (1, 2, 2), grid(3, 1))
    assert slots(spec) == {
        "0-0": {0: 0, 1: 1, 2: 3, 3: 4, 4: 8, 6: 11},
        "1-0": {0: 2, 2: 5},
        "2-0": {0: 6, 1: 7, 2: 9, 3: 10},
    }
    assert (spec.num_shards(), spec.num_cores(), spec.max_num_shards_per_core()) == (4, 3, 2)


def test_column_major_walks_the_cores_by_column() -> None:
    assert list(slots(ttnn.BufferDistributionSpec([4], [1], grid(2, 2), COLUMN))) == ["0-0", "0-1", "1-0", "1-1"]


def test_contiguous_deals_runs() -> None:
    spec = ttnn.BufferDistributionSpec((4,), (1,), grid(2, 1), ROW, CONTIGUOUS)
    assert slots(spec) == {"0-0": {0: 0, 1: 1}, "1-0": {0: 2, 1: 3}}


@pytest.mark.parametrize(
    ("orientation", "cores"),
    [(ROW, ["1-2", "2-2", "1-3", "2-3", "1-4", "2-4"]), (COLUMN, ["1-2", "1-3", "2-2", "2-3", "3-2", "3-3"])],
)
def test_a_grid_of_shards_keeps_its_rows_on_a_wider_grid_of_cores(
    orientation: ttnn.ShardOrientation, cores: list[str]
) -> None:
    spec = ttnn.BufferDistributionSpec((3, 2), (1, 1), grid(4, 4, 1, 2), orientation, GRID_2D)
    assert slots(spec) == {core: {0: page} for page, core in enumerate(cores)}
    assert spec.num_cores() == 6


def test_leading_dimensions_of_the_tensor_join_the_shards_first() -> None:
    few = ttnn.BufferDistributionSpec((2, 3, 4), (2, 2), grid(3, 2))
    assert slots(few) == slots(ttnn.BufferDistributionSpec((6, 4), (2, 2), grid(3, 2)))
    assert few.shard_layout().tensor_shape == (6, 4)


@pytest.mark.parametrize(
    ("tensor", "shard", "pages", "shard_pages"),
    [
        ((2, 64, 96), (1, 32, 64), (2, 2, 3), (1, 1, 2)),
        ((2, 60, 70), (1, 31, 33), (2, 2, 3), (1, 1, 2)),
        ((96,), (64,), (3,), (2,)),
    ],
)
def test_shapes_in_elements_are_rounded_up_to_pages(
    tensor: tuple[int, ...], shard: tuple[int, ...], pages: tuple[int, ...], shard_pages: tuple[int, ...]
) -> None:
    spec = ttnn.BufferDistributionSpec.from_shard_spec(tensor, shard, (32, 32), grid(2, 1))
    assert (spec.tensor_shape_in_pages, spec.shard_shape_in_pages) == (pages, shard_pages)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), min_size=1, max_size=4),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.sampled_from([ROW, COLUMN]),
)
def test_every_page_has_its_own_place_and_shards_take_turns(
    shapes: list[tuple[int, int]], cores: tuple[int, int], orientation: ttnn.ShardOrientation
) -> None:
    tensor, shard = zip(*shapes, strict=True)
    layout = ttnn.BufferDistributionSpec(tensor, shard, grid(*cores), orientation).shard_layout()
    owners, places = page_placement(layout)
    assert len(set(zip(owners.tolist(), places.tolist(), strict=True))) == len(owners)
    order: list[tuple[int, ...]] = sorted(
        {tuple(at // size for at, size in zip(page, shard, strict=True)) for page in product(*map(range, tensor))}
    )
    for page, owner in zip(product(*map(range, tensor)), owners, strict=True):
        number = order.index(tuple(at // size for at, size in zip(page, shard, strict=True)))
        assert owner == number % len(layout.cores)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((2, 2), (1, 1, 1), grid(1, 1)), "more dimensions than the tensor"),
        (((2, 0), (1, 1), grid(1, 1)), "at least 1"),
        (((), (1,), grid(1, 1)), "sequence of numbers"),
        (("ab", (1,), grid(1, 1)), "sequence of numbers"),
        (((2,), (1.5,), grid(1, 1)), "must be an integer"),
        (((2,), (1,), ttnn.CoreRangeSet()), "at least one core"),
        (((2,), (1,), grid(1, 1), 7), "not a ShardOrientation"),
        (((2,), (1,), grid(1, 1), ROW, 7), "not a ShardDistributionStrategy"),
        (((3,), (1,), grid(2, 1), ROW, CONTIGUOUS), "3 shards do not divide over 2 cores"),
        (((2,), (1,), grid(2, 1), ROW, GRID_2D), "two dimensions onto one rectangle"),
        (((2, 2), (1, 1), ttnn.CoreRangeSet([grid(1, 1), grid(1, 1, 1, 1)]), ROW, GRID_2D), "one rectangle of cores"),
        # One rectangle, given as two: refused by ttnn 0.81.1 too.
        (((2, 2), (1, 1), ttnn.CoreRangeSet([grid(1, 2), grid(1, 2, 1, 0)]), ROW, GRID_2D), "one rectangle of cores"),
        (((2, 3), (1, 1), grid(2, 3), ROW, GRID_2D), "3 x 2 shards do not fit the 2 x 3 rectangle"),
        (((2, 3), (1, 1), grid(3, 2), COLUMN, GRID_2D), "2 x 3 shards do not fit the 3 x 2 rectangle"),
    ],
)
def test_what_it_refuses(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        ttnn.BufferDistributionSpec(*arguments)  # type: ignore[arg-type]


def test_cores_are_a_core_specification() -> None:
    with pytest.raises(TypeError, match="core_range_set must be a CoreRangeSet, not list"):
        ttnn.BufferDistributionSpec((1,), (1,), [ttnn.CoreCoord(0, 0)])  # type: ignore[arg-type]
