"""Where the pages of sharded buffers go."""

from __future__ import annotations

import pytest

import tthal as ttnn
from tthal.device_interface import ShardLayout
from tthal.errors import InvalidArgument
from tthal.sharding import page_placement, shard_layout, shards_per_core

HEIGHT, WIDTH = ttnn.TensorMemoryLayout.HEIGHT_SHARDED, ttnn.TensorMemoryLayout.WIDTH_SHARDED
BLOCK = ttnn.TensorMemoryLayout.BLOCK_SHARDED
ROW, COLUMN = ttnn.ShardOrientation.ROW_MAJOR, ttnn.ShardOrientation.COL_MAJOR


def grid(columns: int, rows: int) -> ttnn.CoreRangeSet:
    return ttnn.CoreRangeSet(ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(columns - 1, rows - 1)))


def spec(
    cores: ttnn.CoreRangeSet, shard: tuple[int, int], tensor: tuple[int, int], order: ttnn.ShardOrientation = ROW
) -> ttnn.ShardSpecBuffer:
    """Shapes in pages of 32x32 elements."""
    return ttnn.ShardSpecBuffer(cores, (shard[0] * 32, shard[1] * 32), order, (32, 32), tensor)


def slots(layout: ShardLayout) -> dict[str, dict[int, int]]:
    """The pages of every core, by slot."""
    found: dict[str, dict[int, int]] = {}
    core, slot = page_placement(layout)
    for page, (where, place) in enumerate(zip(core, slot, strict=True)):
        found.setdefault(str(layout.cores[where]), {})[int(place)] = page
    return found


def test_height_sharding_deals_runs_of_rows_and_the_last_may_be_short() -> None:
    layout = shard_layout(HEIGHT, spec(grid(2, 2), (2, 2), (7, 2)))
    assert [str(core) for core in layout.cores] == ["0-0", "1-0", "0-1", "1-1"]
    assert slots(layout) == {
        "0-0": {0: 0, 1: 1, 2: 2, 3: 3},
        "1-0": {0: 4, 1: 5, 2: 6, 3: 7},
        "0-1": {0: 8, 1: 9, 2: 10, 3: 11},
        "1-1": {0: 12, 1: 13},
    }


def test_width_sharding_deals_columns_of_pages() -> None:
    layout = shard_layout(WIDTH, spec(grid(2, 1), (2, 2), (2, 4)))
    assert slots(layout) == {"0-0": {0: 0, 1: 1, 2: 4, 3: 5}, "1-0": {0: 2, 1: 3, 2: 6, 3: 7}}


def test_padding_slots_keep_their_place() -> None:
    """Measured (host-api.md §4): 3x3 pages in shards of 2x2; core 1 holds pages 2 and 5 in slots 0 and 2."""
    layout = shard_layout(BLOCK, spec(grid(2, 2), (2, 2), (3, 3)))
    found = slots(layout)
    assert found["1-0"] == {0: 2, 2: 5}
    assert found == {"0-0": {0: 0, 1: 1, 2: 3, 3: 4}, "1-0": {0: 2, 2: 5}, "0-1": {0: 6, 1: 7}, "1-1": {0: 8}}


def test_column_major_walks_the_cores_by_column() -> None:
    layout = shard_layout(BLOCK, spec(grid(2, 3), (1, 1), (2, 3), COLUMN))
    assert slots(layout) == {"0-0": {0: 0}, "0-1": {0: 1}, "0-2": {0: 2}, "1-0": {0: 3}, "1-1": {0: 4}, "1-2": {0: 5}}


def test_blocks_on_a_wider_grid_take_the_cores_in_order() -> None:
    """As host-api.md §4 has it; GRID_2D of a BufferDistributionSpec keeps rows of blocks apart instead."""
    layout = shard_layout(BLOCK, spec(grid(3, 2), (1, 1), (2, 2)))
    assert slots(layout) == {"0-0": {0: 0}, "1-0": {0: 1}, "2-0": {0: 2}, "0-1": {0: 3}}


