"""The conformance suite on the vendor's mock device: what needs no kernels passes, the rest says what it needs."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tthal_conformance.catalogue import programs
from tthal_conformance.profile import Profile


def test_nothing_fails(
    mock_environment: Any, run_python: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    arguments = ("conformance", "--backend", "metal", "--tier", "full", "--report", str(report))
    done = run_python("-m", "tthal", *arguments, env=mock_environment.environment())
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(report.read_text())["results"]
    outcomes = Counter(each["outcome"] for each in results)
    assert outcomes["passed"] >= 12, outcomes
    assert set(outcomes) == {"passed", "unsupported", "expected-failure"}, outcomes
    assert all("the device does not declare" in each["reason"] for each in results if each["outcome"] == "unsupported")


@pytest.mark.parametrize("variable", ["TT_METAL_SIMULATOR", "TT_METAL_MOCK_CLUSTER_DESC_PATH"])
def test_the_profiles_name_programs_that_exist(mock_environment: Any, variable: str, monkeypatch: Any) -> None:
    monkeypatch.setenv(variable, "/nonexistent")
    profile = Profile.of("metal")
    assert profile.expected_failures
    assert profile.unmatched(programs()) == []


def test_a_card_is_expected_to_pass_everything(mock_environment: Any, monkeypatch: Any) -> None:
    monkeypatch.delenv("TT_METAL_MOCK_CLUSTER_DESC_PATH")
    assert Profile.of("metal").expected_failures == {}
