"""The names a user finds under ``import tthal as ttnn``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tthal as ttnn


def test_every_public_name_exists_and_is_listed_once() -> None:
    assert sorted(set(ttnn.__all__)) == sorted(ttnn.__all__)
    for name in ttnn.__all__:
        assert getattr(ttnn, name) is not None


def test_every_name_of_the_reference_exists(reference: Path) -> None:
    text = (reference / "reference" / "seed-api.md").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\bttnn\.([A-Za-z_]+)(?:\.([A-Za-z_0-9]+))?", text))
    assert len(wanted) > 30
    for name, member in wanted:
        assert name in ttnn.__all__, name
        assert not member or hasattr(getattr(ttnn, name), member), f"{name}.{member}"


@pytest.mark.parametrize("name", [each for each in ttnn.__all__ if each[0].isupper() or "_" in each])
def test_what_is_public_is_documented(name: str) -> None:
    described = getattr(ttnn, name)
    if callable(described):
        assert described.__doc__, name


def test_importing_costs_little_and_loads_no_backend(run_python) -> None:
    code = (
        "import sys, tthal\n"
        "heavy = {'ml_dtypes', 'pluggy', 'rich', 'click', 'wasmtime', 'cffi', 'ziglang', 'tthal_emulator', 'pytest'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = run_python("-c", code)
    assert found.stdout.strip() == "[]", found.stdout + found.stderr
