"""Tiles, their descriptors, and faces that fill less than a tile; values of ttnn 0.81.1."""

from __future__ import annotations

import pytest

import tthal as ttnn


@pytest.mark.parametrize(
    ("shape", "partial", "narrow", "faces"),
    [
        ((32, 32), 0, 0, 4),
        ((32, 16), 0, 1, 2),
        ((16, 32), 1, 0, 2),
        ((16, 16), 1, 1, 1),
        ((8, 32), 1, 0, 2),
        ((1, 16), 1, 1, 1),
    ],
)
def test_faces_of_a_tile(shape: tuple[int, int], partial: int, narrow: int, faces: int) -> None:
    tile = ttnn.Tile(shape)
    assert (tile.partial_face, tile.narrow_tile, tile.num_faces) == (partial, narrow, faces)


def test_a_transposed_tile() -> None:
    tile = ttnn.Tile((16, 32), True)
    assert tile.transpose_of_faces
    assert tile.transpose_within_face
    assert ttnn.TileDescriptor(tile).transpose
    assert ttnn.TileDescriptor(tile=tile) == ttnn.TileDescriptor(16, 32, True) == ttnn.TileDescriptor(other=tile)


def test_a_descriptor_can_be_filled() -> None:
    descriptor = ttnn.TileDescriptor()
    assert (descriptor.height, descriptor.width, descriptor.transpose) == (32, 32, False)
    descriptor.height, descriptor.width, descriptor.transpose = 16, 16, True
    assert descriptor == ttnn.TileDescriptor(16, 16, True)
    with pytest.raises(ttnn.InvalidArgument, match="not valid for the hardware"):
        descriptor.height = 33


def test_faces_that_fill_less_than_a_tile() -> None:
    assert ttnn.FaceGeometry() == ttnn.FaceGeometry(16, 4)
    for given, shape in (((16, 4), (32, 32)), ((16, 2), (16, 32)), ((8, 2), (8, 32)), ((4, 1), (4, 16))):
        assert ttnn.FaceGeometry(*given).shape(ttnn.Tile()) == shape
    assert ttnn.FaceGeometry(16, 2).shape(ttnn.Tile((32, 16))) == (32, 16)
    for rows, faces in ((0, 4), (17, 1), (16, 3), (8, 4), (16, 0)):
        with pytest.raises(ttnn.InvalidArgument):
            ttnn.FaceGeometry(rows, faces).shape(ttnn.Tile())


def test_an_index_with_such_faces_keeps_its_tile() -> None:
    described = ttnn.CBFormatDescriptor(3, ttnn.bfloat16, 2048, face_geometry=ttnn.FaceGeometry(8, 2))
    assert described.data_format_as_uint8 == 5
    config = ttnn.CBDescriptor(2048, ttnn.CoreRangeSet([(0, 0)]), [described]).config()
    program = ttnn.CreateProgram()
    ttnn.CreateCircularBuffer(program, (0, 0), config)
    (image,) = program.image().circular_buffers[0].formats
    assert (image.tile, image.unpacked) == (None, (8, 32))
    with pytest.raises(ttnn.InvalidArgument, match="17 rows"):
        ttnn.CircularBufferConfig(2048).set_unpack_face_geometry(0, 17, 2)
