"""The packer against exact rational arithmetic on single datums."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthal.types import DataFormat as F
from tthal_emulator.abi import EdgeMask, ReluMode
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX
from tthal_emulator.tensix.errors import TensixError, UnsupportedFormat
from tthal_emulator.tensix.formats import FORMATS, Operand, TileShape, exponent_bytes
from tthal_emulator.tensix.operations import Grade
from tthal_emulator.tensix.pack import PackSettings, Relu, pack
from tthal_emulator.tensix.tile_math import TileMath

few = settings(max_examples=40, deadline=None)
finite = st.builds(
    lambda s, e, m: s << 31 | e << 23 | m,
    st.integers(0, 1),
    st.one_of(st.integers(118, 134), st.integers(1, 254)),
    st.one_of(st.integers(0, 0x7FFFFF), st.integers(0, 0x7F).map(lambda m: m << 16)),
)
special = st.sampled_from([0, 0x80000000, 1, 0x80400000, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00001])
patterns = st.lists(st.one_of(finite, special), min_size=16, max_size=16)


def packed_row(values: list[int], data_format: F, fp32: bool, precise: bool = False, relu: Relu | None = None) -> bytes:
    """Pack a tile whose first row begins with the patterns; return the bytes of those 16 datums (exponent first)."""
    slots = np.zeros((1, 32, 32), np.uint32)
    slots[0, 0, :16] = values
    settings = PackSettings(relu=relu or Relu())
    operand = Operand(data_format)
    page = pack(slots, operand, fp32, settings, precise)[0]
    header = exponent_bytes(data_format)
    data = page[header:][: 16 * (operand.page_bytes - header) // 1024]
    return bytes(page[:1]) * bool(header) + bytes(data)


def words(data: bytes, size: int) -> list[int]:
    return [int.from_bytes(data[i : i + size], "little") for i in range(0, len(data), size)]


def without_nan(bits: int) -> int:
    return bits & 0xFF800000 if (bits & 0x7FFFFFFF) > 0x7F800000 else bits


def value(bits: int) -> Fraction:
    """The number of a float32 pattern, exponent 255 taken as an ordinary one."""
    exponent, fraction = (bits >> 23) & 0xFF, bits & 0x7FFFFF
    magnitude = (Fraction(fraction, 1 << 23) + 1) * Fraction(2) ** (exponent - 127) if exponent else Fraction(0)
    return -magnitude if bits >> 31 else magnitude


def rounded(bits: int, fraction_bits: int) -> Fraction:
    """Nearest number with so many fraction bits, halves away from zero; denormals become 0."""
    number = value(without_nan(bits))
    unit = Fraction(2) ** (((bits >> 23) & 0xFF) - 127 - fraction_bits)
    magnitude = floor(abs(number) / unit + Fraction(1, 2)) * unit
    return -magnitude if number < 0 else magnitude


@few
@given(patterns)
def test_32_bit_dst_to_float32_is_identity(values: list[int]) -> None:
    assert words(packed_row(values, F.Float32, True), 4) == values


@few
@given(patterns)
def test_32_bit_dst_to_bfloat16_rounds_halves_away(values: list[int]) -> None:
    for bits, word in zip(values, words(packed_row(values, F.Float16_b, True), 2), strict=True):
        assert value(word << 16) == rounded(bits, 7)
        assert word != 0x8000
        assert (word & 0x7FFF) <= 0x7F80


@pytest.mark.parametrize(("data_format", "size"), [(F.Float16_b, 2), (F.Float32, 4)])
@few
@given(patterns)
def test_16_bit_dst_is_kept_but_for_specials(data_format: F, size: int, values: list[int]) -> None:
    values = [bits & 0xFFFF0000 for bits in values]
    expected = [without_nan(bits) if bits & 0x7F800000 else 0 for bits in values]
    got = words(packed_row(values, data_format, False), size)
    assert [word << (32 - 8 * size) for word in got] == expected


def expected_block(values: list[int], bits: int, precise: bool) -> tuple[int, list[int]]:
    """Shared exponent and codes of a row: one rounding to E8M6 unless precise, one to 7 bits, then truncation."""
    staged = []
    for pattern in values:
        if precise:
            staged.append(value(pattern & 0xFFFF0000) if pattern & 0x7F800000 else Fraction(0))
        else:
            staged.append(rounded(pattern, 6))
    exponents = [_exponent(number) for number in staged]
    shared = max(exponents)
    codes = []
    for number, exponent in zip(staged, exponents, strict=True):
        magnitude = abs(number) / Fraction(2) ** (shared - 127 - 6)
        code = 0 if shared - exponent >= 8 else min(floor(magnitude + Fraction(1, 2)), 127)
        code >>= 8 - bits
        codes.append(code | ((number < 0) << (bits - 1)) if code else 0)
    return shared, codes


def _exponent(number: Fraction) -> int:
    exponent = 0
    while number and Fraction(2) ** (exponent - 126) <= abs(number):
        exponent += 1
    return exponent


@pytest.mark.parametrize("precise", [False, True])
@pytest.mark.parametrize(("data_format", "bits"), [(F.Bfp8_b, 8), (F.Bfp4_b, 4), (F.Bfp2_b, 2)])
@few
@given(values=st.lists(finite, min_size=16, max_size=16))
def test_block_floats(data_format: F, bits: int, precise: bool, values: list[int]) -> None:
    data = packed_row(values, data_format, True, precise)
    shared, codes = expected_block(values, bits, precise)
    packed = int.from_bytes(data[1:], "little")
    assert data[0] == shared
    assert [(packed >> (bits * i)) & ((1 << bits) - 1) for i in range(16)] == codes


@few
@given(patterns)
def test_float16_of_a_32_bit_dst_comes_by_way_of_bfloat16(values: list[int]) -> None:
    """The packer's register is Float16_b then (chlkc_descriptors.h of ttnn 0.81.1): 7 fraction bits are left."""
    for bits, word in zip(values, words(packed_row(values, F.Float16, True), 2), strict=True):
        number = rounded(bits, 7)
        exponent, fraction = (word >> 10) & 31, word & 0x3FF
        if abs(number) >= Fraction(2) ** 17:
            assert word & 0x7FFF == 0x7FFF
        elif abs(number) >= Fraction(2) ** -14:
            magnitude = Fraction(1024 + fraction, 1024) * Fraction(2) ** (exponent - 15)
            assert magnitude == abs(number)
            assert bool(word >> 15) == (number < 0)
        else:
            assert exponent == 0


