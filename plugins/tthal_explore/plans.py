"""Which orders of events are tried: one after the other by their seeds, or systematically."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from tthal_explore.cases import Case, Outcome, Taken

_DEFAULT = "default"
"""The order without decisions."""


class Plan(Protocol):
    """What to try next, which may depend on what came out before."""

    def next(self) -> Case | None:
        """Return another case; None when there is none, at least until more is learnt."""

    def learn(self, outcome: Outcome) -> None:
        """Take note of what came out."""


class Listed:
    """Cases that are known from the beginning."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._left = deque(cases)

    def next(self) -> Case | None:
        """See :class:`Plan`."""
        return self._left.popleft() if self._left else None

    def learn(self, outcome: Outcome) -> None:
        """See :class:`Plan`."""


class Systematic:
    """All orders with one decision, then all with two and so on: every order that was tried is continued at every later
    step by every decision that there is. Small programs come to an end.

    Args:
        first: the case without decisions.
        depth: how many decisions an order has at most.
        most: how many cases to try.

    Attributes:
        exhausted: whether all orders up to ``depth`` decisions have been tried.
    """

    def __init__(self, first: Case, depth: int, most: int) -> None:
        self._first = first
        self._depth = depth
        self._most = most
        self._orders: list[str] = [""]
        self._learnt: dict[int, Taken | None] = {}
        self._handed_out = 0
        self._continued = 0
        self._cut = False

    @property
    def exhausted(self) -> bool:
        """See the class."""
        return not self._cut and self._continued == len(self._orders)

    def next(self) -> Case | None:
        """See :class:`Plan`."""
        number = self._handed_out
        if number == len(self._orders):
            return None
        self._handed_out += 1
        return replace(self._first, seed=self._first.seed + number, order=self._orders[number] or _DEFAULT)

    def learn(self, outcome: Outcome) -> None:
        """See :class:`Plan`. Orders are continued in their own order, whichever comes out first."""
        self._learnt[outcome.seed - self._first.seed] = outcome.taken[0] if len(outcome.taken) == 1 else None
        while self._continued in self._learnt:
            taken = self._learnt.pop(self._continued)
            decisions = list(filter(None, self._orders[self._continued].split(",")))
            self._continued += 1
            if taken is not None and len(decisions) < self._depth:
                self._continue(decisions, taken)

    def _continue(self, decisions: list[str], taken: Taken) -> None:
        begin = step_of(decisions[-1]) + 1 if decisions else 0
        for step, choice in enumerate(taken.choices[begin:], begin):
            for value in range(1, int(choice[1:])):
                if len(self._orders) == self._most:
                    self._cut = True
                    return
                self._orders.append(",".join([*decisions, _decision(choice[0], step, value)]))


def _decision(kind: str, step: int, value: int) -> str:
    return f"{kind}{step}" if kind in "sl" else f"{kind}{step}.{value}"


def step_of(decision: str) -> int:
    """Return the step of a decision as text."""
    return int(decision[1:].partition(".")[0])


def bound(kernels: int, steps: int, depth: int) -> float:
    """Return how likely one seed of probabilistic concurrency testing finds a bug of a depth, at least.

    1 / (n k^(d-1)) for n processors and k steps (Burckhardt and others, ASPLOS 2010); orders of processors only, not of
    transfers.
    """
    return 1.0 / (max(kernels, 1) * float(max(steps, 1)) ** (depth - 1))
