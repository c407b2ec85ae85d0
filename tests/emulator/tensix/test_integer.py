"""The FPU's integer path against Python integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthal.types import MathFidelity
from tthal_emulator.tensix import integer

few = settings(max_examples=60, deadline=None)
bytes8 = st.lists(st.integers(0, 255), min_size=16, max_size=16)


def numbers(codes: list[int]) -> list[int]:
    return [-(c & 0x7F) if c >> 7 else c for c in codes]


def sources(codes: list[int]) -> np.ndarray:
    return integer.src_from_bytes(np.array(codes, np.int32), signed=True)


@few
@given(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), min_size=1, max_size=8))
def test_dst_integers_are_sign_and_magnitude(values: list[int]) -> None:
    dst = integer.encode(np.array(values, np.int64))
    assert [int(v) for v in dst] == [abs(v) | (v < 0) << 31 for v in values]
    assert integer.decode(dst).tolist() == values


@few
@given(bytes8, bytes8)
def test_sums_and_products(a: list[int], b: list[int]) -> None:
    dst = np.zeros(16, np.uint32)
    total = integer.decode(integer.add(sources(a), sources(b), None))
    product = integer.decode(integer.multiply(sources(a), sources(b), dst, MathFidelity.HiFi4))
    pairs = list(zip(numbers(a), numbers(b), strict=True))
    assert total.tolist() == [x + y for x, y in pairs]
    assert product.tolist() == [x * y for x, y in pairs]


@few
@given(bytes8, bytes8)
def test_low_fidelity_drops_low_bits(a: list[int], b: list[int]) -> None:
    """LoFi multiplies the upper 3 of A's 8 magnitude bits with the upper 4 of B's (numerics.md §3.7)."""
    got = integer.decode(integer.multiply(sources(a), sources(b), np.zeros(16, np.uint32), MathFidelity.LoFi))
    pairs = zip(numbers(a), numbers(b), strict=True)
    assert got.tolist() == [_cut(x, 0xE0) * _cut(y, 0xF0) for x, y in pairs]


def _cut(value: int, mask: int) -> int:
    return -(abs(value) & mask) if value < 0 else value & mask


@pytest.mark.parametrize("inside", [False, True])
def test_matmul_is_the_integer_product(inside: bool) -> None:
    rng = np.random.default_rng(5)
    b, a = rng.integers(0, 256, (4, 32)), rng.integers(0, 256, (32, 3))
    got = integer.matmul(sources(b), sources(a), np.zeros((4, 3), np.uint32), MathFidelity.HiFi4, inside)
    signed = np.vectorize(lambda c: -(c & 0x7F) if c >> 7 else c)
    assert np.array_equal(integer.decode(got), signed(b) @ signed(a))


def test_sums_saturate() -> None:
    top = np.array([0x7FFFFFFF, 0xFFFFFFFF], np.uint32)
    got = integer.add(sources([1, 0x81]), sources([0, 0]), top)
    assert got.tolist() == [0x7FFFFFFF, 0xFFFFFFFF]
