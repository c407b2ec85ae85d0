"""Numbers that cross the host API."""

from __future__ import annotations

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import InvalidArgument
from tthal.words import byte_count, integer, word, words


@pytest.mark.parametrize("value", [0, 7, np.uint32(7), np.int64(7), ttnn.CBIndex.c_7, ttnn.DataFormat.Bfp4_b])
def test_integers_of_any_kind_become_plain_ints(value: object) -> None:
    found = integer(value, "x")
    assert type(found) is int
    assert found in (0, 7)


@pytest.mark.parametrize("value", [True, np.bool_(1), 1.0, "1", None, np.float32(1)])
def test_what_is_not_an_integer_is_refused_with_its_type(value: object) -> None:
    with pytest.raises(InvalidArgument, match=f"size must be an integer, not {type(value).__name__}"):
        integer(value, "size")


@pytest.mark.parametrize("value", [-1, 1 << 32])
def test_words_have_32_bits(value: int) -> None:
    with pytest.raises(InvalidArgument, match=r"outside 0\.\.0xFFFFFFFF.*& 0xFFFFFFFF"):
        word(value, "argument")
    assert word(0xFFFF_FFFF, "argument") == 4294967295


def test_words_names_the_one_that_is_wrong() -> None:
    with pytest.raises(InvalidArgument, match="argument 2 is -1"):
        words([1, 2, -1], "argument")
    with pytest.raises(InvalidArgument, match="argument 1 must be an integer, not float"):
        words([1, 2.5], "argument")


@pytest.mark.parametrize("given", ["abc", b"abc", 7, None])
def test_words_takes_sequences_of_numbers_only(given: object) -> None:
    with pytest.raises(InvalidArgument, match="arguments must be a list of integers"):
        words(given, "argument")  # type: ignore[arg-type]


def test_words_takes_arrays_and_generators() -> None:
    assert words(np.arange(3, dtype=np.uint32), "x") == (0, 1, 2)
    assert words((n * n for n in range(4)), "x") == (0, 1, 4, 9)
    assert words([], "x") == ()


def test_byte_counts_are_not_negative() -> None:
    assert byte_count(0, "size") == 0
    with pytest.raises(InvalidArgument, match="size is -4 bytes; it must be 0 or more"):
        byte_count(-4, "size")
    with pytest.raises(InvalidArgument, match="at least 1"):
        byte_count(0, "page size", positive=True)
