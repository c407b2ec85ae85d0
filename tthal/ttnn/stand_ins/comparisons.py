"""Comparing what a kernel gave with what was expected: by correlation, by tolerance, by units in the last place.

Written from what the vendor's functions of these names take and return; torch tensors and numpy arrays will do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_MANTISSA_BITS = {"bfloat16": 7, "float16": 10, "float32": 23, "float64": 52}


def comp_pcc(golden: Any, calculated: Any, pcc: float = 0.99) -> tuple[bool, float]:
    """Return whether two tensors correlate (Pearson) at least so far, and how far."""
    expected, actual = _floats(golden), _floats(calculated)
    if expected.shape != actual.shape:
        return False, 0.0
    broken = [~np.isfinite(each) for each in (expected, actual)]
    if np.any(broken[0] != broken[1]) or not _same(expected[broken[0]], actual[broken[1]]):
        return False, 0.0
    found = _correlation(expected[~broken[0]], actual[~broken[1]])
    return found >= pcc, found


def comp_equal(golden: Any, calculated: Any) -> tuple[bool, str]:
    """Return whether two tensors are equal, and their largest differences."""
    expected, actual = _floats(golden), _floats(calculated)
    return bool(expected.shape == actual.shape and _same(expected, actual)), _differences(expected, actual)


def comp_allclose(golden: Any, calculated: Any, rtol: float = 1e-05, atol: float = 1e-08) -> tuple[bool, str]:
    """Return whether two tensors are equal within a tolerance, and their largest differences."""
    expected, actual = _floats(golden), _floats(calculated)
    close = expected.shape == actual.shape and np.allclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True)
    return bool(close), _differences(expected, actual)


def comp_allclose_and_pcc(
    golden: Any, calculated: Any, rtol: float = 1e-05, atol: float = 1e-08, pcc: float = 0.99
) -> tuple[bool, str]:
    """Return whether two tensors are equal within a tolerance and correlate, and both findings."""
    close, differences = comp_allclose(golden, calculated, rtol, atol)
    correlated, found = comp_pcc(golden, calculated, pcc)
    return close and correlated, f"{differences}, PCC: {found}"


def comp_ulp(golden: Any, calculated: Any, ulp_threshold: float, allow_nonfinite: bool = False) -> tuple[bool, str]:
    """Return whether two tensors differ by so many units in the golden's last place at most, and by how many."""
    expected, actual = _floats(golden), _floats(calculated)
    if expected.shape != actual.shape:
        return False, f"shapes {expected.shape} and {actual.shape} differ"
    finite = np.isfinite(expected) & np.isfinite(actual)
    if not finite.all() and not (allow_nonfinite and _same(expected[~finite], actual[~finite])):
        return False, "the tensors hold values that are not finite, or not the same ones"
    units = np.abs(expected[finite] - actual[finite]) / _last_place(expected[finite], _bits(golden))
    most = float(units.max()) if units.size else 0.0
    return most <= ulp_threshold, f"Max ULP Delta: {most}"


def comp_relative_frobenius(expected_pytorch_result: Any, actual_pytorch_result: Any) -> float:
    """Return the Frobenius norm of the difference over that of what was expected."""
    expected, actual = _floats(expected_pytorch_result), _floats(actual_pytorch_result)
    norm = float(np.linalg.norm(expected))
    difference = float(np.linalg.norm(actual - expected))
    return difference / norm if norm else difference


def check_with_pcc(expected_pytorch_result: Any, actual_pytorch_result: Any, pcc: float = 0.9999) -> tuple[bool, str]:
    """Return whether two tensors have one shape and correlate, and a message."""
    shapes = tuple(expected_pytorch_result.shape), tuple(actual_pytorch_result.shape)
    if shapes[0] != shapes[1]:
        return False, f"shapes differ: {shapes[0]} was expected, {shapes[1]} is what came"
    good, found = comp_pcc(expected_pytorch_result, actual_pytorch_result, pcc)
    return good, f"PCC {found}, at least {pcc} was asked for"


check_with_pcc_without_tensor_printout = check_with_pcc


def assert_with_pcc(expected_pytorch_result: Any, actual_pytorch_result: Any, pcc: float = 0.9999) -> tuple[bool, str]:
    """Check that two tensors have one shape and correlate; return True and a message.

    Raises:
        AssertionError: they do not.
    """
    return _checked(*check_with_pcc(expected_pytorch_result, actual_pytorch_result, pcc))


def assert_equal(expected_pytorch_result: Any, actual_pytorch_result: Any) -> tuple[bool, str]:
    """Check that two tensors are equal.

    Raises:
        AssertionError: they are not.
    """
    return _checked(*comp_equal(expected_pytorch_result, actual_pytorch_result))


def assert_allclose(
    expected_result: Any, actual_result: Any, rtol: float = 1e-05, atol: float = 1e-08
) -> tuple[bool, str]:
    """Check that two tensors are equal within a tolerance.

    Raises:
        AssertionError: they are not.
    """
    return _checked(*comp_allclose(expected_result, actual_result, rtol, atol))


def assert_with_ulp(
    expected_result: Any, actual_result: Any, ulp_threshold: float = 10, allow_nonfinite: bool = False
) -> tuple[bool, str]:
    """Check that two tensors differ by so many units in the last place at most.

    Raises:
        AssertionError: they differ by more.
    """
    return _checked(*comp_ulp(expected_result, actual_result, ulp_threshold, allow_nonfinite))


def assert_relative_frobenius(
    expected_pytorch_result: Any, actual_pytorch_result: Any, threshold: float = 0.01
) -> tuple[bool, str]:
    """Check that the difference of two tensors is small against what was expected, in the Frobenius norm.

    Raises:
        AssertionError: it is not.
    """
    found = comp_relative_frobenius(expected_pytorch_result, actual_pytorch_result)
    return _checked(found <= threshold, f"relative Frobenius norm {found}, at most {threshold} was asked for")


def _checked(good: bool, message: str) -> tuple[bool, str]:
    if not good:
        raise AssertionError(message)
    return good, message


def _floats(given: Any) -> Array:
    if hasattr(given, "to_numpy"):
        given = given.to_numpy()
    if hasattr(given, "detach"):
        given = given.detach().cpu().double().numpy()
    return np.asarray(given).astype(np.float64)


def _same(expected: Array, actual: Array) -> bool:
    return bool(np.array_equal(expected, actual, equal_nan=True))


def _correlation(expected: Array, actual: Array) -> float:
    if _same(expected, actual):
        return 1.0
    if expected.size < 2 or expected.std() == 0 or actual.std() == 0:
        return float(np.allclose(expected, actual))
    return float(np.clip(np.corrcoef(expected.reshape(-1), actual.reshape(-1))[0, 1], -1.0, 1.0))


def _differences(expected: Array, actual: Array) -> str:
    if expected.shape != actual.shape:
        return f"shapes differ: {expected.shape} was expected, {actual.shape} is what came"
    with np.errstate(all="ignore"):
        absolute = np.nan_to_num(np.abs(expected - actual))
        relative = np.nan_to_num(absolute / np.abs(expected))
    return f"Max ATOL Delta: {absolute.max(initial=0.0)}, Max RTOL Delta: {relative.max(initial=0.0)}"


def _bits(given: Any) -> int:
    return _MANTISSA_BITS.get(str(given.dtype).rpartition(".")[2], 23)


def _last_place(values: Array, bits: int) -> Array:
    smallest = np.finfo(np.float32).tiny
    exponent = np.floor(np.log2(np.maximum(np.abs(values), smallest)))
    return np.asarray(np.exp2(exponent - bits))
