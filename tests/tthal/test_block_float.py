"""Block-float packing, against the vendor's host packer and against the definition.

``data/block_float.npz`` holds two tiles of float32 bit patterns (normal values, then random patterns with narrow
exponents in each row, infinities and NaNs among them) and what ``ttnn._ttnn.bfp_utils.pack_bfp8/4/2`` of the wheel ttnn
0.81.1 makes of them.
"""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthal import DataFormat, InvalidArgument, block_float

VECTORS = np.load(Path(__file__).parent / "data" / "block_float.npz")
FORMATS = sorted(block_float.FORMATS, key=lambda each: each.name)
BITS = {"8": 8, "4": 4, "2": 2}


@pytest.mark.parametrize("data_format", FORMATS, ids=lambda each: each.name)
def test_packing_equals_the_vendors_packer(data_format: DataFormat) -> None:
    packed = block_float.pack(VECTORS["float32"].view(np.float32), data_format)
    assert packed.tolist() == VECTORS[data_format.name].tolist()


def row(values: list[float]) -> np.ndarray:
    """A tile that is zero but for its first row of 16."""
    return np.array(values + [0.0] * (1024 - len(values)), np.float32)


def test_a_row_shares_the_largest_exponent() -> None:
    packed = block_float.pack(row([1.0, -0.5, 3.0, 0.0]), DataFormat.Bfp8_b)
    assert packed[0] == 128  # 3.0 = 1.5 * 2^1
    assert packed[64:68].tolist() == [32, 0x80 | 16, 96, 0]
    assert packed[1:64].any() == packed[68:].any() == False  # noqa: E712


@pytest.mark.parametrize(
    ("value", "datum"),
    [
        (65 / 64, 65),
        (65.5 / 64, 66),  # half to even
        (66.5 / 64, 66),
        (66.51 / 64, 67),
        (127.75 / 64, 127),  # saturates instead of raising the exponent
        (0.5 / 64, 0),
        (1.5 / 64, 2),
        (-0.25 / 64, 0),  # what rounds to zero loses its sign
    ],
)
def test_datums_round_half_to_even_and_saturate(value: float, datum: int) -> None:
    packed = block_float.pack(row([1.0, value]), DataFormat.Bfp8_b)
    assert (packed[0], packed[64], packed[65]) == (127, 64, datum)


def test_denormals_become_zero() -> None:
    assert not block_float.pack(row([1e-40, -1e-45]), DataFormat.Bfp8_b).any()


def test_infinities_and_nans_take_the_largest_exponent() -> None:
    packed = block_float.pack(row([np.inf, -np.inf, np.nan, 1.0]), DataFormat.Bfp8_b)
    assert (packed[0], packed[64:68].tolist()) == (255, [64, 192, 96, 0])
    back = block_float.unpack(packed, DataFormat.Bfp8_b)[:4]
    assert back[:2].tolist() == [np.inf, -np.inf]
    assert np.isnan(back[2])
    assert back[3] == 0


def test_nibbles_and_pairs_lie_from_the_low_bits_up() -> None:
    assert block_float.pack(row([1.0, -0.5]), DataFormat.Bfp4_b)[64] == 0xA4
    assert block_float.pack(row([1.0, -1.0, 0.0, 1.0]), DataFormat.Bfp2_b)[64] == 0b01_00_11_01


@pytest.mark.parametrize(("exponent", "stored"), [(0, 15), (-15, 0), (16, 31), (17, 31), (-16, 0)])
def test_narrow_exponents_are_clamped(exponent: int, stored: int) -> None:
    packed = block_float.pack(row([1.8125 * 2.0**exponent]), DataFormat.Bfp8)
    datum = 127 if exponent > 16 else 64 if exponent < -15 else 116
    assert (packed[0], packed[64]) == (stored, datum)


