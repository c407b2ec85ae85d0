"""Options and environment of the metal backend."""

from __future__ import annotations

from pathlib import Path

import pytest

from tthal.errors import SelectionError
from tthal.kit.options import read
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


def settings(options: dict[str, str]) -> Settings:
    return read(Settings, options, "metal")


def test_the_default_is_a_card_in_fast_dispatch() -> None:
    by_default = Settings()
    assert by_default.dispatch is DispatchMode.FAST
    assert not by_default.isolated
    assert target() is Target.CARD
    assert by_default.environment(None) == {LOG_VARIABLE: "off"}


def test_the_users_environment_decides_unless_an_option_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SLOW_VARIABLE, "1")
    assert Settings().dispatch is DispatchMode.SLOW
    assert settings({"dispatch": "fast"}).environment(None).get(SLOW_VARIABLE) is None
    monkeypatch.setenv(LOG_VARIABLE, "debug")
    assert Settings().environment(None)[LOG_VARIABLE] == "debug"


def test_a_simulator_is_isolated_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SIMULATOR_VARIABLE, "/somewhere")
    assert target() is Target.SIMULATOR
    assert Settings().isolated
    assert Settings().timeout == 600, "a simulator may wait for ever"
    assert settings({"timeout": "0"}).timeout == 0
    assert not settings({"isolate": "no"}).isolated
    monkeypatch.delenv(SIMULATOR_VARIABLE)
    monkeypatch.setenv(MOCK_VARIABLE, "/somewhere.yaml")
    assert target() is Target.MOCK
    assert not Settings().isolated
    assert settings({"isolate": "yes"}).isolated


def test_root_and_timeout_reach_the_library(tmp_path: Path) -> None:
    given = settings({"root": str(tmp_path), "timeout": "2.5"})
    assert given.root == tmp_path
    assert given.environment(given.root)[ROOT_VARIABLE] == str(tmp_path)
    assert given.environment(None)[TIMEOUT_VARIABLE] == "2.5"


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
        settings({key: value})
