"""What descriptors keep of what they are made of, in the vendor's library; tests/tthal/test_values.py asks tthal."""

from __future__ import annotations

import pytest
from descriptor_questions import QUESTIONS, VECTORS, Question
from differential.wheel import Wheel

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_what_is_recorded_holds_there(wheel: Wheel, question: Question) -> None:
    assert wheel.ask(VECTORS + question.program) == {"result": [True] * len(question.claims)}
