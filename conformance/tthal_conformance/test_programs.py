"""The one test of the suite: each selected program on the selected backend (needs ``-p tthal_conformance.plugin``)."""

from __future__ import annotations

import msgspec
import pytest

from tthal_conformance.catalogue import programs
from tthal_conformance.runner import Bench
from tthal_conformance.schema import Outcome, Result

SKIPPED = (Outcome.UNSUPPORTED, Outcome.UNAVAILABLE)


def test_program(tthal_program: str, tthal_bench: Bench, request: pytest.FixtureRequest) -> None:
    result = tthal_bench.run(programs()[tthal_program])
    request.node.user_properties.append(("tthal", msgspec.to_builtins(result)))
    request.node.user_properties.append(("tthal-target", msgspec.to_builtins(tthal_bench.target)))
    if result.outcome in SKIPPED:
        pytest.skip(f"{result.outcome.value}: {result.reason}")
    if result.outcome is Outcome.EXPECTED_FAILURE:
        pytest.xfail(result.reason)
    if result.outcome is Outcome.FAILED:
        pytest.fail(_story(result), pytrace=False)


def _story(result: Result) -> str:
    error = f"\n{result.error.where}: {result.error.message}" if result.error else ""
    return f"{result.name}: {result.summary}\n{result.reason}{error}"
