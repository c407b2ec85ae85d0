"""Profiles: what a backend's distribution may say, and how mistakes in it are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tthal.errors import PluginError
from tthal_conformance.profile import Profile


def test_without_a_profile_nothing_special_is_expected() -> None:
    assert Profile.read(None, "x") == Profile(False, {})


def test_reasons_by_name_and_pattern() -> None:
    profile = Profile.read({"parallel": True, "expected_failures": {"sfpu.*": "no vector unit", "cb.x": "why"}}, "x")
    assert profile.parallel
    assert profile.expected_failure("sfpu.exp") == "no vector unit"
    assert profile.expected_failure("cb.stream") == ""
    assert profile.unmatched(["sfpu.exp", "cb.stream"]) == ["cb.x"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (7, "return a dict"),
        ({"expected_failure": {}}, "Did you mean 'expected_failures'"),
        ({"expected_failures": ["cb.stream"]}, "must map program names to reasons"),
        ({"expected_failures": {"cb.stream": ""}}, "needs a reason"),
    ],
)
def test_mistakes(given: object, says: str) -> None:
    with pytest.raises(PluginError, match=says):
        Profile.read(given, "x")


def test_the_profile_is_the_distributions(install_plugin: Callable[..., Path]) -> None:
    source = (
        "from tthal.plugins import hookimpl\n"
        "@hookimpl\n"
        "def tthal_conformance_profile(backend_name):\n"
        "    return {'expected_failures': {'cb.*': 'rings are not built'}} if backend_name == 'emulator' else None\n"
    )
    install_plugin("tthal-a-profile", "tthal.plugins", "a-profile", source)
    assert Profile.of("emulator").expected_failure("cb.stream") == "rings are not built"
    assert Profile.of("replay").expected_failures == {}


def test_built_in_backends_may_run_in_parallel(clean_selection: None) -> None:
    assert Profile.of("emulator").parallel
    assert Profile.of("replay").parallel
