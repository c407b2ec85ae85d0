"""Sets of cores and dealing work: cuts and order as the vendor's wheel has them, rectangle by rectangle."""

from __future__ import annotations

import random

import pytest
from differential.interpreter import answer
from differential.wheel import Wheel

import tthal

pytestmark = pytest.mark.slow

CASES = 5000


def core_ranges(random_: random.Random, most: int = 5) -> list[tuple[int, int, int, int]]:
    """Draw disjoint rectangles on an 8×10 grid, in any order; sometimes single cores next to each other."""
    chosen: list[tuple[int, int, int, int]] = []
    small = random_.random() < 0.4
    for _ in range(random_.randint(0, most * (3 if small else 1))):
        x, y = random_.randint(0, 7), random_.randint(0, 9)
        right, bottom = (
            min(7, x + random_.randint(0, 0 if small else 4)),
            min(9, y + random_.randint(0, 0 if small else 4)),
        )
        if all(right < x0 or x1 < x or bottom < y0 or y1 < y for x0, y0, x1, y1 in chosen):
            chosen.append((x, y, right, bottom))
    return chosen


def text(ranges: list[tuple[int, int, int, int]]) -> str:
    corners = (f"ttnn.CoreRange(ttnn.CoreCoord({x0}, {y0}), ttnn.CoreCoord({x1}, {y1}))" for x0, y0, x1, y1 in ranges)
    return f"ttnn.CoreRangeSet([{', '.join(corners)}])"


def cell(random_: random.Random) -> str:
    return f"ttnn.CoreCoord({random_.randint(1, 9)}, {random_.randint(1, 10)})"


def draw(random_: random.Random) -> str:
    """Draw a program of one expression."""
    one, other = text(core_ranges(random_)), text(core_ranges(random_))
    row_wise, count = random_.random() < 0.5, random_.choice((random_.randint(0, 90), random_.randint(0, 400)))
    form = random_.randrange(9)
    if form == 0:
        return f"result = {one}.merge({other})"
    if form == 1:
        return f"result = {one}.subtract({other})"
    if form == 2:
        return f"result = {one}.contains({other}), {one}.num_cores(), {one}.size()"
    if form == 3:
        return f"result = ttnn.corerange_to_cores({one}, {count}, {row_wise})"
    if form == 4:
        return f"result = ttnn.num_cores_to_corerangeset({count}, {cell(random_)}, {row_wise})"
    if form == 5:
        return f"result = ttnn.split_work_to_cores({cell(random_)}, {count}, {row_wise})"
    if form == 6:
        start = f"ttnn.CoreCoord({random_.randint(0, 7)}, {random_.randint(0, 9)})"
        return f"result = ttnn.num_cores_to_corerangeset_in_subcoregrids({start}, {count // 8}, {one}, {row_wise})"
    if form == 7:
        return f"result = ttnn.split_work_to_cores({one}.merge({other}), {count}, {row_wise})"
    return f"result = ttnn.split_work_to_cores({one}, {count}, {row_wise})"


def test_every_rectangle_is_the_vendors(wheel: Wheel) -> None:
    random_, refused = random.Random(12), 0
    for _ in range(CASES):
        program = draw(random_)
        theirs, ours = wheel.ask(program), answer(tthal, program, {})
        if "refused" in theirs:
            refused += 1
            assert "refused" in ours, (program, ours, theirs)
        else:
            assert ours == theirs, program
    assert 50 < refused < CASES // 2
