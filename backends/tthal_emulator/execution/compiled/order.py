"""Orders of events: how a device chooses between those that the hardware allows, and how an order is written down.

A launch runs in the default order except where something is decided otherwise, at one of its numbered steps: who runs
next, whether the running processor gives way, which of its transfers arrive early, whether what a flush lets go is read
later. As text that is

    s12      at step 12 the running processor gives way
    p13.2    at step 13 the third of those that are ready runs
    a40.77   at step 40 some of its transfers arrive, which and in which order follows from 77
    l41      at step 41 the network has not read what a flush lets go

with commas between. Steps go on from launch to launch of a device.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tthal_emulator.abi import Decision, Strategy

_LETTERS = {"s": Decision.SWITCH, "p": Decision.PICK, "a": Decision.ARRIVE, "l": Decision.READ_LATE}
_NAMES = {decision: letter for letter, decision in _LETTERS.items()}
_DECISION = re.compile(r"([spal])(\d{1,9})(?:\.(\d{1,5}))?")
_PCT = re.compile(r"pct:(\d{1,3}):(\d{1,9})")
DEFAULT = "default"
"""The order without decisions; its steps are counted."""
_GIVES_WAY, _ARRIVES = (8, 2), (10, 2)
"""Of so many steps, one at random has the running processor give way, or some of its transfers arrive early. Seeds take
turns with them: what one race needs often, another needs seldom (Groce and others: Swarm Testing, ISSTA 2012).
"""
WORDS = "default, random, pct:DEPTH:STEPS (probabilistic concurrency testing) or decisions: s12,a40.77"


@dataclass(frozen=True, slots=True, order=True)
class Deviation:
    """Where an order leaves the default one."""

    step: int
    kind: Decision
    value: int = 1

    def __str__(self) -> str:
        is_yes = self.kind in (Decision.SWITCH, Decision.READ_LATE)
        return f"{_NAMES[self.kind]}{self.step}" + ("" if is_yes else f".{self.value}")


@dataclass(frozen=True, slots=True)
class Order:
    """How a device chooses between orders.

    Attributes:
        depth, steps: of PCT: of how many events the order may matter, and how many steps there are to choose from.
        script: the decisions, by step.
    """

    strategy: Strategy = Strategy.DEFAULT
    seed: int = 0
    depth: int = 0
    steps: int = 0
    script: tuple[Deviation, ...] = ()

    @classmethod
    def read(cls, text: str) -> Order:
        """Read the option ``order``.

        Raises:
            ValueError: the text is no order.
        """
        if text == "random":
            return cls(Strategy.RANDOM)
        if text == DEFAULT:
            return cls(Strategy.SCRIPT)
        if found := _PCT.fullmatch(text):
            return cls(Strategy.PCT, depth=max(int(found[1]), 1), steps=max(int(found[2]), 1))
        items = [_DECISION.fullmatch(item) for item in text.split(",")]
        if not all(items):
            raise ValueError("it is none")
        script = (Deviation(int(item[2]), _LETTERS[item[1]], int(item[3] or 1)) for item in items if item is not None)
        return cls(Strategy.SCRIPT, script=tuple(sorted(script, key=lambda deviation: deviation.step)))

    def by_seed(self, seed: int) -> Order:
        """Return the order that a seed chooses; seed 0 is the default one."""
        if self.strategy is Strategy.SCRIPT:
            return self
        return replace(self, seed=seed) if seed else Order()

    @property
    def one_in(self) -> tuple[int, int]:
        """Of how many steps one gives way, and of how many one lets transfers arrive early, when that is random."""
        return _GIVES_WAY[self.seed % 2], _ARRIVES[self.seed // 2 % 2]

    @property
    def falls(self) -> tuple[int, ...]:
        """Of PCT: the steps at which the running processor falls below all others, sorted."""
        if self.strategy is not Strategy.PCT:
            return ()
        chance = random.Random(self.seed)
        return tuple(sorted(chance.randrange(self.steps) for _ in range(self.depth - 1)))


def text_of(deviations: Iterable[Deviation]) -> str:
    """Return decisions as the option ``order`` takes them."""
    return ",".join(map(str, deviations))


@dataclass(frozen=True, slots=True)
class Taken:
    """The order that a device's launches have had so far.

    Attributes:
        kernels: how many there were at most in a launch.
        steps: how many there were.
        digest: of the sequence of what processors could see of each other; equal ones are the same order.
        deviations: with the processor's index that each was about.
        asked: of every step, the kind of decision, and how many choices there were in bits 2 and up.
        complete: whether all of them were kept.
    """

    kernels: int
    steps: int
    digest: str
    deviations: tuple[tuple[Deviation, int], ...]
    asked: bytes
    complete: bool

    def append_to(self, path: Path, name: Callable[[int], str]) -> None:
        """Write it to a file, as a line of JSON; ``name`` tells processors from their indices."""
        line = {
            "kernels": self.kernels,
            "steps": self.steps,
            "digest": self.digest,
            "order": text_of(deviation for deviation, _ in self.deviations),
            "processors": [name(processor) for _, processor in self.deviations],
            "choices": [f"{_NAMES[Decision(step & 3)]}{step >> 2}" for step in self.asked],
            "complete": self.complete,
        }
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
