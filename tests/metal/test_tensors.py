"""Tensors as the vendor's wheel makes them: shapes, memory configs, bytes on the host, addresses and words on a device.

Each case is a small host program that both libraries run (tensor_programs.py draws them). On the mock device nothing
runs and nothing can be read back, so values are compared on the host.
"""

from __future__ import annotations

import builtins
import random
from collections.abc import Iterator

import pytest
import tensor_programs
from differential.interpreter import answer
from differential.wheel import NoWheel, Wheel

import tthal

pytestmark = pytest.mark.slow

PROGRAMS, STEPS = 150, 6

OPEN = """
import builtins
builtins.opened = ttnn.open_device(device_id=0)  # the library's default device is no reference of its own
ttnn.SetDefaultDevice(builtins.opened)
"""


@pytest.fixture(scope="module")
def wheel_with_device(mock_card) -> Iterator[Wheel]:
    """The vendor's library with its mock n150 open."""
    try:
        opened = Wheel(variables=mock_card.environment())
    except NoWheel as missing:
        pytest.skip(str(missing))
    with opened:
        assert "refused" not in opened.ask(OPEN)
        yield opened


@pytest.fixture(scope="module")
def device() -> Iterator[tthal.Device]:
    """An emulated n150, the default device."""
    with tthal.open_device(backend="emulator") as opened:
        tthal.SetDefaultDevice(opened)
        yield opened
        tthal.SetDefaultDevice(None)


def compared(wheel: Wheel, text: str) -> tuple[int, int]:
    """Run a program on both sides; return how many tensors were compared and how many of them both refused."""
    theirs, ours = wheel.ask(text), answer(tthal, text, {})
    assert "result" in theirs, theirs
    assert "result" in ours, ours
    steps = [line for line in text[len(tensor_programs.PRELUDE) :].splitlines() if line.startswith("result")]
    refused = 0
    for at, (step, one, other) in enumerate(zip(steps, theirs["result"], ours["result"], strict=True)):
        if "CONTIGUOUS_1D" in step and other == "refused" != one:
            # Unequal runs of shards are undefined on a card: the accessor's kernel half takes them to be equal.
            return at, refused
        assert other == one, step
        refused += isinstance(one, str)
    return len(steps), refused


def refusal(answered: dict[str, object]) -> type[Exception] | None:
    """The class of a refusal, None for a result."""
    name = str(answered.get("refused", "")).partition(":")[0]
    found = (
        getattr(tthal.errors, name, None) or getattr(tthal.tensor.shape, name, None) or getattr(builtins, name, None)
    )
    return found if isinstance(found, type) and issubclass(found, Exception) else None


@pytest.mark.parametrize("expression", tensor_programs.EXPRESSIONS)
def test_an_expression(wheel_with_device: Wheel, device: tthal.Device, expression: str) -> None:
    text = tensor_programs.question(expression)
    theirs, ours = wheel_with_device.ask(text), answer(tthal, text, {})
    if "refused" in theirs:
        assert issubclass(refusal(ours) or type(None), refusal(theirs) or Exception), (theirs, ours)
    else:
        assert ours == theirs


def totals(wheel: Wheel, seed: int, on_device: bool) -> tuple[int, int]:
    random_ = random.Random(seed)
    counts = [compared(wheel, tensor_programs.program(random_, STEPS, on_device)) for _ in range(PROGRAMS)]
    return sum(count for count, _ in counts), sum(refused for _, refused in counts)


def test_tensors_on_the_host(wheel: Wheel) -> None:
    compared_, refused = totals(wheel, 1, on_device=False)
    assert compared_ >= 800
    assert 20 < refused < compared_ // 2


def test_tensors_on_a_device(wheel_with_device: Wheel, device: tthal.Device) -> None:
    compared_, refused = totals(wheel_with_device, 2, on_device=True)
    assert compared_ >= 600
    assert 20 < refused < compared_ // 2
