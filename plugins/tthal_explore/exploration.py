"""Handing out cases and collecting their outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass

from tthal_explore.cases import Case, Outcome, Status, run_case
from tthal_explore.journal import Journal

_WAITING = 4
"""Cases per running one that are handed out ahead, so that no worker waits and little is begun in vain."""


def explore(
    cases: Iterable[Case],
    executor: Executor,
    journal: Journal,
    jobs: int,
    stop: Callable[[Outcome], bool] = lambda _: False,
) -> Iterator[Outcome]:
    """Yield outcomes as they come, each written down before; ends early when ``stop`` says so.

    Cases whose outcome the journal has are left out.
    """
    left = iter([case for case in cases if case.seed not in journal.outcomes])
    running: set[Future[Outcome]] = set()
    try:
        while True:
            while len(running) < jobs * _WAITING and (case := next(left, None)) is not None:
                journal.began(case)
                running.add(executor.submit(run_case, case))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                outcome = future.result()
                journal.ended(outcome)
                yield outcome
                if stop(outcome):
                    return
    finally:
        for future in running:
            future.cancel()


def share(seeds: range, splits: int, group: int) -> list[int]:
    """Return the seeds of one of ``splits`` groups, 1 to ``splits``; together they are all, and no seed is in two."""
    return list(seeds)[group - 1 :: splits]


@dataclass(frozen=True, slots=True)
class Kind:
    """Outcomes that look the same."""

    status: Status
    reason: str
    count: int
    first: Outcome


@dataclass(frozen=True, slots=True)
class Summary:
    """What came out: kinds of outcomes, the frequent ones first, and how many different outputs passing cases had."""

    cases: int
    kinds: tuple[Kind, ...]
    outputs: int

    @property
    def failed(self) -> int:
        """How many cases did not pass."""
        return sum(kind.count for kind in self.kinds if kind.status is not Status.PASSED)


def summary(outcomes: Iterable[Outcome]) -> Summary:
    """Put outcomes together."""
    ordered = sorted(outcomes, key=lambda outcome: outcome.seed)
    counts = Counter((outcome.status, outcome.reason) for outcome in ordered)
    first = {(outcome.status, outcome.reason): outcome for outcome in reversed(ordered)}
    kinds = tuple(Kind(*key, count, first[key]) for key, count in counts.most_common())
    outputs = {outcome.output for outcome in ordered if outcome.status is Status.PASSED}
    return Summary(len(ordered), kinds, len(outputs))
