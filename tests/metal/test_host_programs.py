"""Host programs of one expression: the vendor's wheel and tthal answer alike, rectangle by rectangle and bit by bit."""

from __future__ import annotations

import random

import pytest
from differential import host_programs
from differential.interpreter import answer
from differential.wheel import Wheel

import tthal

pytestmark = pytest.mark.slow

CASES = 5000


def test_every_rectangle_is_the_vendors(wheel: Wheel) -> None:
    random_, refused = random.Random(12), 0
    for _ in range(CASES):
        program = host_programs.rectangles(random_, (8, 10))
        theirs, ours = wheel.ask(program.theirs), answer(tthal, program.ours, {})
        if "refused" in theirs:
            refused += 1
            assert "refused" in ours, (program, ours, theirs)
        else:
            assert ours == theirs, program
    assert 50 < refused < CASES // 2


@pytest.mark.parametrize("kind", [host_programs.shards, host_programs.packing])
def test_shard_maps_and_block_floats_are_the_vendors(wheel: Wheel, kind: host_programs.Draw) -> None:
    random_, equal = random.Random(13), 0
    for _ in range(400):
        program = kind(random_, (8, 8))
        theirs, ours = wheel.ask(program.theirs), answer(tthal, program.ours, {})
        assert ("refused" in theirs) == ("refused" in ours), (program, ours, theirs)
        equal += "refused" in theirs or ours == theirs
    assert equal == 400
