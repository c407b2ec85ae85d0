"""Coverage results that are kept: a later run takes them, unless something changed or the file ends in mid line."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module that keeps results."""
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("coverage_results")


def test_outcomes_are_known_to_the_next_run(kept: ModuleType, tmp_path: Path) -> None:
    file, key = tmp_path / "results.jsonl", kept.digest("kernel", "header")
    assert kept.Results(file).known(key, Path("a.cpp")) is None
    failed = kept.Outcome(Path("a.cpp"), {kept.Cause.NAME: ["vendor_function"]}, {"REDUCE_OP": "SUM"})
    kept.Results(file).keep(key, failed)
    with file.open("a", encoding="utf-8") as end:
        end.write('{"key": "cut off')
    found = kept.Results(file).known(key, Path("elsewhere/a.cpp"))
    assert (found.path, found.causes, found.macros) == (Path("elsewhere/a.cpp"), failed.causes, failed.macros)
    assert kept.Results(file).known(kept.digest("kernel", "other header"), Path("a.cpp")) is None


def test_texts_do_not_run_into_one_another(kept: ModuleType) -> None:
    assert kept.digest("ab", "c") != kept.digest("a", "bc")


@pytest.mark.parametrize(
    ("causes", "ended"),
    [
        ({"ARGUMENT": ["zero-size array"]}, False),
        ({"NAME": ["vendor_function"]}, False),
        ({"NAME": ["header vendor.h"]}, True),
        ({"CORPUS": ["header nowhere.h"]}, True),
    ],
)
def test_other_arguments_are_tried_where_they_can_help(
    kept: ModuleType, causes: dict[str, list[str]], ended: bool
) -> None:
    outcome = kept.Outcome(Path("a.cpp"), {kept.Cause[name]: what for name, what in causes.items()})
    assert outcome.whatever_the_arguments is ended
