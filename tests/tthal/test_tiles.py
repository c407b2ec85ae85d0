"""Tilizing and converting host arrays, against loops over the definition."""

from __future__ import annotations

from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthal import (
    DataFormat,
    DataType,
    InvalidArgument,
    Tile,
    Unsupported,
    pack_tiles,
    tilize,
    tilize_nfaces,
    unpack_tiles,
    untilize,
    untilize_nfaces,
)
from tthal.data_formats import TILE_SHAPES
from tthal.tiles import decode, encode, to_bfloat16


def by_definition(matrix: np.ndarray, tile: tuple[int, int]) -> list[int]:
    """Tiles row-major; in a tile faces left to right, top to bottom; in a face rows."""
    height, width = tile
    face = min(height, 16)
    order = []
    for top in range(0, matrix.shape[0], height):
        for left in range(0, matrix.shape[1], width):
            for face_top in range(top, top + height, face):
                for face_left in range(left, left + width, 16):
                    for y in range(face_top, face_top + face):
                        order.extend(matrix[y, face_left : face_left + 16].tolist())
    return order


@pytest.mark.parametrize("tile", TILE_SHAPES)
def test_tile_order_is_the_definition(tile: tuple[int, int]) -> None:
    matrix = np.arange(64 * 96).reshape(64, 96)
    flat = tilize(matrix, tile)
    assert flat.tolist() == by_definition(matrix, tile)
    assert (untilize(flat, matrix.shape, tile) == matrix).all()


@given(st.tuples(st.integers(1, 3), st.integers(1, 70), st.integers(1, 70)), st.sampled_from(TILE_SHAPES))
def test_padding_is_added_and_cut_off(shape: tuple[int, int, int], tile: tuple[int, int]) -> None:
    array = np.arange(np.prod(shape), dtype=np.int64).reshape(shape) + 1
    flat = tilize(array, tile, pad_value=-7)
    padded = -(-shape[1] // tile[0]) * tile[0], -(-shape[2] // tile[1]) * tile[1]
    assert flat.size == shape[0] * padded[0] * padded[1]
    assert (flat == -7).sum() == flat.size - array.size
    assert (untilize(flat, shape, tile) == array).all()


def test_dimensions_before_the_last_two_are_outermost() -> None:
    array = np.arange(2 * 32 * 64).reshape(2, 32, 64)
    assert tilize(array).tolist() == by_definition(array[0], (32, 32)) + by_definition(array[1], (32, 32))


@pytest.mark.parametrize("shape", [(), (5,), (1, 5)])
def test_fewer_dimensions_are_a_row(shape: tuple[int, ...]) -> None:
    array = np.arange(int(np.prod(shape)), dtype=np.float32).reshape(shape) + 1
    flat = tilize(array)
    assert flat.size == 1024
    assert untilize(flat, shape).tolist() == array.tolist()


def test_transposed_tiles_are_transposed_within() -> None:
    matrix = np.arange(32 * 64).reshape(32, 64)
    tile = Tile((32, 32), transpose_tile=True)
    flat = tilize(matrix, tile)
    assert flat[:1024].tolist() == by_definition(matrix[:, :32].T, (32, 32))
    assert (untilize(flat, (32, 64), tile) == matrix).all()
    with pytest.raises(InvalidArgument, match="only square tiles"):
        tilize(matrix, Tile((16, 32), transpose_tile=True))


def test_the_vendors_names_take_flat_matrices() -> None:
    matrix = np.arange(32 * 64)
    flat = tilize_nfaces(matrix, 32, 64)
    assert flat.tolist() == by_definition(matrix.reshape(32, 64), (32, 32))
    assert untilize_nfaces(flat, 32, 64).tolist() == matrix.tolist()


def test_the_number_of_elements_must_be_right() -> None:
    with pytest.raises(InvalidArgument, match=r"1000 elements in tiles of 32x32 cannot have the shape \(32, 32\)"):
        untilize(np.zeros(1000), (32, 32))
    with pytest.raises(InvalidArgument, match="not whole tiles of 2048 bytes"):
        unpack_tiles(bytes(2000), (32, 32), DataFormat.Float16_b)
    with pytest.raises(InvalidArgument, match="cannot have the shape"):
        unpack_tiles(bytes(2048), (64, 32), DataFormat.Float16_b)


# ---------------------------------------------------------------------------------------------- formats


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        (0x3F80_0000, 0x3F80),
        (0x3F80_8000, 0x3F80),  # halfway, even stays
        (0x3F81_8000, 0x3F82),  # halfway, odd goes up
        (0x3F80_8001, 0x3F81),
        (0x7F7F_FFFF, 0x7F80),  # overflow to infinity
        (0x0000_8000, 0x0000),
        (0x0001_8000, 0x0002),  # denormals are kept and rounded
        (0x8000_0000, 0x8000),  # so is the sign of zero
        (0xFF80_0000, 0xFF80),
        (0x7F80_0001, 0x7FC0),  # every NaN becomes the same
        (0xFFFF_FFFF, 0x7FC0),
    ],
)
def test_bfloat16_rounds_as_the_vendors_host(bits: int, expected: int) -> None:
    """host-api.md §6."""
    value = np.array([bits], np.uint32).view(np.float32)
    assert to_bfloat16(value).view(np.uint16).tolist() == [expected]
    assert encode(value, DataFormat.Float16_b).view(np.uint16).tolist() == [expected]