def test_blocks_on_a_rectangle_in_pieces_are_dealt_as_on_the_whole() -> None:
    left, right = (ttnn.CoreRange(ttnn.CoreCoord(x, 0), ttnn.CoreCoord(x, 1)) for x in (0, 1))
    pieces = shard_layout(BLOCK, spec(ttnn.CoreRangeSet([left, right]), (1, 1), (2, 2)))
    assert pieces == shard_layout(BLOCK, spec(grid(2, 2), (1, 1), (2, 2)))


# Pages of each core as the vendor's 0.81.1 lists them (bfp_utils.compute_shard_page_mapping on a mock n150, round robin
# for height and width, GRID_2D for blocks): kind, tensor, shard, grid, column major, {core: pages}.
VENDOR = [
    (HEIGHT, (7, 2), (3, 2), (1, 4), False, {"0-0": [0, 1, 2, 3, 4, 5], "0-1": [6, 7, 8, 9, 10, 11], "0-2": [12, 13]}),
    (HEIGHT, (9, 1), (3, 1), (4, 3), False, {"0-0": [0, 1, 2], "1-0": [3, 4, 5], "2-0": [6, 7, 8]}),
    (WIDTH, (2, 6), (2, 2), (2, 4), False, {"0-0": [0, 1, 6, 7], "1-0": [2, 3, 8, 9], "0-1": [4, 5, 10, 11]}),
    (WIDTH, (1, 6), (1, 4), (3, 2), False, {"0-0": [0, 1, 2, 3], "1-0": [4, 5]}),
    (
        BLOCK, (5, 7), (3, 4), (2, 2), True,
        {"0-0": [0, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 17], "0-1": [4, 5, 6, 11, 12, 13, 18, 19, 20],
         "1-0": [21, 22, 23, 24, 28, 29, 30, 31], "1-1": [25, 26, 27, 32, 33, 34]},
    ),
    (
        BLOCK, (4, 5), (2, 2), (3, 2), False,
        {"0-0": [0, 1, 5, 6], "1-0": [2, 3, 7, 8], "2-0": [4, 9],
         "0-1": [10, 11, 15, 16], "1-1": [12, 13, 17, 18], "2-1": [14, 19]},
    ),
    (
        BLOCK, (4, 5), (2, 2), (2, 3), True,
        {"0-0": [0, 1, 5, 6], "0-1": [2, 3, 7, 8], "0-2": [4, 9],
         "1-0": [10, 11, 15, 16], "1-1": [12, 13, 17, 18], "1-2": [14, 19]},
    ),
]  # fmt: skip


def test_height_shards_of_another_width_take_the_pages_in_order() -> None:
    """The vendor's vecadd_sharding does so: four shards of 4x1 pages of a tensor of 4x4."""
    layout = shard_layout(HEIGHT, spec(grid(4, 1), (4, 1), (4, 4)))
    assert [sorted(page for _, page in held.items()) for held in slots(layout).values()] == [
        [0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11], [12, 13, 14, 15],
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "tensor", "shard", "cores", "by_column", "expected"), VENDOR)
def test_pages_of_each_core_are_the_vendors(kind, tensor, shard, cores, by_column, expected) -> None:
    layout = shard_layout(kind, spec(grid(*cores), shard, tensor, COLUMN if by_column else ROW))
    assert {core: [page for _, page in sorted(pages.items())] for core, pages in slots(layout).items()} == expected


