"""Blackhole's reciprocals and quotients, instruction by instruction in unbounded integers.

No recording of div_binary_tile exists for Blackhole. The steps are those of the kernels of TT-Metal 0.81.1: an estimate
of 8 bits (SFPARECIP), then sums with 1 or 2 and products (numerics.md §6.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from number_patterns import Patterns, assert_same, scaled
from reciprocal_definition import FRACTION, MINUS_ZERO, ONE, SIGN, add, estimate, inverse

import tthal as ttnn


@pytest.fixture(scope="module")
def bench(lanes: Any) -> Iterator[Any]:
    with ttnn.open_device(0, backend="emulator:p150?numerics=exact") as device:
        yield type(lanes)(device)


def reciprocal(x: int) -> int:
    r = estimate(x)
    error = add(x ^ SIGN, r, ONE)
    square = add(error, error, error)
    return add(add(square, error, error), r, r)


def quotient(a: int, b: int) -> int:
    ma, mb = a & FRACTION | ONE, b & FRACTION | ONE
    r = inverse(mb, 1)
    first = add(ma, r, MINUS_ZERO)
    rest = add(first ^ SIGN, mb, ma)
    q = add(rest, r, first)
    return q + (a & ~FRACTION) - (b & ~FRACTION) & 0xFFFFFFFF


def operands(seed: int) -> tuple[Patterns, Patterns]:
    """Numbers from 2^-40 to 2^40; some are near powers of 2, where an error changes its sign."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 1 << 23, (2, 1024)).astype(np.uint32)
    b[:256] = rng.integers(0, 64, 256)
    b[256:384] = FRACTION - rng.integers(0, 64, 128)
    return scaled(a, rng), scaled(b, rng)


@pytest.mark.parametrize("seed", range(2))
def test_reciprocals(bench: Any, seed: int) -> None:
    _, b = operands(seed)
    head = '#include "api/compute/eltwise_unary/recip.h"'
    assert_same(bench.run(head, "recip_tile_init(); recip_tile(0);", b)[0], [reciprocal(int(x)) for x in b], b)


@pytest.mark.parametrize("seed", range(2))
def test_quotients(bench: Any, seed: int) -> None:
    a, b = operands(seed + 2)
    head = '#include "api/compute/eltwise_binary_sfpu.h"'
    got = bench.run(head, "div_binary_tile_init(); div_binary_tile(0, 1, 0);", np.stack([a, b]))[0]
    assert_same(got, [quotient(int(x), int(y)) for x, y in zip(a, b, strict=True)], b)


def test_two_steps_as_reverse_quotients_take_them(bench: Any) -> None:
    _, b = operands(5)
    head = '#include "api/compute/eltwise_unary/rdiv.h"'
    got = bench.run(head, f"rdiv_tile_init(); rdiv_tile(0, {ONE:#x}u);", b)[0]
    assert_same(got, [inverse(int(x), 2) for x in b], b)
