"""The pages of findings say what the checks say now."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tthal_check.findings import KINDS
from tthal_conformance.racebench.pair import pairs

ROOT = Path(__file__).parents[2]
IDS = [kind.id for kind in KINDS.values()]
QUICK = ("TT-CB-001", "TT-NOC-001", "TT-END-003")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("finding_pages", ROOT / "tools" / "finding_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_kind_has_a_cause_and_a_page(tool: ModuleType) -> None:
    assert sorted(tool.CAUSES) == sorted(IDS)
    assert sorted(path.stem for path in tool.FOLDER.glob("TT-*.md")) == sorted(IDS)
    assert all(cause.pair in pairs() for cause in tool.CAUSES.values() if cause.pair)


def test_the_index_is_fresh(tool: ModuleType) -> None:
    assert (tool.FOLDER / "README.md").read_text() == tool.index()


def test_the_page_of_deadlocks_is_fresh(tool: ModuleType) -> None:
    assert (tool.FOLDER / "deadlocks.md").read_text() == tool.deadlocks()


def _check(tool: ModuleType, finding: str) -> None:
    kind = next(kind for kind in KINDS.values() if kind.id == finding)
    assert (tool.FOLDER / f"{finding}.md").read_text() == tool.page(kind, tool.CAUSES[finding])


@pytest.mark.parametrize("finding", QUICK)
def test_pages_are_fresh(tool: ModuleType, finding: str) -> None:
    _check(tool, finding)


@pytest.mark.slow
@pytest.mark.parametrize("finding", [finding for finding in IDS if finding not in QUICK])
def test_other_pages_are_fresh(tool: ModuleType, finding: str) -> None:
    _check(tool, finding)
