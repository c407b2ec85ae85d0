"""Cores by few rectangles, and lines that say the same of several."""

from __future__ import annotations

from tthal.coordinates import CoreCoord
from tthal.kit.core_groups import folded, named


def test_cores_are_named_by_rectangles() -> None:
    assert named([CoreCoord(2, 1)]) == "(2,1)"
    assert named([CoreCoord(x, y) for y in range(2) for x in range(4)]) == "(0,0)-(3,1)"
    assert named([CoreCoord(0, 0), CoreCoord(5, 5), CoreCoord(0, 0)]) == "(0,0), (5,5)"


def test_lines_that_say_the_same_of_their_own_core_are_one() -> None:
    lines = [(CoreCoord(x, 0), f"core ({x},0) waits for core (0,1)") for x in range(3)]
    lines.insert(1, (CoreCoord(1, 0), "core (1,0) runs"))
    assert list(folded(lines)) == [
        "core (0,0) waits for core (0,1) (likewise 2 other cores: (1,0)-(2,0))",
        "core (1,0) runs",
    ]