@pytest.mark.parametrize(
    ("kind", "wanted", "message"),
    [
        (HEIGHT, spec(grid(2, 1), (1, 1), (3, 1)), "along height 3 must not exceed number of cores 2"),
        (WIDTH, spec(grid(2, 1), (1, 1), (1, 3)), "along width 3 must not exceed number of cores 2"),
        (
            HEIGHT,
            spec(grid(4, 1), (1, 3), (2, 2)),
            "4 pages of a height-sharded buffer do not fill rows as wide as a shard, 3",
        ),
        (HEIGHT, spec(grid(2, 1), (1, 1), (2, 2)), "along height 4 must not exceed number of cores 2"),
        (WIDTH, spec(grid(2, 1), (1, 1), (2, 2)), "along width 4 must not exceed number of cores 2"),
        (BLOCK, spec(grid(4, 1), (1, 1), (2, 2)), "along height 2 must not exceed number of rows 1 for row major"),
        (
            BLOCK,
            spec(grid(2, 4), (1, 1), (3, 2), COLUMN),
            "along height 3 must not exceed number of columns 2 for column",
        ),
        (
            BLOCK,
            spec(ttnn.CoreRangeSet([ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 1)]), (1, 1), (1, 2)),
            "one full rectangle for block sharded",
        ),
        (
            HEIGHT,
            ttnn.ShardSpecBuffer(grid(1, 1), (30, 32), ROW, (32, 32), (1, 1)),
            r"shard shape \(30, 32\) must be a",
        ),
    ],
)
def test_shards_that_do_not_fit_are_refused(
    kind: ttnn.TensorMemoryLayout, wanted: ttnn.ShardSpecBuffer, message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message):
        shard_layout(kind, wanted)


def test_round_robin_stacks_shards_on_a_core() -> None:
    """The measured example of host-api.md §4: three shards on two cores."""
    cores = (ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0))
    assert slots(ShardLayout(cores, (3, 2), (1, 2))) == {"0-0": {0: 0, 1: 1, 2: 4, 3: 5}, "1-0": {0: 2, 1: 3}}
    assert shards_per_core(ShardLayout(cores, (3, 2), (1, 2))) == 2


def test_contiguous_deals_runs_of_shards() -> None:
    cores = (ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0))
    layout = ShardLayout(cores, (3,), (1,), strategy=ttnn.ShardDistributionStrategy.CONTIGUOUS_1D)
    assert slots(layout) == {"0-0": {0: 0, 1: 1}, "1-0": {0: 2}}


def test_three_dimensions() -> None:
    layout = ShardLayout(tuple(ttnn.corerange_to_cores(grid(4, 1))), (2, 2, 3), (1, 2, 2))
    assert slots(layout) == {
        "0-0": {0: 0, 1: 1, 2: 3, 3: 4},
        "1-0": {0: 2, 2: 5},
        "2-0": {0: 6, 1: 7, 2: 9, 3: 10},
        "3-0": {0: 8, 2: 11},
    }


def test_all_spellings_of_a_shard_spec_are_equal() -> None:
    tensor_spec = ttnn.ShardSpec(grid(2, 1), (64, 32))
    for made in (
        ttnn.ShardSpecBuffer(tensor_spec, (32, 32), (4, 1)),
        ttnn.ShardSpecBuffer(grid(2, 1), (64, 32), ROW, (32, 32), (4, 1)),
        ttnn.ShardSpecBuffer(shard_spec=tensor_spec, page_shape=(32, 32), tensor2d_shape_in_pages=(4, 1)),
        ttnn.ShardSpecBuffer(
            grid=grid(2, 1), shard_shape=[64, 32], orientation=ROW, page_shape=[32, 32], tensor2d_shape_in_pages=[4, 1]
        ),
    ):
        assert made.tensor_shard_spec == tensor_spec
        assert (made.shape_in_pages, made.num_pages()) == ((2, 1), 2)
        assert (made.page_shape, made.tensor2d_shape_in_pages) == ((32, 32), (4, 1))


@pytest.mark.parametrize("shape", [(0, 32), (32,), (32, 32, 1), "ab", 5, (32.0, 32)])
def test_shapes_are_two_positive_numbers(shape: object) -> None:
    with pytest.raises(InvalidArgument):
        ttnn.ShardSpec(grid(1, 1), shape)  # type: ignore[arg-type]


def test_a_missing_part_is_named() -> None:
    with pytest.raises(TypeError, match="tensor2d_shape_in_pages"):
        ttnn.ShardSpecBuffer(grid(1, 1), (32, 32), ROW, (32, 32))  # type: ignore[call-overload]
