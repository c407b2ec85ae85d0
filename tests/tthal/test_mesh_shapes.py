"""Shapes of meshes, places in them and ranges; texts as ttnn 0.81.1 prints them."""

from __future__ import annotations

import pytest

from tthal import InvalidArgument, MeshCoordinate, MeshCoordinateRange, MeshCoordinateRangeSet, MeshShape


def test_shapes_and_places_are_made_of_numbers_or_a_list() -> None:
    assert MeshShape(1, 2) == MeshShape([1, 2])
    assert repr(MeshShape(1, 2)) == "MeshShape([1, 2])"
    assert (MeshShape(2, 3).mesh_size(), MeshShape(2, 3).dims(), list(MeshShape(2, 3))) == (6, 2, [2, 3])
    assert MeshCoordinate(1, 0)[0] == 1
    assert MeshShape(1, 1) != MeshCoordinate(1, 1)
    with pytest.raises(InvalidArgument):
        MeshCoordinate(-1, 0)


def test_a_range_walks_its_places() -> None:
    everything = MeshCoordinateRange(MeshShape(2, 2))
    assert everything == MeshCoordinateRange(MeshCoordinate(0, 0), MeshCoordinate(1, 1))
    assert [list(place) for place in everything] == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert MeshCoordinate(1, 0) in everything
    assert not everything.contains(MeshCoordinate(2, 0))
    assert everything.shape() == MeshShape(2, 2)
    with pytest.raises(InvalidArgument, match="swap"):
        MeshCoordinateRange(MeshCoordinate(1, 0), MeshCoordinate(0, 0))


def test_a_set_of_ranges_takes_what_it_does_not_hold() -> None:
    corner = MeshCoordinateRange(MeshCoordinate(0, 0), MeshCoordinate(0, 0))
    ranges = MeshCoordinateRangeSet(MeshCoordinateRange(MeshShape(1, 2)))
    ranges.merge(corner)
    assert ranges.ranges() == [MeshCoordinateRange(MeshShape(1, 2))]
