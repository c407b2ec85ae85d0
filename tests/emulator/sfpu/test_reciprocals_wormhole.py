"""Wormhole's reciprocals and quotients, instruction by instruction in unbounded integers.

The steps are those of the kernels of TT-Metal 0.81.1: a polynomial of the mantissa, then Newton steps (numerics.md
§6.3). Kernels here take shorter ways to the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from multiply_add_definition import multiply_add
from number_patterns import Patterns, assert_same, scaled
from reciprocal_definition import FRACTION, MINUS_ZERO, ONE, SIGN

import tthal as ttnn

TO_FLOAT32 = (0x3EA57EBB, 0x3FBA2E90, 0x4007C1F2)
TO_BFLOAT16 = (0x3EA485E4, 0x3FB9C7F6, 0x4007AF87)
"""Factors of the second power, the first and none."""
HARD = (0x000000, 0x029900, 0x060000, 0x0D3D40, 0x100000, 0x174000, 0x1B4008, 0x200000, 0x240000, 0x260000, 0x36D080,
        0x381660, 0x3AA62C, 0x4CCB14, 0x600000, 0x0A0000, 0x173200, 0x2D97A0, 0x2E4A10, 0x300000, 0x39A000, 0x536000,
        0x596000, 0x08D180, 0x0F3600, 0x23DE00, 0x3B7A00, 0x51A811, 0x640D80, 0x77D46B)  # fmt: skip
"""Fractions where steps differ if they forget what a product loses, or remember of a product that loses nothing."""


@pytest.fixture(scope="module")
def bench(lanes: Any) -> Iterator[Any]:
    with ttnn.open_device(0, backend="emulator:n150?numerics=exact") as device:
        yield type(lanes)(device)


def add(x: int, y: int, z: int) -> int:
    return multiply_add(x, y, z, blackhole=False)


def inverse(m: int, steps: int, estimate: tuple[int, int, int] = TO_FLOAT32) -> int:
    """1 / m of a number from 1 to 2."""
    negative, (c2, c1, c0) = m ^ SIGN, estimate
    y = add(add(c2, negative, c1), negative, c0)
    for _ in range(steps):
        y = add(y, add(negative, y, ONE), y)
    return y


def reciprocal(x: int, steps: int) -> int:
    return inverse(x & FRACTION | ONE, steps) + ONE - (x & ~FRACTION) & 0xFFFFFFFF


def rounded_reciprocal(x: int) -> int:
    y = inverse(x & FRACTION | ONE, 1, TO_BFLOAT16) + 0x8000 & 0xFFFF0000
    return y + ONE - (x & ~FRACTION) & 0xFFFFFFFF


def quotient(a: int, b: int) -> int:
    ma, mb = a & FRACTION | ONE, b & FRACTION | ONE
    r = inverse(mb, 1)
    first = add(ma, r, MINUS_ZERO)
    q = add(add(first, mb ^ SIGN, ma), r, first)
    return q + (a & ~FRACTION) - (b & ~FRACTION) & 0xFFFFFFFF


def operands(seed: int) -> tuple[Patterns, Patterns]:
    """Numbers from 2^-40 to 2^40; some have few bits, so that products lose nothing."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 1 << 23, (2, 1024)).astype(np.uint32)
    b[: len(HARD)] = HARD
    a[256:512] &= 0x7F0000
    b[384:640] &= 0x7F0000
    return scaled(a, rng), scaled(b, rng)


@pytest.mark.parametrize(("approximate", "steps"), [(False, 2), (True, 1)])
def test_reciprocals(bench: Any, approximate: bool, steps: int) -> None:
    _, b = operands(0)
    head = '#include "api/compute/eltwise_unary/recip.h"'
    got = bench.run(head, "recip_tile_init(); recip_tile(0);", b, math_approx_mode=approximate)[0]
    assert_same(got, [reciprocal(int(x), steps) for x in b], b)


def test_reciprocals_that_are_rounded_to_bfloat16(bench: Any) -> None:
    _, b = operands(1)
    head = '#include "api/compute/eltwise_unary/recip.h"'
    got = bench.run(head, "recip_tile_init(); recip_tile(0);", b, wide=False)[0]
    assert_same(got, [rounded_reciprocal(int(x)) for x in b], b)


@pytest.mark.parametrize("seed", [2, 3])
def test_quotients(bench: Any, seed: int) -> None:
    a, b = operands(seed)
    head = '#include "api/compute/eltwise_binary_sfpu.h"'
    got = bench.run(head, "div_binary_tile_init(); div_binary_tile(0, 1, 0);", np.stack([a, b]))[0]
    assert_same(got, [quotient(int(x), int(y)) for x, y in zip(a, b, strict=True)], b)
