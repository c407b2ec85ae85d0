"""Comparisons: what counts as wrong, the first mismatch, and how errors are distributed."""

from __future__ import annotations

import numpy as np
import pytest

from tthal_conformance.comparison import compare, histogram, ulp
from tthal_conformance.tolerance import EXACT, Form, Tolerance


def test_equal_words() -> None:
    found = compare("words", np.arange(4), np.arange(4), EXACT)
    assert (found.passed, found.wrong, found.total, found.first) == (True, 0, 4, None)


def test_the_first_mismatch_is_told_with_its_index() -> None:
    found = compare("words", np.array([[1, 2], [3, 9]]), np.array([[1, 2], [3, 4]]), EXACT)
    assert (found.passed, found.wrong) == (False, 1)
    assert found.first is not None
    assert (found.first.index, found.first.actual, found.first.expected) == ([1, 1], "9 (0x9)", "4 (0x4)")


def test_shapes_must_agree() -> None:
    found = compare("words", np.zeros(3), np.zeros(4), EXACT)
    assert not found.passed
    assert found.first is not None
    assert "shape (3,)" in found.first.actual


@pytest.mark.parametrize(
    ("tolerance", "scale", "passes"),
    [
        (Tolerance("r", relative=0.01), 0.0, True),
        (Tolerance("r", relative=0.009), 0.0, False),
        (Tolerance("r", absolute=1.0), 0.0, True),
        (Tolerance("r", absolute=0.9), 0.0, False),
        (Tolerance("r", scaled=0.5), 2.0, True),
        (Tolerance("r", scaled=0.4), 2.0, False),
    ],
)
def test_tolerances(tolerance: Tolerance, scale: float, passes: bool) -> None:
    found = compare("values", np.array([101.0]), np.array([100.0]), tolerance, scale)
    assert found.passed is passes
    assert found.reason == "r"


def test_nan_equals_nan_only() -> None:
    tolerance = Tolerance("r", absolute=10.0)
    assert compare("v", np.array([np.nan]), np.array([np.nan]), tolerance).passed
    assert not compare("v", np.array([np.nan]), np.array([1.0]), tolerance).passed
    assert not compare("v", np.array([1.0]), np.array([np.nan]), tolerance).passed
    assert compare("v", np.array([np.inf]), np.array([np.inf]), tolerance).passed


@pytest.mark.parametrize(
    ("value", "form", "spacing"),
    [
        (1.0, Form.BFLOAT16, 2**-7),
        (1.99, Form.BFLOAT16, 2**-7),
        (2.0, Form.BFLOAT16, 2**-6),
        (-3.0, Form.FLOAT16, 2**-9),
        (0.0, Form.FLOAT16, 2**-24),
        (1.0, Form.FLOAT32, 2**-23),
    ],
)
def test_units_in_the_last_place(value: float, form: Form, spacing: float) -> None:
    assert ulp(np.array([value]), form)[0] == spacing


def test_errors_are_counted_in_ulp() -> None:
    tolerance = Tolerance("r", relative=1.0, form=Form.BFLOAT16)
    found = compare("v", np.array([1.0, 1.0 + 2**-7, 1.0 + 2**-8]), np.ones(3), tolerance)
    assert found.max_ulp == 1.0
    counts = {each.label: each.count for each in found.histogram if each.count}
    assert counts == {"0": 1, "≤ 0.5": 1, "≤ 1": 1}


def test_every_distance_has_a_bin() -> None:
    distances = np.array([0.0, 0.3, 1.0, 3.0, 5.0, 100.0, 1e9, np.nan, np.inf])
    assert sum(each.count for each in histogram(distances)) == len(distances)
