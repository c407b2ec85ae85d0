"""GELU of a 32-bit DST, step by step in unbounded integers: where the compiled form takes short cuts, and beside it.

The steps are those of the kernel of TT-Metal 0.81.1 (gelu_tile<false>, float32): erf as a quotient of two polynomials
in x^2 / 2, its denominator inverted by Newton's method (numerics.md §6.3). Short cuts are taken for sizes up to 4.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from multiply_add_definition import multiply_add
from reciprocal_definition import inverse as inverse_of_blackhole

Patterns = npt.NDArray[np.uint32]
Mad = Callable[[int, int, int], int]
NUMERATOR = (1.1283791065, 0.21477432549, 0.062133435160, 0.0056230435148, 6.1307044234e-4, 1.7678321456e-5)
NUMERATOR += (2.7384647439e-8, -2.8632063387e-10)
DENOMINATOR = (1.0, 0.52367275953, 0.12961706519, 0.019642570987, 0.0019545555115, 1.3179056987e-4, 1.3156344494e-6)
DENOMINATOR += (-3.5153888689e-9, -6.7350725691e-12)
ESTIMATE = (0.3232325017452239990234375, 1.4545459747314453125, 2.121212482452392578125)
"""Of 1 / x by Wormhole's instructions, from the highest power down."""
SIGN, FRACTION, EXPONENT = 0x80000000, 0x7FFFFF, 0x7F800000


def pattern(number: float) -> int:
    return int(np.float32(number).view(np.uint32))


ONE, HALF, ROOT_OF_HALF = pattern(1.0), pattern(0.5), pattern(0.7071067811865475)


def polynomial(mad: Mad, x: int, coefficients: tuple[float, ...]) -> int:
    highest, *rest = map(pattern, reversed(coefficients))
    return reduce(lambda sum_, c: mad(x, sum_, c), rest, highest)


def inverse(mad: Mad, x: int) -> int:
    """Of Wormhole: of the negated significand, then put to its place."""
    m = x & FRACTION | SIGN | ONE
    c0, c1, c2 = map(pattern, ESTIMATE)
    y = mad(mad(c0, m, c1), m, c2)
    for _ in range(2):
        y = mad(y, mad(m, y, ONE), y)
    return mad(y, 2 * ONE - (x & EXPONENT), 0)


def gelu(x: int, blackhole: bool) -> int:
    """Of a number whose erf is neither 1 nor -1."""

    def mad(a: int, b: int, c: int) -> int:
        return multiply_add(a, b, c, blackhole)

    scaled = mad(x, ROOT_OF_HALF, 0)
    u = mad(scaled, scaled, 0)
    above, below = polynomial(mad, u, NUMERATOR), polynomial(mad, u, DENOMINATOR)
    inverted = inverse_of_blackhole(below, 2) if blackhole else inverse(mad, below)
    erf = mad(mad(above, scaled, 0), inverted, 0)
    return mad(x, mad(HALF, erf, HALF), 0)


@pytest.fixture(scope="module")
def operands() -> Patterns:
    """Numbers of few bits, which meet ties, numbers of all bits, and some beyond the short cuts."""
    rng = np.random.default_rng(11)
    few = np.round(rng.uniform(-4, 4, 1024) * 64) / 64
    small = rng.uniform(-1, 1, 512) * 2.0 ** rng.integers(-40, -2, 512)
    bfloat16 = (rng.uniform(-4, 4, 1024).astype(np.float32).view(np.uint32) & 0xFFFF0000).view(np.float32)
    parts = (few, small, bfloat16, rng.uniform(-4, 4, 1024), rng.uniform(-4.6, 4.6, 512))
    return np.concatenate([np.asarray(part, np.float32) for part in parts]).view(np.uint32)


def test_gelu_has_the_bits_of_its_steps(exact_lanes: Any, operands: Patterns, request: pytest.FixtureRequest) -> None:
    tiles = operands.reshape(-1, 1024)
    body = "gelu_tile_init<false>(); " + " ".join(f"gelu_tile<false>({tile});" for tile in range(len(tiles)))
    got = exact_lanes.run('#include "api/compute/eltwise_unary/gelu.h"', body, operands, len(tiles))
    blackhole = request.node.callspec.params["exact_lanes"] == "p150"
    wanted = np.array([gelu(int(x), blackhole) for x in operands], np.uint32)
    np.testing.assert_array_equal(got.reshape(-1), wanted)
