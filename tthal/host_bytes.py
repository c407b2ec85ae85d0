"""Views of what the host hands over or wants filled, as flat bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tthal.errors import InvalidArgument, WrongType

WORD_BYTES = 4


def readable_bytes(data: Any, what: str) -> memoryview:
    """Return ``data`` (anything with the buffer protocol, C-contiguous) as flat bytes, without a copy.

    Raises:
        WrongType: it has no buffer protocol.
        InvalidArgument: it is not contiguous.
    """
    if isinstance(data, np.ndarray):
        # ml_dtypes arrays (bfloat16) have no buffer protocol of their own.
        _require_contiguous(bool(data.flags.c_contiguous), what)
        return data.reshape(-1).view(np.uint8).data
    try:
        view = memoryview(data)
    except TypeError:
        raise WrongType(
            f"{what} takes bytes, a numpy array or anything else with the buffer protocol, not "
            f"{type(data).__name__}; numpy.asarray(values, dtype) makes an array of a list"
        ) from None
    _require_contiguous(view.c_contiguous, what)
    return view.cast("B") if view.nbytes else memoryview(b"")


def writable_bytes(out: Any, what: str) -> memoryview:
    """Return ``out`` (a writable buffer, C-contiguous) as flat bytes, without a copy.

    Raises:
        WrongType: it has no buffer protocol.
        InvalidArgument: it is read-only or not contiguous.
    """
    view = readable_bytes(out, what)
    read_only = not out.flags.writeable if isinstance(out, np.ndarray) else view.readonly
    if read_only and len(view):
        raise InvalidArgument(f"{what} cannot fill {type(out).__name__}: it is read-only; pass a bytearray or an array")
    return view


def words_or_bytes(data: Any, what: str) -> memoryview:
    """Return ``data`` as flat bytes; a list or tuple of integers stands for 32-bit words.

    Raises:
        InvalidArgument: a word does not fit 32 bits.
    """
    if not isinstance(data, (list, tuple)):
        return readable_bytes(data, what)
    return memoryview(b"".join(_word(value, what) for value in data))


def _word(value: Any, what: str) -> bytes:
    try:
        return int(value).to_bytes(WORD_BYTES, "little")
    except OverflowError:
        raise InvalidArgument(
            f"{what}: {value} does not fit an unsigned 32-bit word; mask it with 0xffffffff"
        ) from None


def _require_contiguous(contiguous: bool, what: str) -> None:
    if not contiguous:
        raise InvalidArgument(f"{what} takes C-contiguous memory; numpy.ascontiguousarray(array) makes a copy that is")


def check_size(given: int, wanted: int, what: str) -> None:
    """Check that a host object is exactly as large as a buffer.

    Raises:
        InvalidArgument: it is not; names both sizes.
    """
    if given == wanted:
        return
    fix = ""
    if given < wanted:
        fix = (
            f": pad it with {wanted - given} bytes, as numpy.pad(array.reshape(-1).view(numpy.uint8), "
            f"(0, {wanted - given})) does, or call WriteToBuffer, which leaves the rest of the buffer as it is"
        )
    raise InvalidArgument(
        f"{what}: the host object has {given} bytes, the buffer {wanted} bytes; they must be equal{fix}"
    )
