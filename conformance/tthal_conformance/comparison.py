"""Comparing what a device computed with what was expected: the first mismatch, and how the errors are distributed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal_conformance.schema import Bin, Check, Mismatch
from tthal_conformance.tolerance import Form, Tolerance

Array = npt.NDArray[Any]
Doubles = npt.NDArray[np.float64]

_EDGES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 1024.0)


def compare(
    name: str, actual: npt.ArrayLike, expected: npt.ArrayLike, tolerance: Tolerance, scale: npt.ArrayLike = 0.0
) -> Check:
    """Compare two arrays of one shape element by element."""
    got, wanted = np.asarray(actual), np.asarray(expected)
    if got.shape != wanted.shape:
        text = f"shape {got.shape} instead of {wanted.shape}"
        return _check(name, tolerance, wanted.size, wanted.size, Mismatch([], text, ""))
    if tolerance.is_exact:
        wrong = np.asarray(got != wanted)
        return _check(name, tolerance, int(np.count_nonzero(wrong)), wanted.size, _first(wrong, got, wanted))
    return _compare_numbers(name, got.astype(np.float64), wanted.astype(np.float64), tolerance, scale)


def _compare_numbers(name: str, got: Doubles, wanted: Doubles, tolerance: Tolerance, scale: npt.ArrayLike) -> Check:
    with np.errstate(invalid="ignore"):
        error = np.abs(got - wanted)
        allowed = tolerance.relative * np.abs(wanted) + tolerance.scaled * np.asarray(scale) + tolerance.absolute
        same = (got == wanted) | (np.isnan(got) & np.isnan(wanted))
        wrong = ~(same | (error <= allowed))
    found = _check(name, tolerance, int(np.count_nonzero(wrong)), wanted.size, _first(wrong, got, wanted))
    if tolerance.form is not None:
        distances = np.where(same, 0.0, error / ulp(wanted, tolerance.form))
        found.max_ulp = _largest(distances)
        found.histogram = histogram(distances)
    return found


def ulp(values: Doubles, form: Form) -> Doubles:
    """Return the unit in the last place of a format at each value; that of the smallest normal one below it."""
    exponents = np.where(values == 0, -1074, np.frexp(np.where(np.isfinite(values), values, 1.0))[1] - 1)
    smallest = -14 if form is Form.FLOAT16 else -126
    spacing: Doubles = np.ldexp(1.0, np.maximum(exponents, smallest) - form.value)
    return spacing


def histogram(distances: Doubles) -> list[Bin]:
    """Count ulp distances in bins that double; the last two are 'farther' and 'not a number'."""
    flat = distances.reshape(-1)
    bins = [Bin("0", int(np.count_nonzero(flat == 0)))]
    for low, high in pairwise(_EDGES):
        bins.append(Bin(f"≤ {high:g}", int(np.count_nonzero((flat > low) & (flat <= high)))))
    bins.append(Bin(f"> {_EDGES[-1]:g}", int(np.count_nonzero(flat > _EDGES[-1]))))
    bins.append(Bin("nan", int(np.count_nonzero(np.isnan(flat)))))
    return bins


def _largest(distances: Doubles) -> float | None:
    finite = distances[np.isfinite(distances)]
    return float(finite.max()) if finite.size else None


def _first(wrong: Array, got: Array, wanted: Array) -> Mismatch | None:
    places = np.argwhere(np.atleast_1d(wrong))
    if not places.size:
        return None
    place = tuple(int(axis) for axis in places[0])
    return Mismatch(list(place), _text(np.atleast_1d(got)[place]), _text(np.atleast_1d(wanted)[place]))


def _text(value: Any) -> str:
    return f"{value} (0x{int(value):x})" if isinstance(value, np.integer) else repr(float(value))


def _check(name: str, tolerance: Tolerance, wrong: int, total: int, first: Mismatch | None) -> Check:
    return Check(name, wrong == 0, total, wrong, str(tolerance), tolerance.reason, first)
