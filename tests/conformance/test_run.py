"""What guards the suite against programs that prove nothing, and what becomes of each outcome."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tthal.device_interface import Capability
from tthal.errors import InvalidArgument
from tthal.selection import Selection
from tthal_conformance.claim import Kind
from tthal_conformance.declaration import ConformanceProgram
from tthal_conformance.profile import Profile
from tthal_conformance.requirements import Requirements
from tthal_conformance.run import Run
from tthal_conformance.runner import Bench
from tthal_conformance.schema import Outcome, Result
from tthal_conformance.tolerance import EXACT

Body = Callable[[Run], None]


def _run(body: Body, requirements: Requirements | None = None, selection: str = "null", **settings: Any) -> Result:
    declared = ConformanceProgram("test.it", Kind.VALUE, "A test.", requirements or Requirements(), (), EXACT, body)
    return Bench(Selection.parse(selection), **settings).run(declared)


def _passing(run: Run) -> None:
    run.check_host("one", 1, 1)


def _failing(run: Run) -> None:
    run.check("one", np.array([2]), np.array([1]))


def test_passed(null_backend: Any) -> None:
    assert _run(_passing).outcome is Outcome.PASSED


def test_failed_says_where(null_backend: Any) -> None:
    result = _run(_failing)
    assert result.outcome is Outcome.FAILED
    assert result.reason == "one: 1 of 1 wrong; first at [0]: 2 (0x2), expected 1 (0x1)"


def test_a_program_that_checks_nothing_fails(null_backend: Any) -> None:
    assert "checked nothing" in _run(lambda run: None).reason


def test_an_exception_is_a_failure_with_its_place(null_backend: Any) -> None:
    result = _run(lambda run: run.kernel("no-such-kernel") and None)
    assert result.outcome is Outcome.FAILED
    assert result.error is not None
    assert result.error.type == "SuiteError"
    assert result.error.where.startswith("run.py:")


def test_unsupported_is_decided_before_the_program_runs(null_backend: Any) -> None:
    result = _run(_failing, Requirements(frozenset({Capability.ETHERNET})))
    assert result.outcome is Outcome.UNSUPPORTED
    assert result.reason == "the device does not declare capability ethernet"


@pytest.mark.parametrize(
    ("requirements", "says"),
    [
        (Requirements(grid=(9, 1)), "a grid of 9 x 1 cores"),
        (Requirements(tiles=((8, 32),)), "tile shape 8x32"),
    ],
)
def test_other_requirements(null_backend: Any, requirements: Requirements, says: str) -> None:
    assert says in _run(_passing, requirements).reason


def test_expected_failure(null_backend: Any) -> None:
    profile = Profile(expected_failures={"test.*": "known since 2025"})
    result = _run(_failing, profile=profile)
    assert result.outcome is Outcome.EXPECTED_FAILURE
    assert result.reason.startswith("known since 2025 (one:")


def test_an_expected_failure_that_passes_fails(null_backend: Any) -> None:
    result = _run(_passing, profile=Profile(expected_failures={"test.it": "known"}))
    assert result.outcome is Outcome.FAILED
    assert "it passes" in result.reason


def test_unavailable(clean_selection: None) -> None:
    result = _run(_passing, selection="replay:/no/such/file.tttrace")
    assert result.outcome is Outcome.FAILED
    assert "SelectionError" in result.reason


def test_no_recording_is_unavailable(clean_selection: None, tmp_path: Path) -> None:
    result = _run(_passing, selection=f"replay:{tmp_path}")
    assert result.outcome is Outcome.UNAVAILABLE
    assert "holds no recording" in result.reason


def test_nothing_to_compare_with_is_unavailable(null_backend: Any, tmp_path: Path) -> None:
    assert _run(_passing, against=tmp_path).outcome is Outcome.UNAVAILABLE


@pytest.mark.parametrize("expected", [np.zeros(4, np.uint32), np.full(4, 0xA5A5A5A5, np.uint32)])
def test_values_that_prove_nothing_are_refused(null_backend: Any, expected: Any) -> None:
    result = _run(lambda run: run.check("one", expected, expected))
    assert result.error is not None
    assert result.error.type == "SuiteError"


def test_expecting_an_input_back_is_refused(null_backend: Any) -> None:
    def body(run: Run) -> None:
        data = run.words(16)
        run.note_input(data)
        run.check("one", data, data)

    result = _run(body)
    assert "expects an input back" in result.reason


def test_inputs_are_the_same_in_every_run(null_backend: Any) -> None:
    seen: list[list[int]] = []

    def body(run: Run) -> None:
        seen.append(run.words(4).tolist())
        _passing(run)

    _run(body)
    _run(body)
    assert seen[0] == seen[1]
    assert 0 not in seen[0]


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (InvalidArgument("the wanted words"), Outcome.PASSED),
        (InvalidArgument("other words"), Outcome.FAILED),
        (TypeError("the wanted words"), Outcome.FAILED),
        (None, Outcome.FAILED),
    ],
)
def test_expected_errors(null_backend: Any, raised: Exception | None, outcome: Outcome) -> None:
    def body(run: Run) -> None:
        with run.raises("it", InvalidArgument, "wanted words"):
            if raised is not None:
                raise raised

    assert _run(body).outcome is outcome


def test_the_device_is_closed_whatever_happens(null_backend: Any) -> None:
    _run(_passing)
    _run(_failing)
    _run(lambda run: run.kernel("no-such-kernel") and None)
    assert [device.is_closed for device in null_backend.opened] == [True, True, True]
