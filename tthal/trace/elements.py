"""What the bytes of a buffer mean: guesses a page's data format from the programs, and finds where two contents differ.

A buffer has no element type. Its format is inferred where a circular buffer of the same page size says it; a format
given by the user goes before that; else the bytes are compared as bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import ml_dtypes
import numpy as np
import numpy.typing as npt

from tthal.device_interface import LaunchState, ProgramImage
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
COMPARABLE_FORMATS = tuple(_DTYPES)
"""Formats whose elements can be compared one by one; block floats share exponents and are compared as bytes."""


def dtype_of(data_format: DataFormat | None) -> np.dtype[np.generic]:
    """Return the numpy type of a format's elements, bytes when it is unknown or a block format."""
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

    def __str__(self) -> str:
        far = f", at most {self.largest:.6g} apart" if self.largest is not None else ""
        return (
            f"page {self.page}, {self.unit} {self.element}: recorded {self.recorded}, got {self.actual} "
            f"({self.count} of {self.total} differ{far})"
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
    if len(recorded) == len(actual) and memoryview(recorded) == memoryview(actual):
        return None
    dtype = dtype_of(data_format)
    if page_size <= 0 or page_size % dtype.itemsize or len(recorded) % dtype.itemsize or len(recorded) != len(actual):
        dtype = np.dtype("u1")
    common = min(len(recorded), len(actual))
    first, second = (np.frombuffer(data, dtype, common // dtype.itemsize) for data in (recorded, actual))
    wrong = _wrong(first, second, tolerance)
    missing = max(len(recorded), len(actual)) - common
    if not wrong.size and not missing:
        return None
    index = int(wrong[0]) if wrong.size else common // dtype.itemsize
    per_page = max(1, page_size // dtype.itemsize)
    return DataDifference(
        page=index // per_page,
        element=index % per_page,
        recorded=_shown(first, index),
        actual=_shown(second, index),
        count=int(wrong.size) + missing,
        total=max(len(recorded), len(actual)) // dtype.itemsize,
        unit="byte" if dtype == np.dtype("u1") and data_format is not DataFormat.UInt8 else "element",
        largest=_largest(first[wrong], second[wrong]) if dtype != np.dtype("u1") and wrong.size else None,
    )


def _wrong(
    first: npt.NDArray[np.generic], second: npt.NDArray[np.generic], tolerance: Tolerance
) -> npt.NDArray[np.intp]:
    """Return the indices of the elements whose bytes differ and whose values lie too far apart."""
    raw = np.dtype(f"u{first.dtype.itemsize}")
    differing = np.flatnonzero(first.view(raw) != second.view(raw))
    if tolerance.exact or first.dtype == np.dtype("u1"):
        return differing
    a, b = (array[differing].astype(np.float64) for array in (second, first))
    with np.errstate(invalid="ignore"):
        near = np.abs(a - b) <= tolerance.absolute + tolerance.relative * np.abs(b)
    kept: npt.NDArray[np.intp] = differing[~(near | (a == b) | (np.isnan(a) & np.isnan(b)))]
    return kept


def _largest(first: npt.NDArray[np.generic], second: npt.NDArray[np.generic]) -> float | None:
    with np.errstate(invalid="ignore"):
        distance = np.abs(first.astype(np.float64) - second.astype(np.float64))
    finite = distance[np.isfinite(distance)]
    return float(finite.max()) if finite.size else None


def _shown(values: npt.NDArray[np.generic], index: int) -> str:
    if index >= len(values):
        return "nothing"
    value = values[index]
    bits = int(values[index : index + 1].view(f"u{values.dtype.itemsize}")[0])
    shown = f"0x{bits:0{2 * values.dtype.itemsize}x}"
    return shown if values.dtype.kind == "u" and values.dtype.itemsize == 1 else f"{value!s} ({shown})"


def learn_formats(launches: Iterable[tuple[ProgramImage, LaunchState]]) -> PageFormats:
    """Return the page formats of several launches."""
    formats = PageFormats()
    for image, state in launches:
        formats.learn(image, state)
    return formats
