"""Sorting networks: values with their indices, column by column, against numpy's sort."""

# ruff: noqa: E501 - C++

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tthal.errors import CompileError

F32 = npt.NDArray[np.float32]
U32 = npt.NDArray[np.uint32]
HEAD = '#include "api/compute/topk.h"'


def operands(values: F32) -> U32:
    """Two tiles of values and two of their positions in the column."""
    positions = np.repeat(np.arange(64, dtype=np.uint32)[:, None], 32, axis=1)
    return np.concatenate([values.view(np.uint32), positions]).reshape(4, 32, 32)


def distinct() -> F32:
    rng = np.random.default_rng(3)
    return np.stack([rng.permutation(64) - 31.5 for _ in range(32)], axis=1).astype(np.float32)


def sort(lanes: Any, body: str, values: F32) -> tuple[F32, U32]:
    result = lanes.run(HEAD, f"topk_tile_init(); {body}", operands(values), 4)
    sorted_values: F32 = result[:2].view(np.float32).reshape(64, 32)
    return sorted_values, result[2:].reshape(64, 32)


def alternating(values: F32, length: int, direction: int) -> F32:
    """Sequences of a column, the first falling for direction 0."""
    parts = np.sort(values.reshape(-1, length, 32), axis=1)
    falling = (np.arange(len(parts)) + direction) % 2 == 0
    parts[falling] = parts[falling, ::-1]
    return parts.reshape(values.shape)


@pytest.mark.parametrize("direction", [0, 1])
@pytest.mark.parametrize("phase", [3, 4, 5])
def test_local_sort(lanes: Any, direction: int, phase: int) -> None:
    values = distinct()
    result, indices = sort(lanes, f"topk_local_sort(0, {direction}, {phase});", values)
    assert np.array_equal(result, alternating(values, 2 << phase, direction))
    assert np.array_equal(np.take_along_axis(values, indices.astype(np.int64), axis=0), result)


@pytest.mark.parametrize("direction", [0, 1])
def test_a_phase_of_a_longer_sort(lanes: Any, direction: int) -> None:
    # Sequences of 32 in both directions are one that rises and falls; phase 5's steps from 6 on sort it.
    body = f"topk_local_sort(0, {direction}, 4); topk_local_sort(0, {direction}, 5, 5, 4, 6);"
    values = distinct()
    assert np.array_equal(sort(lanes, body, values)[0], alternating(values, 64, direction))


@pytest.mark.parametrize("smallest", [False, True])
@pytest.mark.parametrize("k", [16, 32])
def test_sort_merge_and_rebuild_leave_the_best_in_front(lanes: Any, smallest: bool, k: int) -> None:
    logk = k.bit_length() - 1
    body = f"topk_local_sort(0, {int(smallest)}, {logk - 1});"
    for m_iter in range(6 - logk):
        body += f"topk_merge<{str(smallest).lower()}>(0, {m_iter}, {k});"
        body += f"topk_rebuild(0, {int(smallest)}, {m_iter}, {k}, {logk}, 0);"
    values = distinct()
    result, indices = sort(lanes, body, values)
    expected = np.sort(values, axis=0)[:k] if smallest else np.sort(values, axis=0)[::-1][:k]
    assert np.array_equal(result[:k], expected)
    assert np.array_equal(np.take_along_axis(values, indices[:k].astype(np.int64), axis=0), expected)
    assert np.array_equal(np.sort(result, axis=0), np.sort(values, axis=0))


def test_merge_halves_two_sorted_tiles(lanes: Any) -> None:
    values = distinct()
    result, _ = sort(lanes, "topk_local_sort(0, 0, 4); topk_merge(0, 0, 32);", values)
    ordered = np.sort(values, axis=0)
    assert np.array_equal(np.sort(result[:32], axis=0), ordered[32:])
    assert np.array_equal(np.sort(result[32:], axis=0), ordered[:32])


def test_rebuild_may_skip_the_second_sequence(lanes: Any) -> None:
    values = distinct()
    body = "topk_local_sort(0, 0, 4); topk_merge(0, 0, 32);"
    merged, _ = sort(lanes, body, values)
    result, _ = sort(lanes, f"{body} topk_rebuild(0, 0, 0, 32, 5, 1);", values)
    assert np.array_equal(result[:32], np.sort(values, axis=0)[::-1][:32])
    assert np.array_equal(result[32:], merged[32:])


