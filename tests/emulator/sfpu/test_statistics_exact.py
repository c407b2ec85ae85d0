"""Sums and statistics of columns in the exact grade: the vendor's order of instructions, in unbounded integers.

No recorded bytes exist for these. The order is that of the kernels of TT-Metal 0.81.1: ckernel_sfpu_reduce.h (columns:
every fourth row of a face, both faces, the four that are left, in pairs on Wormhole; rows: neighbours of both faces,
then what lies 4, 2 and 1 places on), ckernel_sfpu_ema.h, and the formulas of Welford, each one multiply-add.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pytest
from multiply_add_definition import multiply_add

SIGN, ONE = 0x80000000, 0x3F800000


def bits(value: float) -> int:
    return int(np.float32(value).view(np.uint32))


def rows_of_numbers(tiles: int) -> Any:
    """Patterns of numbers whose sums need rounding, with both zeros and a denormal among them."""
    rng = np.random.default_rng(11)
    numbers = (rng.normal(3, 1, (32 * tiles, 32)) * 2.0 ** rng.integers(-9, 9, (32 * tiles, 32))).astype(np.float32)
    numbers[0, :3], numbers[1, :3] = (0.0, -0.0, 1e-40), (-0.0, -0.0, 1e-40)
    return numbers.view(np.uint32)


class Unit:
    """The instructions on patterns."""

    def __init__(self, blackhole: bool) -> None:
        self.blackhole = blackhole

    def mad(self, a: int, b: int, c: int) -> int:
        return multiply_add(a, b, c, self.blackhole)

    def add(self, a: int, b: int) -> int:
        return self.mad(ONE, a, b)

    def backwards(self, four: list[int]) -> int:
        return reduce(lambda total, each: self.add(each, total), reversed(four[:-1]), four[-1])

    def column_sum(self, column: list[int]) -> int:
        left = [self.add(self.backwards(column[row:16:4]), self.backwards(column[16 + row :: 4])) for row in range(4)]
        if self.blackhole:
            return self.backwards(left)
        return self.add(self.add(left[0], left[1]), self.add(left[2], left[3]))

    def row_sums(self, row: list[int]) -> list[int]:
        sums = [self.backwards([row[i], row[i + 1], row[16 + i], row[17 + i]]) for i in range(0, 16, 2)]
        for turn in (4, 2, 1):
            sums = [self.add(sums[i], sums[i - turn]) for i in range(8)]
        return sums


@pytest.fixture
def unit(exact_lanes: Any) -> Unit:
    return Unit(exact_lanes.device.properties.arch.name == "BLACKHOLE")


@pytest.mark.parametrize("pool", ["SUM", "AVG"])
def test_columns(exact_lanes: Any, unit: Unit, pool: str) -> None:
    data = rows_of_numbers(1)
    template = f"<PoolType::{pool}, DataFormat::Float32>"
    got = exact_lanes.run("", f"sfpu_reduce_init{template}(); sfpu_reduce{template}(0);", data)[0, 0]
    sums = [unit.column_sum([int(word) for word in column]) for column in data.T]
    expected = sums if pool == "SUM" else [unit.mad(each, bits(1 / 32), 0) for each in sums]
    assert got.tolist() == expected


@pytest.mark.parametrize("pool", ["SUM", "AVG"])
@pytest.mark.parametrize("columns", [1, 2])
def test_rows(exact_lanes: Any, unit: Unit, pool: str, columns: int) -> None:
    data = rows_of_numbers(columns).reshape(columns, 32, 32)
    template = f"<PoolType::{pool}, DataFormat::Float32, ReduceDim::REDUCE_ROW>"
    call = f"sfpu_reduce_init{template[: template.rindex(',')]}>(); sfpu_reduce{template}(0, {columns}, 1);"
    got = exact_lanes.run("", call, data)[0]
    for row in range(32):
        parts = [unit.row_sums(tile[row].tolist()) for tile in data]
        sums = [reduce(unit.add, several) for several in zip(*parts, strict=True)]
        if pool == "AVG":
            sums = [unit.mad(each, bits(1 / (32 * columns)), 0) for each in sums]
        assert got[row, :16:2].tolist() == sums
        assert got[row, 1::2].tolist() == data[0, row, 1::2].tolist()


def test_welford(exact_lanes: Any, unit: Unit) -> None:
    data = rows_of_numbers(1)
    head = '#include "api/compute/welford.h"\nconstexpr std::array<uint32_t, 0> none{};'
    body = "welford_init(); welford_update(0, 0, none); welford_finalize_to_row(1, 31, none);"
    got = exact_lanes.run(head, body, [*data.reshape(1, 32, 32), *np.zeros((2, 32, 32), np.uint32)], 3)
    for column, numbers in enumerate(data.T):
        mean = squares = 0
        for count, x in enumerate(map(int, numbers), 1):
            delta = unit.add(x, mean ^ SIGN)
            mean = unit.mad(delta, bits(1 / count), mean)
            squares = unit.mad(delta, unit.add(x, mean ^ SIGN), squares)
        assert got[1, 0, column] == mean
        assert got[2, 0, column] == unit.mad(squares, bits(1 / 32), 0)


def test_moving_average(exact_lanes: Any, unit: Unit) -> None:
    data, alpha, beta = rows_of_numbers(1), bits(0.7), bits(0.3)
    head = '#include "api/compute/ema.h"'
    body = f"ema_init({alpha}u, {beta}u); ema_clear_previous_output(); ema_tile(0);"
    got = exact_lanes.run(head, body, [*data.reshape(1, 32, 32), *np.zeros((1, 32, 32), np.uint32)], 2)[1]
    for column, numbers in enumerate(data.T):
        y = 0
        for row, x in enumerate(map(int, numbers)):
            y = unit.mad(beta, x, unit.mad(alpha, y, 0))
            assert got[row, column] == y
