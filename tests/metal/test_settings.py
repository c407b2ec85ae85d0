"""Options and environment of the metal backend."""

from __future__ import annotations

from pathlib import Path

import pytest

from tthal.errors import SelectionError
from tthal.types import DispatchMode
from tthal_metal.settings import (
    FROZEN_VARIABLES,
    LOG_VARIABLE,
    MOCK_VARIABLE,
    ROOT_VARIABLE,
    SIMULATOR_VARIABLE,
    SLOW_VARIABLE,
    TIMEOUT_VARIABLE,
    Settings,
    Target,
    target,
)


@pytest.fixture(autouse=True)
def _no_vendor_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*FROZEN_VARIABLES, LOG_VARIABLE):
        monkeypatch.delenv(name, raising=False)


def test_the_default_is_a_card_in_fast_dispatch() -> None:
    settings = Settings.read({})
    assert settings.dispatch is DispatchMode.FAST
    assert not settings.isolated
    assert target() is Target.CARD
    assert settings.environment(None) == {LOG_VARIABLE: "off"}


def test_the_users_environment_decides_unless_an_option_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SLOW_VARIABLE, "1")
    assert Settings.read({}).dispatch is DispatchMode.SLOW
    assert Settings.read({"dispatch": "fast"}).environment(None).get(SLOW_VARIABLE) is None
    monkeypatch.setenv(LOG_VARIABLE, "debug")
    assert Settings.read({}).environment(None)[LOG_VARIABLE] == "debug"


def test_a_simulator_is_isolated_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SIMULATOR_VARIABLE, "/somewhere")
    assert target() is Target.SIMULATOR
    assert Settings.read({}).isolated
    assert Settings.read({}).timeout == 600, "a simulator may wait for ever"
    assert Settings.read({"timeout": "0"}).timeout == 0
    assert not Settings.read({"isolate": "no"}).isolated
    monkeypatch.delenv(SIMULATOR_VARIABLE)
    monkeypatch.setenv(MOCK_VARIABLE, "/somewhere.yaml")
    assert target() is Target.MOCK
    assert not Settings.read({}).isolated
    assert Settings.read({"isolate": "yes"}).isolated


def test_root_and_timeout_reach_the_library(tmp_path: Path) -> None:
    settings = Settings.read({"root": str(tmp_path), "timeout": "2.5"})
    assert settings.root == tmp_path
    assert settings.environment(settings.root)[ROOT_VARIABLE] == str(tmp_path)
    assert settings.environment(None)[TIMEOUT_VARIABLE] == "2.5"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dispatch", "quick"),
        ("isolate", "maybe"),
        ("timeout", "-1"),
        ("timeout", "soon"),
        ("num_command_queues", "two"),
    ],
)
def test_values_that_are_not_understood(key: str, value: str) -> None:
    with pytest.raises(SelectionError, match=f"{key}='{value}'"):
        Settings.read({key: value})
