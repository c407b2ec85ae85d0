from __future__ import annotations

import numpy as np
import pytest

from tthal.errors import InvalidArgument
from tthal.host_bytes import readable_bytes, words_or_bytes, writable_bytes


def test_no_copy_is_made() -> None:
    array = np.arange(4, dtype=np.uint32)
    writable_bytes(array, "test")[4] = 0xFF
    assert array.tolist() == [0, 0xFF, 2, 3]
    data = bytearray(8)
    view = readable_bytes(memoryview(data).cast("I"), "test")
    data[0] = 9
    assert (view[0], len(view), view.format) == (9, 8, "B")


@pytest.mark.parametrize("empty", [b"", np.zeros(0, np.float32), np.zeros((0, 3)), memoryview(b"").cast("I")])
def test_nothing_is_no_bytes(empty: object) -> None:
    assert len(readable_bytes(empty, "test")) == 0


def test_a_scalar_array_is_its_bytes() -> None:
    assert readable_bytes(np.float32(1.0).reshape(()), "test").nbytes == 4


def test_words_are_little_endian() -> None:
    assert words_or_bytes([1, 0x01020304], "test") == b"\1\0\0\0\4\3\2\1"
    assert words_or_bytes((np.uint32(7),), "test") == b"\7\0\0\0"
    assert words_or_bytes(b"ab", "test") == b"ab"
    for wrong in (-1, 1 << 32):
        with pytest.raises(InvalidArgument, match="does not fit an unsigned 32-bit word"):
            words_or_bytes([wrong], "test")
