"""What the bytes of a buffer mean: guesses a page's data format from the programs, and finds where two contents differ.

A buffer has no element type. Its format is inferred where a circular buffer of the same page size says it; a format
given by the user goes before that; else the bytes are compared as bytes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

from tthal import block_float
from tthal.data_formats import BLOCK_FORMATS, tile_size
from tthal.device_interface import LaunchState, ProgramImage
from tthal.trace.reader import Trace
from tthal.trace.schema import Launch
from tthal.types import DataFormat

_DTYPES: dict[DataFormat, npt.DTypeLike] = {
    DataFormat.Float32: "<f4",
    DataFormat.Tf32: "<f4",
    DataFormat.Float16: "<f2",
    DataFormat.Float16_b: np.dtype(ml_dtypes.bfloat16),
    DataFormat.Int32: "<i4",
    DataFormat.UInt32: "<u4",
    DataFormat.UInt16: "<u2",
    DataFormat.Int8: "i1",
    DataFormat.UInt8: "u1",
    DataFormat.Fp8_e4m3: np.dtype(ml_dtypes.float8_e4m3fn),
}
Values = npt.NDArray[Any]


def dtype_of(data_format: DataFormat | None) -> np.dtype[np.generic]:
    """Return the numpy type of a format's elements, bytes when it is unknown."""
    return np.dtype(_DTYPES.get(data_format, "u1") if data_format is not None else "u1")


class PageFormats:
    """Page sizes of circular buffers and the formats they hold, collected from launches."""

    def __init__(self) -> None:
        self._by_size: dict[int, set[DataFormat]] = defaultdict(set)

    def learn(self, image: ProgramImage, state: LaunchState) -> None:
        """Take note of one launch."""
        for buffer, sizes in zip(image.circular_buffers, state.circular_buffers, strict=False):
            formats = {item.index: item.data_format for item in buffer.formats}
            for index, page_size in sizes.page_sizes:
                if index in formats:
                    self._by_size[page_size].add(formats[index])

    def of(self, page_size: int) -> DataFormat | None:
        """Return the format of pages of this size, None when unknown or ambiguous."""
        formats = self._by_size.get(page_size, set())
        return next(iter(formats)) if len(formats) == 1 else None


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two numbers may lie apart: |a - b| <= absolute + relative * |b|; both 0 means equal bytes."""

    absolute: float = 0.0
    relative: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether only equal bytes pass."""
        return self.absolute == 0 and self.relative == 0


EXACT = Tolerance()


@dataclass(frozen=True, slots=True)
class DataDifference:
    """How two contents of one buffer differ: the first differing element, how many, and the largest distance."""

    page: int
    element: int
    recorded: str
    actual: str
    count: int
    total: int
    unit: str
    largest: float | None

    @property
    def extent(self) -> str:
        """How much differs, in words."""
        far = f", at most {self.largest:.6g} apart" if self.largest is not None else ""
        return f"{self.count} of {self.total} {self.unit}s differ{far}"

    def __str__(self) -> str:
        return (
            f"page {self.page}, {self.unit} {self.element}: recorded {self.recorded}, got {self.actual} ({self.extent})"
        )


def compare_data(
    recorded: bytes | memoryview,
    actual: bytes | memoryview,
    page_size: int,
    data_format: DataFormat | None = None,
    tolerance: Tolerance = EXACT,
) -> DataDifference | None:
    """Return how two contents differ, None when they agree within the tolerance.

    Contents of different length are compared over the common part, then the missing bytes count.
    """
    if len(recorded) == len(actual):
        if memoryview(recorded) == memoryview(actual):
            return None
        values = [_values(data, page_size, data_format) for data in (recorded, actual)]
        if values[0] is not None and values[1] is not None:
            wrong = _wrong(values[0], values[1], tolerance)
            if wrong.size:
                return _difference(values[0], values[1], wrong, len(recorded), page_size)
            if not tolerance.exact:
                return None
    return _compare_bytes(recorded, actual, page_size)


def _values(data: bytes | memoryview, page_size: int, data_format: DataFormat | None) -> Values | None:
    """Return a content's elements, None where the format is unknown or does not divide the pages."""
    if data_format is None or page_size <= 0 or len(data) % page_size:
        return None
    if data_format in BLOCK_FORMATS:
        if page_size % tile_size(data_format):
            return None
        return block_float.unpack(np.frombuffer(data, np.uint8), data_format).reshape(-1)
    dtype = dtype_of(data_format)
    return None if page_size % dtype.itemsize else np.frombuffer(data, dtype)


def _compare_bytes(recorded: bytes | memoryview, actual: bytes | memoryview, page_size: int) -> DataDifference:
    common = min(len(recorded), len(actual))
    first, second = (np.frombuffer(data, np.uint8, common) for data in (recorded, actual))
    wrong = np.flatnonzero(first != second)
    missing = max(len(recorded), len(actual)) - common
    index = int(wrong[0]) if wrong.size else common
    one, other = (f"0x{data[index]:02x}" if index < len(data) else "nothing" for data in (recorded, actual))
    return DataDifference(
        index // max(1, page_size),
        index % max(1, page_size),
        one,
        other,
        count=int(wrong.size) + missing,
        total=common + missing,
        unit="byte",
        largest=None,
    )


def _difference(
    first: Values, second: Values, wrong: npt.NDArray[np.intp], size: int, page_size: int
) -> DataDifference:
    index = int(wrong[0])
    per_page = max(1, len(first) * page_size // size)
    return DataDifference(
        index // per_page,
        index % per_page,
        _shown(first[index]),
        _shown(second[index]),
        count=int(wrong.size),
        total=len(first),
        unit="element",
        largest=_largest(first[wrong], second[wrong]),
    )


def _wrong(first: Values, second: Values, tolerance: Tolerance) -> npt.NDArray[np.intp]:
    """Return the indices of the elements whose bits differ and whose values lie too far apart."""
    raw = np.dtype(f"u{first.dtype.itemsize}")
    differing = np.flatnonzero(first.view(raw) != second.view(raw))
    if tolerance.exact:
        return differing
    expected, got = (array[differing].astype(np.float64) for array in (first, second))
    with np.errstate(invalid="ignore"):
        near = np.abs(got - expected) <= tolerance.absolute + tolerance.relative * np.abs(expected)
    kept: npt.NDArray[np.intp] = differing[~(near | (got == expected) | (np.isnan(got) & np.isnan(expected)))]
    return kept


def _largest(first: Values, second: Values) -> float | None:
    with np.errstate(invalid="ignore"):
        distance = np.abs(first.astype(np.float64) - second.astype(np.float64))
    finite = distance[np.isfinite(distance)]
    return float(finite.max()) if finite.size else None


def _shown(value: np.generic) -> str:
    bits = int.from_bytes(value.tobytes(), "little")
    return f"{value!s} (0x{bits:0{2 * value.dtype.itemsize}x})"


def page_formats(trace: Trace) -> PageFormats:
    """Return the page formats of all launches of a trace."""
    formats = PageFormats()
    for call in trace.calls():
        if isinstance(call, Launch):
            formats.learn(trace.image(call.program), trace.state(call.state))
    return formats
