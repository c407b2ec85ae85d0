"""Tensors as ttnn 0.81.1 has them: what its wheel said about expressions and programs (record_facts.py wrote it)."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest
import tensor_programs
from differential.interpreter import answer

import tthal
from tthal.tensor.shape import ShapeIndexError

FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "facts-0.81.1.json").read_text(encoding="utf-8"))

pytestmark = pytest.mark.usefixtures("device")


def refusal(name: str) -> type[BaseException]:
    own = {**vars(tthal), "ShapeIndexError": ShapeIndexError}
    found = own.get(name, getattr(builtins, name, None))
    assert isinstance(found, type), name
    return found


def test_the_facts_are_of_these_expressions() -> None:
    assert list(FACTS["expressions"]) == tensor_programs.EXPRESSIONS


@pytest.mark.parametrize("expression", FACTS["expressions"])
def test_an_expression(expression: str) -> None:
    theirs = FACTS["expressions"][expression]
    ours = answer(tthal, tensor_programs.question(expression), {})
    if isinstance(theirs, dict):
        assert issubclass(refusal(str(ours.get("refused")).partition(":")[0]), refusal(theirs["refused"])), ours
    else:
        assert ours == {"result": theirs}


@pytest.mark.parametrize("program", FACTS["programs"])
def test_a_program(program: str) -> None:
    theirs, ours = FACTS["programs"][program], answer(tthal, tensor_programs.PRELUDE + program, {})
    steps = [line for line in program.splitlines() if line.startswith("result")]
    for step, one, other in zip(steps, theirs, ours["result"], strict=True):
        if "CONTIGUOUS_1D" in step and other == "refused" != one:
            return  # unequal runs of shards: undefined on a card
        assert other == one, step
