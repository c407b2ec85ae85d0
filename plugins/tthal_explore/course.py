"""The course of one exploration: cases, a closer look at what came out, races; or the report when it is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import click

from tthal.columns import counted
from tthal.errors import TthalError
from tthal.kit.executors import Workers
from tthal_explore.cases import Case, Outcome, Status, run_case
from tthal_explore.exploration import ExecutorLost, Kind, Summary, explore, summary
from tthal_explore.journal import Journal
from tthal_explore.outputs import comparable, prints_otherwise
from tthal_explore.plans import Plan, Systematic, bound
from tthal_explore.progress import progress
from tthal_explore.report import Witness, race_report, report
from tthal_explore.search import DEFAULT, Race, Strategy, findings, plan, proves, smallest

_CHECKED = 4
"""Orders that went well in which check=full looks for races when it finds none in the others."""
_TRIES = 200
"""How many cases are spent at most on making one schedule smaller."""


class Course:
    """What is done about the cases of one exploration, step by step."""

    def __init__(self, journal: Journal, workers: Workers) -> None:
        self._journal = journal
        self._workers = workers
        self._pool = workers.executor
        self._tried: dict[int, Case] = {}
        self._is_told = False

    def run(self, strategy: Strategy, cases: list[Case], depth: int, exit_first: bool) -> None:
        """Run the cases; they are kept by seed as they are handed out."""
        what, first = plan(strategy, cases, depth, self._pool)
        if first is not None:
            least = bound(max(t.kernels for t in first.taken), max(t.steps for t in first.taken), depth)
            which = "every seed" if strategy is Strategy.PCT else "every second seed, by pct,"
            click.echo(f"{which} finds a bug of depth {depth} with a chance of at least {least:.2g}", err=True)
        known = self._journal.outcomes
        if mine := sum(case.seed in known for case in cases):
            click.echo(f"known already: {mine} of {counted(len(cases), 'case')}", err=True)
        began, before = time.monotonic(), len(known)
        self._run(_Watched(what, self._tried), len(cases), mine, exit_first)
        rate = (len(known) - before) / max(time.monotonic() - began, 1e-9)
        click.echo(f"{rate:.2f} cases per second, {self._workers.at_once} at once", err=True)
        if isinstance(what, Systematic):
            most = counted(depth, "decision")
            whole = f"all of them; a race may need more, which --depth {depth + 1} tries"
            part = f"the first {len(self._tried)}; --seeds says how many"
            click.echo(f"orders with up to {most}: {whole if what.exhausted else part}", err=True)

    def _run(self, watched: _Watched, total: int, mine: int, exit_first: bool) -> None:
        try:
            with progress(total, mine) as advance:
                for outcome in explore(watched, self._pool, self._journal, self._workers.at_once, _stop(exit_first)):
                    advance(outcome.status is not Status.PASSED)
        except ExecutorLost as problem:
            raise TthalError(
                f"the executor went away ({problem}) after {counted(len(self._journal.outcomes), 'case')}; with "
                "--results FILE the same command goes on where it was"
            ) from problem

    def look_closer(self, shrinks: bool) -> tuple[Summary, dict[int, Case]]:
        """Report what came out; return it, and the smallest schedules of what went wrong."""
        found = comparable(summary(self._outcomes()), self._outcomes(), self._tried, self._pool)
        if found.outputs < summary(self._outcomes()).outputs:
            self._journal.outputs_vary()
        smaller = _smaller(found, self._tried, self._pool) if shrinks else {}
        self._tell(found, smaller)
        return found, smaller

    def look_for_races(self, case: Case, found: Summary, smaller: dict[int, Case]) -> list[Race]:
        """Report and return what the checks find."""
        usual = replace(case, order=DEFAULT)
        seeds = _wrong(found)
        wrong = [usual, *(smaller.get(seed, self._tried[seed]) for seed in seeds)]
        others = [self._tried[seed] for seed in sorted(self._tried) if seed not in seeds][:_CHECKED]
        raced = findings(wrong, others, self._pool)
        click.echo(race_report(list(raced), _witnesses(raced, smaller, self._pool)))
        return list(raced)

    def tell_interrupted(self, results: Path | None) -> None:
        """Report what was found so far, as it is: nothing is run again to compare it or to make it smaller."""
        if not self._is_told and self._outcomes():
            self._tell(summary(self._outcomes()), {})
        kept = f"; the same command goes on with {results}" if results else ""
        click.echo(f"interrupted after {counted(len(self._journal.outcomes), 'case')}{kept}", err=True)

    def _outcomes(self) -> list[Outcome]:
        return [outcome for seed, outcome in self._journal.outcomes.items() if seed in self._tried]

    def _tell(self, found: Summary, smaller: dict[int, Case]) -> None:
        click.echo(report(found, self._tried, smaller))
        self._is_told = True


class _Watched:
    """A plan, with the cases that it handed out by their seeds."""

    def __init__(self, inner: Plan, tried: dict[int, Case]) -> None:
        self._inner = inner
        self._tried = tried
        self.learn = inner.learn

    def next(self) -> Case | None:
        """See :class:`tthal_explore.plans.Plan`."""
        case = self._inner.next()
        if case is not None:
            self._tried[case.seed] = case
        return case


def _stop(exit_first: bool) -> Callable[[Outcome], bool]:
    return lambda outcome: exit_first and outcome.status is not Status.PASSED


def _smaller(found: Summary, cases: dict[int, Case], pool: Executor) -> dict[int, Case]:
    """Return the smallest schedules of what went wrong, by the seed of the first case of each kind."""
    wrong = [(kind.first, _ends_like(kind)) for kind in found.kinds if kind.status in (Status.FAILED, Status.TIMEOUT)]
    if found.outputs > 1 and found.usual is not None and found.other is not None:
        wrong.append((found.other, prints_otherwise(found.usual)))
    made = {first.seed: smallest(cases[first.seed], first, again, pool, _TRIES) for first, again in wrong}
    return {seed: case for seed, case in made.items() if case is not None}


def _ends_like(kind: Kind) -> Callable[[Outcome], bool]:
    return lambda outcome: (outcome.status, outcome.reason) == (kind.status, kind.reason)


def _witnesses(found: Mapping[Race, list[Case]], smaller: dict[int, Case], pool: Executor) -> dict[Race, Witness]:
    """Return for every race a schedule that proves it, if there is one."""
    witnesses = []
    for case in smaller.values():
        outcome = pool.submit(run_case, case).result()
        what = outcome.reason or "it prints something else than in the default order"
        about = outcome.taken[0].processors if outcome.taken else ()
        witnesses.append(Witness(case, what, about))
    return {
        race: witness for race in found for witness in reversed(witnesses)
        if proves(witness.case, witness.processors, race, found)
    }  # fmt: skip


def _wrong(found: Summary) -> list[int]:
    """Return seeds of orders that went wrong, one of each kind."""
    wrong = [kind.first.seed for kind in found.kinds if kind.status is not Status.PASSED]
    if found.outputs > 1 and found.other is not None:
        wrong.append(found.other.seed)
    return wrong
