"""``tthal explore``: one program under many orders of events."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from tthal.cli.run import Script, tell_of_own_options
from tthal.device import open_device
from tthal.kit.executors import HELP, workers_at
from tthal.selection import Selection, choose
from tthal_explore.cases import Case, Outcome, end_running, with_options
from tthal_explore.course import Course
from tthal_explore.exploration import share, summary
from tthal_explore.interruption import sigterm_raises, status_of
from tthal_explore.journal import Journal, do_outputs_vary, read
from tthal_explore.outputs import differ_late, without_outputs
from tthal_explore.report import report
from tthal_explore.search import PERHAPS, Race, Strategy

_LOGGING = ("emulator",)
"""Backends that say which order of events their launches had."""
_NOTHING = (
    "no order of events became known, so that nothing was explored: does the script open a device, close it, and leave "
    "its backend to TTHAL_BACKEND? A device that is opened with backend= runs in the order that this says."
)


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
    default=Strategy.MIXED.value,
    show_default=True,
    help="How a seed chooses. random: at every step; pct: at few points, with a bound on what is missed; mixed: four "
    "seeds by pct, four at random ...; systematic: all orders with one decision, then all with two ...",
)
@click.option(
    "--depth",
    type=click.IntRange(1, 99),
    default=2,
    show_default=True,
    help="Of pct, also in mixed, and of systematic.",
)
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
@click.option("--group", metavar="I", type=click.IntRange(1), help="... and run the share of machine I.")
@click.option("--exit-first", "-x", is_flag=True, help="Stop at the first case that does not pass.")
@click.argument("script", type=Script())
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
    group: int | None,
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

    Exit status: 0 when all cases passed and printed the same; 1 when one did not pass, when outputs differ although one
    order always prints the same, when --races found one, or when nothing was explored; 2 when the command is called
    wrongly; 130 after Ctrl-C and 143 after SIGTERM, which report what was found so far.
    """
    if group is None and splits > 1:
        raise click.UsageError(f"--splits {splits}: which share is this machine's? --group 1 to {splits} says it")
    group = group or 1
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
    if logged:
        open_device(0, backend=cases[0].selection).close()  # what cannot be selected is an error before anything runs
    head = {"command": list(command), "backend": selection}
    if chosen is not Strategy.RANDOM:
        head["strategy"] = f"{strategy} {depth}"
    with Journal(results, head) as journal, workers_at(executor, jobs) as workers, sigterm_raises():
        course = Course(journal, workers)
        try:
            course.run(chosen, cases, depth, exit_first)
            if splits > 1:
                click.echo(f"share {group} of {splits}; `tthal explore-results` puts all of them together")
            found, smaller = course.look_closer(shrink and logged)
            raced = course.look_for_races(cases[0], found, smaller) if races else []
        except KeyboardInterrupt as stop:
            workers.executor.shutdown(wait=False, cancel_futures=True)
            end_running()
            course.tell_interrupted(results)
            sys.exit(status_of(stop))
    nothing = logged and not found.orders
    if found.failed == found.cases:
        tell_of_own_options(arguments)
    if nothing and found.failed < found.cases:
        click.echo(_NOTHING, err=True)
    differ = found.outputs > 1 and not (_is_a_warning(raced) and differ_late(found, smaller))
    sys.exit(1 if nothing or found.failed or differ or (raced and not _is_a_warning(raced)) else 0)


def _is_a_warning(raced: list[Race]) -> bool:
    """Whether nothing was found but what is right on most cards."""
    return bool(raced) and all(race.id == PERHAPS for race in raced)


@click.command("explore-results", short_help="Put files of `tthal explore --results` together.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def results_command(files: tuple[Path, ...]) -> None:
    """Put FILES of one exploration together and print what came out, as `tthal explore` does.

    \b
    tthal explore-results run-1.jsonl run-2.jsonl

    Exit status: 1 when a case did not pass or outputs differ, else 0.
    """
    head, outcomes = read(files)
    command = tuple(head["command"])
    cases = {seed: Case(seed, head["backend"], command, 0, _decisions(found)) for seed, found in outcomes.items()}
    together = summary(outcomes.values())
    if together.outputs > 1 and do_outputs_vary(files):
        together = without_outputs(together)
    click.echo(report(together, cases, {}))
    sys.exit(1 if together.failed or together.outputs > 1 else 0)


def _decisions(outcome: Outcome) -> str:
    """Return the decisions that repeat an outcome, or how its seed chose where they are not known."""
    known = len(outcome.taken) == 1 and outcome.taken[0].complete and outcome.taken[0].order
    return outcome.taken[0].order if known else outcome.order
