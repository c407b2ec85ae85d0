"""The unpacker against exact rational arithmetic on single datums."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthal.types import DataFormat as F
from tthal_emulator.tensix.errors import TensixError, UnsupportedFormat
from tthal_emulator.tensix.formats import Operand, TileShape, page_bytes
from tthal_emulator.tensix.layout import matrix_from_slots
from tthal_emulator.tensix.unpack import unpack, unpack_to_dest

few = settings(max_examples=40, deadline=None)
SHAPES = [TileShape(h, w) for h, w in ((32, 32), (16, 32), (32, 16), (16, 16), (8, 32), (1, 32), (2, 16))]
words16 = st.lists(st.integers(0, 0xFFFF), min_size=16, max_size=16)
words32 = st.lists(st.integers(0, 0xFFFFFFFF), min_size=16, max_size=16)
codes8 = st.lists(st.integers(0, 0xFF), min_size=16, max_size=16)


def first_row(data_format: F, data: bytes, fp32: bool = False, at: int = 0) -> list[int]:
    """Unpack a tile of zeros whose bytes from ``at`` are ``data``; return the Src datums of the first 16 columns."""
    page = np.zeros(page_bytes(data_format), np.uint8)
    page[at : at + len(data)] = np.frombuffer(data, np.uint8)
    return [int(v) for v in unpack(page, Operand(data_format), fp32).bits[0, 0, :16]]


def src_value(src: int, exponent_bits: int = 8) -> Fraction:
    """The number a Src datum stands for; exponent 0 is a zero, the largest exponent an ordinary one."""
    exponent, fraction = (src >> 10) & ((1 << exponent_bits) - 1), src & 0x3FF
    bias = 127 if exponent_bits == 8 else 15
    magnitude = Fraction(1024 + fraction, 1024) * Fraction(2) ** (exponent - bias) if exponent else Fraction(0)
    return -magnitude if src >> 18 else magnitude


def fp32_fields(bits: int) -> tuple[int, int, int]:
    return bits >> 31, (bits >> 23) & 0xFF, bits & 0x7FFFFF


@few
@given(words16)
def test_bfloat16_is_unchanged(words: list[int]) -> None:
    data = b"".join(w.to_bytes(2, "little") for w in words)
    assert first_row(F.Float16_b, data) == [w << 3 for w in words]


@few
@given(words32)
def test_float32_is_truncated_to_tf32_with_all_fields_kept(words: list[int]) -> None:
    data = b"".join(w.to_bytes(4, "little") for w in words)
    expected = [(s << 18) | (e << 10) | (m // 2**13) for s, e, m in map(fp32_fields, words)]
    assert first_row(F.Float32, data, fp32=True) == expected


@few
@given(words32)
def test_float32_is_truncated_to_bfloat16_and_denormals_become_signed_zeros(words: list[int]) -> None:
    data = b"".join(w.to_bytes(4, "little") for w in words)
    expected = [(s << 18) | ((e << 10) | (m // 2**16 * 8) if e else 0) for s, e, m in map(fp32_fields, words)]
    assert first_row(F.Float32, data) == expected


@few
@given(words16)
def test_float16_keeps_its_value(words: list[int]) -> None:
    got = first_row(F.Float16, b"".join(w.to_bytes(2, "little") for w in words))
    for word, src in zip(words, got, strict=True):
        exponent = (word >> 10) & 31
        magnitude = Fraction(1024 + (word & 0x3FF), 1024) * Fraction(2) ** (exponent - 15) if exponent else Fraction(0)
        assert src_value(src, 5) == (-magnitude if word >> 15 else magnitude)


@few
@given(codes8)
def test_lf8_is_the_upper_byte_of_a_float16(codes: list[int]) -> None:
    as_float16 = first_row(F.Float16, b"".join((c << 8).to_bytes(2, "little") for c in codes))
    assert first_row(F.Lf8, bytes(codes)) == as_float16


@few
@given(codes8)
def test_fp8_e4m3_keeps_its_value(codes: list[int]) -> None:
    for code, src in zip(codes, first_row(F.Fp8_e4m3, bytes(codes)), strict=True):
        exponent, fraction = (code >> 3) & 15, code & 7
        if (exponent, fraction) == (15, 7) or exponent == 0:
            continue
        magnitude = Fraction(8 + fraction, 8) * Fraction(2) ** (exponent - 7)
        assert src_value(src, 5) == (-magnitude if code >> 7 else magnitude)


@pytest.mark.parametrize(("data_format", "bits"), [(F.Bfp8_b, 8), (F.Bfp4_b, 4), (F.Bfp2_b, 2)])
@few
@given(codes=codes8, exponent=st.integers(8, 255))
def test_block_floats_keep_their_value(data_format: F, bits: int, codes: list[int], exponent: int) -> None:
    codes = [c & ((1 << bits) - 1) for c in codes]
    got = _block_row(data_format, bits, codes, exponent)
    for code, src in zip(codes, got, strict=True):
        negative, magnitude = code >> (bits - 1), code & ((1 << (bits - 1)) - 1)
        if magnitude == 0:
            assert src == (0xFF80 << 3 if negative else 0)  # a signed zero code means minus infinity
        else:
            value = Fraction(magnitude, 2 ** (bits - 2)) * Fraction(2) ** (exponent - 127)
            assert src_value(src) == (-value if negative else value)


@few
@given(codes=codes8, exponent=st.integers(7, 31))
def test_block_floats_with_five_bit_exponents(codes: list[int], exponent: int) -> None:
    for code, src in zip(codes, _block_row(F.Bfp8, 8, codes, exponent), strict=True):
        magnitude = code & 0x7F
        if magnitude:
            value = Fraction(magnitude, 64) * Fraction(2) ** (exponent - 15)
            assert src_value(src, 5) == (-value if code >> 7 else value)


@few
@given(codes=codes8)
def test_block_float_exponents_wrap_below_zero(codes: list[int]) -> None:
    for code, src in zip(codes, _block_row(F.Bfp8_b, 8, codes, 0), strict=True):
        if code & 0x7F:
            leading_zeros = 7 - (code & 0x7F).bit_length()
            assert (src >> 10) & 0xFF == -leading_zeros % 256


def _block_row(data_format: F, bits: int, codes: list[int], exponent: int) -> list[int]:
    packed = sum(code << (bits * i) for i, code in enumerate(codes)).to_bytes(2 * bits, "little")
    page = np.zeros(page_bytes(data_format), np.uint8)
    page[0] = exponent
    page[64 : 64 + len(packed)] = np.frombuffer(packed, np.uint8)
    return [int(v) for v in unpack(page, Operand(data_format), False).bits[0, 0, :16]]


@few
@given(codes8)
def test_bytes_carry_their_magnitude_with_exponent_16(codes: list[int]) -> None:
    signed = first_row(F.Int8, bytes(codes), fp32=True)
    unsigned = first_row(F.UInt8, bytes(codes), fp32=True)
    for code, s, u in zip(codes, signed, unsigned, strict=True):
        assert s == ((code >> 7) << 18) | (code & 0x7F) | (16 << 10 if code & 0x7F else 0)
        assert u == code | (16 << 10 if code else 0)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_faces_land_where_the_matrix_has_them(shape: TileShape) -> None:
    page = np.arange(shape.datums, dtype=np.uint16).view(np.uint8)
    source = unpack(page, Operand(F.UInt16, shape), False)
    matrix = matrix_from_slots(source.bits, shape)[0]
    assert matrix.shape == (shape.height, shape.width)
    for r in range(shape.height):
        for c in range(shape.width):
            face = (r // shape.face_rows) * (shape.width // 16) + c // 16
            index = (face * shape.face_rows + r % shape.face_rows) * 16 + c % 16
            assert matrix[r, c] == index


def test_wrong_page_size_names_the_right_one() -> None:
    with pytest.raises(TensixError, match="2048"):
        unpack(np.zeros(1024, np.uint8), Operand(F.Float16_b), False)


@pytest.mark.parametrize("data_format", [F.Int32, F.UInt32])
def test_wide_integers_only_go_to_dest(data_format: F) -> None:
    page = np.arange(1024, dtype=np.uint32).view(np.uint8)
    with pytest.raises(UnsupportedFormat, match="copy the tile to DST"):
        unpack(page, Operand(data_format), True)
    assert np.array_equal(np.sort(unpack_to_dest(page, Operand(data_format)).ravel()), np.arange(1024))


def test_narrow_formats_do_not_go_to_dest() -> None:
    with pytest.raises(UnsupportedFormat, match="32-bit"):
        unpack_to_dest(np.zeros(2048, np.uint8), Operand(F.Float16_b))
