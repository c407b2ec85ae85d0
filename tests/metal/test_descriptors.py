"""What descriptors keep of what they are made of, in the vendor's library; tests/tthal/test_values.py asks tthal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from descriptor_questions import QUESTIONS, VECTORS, Question
from differential.wheel import NoWheel, Wheel

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(mock_card: Any) -> Iterator[Wheel]:
    """The vendor's library on its mock device."""
    try:
        opened = Wheel(variables=mock_card.environment())
    except NoWheel as missing:
        pytest.skip(str(missing))
    with opened:
        yield opened


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_what_is_recorded_holds_there(wheel: Wheel, question: Question) -> None:
    assert wheel.ask(VECTORS + question.program) == {"result": [True] * len(question.claims)}
