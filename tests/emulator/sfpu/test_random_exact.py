"""Random numbers of the exact grade, step by step in unbounded integers.

The generator: ISA documentation, vector unit ("PRNG"). How a seed reaches the lanes: public source of ttsim. What the
kernels make of it: ckernel_sfpu_rand.h and ckernel_sfpu_dropout.h of TT-Metal 0.81.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from multiply_add_definition import multiply_add

LANES, ALL, FRACTION = 32, 0xFFFFFFFF, 0x7FFFFF
Patterns = npt.NDArray[np.uint32]
RAND = '#include "api/compute/eltwise_unary/rand.h"'
DROPOUT = '#include "api/compute/eltwise_unary/dropout.h"'


def step(state: int) -> int:
    taps = (state & 0x80200003).bit_count()
    return (~taps & 1) << 31 | state >> 1


class Unit:
    """The generators of all lanes."""

    def __init__(self, seed: int) -> None:
        for _ in range(LANES):
            seed = step(seed)
        self.states = [0] * LANES
        for lane in reversed(range(LANES)):
            seed = step(step(seed))
            self.states[lane] = seed

    def next(self) -> list[int]:
        result, self.states = self.states, [step(state) for state in self.states]
        return result


def salt(lane: int, blackhole: bool) -> int:
    number = 2 * lane + (407 if blackhole else -151) & ALL
    number ^= number << (14 if blackhole else 20) & ALL
    return number ^ number << (6 if blackhole else 5) & ALL


def mixed(x: int, blackhole: bool) -> int:
    if blackhole:
        x ^= x >> 8
        x ^= x >> 16
        x = x & ~FRACTION | x * 0x56594B & FRACTION
        x ^= x << 8 & ALL
        return x ^ x >> 14
    x ^= x >> 16
    x = x + (x << 10) & ALL
    x ^= x >> 6
    x = x + (x << 13) & ALL
    return x ^ x >> 16


def pattern(number: float) -> int:
    return int(np.float32(number).view(np.uint32))


def random_tile(unit: Unit, start: float, scale: float, blackhole: bool) -> Patterns:
    """One tile, rows by columns."""
    tile = np.zeros((32, 32), np.uint32)
    small = pattern(scale) >> 23 <= 31
    factor = pattern(scale) - (0 if small else 31 << 23)
    for face in range(4):
        numbers = unit.next()
        for vector in range(8):
            for lane, number in enumerate(numbers):
                bits = mixed(number + salt(lane, blackhole) & ALL, blackhole)
                value = pattern(float(np.float32(bits & 0x7FFFFFFF)))
                if small:
                    value = multiply_add(value, pattern(2.0**-31), 0, blackhole)
                row, column = place(face, vector, lane)
                tile[row, column] = multiply_add(value, factor, pattern(start), blackhole)
            numbers = unit.next()
    return tile


def place(face: int, vector: int, lane: int) -> tuple[int, int]:
    return face // 2 * 16 + vector // 2 * 4 + lane // 8, face % 2 * 16 + lane % 8 * 2 + vector % 2


def is_blackhole(request: pytest.FixtureRequest) -> bool:
    return bool(request.node.callspec.params["exact_lanes"] == "p150")


@pytest.mark.parametrize(("start", "scale"), [(0.0, 1.0), (2.0, 3.0), (-1.5, 1e-30)])
def test_random_numbers_are_those_of_the_unit(
    exact_lanes: Any, start: float, scale: float, request: pytest.FixtureRequest
) -> None:
    draw = f"rand_tile({{}}, {pattern(start)}u, {pattern(scale)}u);"
    body = f"rand_tile_init(1234, 5); {draw.format(0)} {draw.format(1)}"
    got = exact_lanes.run(RAND, body, np.zeros((2, 32, 32), np.uint32), 2)
    unit = Unit(1234 + 5 * 0x9E3779B9 & ALL)
    for tile in got:
        np.testing.assert_array_equal(tile, random_tile(unit, start, scale, is_blackhole(request)))


def test_a_seed_of_ones_is_another_one(exact_lanes: Any) -> None:
    bodies = [f"rand_tile_init({seed}); rand_tile(0, 0, {pattern(1)}u);" for seed in ("~0u", "~1u", "0")]
    ones, others, zeros = exact_lanes.run_each(RAND, bodies, np.zeros((32, 32), np.uint32))[:, 0]
    assert np.array_equal(ones, others)
    assert len(np.unique(ones)) > 1000
    assert not np.array_equal(ones, zeros)


def test_dropout_compares_the_units_numbers(exact_lanes: Any, request: pytest.FixtureRequest) -> None:
    x = np.random.default_rng(3).uniform(-2, 2, (32, 32)).astype(np.float32)
    scale, limit = pattern(4 / 3), int(0.25 * 2**31)
    got = exact_lanes.run(DROPOUT, f"dropout_kernel_init(3); dropout_tile(0, {limit}u, {scale}u);", x)[0]
    unit, wanted = Unit(3), np.zeros((32, 32), np.uint32)
    for face in range(4):
        for vector in range(8):
            for lane, number in enumerate(unit.next()):
                at = place(face, vector, lane)
                scaled = multiply_add(int(x.view(np.uint32)[at]), scale, 0, is_blackhole(request))
                wanted[at] = 0 if number & 0x7FFFFFFF <= limit else scaled
    np.testing.assert_array_equal(got, wanted)
    # Both happen, so that the comparison says something.
    assert 0 < (wanted == 0).mean() < 1
