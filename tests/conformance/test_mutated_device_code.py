"""Deliberately broken C++, in kernels and beside them: each mistake is caught by the program that is about it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tthal_conformance.schema import Outcome

sys.path.append(str(Path(__file__).resolve().parent))
from mutants import COMPILED, EMULATOR, HEADERS, LIBRARY, MUTANTS, Mutant, mutated, run

CASES = [
    pytest.param(mutant, id=name, marks=() if mutant.quick else pytest.mark.slow) for name, mutant in MUTANTS.items()
]


def test_every_side_has_mutants() -> None:
    places = [mutant.folder for mutant in MUTANTS.values()]
    assert len(places) >= 15
    assert min(places.count(each) for each in (HEADERS, LIBRARY, COMPILED)) >= 5
    assert len({(mutant.file, mutant.before) for mutant in MUTANTS.values()}) == len(places)


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_what_a_mutant_changes_is_still_there(mutant: Mutant) -> None:
    text = (EMULATOR / mutant.folder / mutant.file).read_text(encoding="utf-8")
    assert mutant.before in text
    assert mutant.after != mutant.before


@pytest.mark.parametrize("mutant", CASES)
def test_a_mutant_is_caught(mutant: Mutant, tmp_path: Path, clean_selection: None) -> None:
    assert run(mutant).outcome is Outcome.PASSED
    with mutated(mutant, tmp_path):
        result = run(mutant)
    assert result.outcome is Outcome.FAILED
    assert result.reason
    assert "does not compile" not in result.reason
