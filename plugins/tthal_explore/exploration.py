"""Handing out cases and collecting their outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from dataclasses import dataclass

from tthal_explore.cases import Case, Outcome, Status, lost, run_case
from tthal_explore.journal import Journal
from tthal_explore.plans import Listed, Plan

_WAITING = 4
"""Cases per running one that are handed out ahead, so that no worker waits and little is begun in vain."""


def explore(
    cases: Iterable[Case] | Plan,
    executor: Executor,
    journal: Journal,
    jobs: int,
    stop: Callable[[Outcome], bool] = lambda _: False,
) -> Iterator[Outcome]:
    """Yield outcomes as they come, each written down before; ends early when ``stop`` says so.

    Cases whose outcome the journal has are left out.

    Raises:
        ExecutorLost: the executor went away.
    """
    plan = Listed(cases) if isinstance(cases, Iterable) else cases
    running: dict[Future[Outcome], Case] = {}
    try:
        while True:
            while len(running) < jobs * _WAITING and (case := plan.next()) is not None:
                if case.seed in journal.outcomes:
                    plan.learn(journal.outcomes[case.seed])
                    continue
                journal.began(case)
                running[_submitted(executor, case)] = case
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                outcome = _outcome(future, running.pop(future))
                journal.ended(outcome)
                plan.learn(outcome)
                yield outcome
                if stop(outcome):
                    return
    finally:
        for future in running:
            future.cancel()


class ExecutorLost(Exception):
    """The executor takes no more cases, or gave up those that it had."""


def _submitted(executor: Executor, case: Case) -> Future[Outcome]:
    try:
        return executor.submit(run_case, case)
    except (RuntimeError, OSError) as problem:  # as executors say that they were shut down or are out of reach
        raise ExecutorLost(str(problem)) from problem


def _outcome(future: Future[Outcome], case: Case) -> Outcome:
    try:
        return future.result()
    except CancelledError as problem:
        raise ExecutorLost("it gave up the cases that it had") from problem
    except Exception as problem:  # noqa: BLE001 - an executor is somebody else's: whatever it raises is about one case
        return lost(case, problem)


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
    """What came out: kinds of outcomes, the frequent ones first, and how many different outputs passing cases had.

    Attributes:
        orders: how many different orders of events there were, 0 when they were not logged.
        usual, other: passing cases with the most frequent output and, when there is one, with another.
    """

    cases: int
    kinds: tuple[Kind, ...]
    outputs: int
    orders: int
    usual: Outcome | None
    other: Outcome | None

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
    passed = [outcome for outcome in ordered if outcome.status is Status.PASSED]
    outputs = Counter(outcome.output for outcome in passed)
    usual = next((o for o in passed if o.output == outputs.most_common(1)[0][0]), None)
    other = next((o for o in passed if usual is not None and o.output != usual.output), None)
    orders = {tuple(taken.digest for taken in outcome.taken) for outcome in ordered if outcome.taken}
    return Summary(len(ordered), kinds, len(outputs), len(orders), usual, other)
