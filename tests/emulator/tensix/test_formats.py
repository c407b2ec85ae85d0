"""The format table against the sizes and codes that the vendor's library reports (host-api.md §3)."""

from __future__ import annotations

import pytest

from tthal.types import DataFormat as F
from tthal_emulator.tensix import formats
from tthal_emulator.tensix.errors import TensixError, UnsupportedFormat
from tthal_emulator.tensix.formats import TileShape, page_bytes

FULL_TILE_BYTES = {
    F.Float32: 4096,
    F.UInt32: 4096,
    F.Int32: 4096,
    F.Tf32: 4096,
    F.Float16: 2048,
    F.Float16_b: 2048,
    F.UInt16: 2048,
    F.Bfp8: 1088,
    F.Bfp8_b: 1088,
    F.Bfp4: 576,
    F.Bfp4_b: 576,
    F.Bfp2: 320,
    F.Bfp2_b: 320,
    F.UInt8: 1024,
    F.Int8: 1024,
    F.Lf8: 1024,
    F.Fp8_e4m3: 1024,
}


def test_every_format_is_in_the_table_with_its_code() -> None:
    assert {row.format: row.code for row in formats.FORMATS.values()} == {f: int(f) for f in F if f is not F.Invalid}


@pytest.mark.parametrize(("data_format", "size"), FULL_TILE_BYTES.items())
def test_full_tile_sizes(data_format: F, size: int) -> None:
    assert page_bytes(data_format) == size


@pytest.mark.parametrize(
    ("data_format", "height", "width", "size"),
    [
        (F.Bfp8_b, 1, 32, 48),
        (F.Bfp8_b, 16, 16, 272),
        (F.Bfp8_b, 32, 16, 544),
        (F.Bfp8_b, 16, 32, 544),
        (F.Float16_b, 16, 16, 512),
        (F.Float32, 4, 32, 512),
    ],
)
def test_small_tile_sizes(data_format: F, height: int, width: int, size: int) -> None:
    assert page_bytes(data_format, TileShape(height, width)) == size


@pytest.mark.parametrize(("height", "width"), [(32, 8), (3, 32), (0, 16), (64, 32), (-16, 32)])
def test_impossible_tiles_are_refused(height: int, width: int) -> None:
    with pytest.raises(TensixError, match="not valid"):
        TileShape(height, width)


@pytest.mark.parametrize(
    ("height", "width", "faces", "face_rows"), [(32, 32, 4, 16), (16, 32, 2, 16), (32, 16, 2, 16), (8, 16, 1, 8)]
)
def test_faces(height: int, width: int, faces: int, face_rows: int) -> None:
    shape = TileShape(height, width)
    assert (shape.num_faces, shape.face_rows) == (faces, face_rows)


def test_unknown_format_is_refused_with_the_list() -> None:
    with pytest.raises(UnsupportedFormat, match="Float16_b"):
        formats.info(F.Invalid)


@pytest.mark.parametrize(
    ("data_format", "fp32", "to_dest", "register"),
    [
        (F.Float32, False, False, F.Float16_b),
        (F.Float32, True, False, F.Tf32),
        (F.Float32, True, True, F.Float32),
        (F.Float16_b, True, False, F.Float16_b),
        (F.Bfp4_b, False, False, F.Bfp4_b),
        (F.UInt16, True, False, F.UInt16),
    ],
)
def test_unpack_registers(data_format: F, fp32: bool, to_dest: bool, register: F) -> None:
    assert formats.unpack_register_format(data_format, fp32, to_dest) is register


@pytest.mark.parametrize(
    ("data_format", "fp32", "precise", "register"),
    [
        (F.Float32, False, False, F.Float16_b),
        (F.Float32, True, False, F.Float32),
        (F.Float16_b, True, False, F.Float16_b),
        (F.Bfp4_b, True, False, F.Bfp8_b),
        (F.Bfp8_b, True, True, F.Float32),
        (F.Bfp8_b, False, True, F.Float16_b),
        (F.UInt16, False, False, F.UInt16),
        (F.Int32, True, False, F.Int32),
    ],
)
def test_pack_registers(data_format: F, fp32: bool, precise: bool, register: F) -> None:
    assert formats.pack_register_format(data_format, fp32, precise) is register
