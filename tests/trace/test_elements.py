"""Inferring formats and comparing contents element by element."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from tthal_toy_programs import CORE, image, state

from tthal.coordinates import CoreRangeSet
from tthal.device_interface import (
    CircularBufferFormat,
    CircularBufferImage,
    CircularBufferState,
    LaunchState,
    ProgramImage,
)
from tthal.trace.elements import PageFormats, Tolerance, compare_data
from tthal.types import DataFormat

F32 = DataFormat.Float32


def floats(*values: float) -> bytes:
    return np.array(values, "<f4").tobytes()


def test_equal_contents_do_not_differ() -> None:
    assert compare_data(b"abcd", memoryview(b"abcd"), 2) is None
    assert compare_data(b"", b"", 0, F32) is None


def test_the_first_difference_is_told_by_page_and_element() -> None:
    first = np.zeros(64, "<u2")
    second = first.copy()
    second[[37, 50]] = 9, 300
    found = compare_data(first.tobytes(), second.tobytes(), 32, DataFormat.UInt16)
    assert found is not None
    assert (found.page, found.element, found.recorded, found.actual) == (2, 5, "0 (0x0000)", "9 (0x0009)")
    assert (found.count, found.total, found.unit, found.largest) == (2, 64, "element", 300.0)
    assert str(found) == (
        "page 2, element 5: recorded 0 (0x0000), got 9 (0x0009) (2 of 64 elements differ, at most 300 apart)"
    )


def test_without_a_format_bytes_are_compared() -> None:
    found = compare_data(b"\0" * 8, b"\0\0\0\0\0\xff\0\0", 4)
    assert found is not None
    assert (found.page, found.element, found.unit, found.recorded, found.actual) == (1, 1, "byte", "0x00", "0xff")


def test_contents_of_different_length_count_what_is_missing() -> None:
    found = compare_data(b"abcdef", b"abcd", 4, DataFormat.UInt8)
    assert found is not None
    assert (found.page, found.element, found.recorded, found.actual, found.count) == (1, 0, "0x65", "nothing", 2)


def test_pages_that_the_format_does_not_divide_are_compared_as_bytes() -> None:
    found = compare_data(b"\0" * 6, b"\0\0\0\0\0\1", 6, F32)
    assert found is not None
    assert found.unit == "byte"


@pytest.mark.parametrize(
    ("recorded", "actual", "tolerance", "agrees"),
    [
        (1.0, 1.25, Tolerance(0.25), True),
        (1.0, 1.25, Tolerance(0.125), False),
        (100.0, 101.0, Tolerance(0.0, 0.01), True),
        (100.0, 101.5, Tolerance(0.0, 0.01), False),
        (100.0, 101.5, Tolerance(0.5, 0.01), True),
        (float("nan"), float("nan"), Tolerance(0.1), True),
        (float("nan"), 1.0, Tolerance(0.1), False),
        (float("inf"), float("inf"), Tolerance(0.1), True),
        (float("inf"), -float("inf"), Tolerance(0.1), False),
        (float("inf"), 3.0e38, Tolerance(0.1), False),
        (0.0, -0.0, Tolerance(1e-9), True),
        (0.0, -0.0, Tolerance(), False),
    ],
)
def test_the_tolerance(recorded: float, actual: float, tolerance: Tolerance, agrees: bool) -> None:
    found = compare_data(floats(recorded), floats(actual), 4, F32, tolerance)
    assert (found is None) == agrees


def test_nans_of_different_bits_agree_only_within_a_tolerance() -> None:
    one, other = np.array([0x7FC00000], "<u4").tobytes(), np.array([0x7FC00001], "<u4").tobytes()
    assert compare_data(one, other, 4, F32) is not None
    assert compare_data(one, other, 4, F32, Tolerance(0.1)) is None


def test_bfloat16_is_compared_as_numbers() -> None:
    one, other = (np.full(4, value, ml_dtypes.bfloat16).tobytes() for value in (1.0, 1.0078125))
    found = compare_data(one, other, 8, DataFormat.Float16_b)
    assert found is not None
    assert (found.recorded, found.actual, found.largest) == ("1 (0x3f80)", "1.00781 (0x3f81)", 0.0078125)
    assert compare_data(one, other, 8, DataFormat.Float16_b, Tolerance(0.01)) is None


def bfp8_tile(exponent: int, datum: int) -> bytes:
    """Return a 32x32 tile whose 64 rows of 16 share an exponent and whose datums are all the same (host-api.md §6)."""
    return bytes([exponent]) * 64 + bytes([datum]) * 1024


def test_block_floats_are_compared_as_numbers() -> None:
    one, other = bfp8_tile(127, 0x40), bfp8_tile(127, 0x41)
    found = compare_data(one, other, 1088, DataFormat.Bfp8_b)
    assert found is not None
    assert (found.unit, found.total, found.largest) == ("element", 1024, 1 / 64)
    assert compare_data(one, other, 1088, DataFormat.Bfp8_b, Tolerance(0.02)) is None
    assert compare_data(one, other, 1088, DataFormat.Bfp8_b, Tolerance(0.01)) is not None


def test_block_floats_of_equal_value_and_other_bits_differ_only_exactly() -> None:
    one, other = bfp8_tile(127, 0x40), bfp8_tile(128, 0x20)
    assert compare_data(one, other, 1088, DataFormat.Bfp8_b, Tolerance(1e-9)) is None
    found = compare_data(one, other, 1088, DataFormat.Bfp8_b)
    assert found is not None
    assert found.unit == "byte"


def test_a_page_size_tells_the_format_unless_two_formats_share_it() -> None:
    formats = PageFormats()
    formats.learn(image(), state())
    assert formats.of(2048) is DataFormat.UInt16
    assert formats.of(1024) is None
    other = ProgramImage(
        circular_buffers=(CircularBufferImage(CoreRangeSet(CORE), (CircularBufferFormat(4, DataFormat.Float16_b),)),)
    )
    formats.learn(other, LaunchState((), (CircularBufferState(4096, ((4, 4096),)),)))
    assert formats.of(4096) is DataFormat.Float16_b
    formats.learn(other, LaunchState((), (CircularBufferState(4096, ((4, 2048),)),)))
    assert formats.of(2048) is None