@pytest.mark.parametrize("descending", [True, False])
def test_equal_values_follow_their_indices(lanes: Any, descending: bool) -> None:
    values = np.random.default_rng(8).integers(-2, 3, (64, 32)).astype(np.float32)
    order = "topk_tie_order_from_global_direction(true)" if descending else "TopkTieOrder::Ascending"
    call = f"topk_local_sort<true, DST_ACCUM_MODE, false, false, {order}>(0, {int(not descending)}, 5);"
    result, indices = sort(lanes, f"topk_canonicalize_negzero_values(0); {call}", values)
    expected = np.argsort(-values if descending else values, axis=0, kind="stable")
    assert np.array_equal(indices, expected)
    assert np.array_equal(result, np.take_along_axis(values, expected, axis=0))


def test_negative_zero_becomes_positive(lanes: Any) -> None:
    values = np.full((64, 32), -0.0, np.float32)
    values[::3] = -1.5
    result, _ = sort(lanes, "topk_canonicalize_negzero_values(0);", values)
    assert np.array_equal(result.view(np.uint32), (values + np.float32(0)).view(np.uint32))


# ---- keys that carry what orders equal values


def with_ties(seed: int = 8) -> F32:
    """Few different numbers, both signs and both zeros among them, exact in bfloat16."""
    values = np.random.default_rng(seed).integers(-2, 3, (64, 32)).astype(np.float32)
    return np.where(values == 0, np.random.default_rng(seed + 1).choice([0.0, -0.0], values.shape), values).astype(
        np.float32
    )


def in_order(values: F32, largest: bool) -> U32:
    """Positions in the order of a stable sort."""
    return np.argsort(-values if largest else values, axis=0, kind="stable").astype(np.uint32)


@pytest.mark.parametrize("largest", [True, False])
def test_keys_that_carry_their_indices(lanes: Any, largest: bool) -> None:
    values = np.abs(with_ties()) - np.float32(1)  # one zero only: -0 would count as smaller
    values[values == 0] = 0
    flag = str(largest).lower()
    body = f"""
        topk_tile_init<true>();
        topk_fuse_tile<{flag}>(0);
        topk_local_sort<false, DST_ACCUM_MODE, true>(0, {int(not largest)}, 5);
        topk_defuse_tile<{flag}>(0, 2);
    """
    inputs = operands(values)
    inputs[2:] |= 0xABCD0000  # what lies above an index does not count
    result = lanes.run(HEAD, body, inputs, 4)
    order = in_order(values, largest)
    assert np.array_equal(
        result[:2].view(np.float32).reshape(64, 32), np.take_along_axis(values, order.astype(np.int64), 0)
    )
    assert np.array_equal(result[2:].reshape(64, 32), order << 16)


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("k", [16, 32])
def test_a_network_on_keys_that_carry_their_indices(lanes: Any, largest: bool, k: int) -> None:
    values = np.abs(with_ties(3)) + 1
    logk, flag, other = k.bit_length() - 1, str(largest).lower(), int(not largest)
    body = f"topk_fuse_tile<{flag}>(0); topk_local_sort<false, DST_ACCUM_MODE, true>(0, {other}, {logk - 1});"
    for m_iter in range(6 - logk):
        body += f"topk_merge<{str(not largest).lower()}, false, DST_ACCUM_MODE, true>(0, {m_iter}, {k});"
        body += f"topk_rebuild<false, DST_ACCUM_MODE, true>(0, {other}, {m_iter}, {k}, {logk}, 0);"
    result = lanes.run(HEAD, body + f"topk_defuse_tile<{flag}>(0, 1);", operands(values), 3)
    assert np.array_equal(result[2][:k], in_order(values, largest)[:k] << 16)


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("tag_bits", [16, 6, 13])
def test_keys_that_carry_their_places(lanes: Any, largest: bool, tag_bits: int) -> None:
    values, flag, other = with_ties(), str(largest).lower(), int(not largest)
    body = f"""
        topk_tile_init<false, true, {tag_bits}>();
        topk_stamp_local_positions<{flag}, {tag_bits}>(0);
        topk_local_sort<false, DST_ACCUM_MODE, false, true>(0, {other}, 4);
        topk_merge<{str(not largest).lower()}, false, DST_ACCUM_MODE, false, true, TopkTieOrder::Unset, {tag_bits}>(0, 0, 32);
        topk_rebuild<false, DST_ACCUM_MODE, false, true>(0, {other}, 0, 32, 5, 1);
        topk_strip_rank_tags<{tag_bits}>(0);
    """
    inputs = operands(values)
    inputs[2:] += 0x12340000  # indices of 32 bits
    result = lanes.run(HEAD, body, inputs, 3)
    order = in_order(values, largest)[:32]
    expected = np.take_along_axis(values, order.astype(np.int64), 0) + np.float32(0)
    assert np.array_equal(result[2], order + 0x12340000)
    assert np.array_equal(result[0], expected.view(np.uint32))