integers = st.lists(st.one_of(st.integers(-300, 300), st.integers(-(2**31) + 1, 2**31 - 1)), min_size=16, max_size=16)


@few
@given(integers)
def test_integers_are_clamped_to_bytes(numbers: list[int]) -> None:
    dst = [abs(n) | (n < 0) << 31 for n in numbers]
    signed, unsigned = packed_row(dst, F.Int8, True), packed_row(dst, F.UInt8, True)
    assert list(unsigned) == [min(max(n, 0), 255) for n in numbers]
    assert list(signed) == [min(abs(n), 127) | (n < 0) << 7 for n in numbers]


@pytest.mark.parametrize("data_format", [F.Int32, F.UInt32])
@few
@given(patterns)
def test_wide_integers_are_identity(data_format: F, values: list[int]) -> None:
    assert words(packed_row(values, data_format, True), 4) == values


def test_uint16_is_the_upper_half() -> None:
    values = [i << 16 | 0xABCD for i in range(16)]
    assert words(packed_row(values, F.UInt16, True), 2) == list(range(16))


# ----------------------------------------------------------------------------------------- relu, masks, errors


@pytest.mark.parametrize("mode", list(ReluMode), ids=lambda m: m.name)
@pytest.mark.parametrize(("data_format", "size"), [(F.Float16_b, 2), (F.Float32, 4)])
@few
@given(values=st.lists(finite, min_size=16, max_size=16), threshold=st.integers(0, 0x7F7F))
def test_relu(mode: ReluMode, data_format: F, size: int, values: list[int], threshold: int) -> None:
    plain = words(packed_row(values, data_format, True), size)
    got = words(packed_row(values, data_format, True, relu=Relu(mode, threshold)), size)
    limit = threshold << (8 * size - 16)
    for before, after in zip(plain, got, strict=True):
        negative = before >> (8 * size - 1)
        if mode is ReluMode.NONE:
            assert after == before
        elif negative or (mode is ReluMode.MIN_THRESHOLD and before <= limit):
            assert after == 0
        elif mode is ReluMode.MAX_THRESHOLD and before >> (8 * size - 19 if size == 4 else 0) > limit >> (
            8 * size - 19 if size == 4 else 0
        ):
            assert after == limit
        else:
            assert after == before


