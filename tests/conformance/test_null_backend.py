"""A device that does nothing must fail every program that is about values."""

from __future__ import annotations

from typing import Any

import pytest

from tthal_conformance.catalogue import programs
from tthal_conformance.claim import Kind
from tthal_conformance.schema import Outcome

VALUES = sorted(name for name, each in programs().items() if each.kind is Kind.VALUE)
NEED_A_DEVICE = ["error.compile", "error.deadlock", "error.illegal_access", "error.placement", "error.l1_clash"]
"""Errors that only a device can find."""


@pytest.mark.parametrize("name", VALUES)
def test_value_programs_fail(null_backend: Any, run_program: Any, name: str) -> None:
    result = run_program(name, "null")
    assert result.outcome is Outcome.FAILED
    assert result.checks or result.error


@pytest.mark.parametrize("name", NEED_A_DEVICE)
def test_errors_that_a_device_must_find_are_missed(null_backend: Any, run_program: Any, name: str) -> None:
    result = run_program(name, "null")
    if name == "error.placement":
        # The frontend knows the grid; what does not fit into L1 only the device can tell.
        assert [check.passed for check in result.checks] == [True, False]
    assert result.outcome is Outcome.FAILED