def test_bfloat16_arrays_pass_unchanged() -> None:
    array = np.array([[1.5, 2.5]], ml_dtypes.bfloat16)
    assert to_bfloat16(array) is array
    packed = pack_tiles(array, DataType.BFLOAT16)
    assert (packed.size, packed[:4].view(np.uint16).tolist()) == (2048, [0x3FC0, 0x4020])
    assert unpack_tiles(packed, (1, 2), DataType.BFLOAT16).dtype == ml_dtypes.bfloat16


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("Float32", np.float32), ("Float16", np.float16), ("Float16_b", ml_dtypes.bfloat16),
        ("Lf8", ml_dtypes.float8_e5m2), ("Fp8_e4m3", ml_dtypes.float8_e4m3fn),
        ("Int32", np.int32), ("UInt32", np.uint32), ("UInt16", np.uint16), ("UInt8", np.uint8), ("Int8", np.int8),
    ],
)  # fmt: skip
def test_values_survive_the_way_there_and_back(name: str, dtype: type) -> None:
    array = (np.arange(40 * 50).reshape(40, 50) % 8).astype(dtype)
    packed = pack_tiles(array, DataFormat[name])
    back = unpack_tiles(packed.tobytes(), array.shape, DataFormat[name])
    assert back.dtype == dtype
    assert (back == array).all()


def test_block_float_tiles_are_float32_on_the_host() -> None:
    array = np.random.default_rng(3).choice([-2.0, 0.5, 1.0], (33, 40))
    packed = pack_tiles(array, DataFormat.Bfp8_b)
    assert packed.size == 4 * 1088
    back = unpack_tiles(packed, array.shape, DataFormat.Bfp8_b)
    assert back.dtype == np.float32
    assert (back == array).all()


def test_int8_is_a_sign_and_a_magnitude() -> None:
    assert encode(np.array([0, 1, -1, 127, -127]), DataFormat.Int8).tolist() == [0, 1, 0x81, 0x7F, 0xFF]
    assert decode(bytes([0, 1, 0x81, 0x7F, 0xFF]), DataFormat.Int8).tolist() == [0, 1, -1, 127, -127]


@pytest.mark.parametrize(
    ("values", "name"),
    [([-1], "UInt8"), ([256], "UInt8"), ([-128], "Int8"), ([1 << 32], "UInt32"), ([-(1 << 40)], "Int32")],
)
def test_integers_must_fit(values: list[int], name: str) -> None:
    with pytest.raises(InvalidArgument, match=f"{name} holds -?[0-9]+ to [0-9]+, but"):
        encode(np.array(values), DataFormat[name])


def test_floats_are_not_silently_cut_to_integers() -> None:
    with pytest.raises(InvalidArgument, match="UInt16 holds integers, not float64"):
        pack_tiles(np.zeros((2, 2)), DataFormat.UInt16)


def test_formats_without_a_host_encoding_say_so() -> None:
    with pytest.raises(Unsupported, match="no encoding of Tf32"):
        pack_tiles(np.zeros((2, 2)), DataFormat.Tf32)


def nearest(value: Fraction, candidates: np.ndarray) -> float:
    """The candidate nearest to a number, the one with an even last bit of two; both finite neighbours are given."""
    low, high = (Fraction(float(each)) for each in candidates[:2])
    if abs(value - low) == abs(value - high):
        return float(
            candidates[0] if int(candidates[:1].view(f"u{candidates.itemsize}")[0]) % 2 == 0 else candidates[1]
        )
    return float(low if abs(value - low) < abs(value - high) else high)


@pytest.mark.parametrize("data_format", [DataFormat.Float16_b, DataFormat.Float16, DataFormat.Lf8, DataFormat.Fp8_e4m3])
@given(steps=st.integers(0, 40), nudge=st.sampled_from([0.0, 2.0**-40, -(2.0**-40)]), sign=st.sampled_from([1.0, -1.0]))
def test_float64_is_rounded_once(data_format: DataFormat, steps: int, nudge: float, sign: float) -> None:
    """At the middle between two numbers of the format, 2^-40 decides; in float32 it would be lost."""
    one = decode(encode(np.ones(1, np.float32), data_format), data_format)
    code = one.view(f"u{one.itemsize}")
    pair = np.concatenate([code + np.array(steps, code.dtype), code + np.array(steps + 1, code.dtype)]).view(one.dtype)
    exact = (Fraction(float(pair[0])) + Fraction(float(pair[1]))) / 2 + Fraction(nudge)
    packed = decode(encode(np.array([float(exact) * sign]), data_format), data_format)
    assert float(packed[0]) == sign * nearest(exact, pair)


@pytest.mark.parametrize(
    ("value", "bfloat16"),
    [((1 << 24) + (1 << 16), 1 << 24), ((1 << 24) + (1 << 16) + 1, (1 << 24) + (1 << 17)),
     ((1 << 62) + (1 << 54) + 1, (1 << 62) + (1 << 55)), (-(1 << 62) - (1 << 54) - 1, -(1 << 62) - (1 << 55)),
     (-(1 << 63), -(1 << 63))],
)  # fmt: skip
def test_integers_are_rounded_once(value: int, bfloat16: int) -> None:
    packed = decode(encode(np.array([value], np.int64), DataFormat.Float16_b), DataFormat.Float16_b)
    assert int(packed[0]) == bfloat16


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(66.5 / 64 + 2**-40, 67 / 64), (66.5 / 64 - 2**-40, 66 / 64), (1 - 2.0**-40, 1), (66.5 / 64, 66 / 64)],
)
def test_block_float_datums_of_float64_are_rounded_once(value: float, rounded: float) -> None:
    packed = pack_tiles(np.full((32, 32), value), DataFormat.Bfp8_b)
    assert unpack_tiles(packed, (32, 32), DataFormat.Bfp8_b)[3, 4] == rounded
