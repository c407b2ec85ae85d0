"""``tthal explore``: one program under many orders of events."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tthal.cli.console import err
from tthal.cli.run import tell_of_own_options
from tthal.errors import TthalError
from tthal.kit.executors import HELP, workers_at
from tthal.selection import Selection, choose
from tthal_explore.cases import Case, Outcome, Status, end_running, run_case, with_options
from tthal_explore.exploration import ExecutorLost, Kind, Summary, explore, share, summary
from tthal_explore.journal import Journal, do_outputs_vary, read
from tthal_explore.plans import Plan, Systematic, bound
from tthal_explore.report import Witness, race_report, report
from tthal_explore.search import PERHAPS, Race, Strategy, findings, plan, proves, smallest

INTERRUPTED = 130
_LOGGING = ("emulator",)
"""Backends that say which order of events their launches had."""
_CHECKED = 4
"""Orders in which check=full looks for races when it finds none in the order without decisions."""
_NOTHING = (
    "no order of events became known, so that nothing was explored: does the script open a device, close it, and leave "
    "its backend to TTHAL_BACKEND? A device that is opened with backend= runs in the order that this says."
)
_TRIES = 200
"""How many cases are spent at most on making one schedule smaller."""


@click.command(
    "explore",
    short_help="Run a script under many legal orders of events.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option(
    "--seeds",
    metavar="N",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="How many seeds, from --first on; how many orders, when they are tried systematically.",
)
@click.option("--first", metavar="SEED", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--strategy",
    type=click.Choice([each.value for each in Strategy]),
    default=Strategy.RANDOM.value,
    show_default=True,
    help="How a seed chooses. pct: at few points, with a bound on what is missed; systematic: all orders with one "
    "decision, then all with two ...",
)
@click.option("--depth", type=click.IntRange(1, 99), default=2, show_default=True, help="Of pct and systematic.")
@click.option("--races", is_flag=True, help="Find races with check=full, and for each an order that proves it.")
@click.option("--shrink/--no-shrink", default=True, help="Make schedules that fail as small as they can be.")
@click.option("--backend", metavar="SELECTION", help="What to run on; default: as TTHAL_BACKEND says, or the emulator.")
@click.option("--executor", metavar="PLACE", default="local", show_default=True, help=f"Where cases run: {HELP}.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1),
    help="Cases at once; default: one for each CPU, or as many as the cluster has room for.",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(0),
    default=300,
    show_default=True,
    help="For one case; 0 is no limit.",
)
@click.option(
    "--results",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write outcomes to this file, and leave out those that it has.",
)
@click.option("--splits", metavar="N", type=click.IntRange(1), default=1, help="Share the seeds between N machines ...")
@click.option("--group", metavar="I", type=click.IntRange(1), default=1, help="... and run the share of machine I.")
@click.option("--exit-first", "-x", is_flag=True, help="Stop at the first case that does not pass.")
@click.argument("script", type=click.Path(exists=True, dir_okay=False))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def explore_command(
    seeds: int,
    first: int,
    strategy: str,
    depth: int,
    races: bool,
    shrink: bool,
    backend: str | None,
    executor: str,
    jobs: int | None,
    timeout: float,
    results: Path | None,
    splits: int,
    group: int,
    exit_first: bool,
    script: str,
    arguments: tuple[str, ...],
) -> None:
    """Run SCRIPT with its ARGUMENTS once for every seed: each seed is another order of events that the hardware allows.
    What passes under one and fails under another is a race, and the printed command repeats it.

    \b
    tthal explore --seeds 500 my_op.py
    tthal explore --strategy systematic --depth 1 my_op.py               every single switch, for small programs
    tthal explore --races my_op.py                                       the checks' races, with a witness each
    tthal explore --results run.jsonl --splits 4 --group 2 my_op.py      on each of four machines
    tthal explore-results run-*.jsonl                                    and all of them together

    The exit status is 1 when a case did not pass, or a race was found.
    """
    if group > splits:
        raise click.UsageError(f"--group {group} of --splits {splits}: groups are 1 to {splits}")
    chosen = Strategy(strategy)
    if chosen is Strategy.SYSTEMATIC and splits > 1:
        raise click.UsageError("--strategy systematic finds its cases as it goes: they cannot be shared by --splits")
    selection = backend if backend is not None else str(choose().selection)
    logged = Selection.parse(selection).backend in _LOGGING
    if races and logged:
        selection = with_options(
            selection, check="off", late_reads="on"
        )  # a witness shows by itself, without anybody who looks
    command = (os.path.abspath(script), *arguments)
    wanted = share(range(first, first + seeds), splits, group)
    cases = [Case(seed, selection, command, timeout, logged=logged) for seed in wanted]
    cases[0].selection  # noqa: B018 - a selection that cannot be read is an error before anything runs
    head = {"command": list(command), "backend": selection}
    if chosen is not Strategy.RANDOM:
        head["strategy"] = f"{strategy} {depth}"
    raced: list[Race] = []
    with Journal(results, head) as journal, workers_at(executor, jobs) as workers:
        pool = workers.executor
        tried, stopped = _try(chosen, cases, depth, pool, journal, workers.at_once, exit_first)
        if stopped:
            pool.shutdown(wait=False, cancel_futures=True)
            end_running()
            kept = f"; the same command goes on with {results}" if results else ""
            click.echo(f"interrupted after {len(journal.outcomes)} cases{kept}", err=True)
            sys.exit(INTERRUPTED)
        outcomes = [outcome for seed, outcome in journal.outcomes.items() if seed in tried]
        found = _comparable(summary(outcomes), outcomes, tried, pool)
        if found.outputs < summary(outcomes).outputs:
            journal.outputs_vary()
        smaller = _smaller(found, tried, pool) if shrink and logged else {}
        click.echo(report(found, tried, smaller))
        if races:
            raced = findings(cases[0], _telling(found, tried), pool)
            click.echo(race_report(raced, _witnesses(raced, smaller, pool)))
    nothing = logged and not found.orders
    if found.failed == found.cases:
        tell_of_own_options(arguments)
    if nothing:
        click.echo(_NOTHING, err=True)
    sys.exit(1 if nothing or found.failed or any(race.id != PERHAPS for race in raced) else 0)


def _telling(found: Summary, tried: dict[int, Case]) -> list[int]:
    """Return seeds whose orders are to be checked for races, those that went wrong first."""
    wrong = [kind.first.seed for kind in found.kinds if kind.status is not Status.PASSED]
    if found.outputs > 1 and found.other is not None:
        wrong.append(found.other.seed)
    return list(dict.fromkeys([*wrong, *sorted(tried)]))[:_CHECKED]


def _try(
    strategy: Strategy, cases: list[Case], depth: int, pool: Executor, journal: Journal, at_once: int, exit_first: bool
) -> tuple[dict[int, Case], bool]:
    """Run the cases; return them by seed, and whether somebody stopped it."""
    what, first = plan(strategy, cases, depth, pool)
    if first is not None:
        least = bound(max(t.kernels for t in first.taken), max(t.steps for t in first.taken), depth)
        click.echo(f"every seed finds a bug of depth {depth} with a chance of at least {least:.2g}", err=True)
    tried: dict[int, Case] = {}
    began, known = time.monotonic(), len(journal.outcomes)
    mine = sum(case.seed in journal.outcomes for case in cases)
    if mine:
        click.echo(f"{mine} of {len(cases)} cases are known already", err=True)
    watched = _Watched(what, tried)
    try:
        with _progress() as progress:
            task = progress.add_task("", total=len(cases), completed=mine, failed=0)
            failed = 0
            for outcome in explore(watched, pool, journal, at_once, _stop(exit_first)):
                failed += outcome.status is not Status.PASSED
                progress.update(task, advance=1, failed=failed)
    except KeyboardInterrupt:
        return tried, True
    except ExecutorLost as problem:
        raise TthalError(
            f"the executor went away ({problem}) after {len(journal.outcomes)} cases; with --results FILE the same "
            "command goes on where it was"
        ) from problem
    rate = (len(journal.outcomes) - known) / max(time.monotonic() - began, 1e-9)
    click.echo(f"{rate:.2f} cases per second, {at_once} at once", err=True)
    if isinstance(what, Systematic):
        whole = "all of them" if what.exhausted else f"the first {len(tried)}; --seeds says how many"
        click.echo(f"orders with up to {depth} decisions: {whole}", err=True)
    return tried, False


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


def _comparable(found: Summary, outcomes: list[Outcome], cases: dict[int, Case], pool: Executor) -> Summary:
    """Compare outputs with that of the default order, which is seed 0.

    When one order prints now this and now that, the time of day for instance, outputs are left out of account.
    """
    if found.outputs < 2:
        return found
    default = replace(next(iter(cases.values())), seed=0, order="")
    usual, again = (pool.submit(run_case, default).result() for _ in range(2))
    if usual.output != again.output:
        return _without_outputs(found)
    if usual.status is not Status.PASSED:
        return found
    cases.setdefault(0, default)
    passed = (outcome for outcome in outcomes if outcome.status is Status.PASSED)
    return replace(found, usual=usual, other=next((o for o in passed if o.output != usual.output), None))


def _without_outputs(found: Summary) -> Summary:
    click.echo("the program prints something else every time, in one order too: outputs were not compared", err=True)
    return replace(found, outputs=1, usual=None, other=None)


def _smaller(found: Summary, cases: dict[int, Case], pool: Executor) -> dict[int, Case]:
    """Return the smallest schedules of what went wrong, by the seed of the first case of each kind."""
    wrong = [(kind.first, _ends_like(kind)) for kind in found.kinds if kind.status in (Status.FAILED, Status.TIMEOUT)]
    if found.outputs > 1 and found.usual is not None and found.other is not None:
        wrong.append((found.other, _prints_otherwise(found.usual)))
    made = {first.seed: smallest(cases[first.seed], first, again, pool, _TRIES) for first, again in wrong}
    return {seed: case for seed, case in made.items() if case is not None}


def _ends_like(kind: Kind) -> Callable[[Outcome], bool]:
    return lambda outcome: (outcome.status, outcome.reason) == (kind.status, kind.reason)


def _prints_otherwise(usual: Outcome) -> Callable[[Outcome], bool]:
    return lambda outcome: outcome.status is Status.PASSED and outcome.output != usual.output


def _witnesses(races: list[Race], smaller: dict[int, Case], pool: Executor) -> dict[Race, Witness]:
    """Return for every race a schedule that proves it, if there is one."""
    witnesses = []
    for case in smaller.values():
        outcome = pool.submit(run_case, case).result()
        what = outcome.reason or "it prints something else than in the default order"
        about = outcome.taken[0].processors if outcome.taken else ()
        witnesses.append(Witness(case, what, about))
    return {
        race: witness for race in races for witness in reversed(witnesses) if proves(witness.processors, race, races)
    }


@click.command("explore-results", short_help="Put files of `tthal explore --results` together.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def results_command(files: tuple[Path, ...]) -> None:
    """Put FILES of one exploration together and print what came out, as `tthal explore` does.

    \b
    tthal explore-results run-1.jsonl run-2.jsonl
    """
    head, outcomes = read(files)
    command = tuple(head["command"])
    cases = {seed: Case(seed, head["backend"], command, 0, _decisions(found)) for seed, found in outcomes.items()}
    together = summary(outcomes.values())
    if together.outputs > 1 and do_outputs_vary(files):
        together = _without_outputs(together)
    click.echo(report(together, cases, {}))
    sys.exit(1 if together.failed else 0)


def _decisions(outcome: Outcome) -> str:
    """Return the decisions that repeat an outcome; none when its seed does."""
    return outcome.taken[0].order if len(outcome.taken) == 1 and outcome.taken[0].complete else ""


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.fields[failed]} failed"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err(),
        transient=True,
    )