@pytest.mark.parametrize("data_format", FORMATS, ids=lambda each: each.name)
@given(seed=st.integers(0, 2**32 - 1))
def test_unpacking_is_the_definition(data_format: DataFormat, seed: int) -> None:
    block = block_float.FORMATS[data_format]
    rng = np.random.default_rng(seed)
    data = rng.integers(0, 256, 64 + 128 * block.bits, dtype=np.uint8)
    data[:64] %= 31 if block.narrow else 255
    # Smaller exponents do not hold every datum; the next test has them.
    data[:64] = np.maximum(data[:64], block.bits)
    values = block_float.unpack(data, data_format)
    bias, magnitude_bits = (15 if block.narrow else 127), block.bits - 1
    stream = int.from_bytes(data[64:].tobytes(), "little")
    for index in rng.integers(0, 1024, 20).tolist():
        datum = (stream >> (index * block.bits)) & ((1 << block.bits) - 1)
        magnitude = datum & ((1 << magnitude_bits) - 1)
        expected = magnitude / 2.0 ** (magnitude_bits - 1) * 2.0 ** (int(data[index // 16]) - bias)
        assert values[index] == (-expected if datum >> magnitude_bits else expected)


@pytest.mark.parametrize("data_format", FORMATS, ids=lambda each: each.name)
def test_what_fits_survives(data_format: DataFormat) -> None:
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (64, 16))
    values = (signs * 2.0 ** np.random.default_rng(2).integers(-10, 10, (64, 1))).astype(np.float32).reshape(-1)
    assert (block_float.unpack(block_float.pack(values, data_format), data_format) == values).all()


@pytest.mark.parametrize(("tile", "size"), [((1, 32), 48), ((16, 32), 544), ((32, 16), 544), ((8, 16), 144)])
def test_the_exponents_of_small_tiles_are_padded(tile: tuple[int, int], size: int) -> None:
    values = np.arange(2 * tile[0] * tile[1], dtype=np.float32) % 64 + 64
    packed = block_float.pack(values, DataFormat.Bfp8_b, tile)
    assert packed.size == 2 * size
    assert (block_float.unpack(packed, DataFormat.Bfp8_b, tile) == values).all()


def test_part_of_a_tile_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="1000 values are not whole tiles of 32x32"):
        block_float.pack(np.zeros(1000, np.float32), DataFormat.Bfp8_b)
    with pytest.raises(InvalidArgument, match="1000 bytes are not whole tiles of 1088 bytes"):
        block_float.unpack(np.zeros(1000, np.uint8), DataFormat.Bfp8_b)
    with pytest.raises(InvalidArgument, match="not a block-float format; those are Bfp2, Bfp2_b"):
        block_float.pack(np.zeros(1024, np.float32), DataFormat.Float32)


# sha256 of the float32 bits that ttnn._ttnn.bfp_utils.unpack_bfp8/4/2 (ttnn 0.81.1) make of every datum (rows of 16
# consecutive bytes, cut to the datum's bits) under every exponent byte, also those that no packer writes.
UNPACKED = {
    "Bfp8_b": "22743d4d96ac0d99",
    "Bfp8": "69b5aac5b6a7da84",
    "Bfp4_b": "515a07c9d3ef9dd9",
    "Bfp4": "e24488977366f923",
    "Bfp2_b": "a4367fafb34fc300",
    "Bfp2": "0969a8908dd5e127",
}


def every_datum(bits: int) -> np.ndarray:
    tiles = []
    for turn, first in itertools.product(range(16), range(0, 256, 64)):
        datums = (np.arange(16 * turn, 16 * turn + 16) & ((1 << bits) - 1)).reshape(-1, 8 // bits)
        row = (datums << (np.arange(8 // bits) * bits)).sum(axis=1)
        tiles += [np.arange(first, first + 64), np.tile(row, 64)]
    return np.concatenate(tiles).astype(np.uint8)


@pytest.mark.parametrize("data_format", FORMATS, ids=lambda each: each.name)
def test_unpacking_is_the_vendors_for_every_datum_and_exponent(data_format: DataFormat) -> None:
    values = block_float.unpack(every_datum(block_float.FORMATS[data_format].bits), data_format)
    assert hashlib.sha256(values.tobytes()).hexdigest()[:16] == UNPACKED[data_format.name]


@pytest.mark.parametrize(
    ("exponent", "datum", "bits"),
    [(1, 3, 0x00400000), (2, 9, 0x80000000), (1, 9, 0), (255, 5, 0x7FA00000), (255, 4, 0x7F800000)],
)
def test_tiny_exponents_and_infinities_of_bfp4_are_the_vendors(exponent: int, datum: int, bits: int) -> None:
    data = np.zeros(576, np.uint8)
    data[0], data[64] = exponent, datum
    assert block_float.unpack(data, DataFormat.Bfp4_b)[:1].view(np.uint32)[0] == bits