@pytest.mark.parametrize("threshold", [-1, 0x8000, 0x10000])
def test_relu_threshold_must_be_positive(threshold: int) -> None:
    with pytest.raises(TensixError, match="positive"):
        Relu(ReluMode.MIN_THRESHOLD, threshold)


def test_relu_threshold_on_integers_is_refused() -> None:
    with pytest.raises(UnsupportedFormat, match="Int32"):
        packed_row([1] * 16, F.Int32, True, relu=Relu(ReluMode.MIN_THRESHOLD, 1))


@pytest.mark.parametrize(
    ("mask", "kept"),
    [
        (EdgeMask.NONE, {(r, c) for r in range(32) for c in range(32)}),
        (EdgeMask.COLUMN_0, {(r, c) for r in range(32) for c in (0, 16)}),
        (EdgeMask.ROW_0, {(0, c) for c in range(32)}),
        (EdgeMask.ELEMENT_0, {(0, 0)}),
    ],
)
def test_edge_masks(mask: EdgeMask, kept: set[tuple[int, int]]) -> None:
    slots = np.full((1, 32, 32), 0x3F800000, np.uint32)
    page = pack(slots, Operand(F.Float32), True, PackSettings(edge_mask=mask))[0].view(np.float32)
    matrix = page.reshape(2, 2, 16, 16).swapaxes(1, 2).reshape(32, 32)
    assert {(int(r), int(c)) for r, c in np.argwhere(matrix)} == kept


def test_small_block_float_pages_pad_their_exponents() -> None:
    slots = np.full((1, 1, 32), 0x3F800000, np.uint32)
    page = pack(slots, Operand(F.Bfp8_b, TileShape(1, 32)), True)[0]
    assert page.size == 48
    assert list(page[:2]) == [127, 127]
    assert not page[2:16].any()
    assert (page[16:] == 64).all()


def test_bytes_from_16_bit_dst_are_refused() -> None:
    with pytest.raises(UnsupportedFormat, match="fp32_dest_acc_en"):
        packed_row([0] * 16, F.Int8, False)


# ----------------------------------------------------------------------------------------- formats of 5-bit exponents


def narrow_number(number: Fraction, fraction_bits: int) -> tuple[int, int, int]:
    """Sign, 5-bit exponent and fraction of a number on its way to a float16; the fraction is cut to so many bits.

    What is too large has all bits set, what is too small only its sign.
    """
    sign, magnitude = int(number < 0), abs(number)
    if magnitude >= Fraction(2) ** 17:
        return sign, 31, (1 << fraction_bits) - 1
    if magnitude < Fraction(2) ** -15:
        return sign, -1, 0
    exponent = _exponent(magnitude) - 112
    fraction = magnitude / Fraction(2) ** (exponent - 15) - 1
    return sign, exponent, floor(fraction * (1 << fraction_bits))


