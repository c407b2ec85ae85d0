"""The oracles' own formats, against patterns worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tthal_conformance import values


def test_faces_lie_one_after_the_other() -> None:
    tiles = values.to_tiles(np.arange(32 * 64).reshape(32, 64))
    assert tiles[0] == 0
    assert tiles[16] == 64  # the second row of the first face
    assert tiles[256] == 16  # the face to its right
    assert tiles[512] == 16 * 64  # the face below
    assert tiles[1024] == 32  # the next tile
    assert np.array_equal(values.from_tiles(tiles, 32, 64), np.arange(32 * 64).reshape(32, 64))


def test_bfloat16_patterns() -> None:
    assert values.bfloat16_bits(np.array([1.0, -2.0, 0.15625])).tolist() == [0x3F80, 0xC000, 0x3E20]
    assert values.bfloat16_values(np.array([0x3F81], np.uint16))[0] == 1.0078125
    with pytest.raises(ValueError, match="no bfloat16"):
        values.bfloat16_bits(np.array([1.001]))


def test_block_float_meaning() -> None:
    page = np.zeros(64 + 1024, np.uint8)
    page[0] = 128
    page[64], page[65], page[66] = 0x40, 0xC0, 0x01
    meant = values.block_float_values(page, 1, 7)
    assert meant[:3].tolist() == [2.0, -2.0, 2.0 / 64]


def test_four_bit_block_float_has_the_low_nibble_first() -> None:
    page = np.zeros(64 + 512, np.uint8)
    page[0] = 127
    page[64] = 0x9C
    assert values.block_float_values(page, 1, 3)[:2].tolist() == [-1.0, -0.25]


def test_truncation_keeps_leading_bits() -> None:
    assert values.truncated(np.array([1.9921875, -1.9921875]), 5).tolist() == [1.9375, -1.9375]


def test_what_a_format_cannot_hold_is_refused() -> None:
    import tthal as ttnn

    with pytest.raises(ValueError, match="no Float16"):
        values.encode(np.array([1e9]), ttnn.DataFormat.Float16)