def test_places_from_a_base_on(lanes: Any) -> None:
    values = np.full((64, 32), 1.0, np.float32)
    result = lanes.run(HEAD, "topk_stamp_tile_rank_range<false, 16>(0, 1, 64);", operands(values), 2)
    assert np.array_equal(result[0], values[:32].view(np.uint32))
    assert np.array_equal(result[1] & 0xFFFF, np.repeat(np.arange(64, 96, dtype=np.uint32)[:, None], 32, axis=1))


def test_16_bit_tiles_before_packing(lanes: Any) -> None:
    words = np.random.default_rng(2).integers(0, 2**32, (3, 32, 32), dtype=np.uint32)
    body = "topk_finalize_uint16_indices(0); topk_uint16_move_dest_tile_to_pack_half(1); topk_uint16_prepare_value_tile_for_pack(2);"
    assert np.array_equal(lanes.run(HEAD, body, words, 3), [words[0] << 16, words[1] << 16, words[2]])
    announced = {"TOPK_UINT16_FP32_DEST": "1"}
    assert np.array_equal(lanes.run(HEAD, body, words, 3, defines=announced), words << 16)


def test_16_bit_values_are_sorted_without_what_lies_above(lanes: Any) -> None:
    rng = np.random.default_rng(6)
    values = rng.permuted(np.repeat(np.arange(64, dtype=np.uint32)[:, None] * 1000, 32, axis=1), axis=0)
    garbage = rng.integers(0, 2**16, (64, 32), dtype=np.uint32) << 16
    inputs = operands((values | garbage).view(np.float32))
    announced = {"TOPK_UINT16_FP32_DEST": "1"}
    result = lanes.run(HEAD, "topk_tile_init(); topk_local_sort(0, 0, 5);", inputs, 2, defines=announced).reshape(
        64, 32
    )
    assert np.array_equal(result, np.sort(values, axis=0)[::-1])


@pytest.mark.parametrize(
    ("body", "wide", "text"),
    [
        (
            "topk_local_sort<true, DST_ACCUM_MODE, true, false, TopkTieOrder::Ascending>(0, 0, 5);",
            True,
            "exclude each other",
        ),
        ("topk_tile_init<true>();", False, "need a 32-bit DST"),
        ("topk_finalize_uint16_indices(0);", False, "needs a 32-bit DST"),
        ("topk_stamp_local_positions<true, 5>(0);", True, "6 to 16 bits"),
    ],
)
def test_what_packed_keys_need(lanes: Any, body: str, wide: bool, text: str) -> None:
    with pytest.raises(CompileError, match=text):
        lanes.run(HEAD, body, operands(distinct()), wide=wide)


def test_plain_sorting_needs_no_32_bit_dst(lanes: Any) -> None:
    values = distinct()
    result = lanes.run(HEAD, "topk_tile_init(); topk_local_sort(0, 0, 5);", operands(values), 2, wide=False)
    assert np.array_equal(result.view(np.float32).reshape(64, 32), np.sort(values, axis=0)[::-1])


def test_older_kernels_find_the_networks_without_their_header(lanes: Any) -> None:
    values = distinct()
    body = "topk_tile_init(); topk_local_sort(0, 1, 5); topk_merge<true>(0, 0, 32); topk_rebuild(0, 1, 0, 32, 5, 0);"
    result = lanes.run("", body, operands(values), 2)
    assert np.array_equal(result[0].view(np.float32), np.sort(values, axis=0)[:32])