ordinary = st.builds(
    lambda s, e, m: s << 31 | e << 23 | m, st.integers(0, 1), st.integers(113, 140), st.integers(0, 0x7FFFFF)
)
sixteen = st.lists(ordinary, min_size=16, max_size=16)


@few
@given(sixteen)
def test_lf8_is_a_float16_without_its_lower_byte(values: list[int]) -> None:
    for bits, code in zip(values, packed_row(values, F.Lf8, True), strict=True):
        # From a 32-bit DST the packer takes float32 and rounds nothing.
        sign, exponent, fraction = narrow_number(value(bits), 2)
        assert code == sign << 7 | exponent << 2 | fraction


@few
@given(sixteen)
def test_fp8_e4m3_saturates_above_its_15_exponents(values: list[int]) -> None:
    for bits, code in zip(values, packed_row(values, F.Fp8_e4m3, True), strict=True):
        # The packer works on bfloat16: so the vendor's build of ttnn 0.81.1 sets it up for this format.
        sign, exponent, fraction = narrow_number(rounded(bits, 7), 3)
        number = (exponent - 8) << 3 | fraction
        wanted = 0x7F if exponent > 23 else 0 if exponent < 9 else number
        assert code == sign << 7 | wanted


@pytest.mark.parametrize(("data_format", "bits"), [(F.Bfp8, 8), (F.Bfp4, 4), (F.Bfp2, 2)])
@few
@given(values=sixteen)
def test_block_floats_with_five_bit_exponents(data_format: F, bits: int, values: list[int]) -> None:
    data = packed_row(values, data_format, True)
    # One rounding to 6 fraction bits, then the narrow exponent, then one rounding at the largest exponent.
    staged = [narrow_number(rounded(pattern, 6), 7) for pattern in values]
    shared = max(exponent for _, exponent, _ in staged)
    codes = []
    for sign, exponent, fraction in staged:
        shift = shared - exponent
        magnitude = Fraction(128 + fraction, 1 << (shift + 1)) if exponent > 0 else Fraction(0)
        code = 0 if shift >= 8 else min(floor(magnitude + Fraction(1, 2)), 127) >> (8 - bits)
        codes.append(code | sign << (bits - 1) if code else 0)
    packed = int.from_bytes(data[1:], "little")
    assert data[0] == shared
    assert [(packed >> (bits * i)) & ((1 << bits) - 1) for i in range(16)] == codes


# ----------------------------------------------------------------------------------------- there and back

TO_DEST = {F.Float32, F.Int32, F.UInt32, F.Tf32}
TWO_WAYS = [data_format for data_format in FORMATS if data_format is not F.Tf32]


@pytest.mark.parametrize("data_format", TWO_WAYS, ids=lambda f: f.name)
@few
@given(seed=st.integers(0, 2**32 - 1), spread=st.integers(0, 6))
def test_what_was_packed_once_is_packed_the_same_again(data_format: F, seed: int, spread: int) -> None:
    """A page that the packer wrote comes back through unpacker, DST and packer unchanged."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 1 << 23, (1, 32, 32)) | rng.integers(127 - spread, 128 + spread, (1, 32, 32)) << 23
    bits |= rng.integers(0, 2, (1, 32, 32)) << 31
    operand = Operand(data_format, unpack_to_dest=data_format in TO_DEST)
    chip = BLACKHOLE_TENSIX if data_format is F.Fp8_e4m3 else WORMHOLE_TENSIX
    # UInt16 comes to the lower half of a 32-bit DST and is packed from the upper one.
    m = TileMath(chip, Grade.EXACT, fp32_dest_acc_en=data_format is not F.UInt16)
    m.dst.store(0, bits.astype(np.uint32))
    first, second = np.zeros((2, operand.page_bytes), np.uint8)
    m.pack_tile(0, operand, first)
    m.copy_tile(operand, first[None], 1)
    m.pack_tile(1, operand, second)
    assert np.array_equal(first, second)
