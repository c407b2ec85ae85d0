"""Running mean and variance of columns against float64 numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

F32 = npt.NDArray[np.float32]
HEAD = '#include "api/compute/welford.h"\nconstexpr std::array<uint32_t, 0> none{};'
ROWS = 64
# A mean far from zero: what the algorithms are for. Sums of 64 terms round some 64 times.
TOLERANCE = 64 * 2.0**-24


def stream() -> F32:
    """Two tiles of rows, one below the other, then two that results go to."""
    rows = np.random.default_rng(7).normal(50, 3, (ROWS, 32)).astype(np.float32)
    return np.concatenate([rows.reshape(2, 32, 32), np.full((4, 32, 32), 9, np.float32)])


def bits(value: float) -> str:
    return f"0x{np.float32(value).view(np.uint32):08x}u"


def moments(rows: F32) -> tuple[Any, Any]:
    wide = rows.astype(np.float64)
    return wide.mean(axis=0), wide.var(axis=0)


def assert_rows(tiles: F32, rows: F32) -> None:
    """Tiles 2 and 3 hold mean and variance in row 0, zeros in the next three, and the rest untouched."""
    mean, variance = moments(rows)
    assert np.allclose(tiles[2][0], mean, rtol=TOLERANCE, atol=0)
    assert np.allclose(tiles[3][0], variance, rtol=40 * TOLERANCE, atol=0)
    for tile in tiles[2:4]:
        assert np.array_equal(tile[1:4], np.zeros((3, 32)))
        assert np.array_equal(tile[4:16], np.full((12, 32), 9))


def test_welford_over_two_tiles(lanes: Any) -> None:
    body = (
        "welford_init(); welford_update(0, 0, none); welford_update(1, 32, none); welford_finalize_to_row(2, 63, none);"
    )
    assert_rows(lanes.floats(HEAD, body, stream(), 4), stream()[:2].reshape(-1, 32))


def test_welford_takes_reciprocals_from_a_table(lanes: Any) -> None:
    words = ", ".join(bits(1 / (i + 1)) for i in range(ROWS))
    head = f"{HEAD}\nconstexpr std::array<uint32_t, 64> table{{{words}}};"
    updates = "welford_update<64>(0, 0, table); welford_update<64>(1, 32, table);"
    body = f"welford_init(); {updates} welford_finalize_to_row<64>(2, 63, table);"
    assert_rows(lanes.floats(head, body, stream(), 4), stream()[:2].reshape(-1, 32))


def test_welford_over_some_rows_and_a_saved_state(lanes: Any) -> None:
    body = """
    welford_init();
    welford_update_rows(0, 0, 5, 10, none);
    welford_save_state(4, 2);
    welford_clear();
    welford_update_rows(0, 0, 0, 5, none);
    welford_restore_state(4, 2);
    welford_init<WelfordInitMode::PreserveStats>();
    welford_update_rows(1, 10, 30, 2, none);
    welford_finalize_to_row(2, 11, none);
    """
    data = stream()
    rows = np.concatenate([data[0][5:15], data[1][30:]])
    assert_rows(lanes.floats(HEAD, body, data, 4), rows)


def slots(tile: F32, group: int) -> F32:
    """The 32 columns of a group's slot, in the order that the transposition of four vectors leaves."""
    column = 16 * (group // 4)
    rows = tile[4 * (group % 4) : 4 * (group % 4) + 4, column : column + 16 : 2]
    halves = [np.stack([even, odd], axis=1).reshape(-1) for even, odd in (rows[:2], rows[2:])]
    result: F32 = np.concatenate(halves)
    return result


@pytest.mark.parametrize("group", [0, 3, 5])
def test_welford_finalizes_to_a_groups_slot(lanes: Any, group: int) -> None:
    body = f"welford_init(); welford_update(0, 0, none); welford_finalize_to_face(2, {group}, 31, none);"
    tiles = lanes.floats(HEAD, body, stream(), 4)
    mean, variance = moments(stream()[0])
    assert np.allclose(slots(tiles[2], group), mean, rtol=TOLERANCE, atol=0)
    assert np.allclose(slots(tiles[3], group), variance, rtol=40 * TOLERANCE, atol=0)


SHIFTED = "two_pass_stats_update_shifted_rows<TwoPassAccumulation::ShiftedSum"


@pytest.mark.parametrize("dual", ["true", "false"])
def test_two_passes(lanes: Any, dual: str) -> None:
    body = f"""
    two_pass_stats_init_shifted();
    {SHIFTED}, TwoPassAnchor::Initialise, {dual}>(0, 0, 32);
    {SHIFTED}, TwoPassAnchor::Reuse, {dual}>(1, 0, 32);
    two_pass_stats_finish_shifted_mean<{dual}>({bits(1 / 64)});
    two_pass_stats_update_rows<{dual}>(0, 0, 32);
    two_pass_stats_update_rows<{dual}>(1, 0, 32);
    two_pass_stats_finalize_to_row<{dual}>(2, {bits(1 / 64)});
    """
    data = stream()
    tiles = lanes.floats(HEAD, body, data, 4)
    mean, variance = moments(data[:2].reshape(-1, 32))
    assert np.allclose(tiles[2][0], mean, rtol=2**-23, atol=0)
    assert np.allclose(tiles[3][0], variance, rtol=TOLERANCE, atol=0)


def test_two_passes_join_blocks(lanes: Any) -> None:
    def block(tile: int) -> str:
        return f"""
        two_pass_stats_clear();
        {SHIFTED}, TwoPassAnchor::Initialise>({tile}, 0, 32);
        two_pass_stats_finish_shifted_mean({bits(1 / 32)});
        two_pass_stats_update_rows({tile}, 0, 32);
        """

    body = f"""
    {block(0)} two_pass_stats_save_state(4);
    {block(1)} two_pass_stats_combine_block(4, {bits(1 / 64)}, {bits(32)});
    two_pass_stats_finalize_to_row(2, {bits(1 / 64)});
    """
    data = stream()
    tiles = lanes.floats(HEAD, body, data, 4)
    mean, variance = moments(data[:2].reshape(-1, 32))
    assert np.allclose(tiles[2][0], mean, rtol=2**-22, atol=0)
    assert np.allclose(tiles[3][0], variance, rtol=TOLERANCE, atol=0)


def test_the_mean_in_two_parts(lanes: Any) -> None:
    body = f"""
    two_pass_stats_init_shifted();
    {SHIFTED}, TwoPassAnchor::Initialise>(0, 0, 32);
    two_pass_stats_finish_shifted_mean<true, true>({bits(1 / 32)});
    two_pass_stats_update_rows(0, 0, 32);
    two_pass_stats_save_anchor(4); two_pass_stats_restore_anchor(4);
    two_pass_stats_save_anchor_to_state(5); two_pass_stats_restore_anchor_from_state(5);
    two_pass_stats_finalize_split_mean_to_row(2, {bits(1 / 32)});
    """
    data = stream()
    tiles = lanes.floats(HEAD, body, data, 4)
    mean, variance = moments(data[0])
    assert np.array_equal(tiles[2][0], data[0][0])
    assert np.allclose(tiles[2][0].astype(np.float64) + tiles[2][16], mean, rtol=2**-23, atol=0)
    assert np.allclose(tiles[3][0], variance, rtol=TOLERANCE, atol=0)


@pytest.mark.parametrize("average", ["true", "false"])
def test_groups_of_columns_as_one_population(lanes: Any, average: str) -> None:
    body = f"""
    two_pass_stats_init_shifted();
    {SHIFTED}, TwoPassAnchor::Initialise>(0, 0, 32);
    two_pass_stats_finish_shifted_mean({bits(1 / 32)});
    two_pass_stats_update_rows(0, 0, 32);
    two_pass_stats_finalize_and_combine_to_face<true, {average}>(2, 1, {bits(1 / 32)});
    """
    data = stream()
    tiles = lanes.floats(HEAD, body, data, 4)
    wide = data[0].astype(np.float64)
    scale = 1 if average == "true" else 32
    assert np.allclose(tiles[2][4:8, :16], wide.mean(), rtol=2**-22, atol=0)
    assert np.allclose(tiles[3][4:8, :16], wide.var() * scale, rtol=TOLERANCE, atol=0)


def test_groups_are_switched(lanes: Any) -> None:
    body = f"""
    two_pass_stats_init_shifted();
    {SHIFTED}, TwoPassAnchor::Initialise, false>(0, 0, 32);
    two_pass_stats_finish_shifted_mean<false>({bits(1 / 32)});
    two_pass_stats_update_rows<false>(0, 0, 32);
    welford_save_state(4, 1);
    two_pass_stats_clear();
    two_pass_stats_switch_group<false>(4, 0, 1);
    two_pass_stats_finalize_to_face<false>(2, 2, {bits(1 / 32)});
    """
    tiles = lanes.floats(HEAD, body, stream(), 6)
    mean, variance = moments(stream()[0])
    assert np.allclose(slots(tiles[2], 2), mean, rtol=2**-23, atol=0)
    assert np.allclose(slots(tiles[3], 2), variance, rtol=TOLERANCE, atol=0)
    assert np.array_equal(slots(tiles[4], 0), np.zeros(32))


def test_the_input_buffer_changes_while_statistics_run(lanes: Any) -> None:
    updates = "welford_update(0, 0, none); welford_reinit(0); welford_update(1, 32, none);"
    body = f"welford_init(); {updates} welford_finalize_to_row(2, 63, none);"
    assert_rows(lanes.floats(HEAD, body, stream(), 4), stream()[:2].reshape(-1, 32))
