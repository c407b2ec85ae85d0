"""Tile shapes and sizes."""

from __future__ import annotations

import pytest

from tthal import DataFormat, DataType, InvalidArgument, Tile, TileDescriptor, tile_size

SIZES = {
    4096: "Float32 UInt32 Int32 Tf32",
    2048: "Float16 Float16_b UInt16",
    1088: "Bfp8 Bfp8_b",
    576: "Bfp4 Bfp4_b",
    320: "Bfp2 Bfp2_b",
    1024: "UInt8 Int8 Fp8_e4m3 Lf8",
}


@pytest.mark.parametrize(("name", "size"), [(name, size) for size, names in SIZES.items() for name in names.split()])
def test_a_tile_has_the_measured_size(name: str, size: int) -> None:
    """The table of host-api.md §3."""
    assert tile_size(DataFormat[name]) == size


def test_every_format_has_a_size_but_invalid() -> None:
    assert {name for names in SIZES.values() for name in names.split()} == {each.name for each in DataFormat} - {
        "Invalid"
    }
    with pytest.raises(InvalidArgument, match="unsupported data format"):
        tile_size(DataFormat.Invalid)


@pytest.mark.parametrize("kind", [each for each in DataType if each is not DataType.INVALID])
def test_a_tensors_type_has_the_size_of_its_format(kind: DataType) -> None:
    assert tile_size(kind) == tile_size(kind.data_format)


@pytest.mark.parametrize(
    ("shape", "faces", "face", "bfp8"),
    [
        ((32, 32), 4, (16, 16), 1088),
        ((16, 32), 2, (16, 16), 544),
        ((32, 16), 2, (16, 16), 544),
        ((16, 16), 1, (16, 16), 272),
        ((8, 32), 2, (8, 16), 272),
        ((1, 32), 2, (1, 16), 48),
        ((1, 16), 1, (1, 16), 32),
    ],
)
def test_small_tiles(shape: tuple[int, int], faces: int, face: tuple[int, int], bfp8: int) -> None:
    tile = Tile(shape)
    assert (tile.num_faces, tile.face_shape, tile.tile_hw) == (faces, face, shape[0] * shape[1])
    assert tile.get_tile_size(DataFormat.Bfp8_b) == bfp8
    assert tile.get_tile_size(DataType.FLOAT32) == 4 * shape[0] * shape[1]


@pytest.mark.parametrize("shape", [(31, 32), (32, 8), (64, 32), (0, 32), (32,), "32", (32, 32, 1)])
def test_the_hardware_knows_few_shapes(shape: object) -> None:
    with pytest.raises(InvalidArgument, match="tile"):
        Tile(shape)  # type: ignore[arg-type]


def test_descriptors_are_tiles() -> None:
    assert TileDescriptor() == Tile((32, 32)) == Tile()
    assert TileDescriptor(16, 32, transpose=True) == Tile((16, 32), transpose_tile=True)
    assert TileDescriptor(Tile((16, 32))).height == 16
    assert TileDescriptor(16, 16, True).transpose
    assert len({Tile(), TileDescriptor(), Tile((16, 32))}) == 2
    assert repr(Tile((16, 32))) == "Tile((16, 32))"
