"""L1 accumulation against correctly rounded sums."""

from __future__ import annotations

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthal.types import DataFormat
from tthal_emulator.tensix.errors import UnsupportedFormat
from tthal_emulator.tensix.formats import Operand
from tthal_emulator.tensix.l1_accumulate import accumulate_in_l1

few = settings(max_examples=60, deadline=None)


def added(old: list[int], new: list[int], data_format: DataFormat, word: type[np.unsignedinteger]) -> list[int]:
    pages = [np.array(values, word).view(np.uint8)[None] for values in (old, new)]
    return [int(v) for v in accumulate_in_l1(*pages, Operand(data_format))[0].view(word)]


ordinary32 = st.builds(
    lambda s, e, m: s << 31 | e << 23 | m, st.integers(0, 1), st.integers(30, 220), st.integers(0, 0x7FFFFF)
)
ordinary16 = st.builds(
    lambda s, e, m: s << 15 | e << 7 | m, st.integers(0, 1), st.integers(30, 220), st.integers(0, 127)
)


@few
@given(st.lists(st.tuples(ordinary32, ordinary32), min_size=1, max_size=8))
def test_float32_is_ieee_addition(pairs: list[tuple[int, int]]) -> None:
    old, new = (list(side) for side in zip(*pairs, strict=True))
    expected = np.array(old, np.uint32).view(np.float32) + np.array(new, np.uint32).view(np.float32)
    assert added(old, new, DataFormat.Float32, np.uint32) == [int(v) for v in expected.view(np.uint32)]


@few
@given(st.lists(st.tuples(ordinary16, ordinary16), min_size=1, max_size=8))
def test_bfloat16_is_rounded_to_nearest_even(pairs: list[tuple[int, int]]) -> None:
    old, new = (list(side) for side in zip(*pairs, strict=True))
    for a, b, got in zip(old, new, added(old, new, DataFormat.Float16_b, np.uint16), strict=True):
        exact = Fraction(float(_bf16(a))) + Fraction(float(_bf16(b)))
        error = abs(Fraction(float(_bf16(got))) - exact)
        for neighbour in (got - 1, got + 1):
            other = abs(Fraction(float(_bf16(neighbour))) - exact) if got & 0x7FFF else error + 1
            assert error < other or (error == other and got % 2 == 0)


def _bf16(pattern: int) -> np.floating:
    return np.array([pattern & 0xFFFF], np.uint16).view(ml_dtypes.bfloat16)[0]


@pytest.mark.parametrize(
    ("old", "new", "total"),
    [
        (0x7F800000, 0xFF800000, 0x7FC00000),
        (0x7FC12345, 0x3F800000, 0x7FC00000),
        (0x00400000, 0x00400000, 0x00000000),
        (0x00800000, 0x80400000, 0x00800000),
        (0x80000000, 0x80000000, 0x80000000),
        (0x7F7FFFFF, 0x7F7FFFFF, 0x7F800000),
    ],
)
def test_float32_corners(old: int, new: int, total: int) -> None:
    assert added([old], [new], DataFormat.Float32, np.uint32) == [total]


@pytest.mark.parametrize(
    ("old", "new", "total"),
    [
        (0x7F80, 0xFF80, 0x7FC0),
        (0x7FC0, 0x3F80, 0x7F80),
        (0x3F80, 0x7FC0, 0x7F80),
        (0x0040, 0x0040, 0x0000),
        (0x3F80, 0xBF80, 0x0000),
        (0x7F7F, 0x7F7F, 0x7F80),
    ],
)
def test_bfloat16_corners(old: int, new: int, total: int) -> None:
    assert added([old], [new], DataFormat.Float16_b, np.uint16) == [total]


@few
@given(st.integers(-(2**11), 2**11), st.integers(-(2**11), 2**11))
def test_float16_adds_integers_exactly_up_to_its_precision(a: int, b: int) -> None:
    old, new = (int(np.float16(v).view(np.uint16)) for v in (a, b))
    got = added([old], [new], DataFormat.Float16, np.uint16)[0]
    assert np.array([got], np.uint16).view(np.float16)[0] == np.float16(a + b)


def test_float16_saturates() -> None:
    assert added([0x7BFF], [0x7FFF], DataFormat.Float16, np.uint16) == [0x7FFF]


def test_block_floats_cannot_accumulate() -> None:
    page = np.zeros((1, 1088), np.uint8)
    with pytest.raises(UnsupportedFormat, match="Bfp8_b"):
        accumulate_in_l1(page, page, Operand(DataFormat.Bfp8_b))
