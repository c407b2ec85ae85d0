"""``tthal explore``: one program under many orders of events."""

from __future__ import annotations

import os
import shlex
import sys
import time
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tthal.cli.console import err
from tthal.kit.executors import HELP, cpus, executor_at
from tthal.selection import choose
from tthal_explore.cases import Case, Outcome, Status
from tthal_explore.exploration import Summary, explore, share, summary
from tthal_explore.journal import Journal, read

INTERRUPTED = 130


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
    help="How many seeds, from --first on.",
)
@click.option("--first", metavar="SEED", type=click.IntRange(0), default=0, show_default=True)
@click.option("--backend", metavar="SELECTION", help="What to run on; default: as TTHAL_BACKEND says, or the emulator.")
@click.option("--executor", metavar="PLACE", default="local", show_default=True, help=f"Where cases run: {HELP}.")
@click.option("--jobs", "-j", type=click.IntRange(1), help="Cases at once; default: one for each CPU.")
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
    What passes under one and fails under another is a race, and the seed repeats it.

    \b
    tthal explore --seeds 500 my_op.py
    tthal explore --results run.jsonl --splits 4 --group 2 my_op.py      on each of four machines
    tthal explore-results run-*.jsonl                                    and all of them together

    The exit status is 1 when a case did not pass.
    """
    if group > splits:
        raise click.UsageError(f"--group {group} of --splits {splits}: groups are 1 to {splits}")
    selection = backend if backend is not None else str(choose().selection)
    command = (os.path.abspath(script), *arguments)
    cases = [Case(seed, selection, command, timeout) for seed in share(range(first, first + seeds), splits, group)]
    cases[0].selection  # noqa: B018 - a selection that cannot be read is an error before anything runs
    at_once = jobs or cpus()
    head = {"command": list(command), "backend": selection}
    with Journal(results, head) as journal, executor_at(executor, jobs) as pool:
        known = sum(case.seed in journal.outcomes for case in cases)
        if known:
            click.echo(f"{known} of {len(cases)} cases are in {results} already", err=True)
        began = time.monotonic()
        try:
            with _progress() as progress:
                task = progress.add_task("", total=len(cases), completed=known, failed=0)
                failed = 0
                stop = (lambda outcome: outcome.status is not Status.PASSED) if exit_first else (lambda _: False)
                for outcome in explore(cases, pool, journal, at_once, stop):
                    failed += outcome.status is not Status.PASSED
                    progress.update(task, advance=1, failed=failed)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            kept = f"; the same command goes on with {results}" if results else ""
            click.echo(f"interrupted after {len(journal.outcomes)} cases{kept}", err=True)
            sys.exit(INTERRUPTED)
        mine = {case.seed for case in cases}
        outcomes = [outcome for seed, outcome in journal.outcomes.items() if seed in mine]
        rate = (len(outcomes) - known) / max(time.monotonic() - began, 1e-9)
    found = summary(outcomes)
    click.echo(report(found, selection, command))
    click.echo(f"{rate:.2f} cases per second, {at_once} at once", err=True)
    sys.exit(1 if found.failed else 0)


@click.command("explore-results", short_help="Put files of `tthal explore --results` together.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def results_command(files: tuple[Path, ...]) -> None:
    """Put FILES of one exploration together and print what came out, as `tthal explore` does."""
    head, outcomes = read(files)
    found = summary(outcomes.values())
    click.echo(report(found, head["backend"], tuple(head["command"])))
    sys.exit(1 if found.failed else 0)


def report(found: Summary, backend: str, command: tuple[str, ...]) -> str:
    """Say what came out, and how to repeat what did not pass."""
    lines = [f"{found.cases} cases: {found.cases - found.failed} passed, {found.failed} did not"]
    if found.outputs > 1:
        lines.append(f"  passing cases printed {found.outputs} different outputs")
    for kind in found.kinds:
        if kind.status is Status.PASSED:
            continue
        lines += [
            f"  {kind.count} {kind.status.value}: {kind.reason}",
            f"    repeat: {_repeat(kind.first, backend, command)}",
        ]
    return "\n".join(lines)


def _repeat(outcome: Outcome, backend: str, command: tuple[str, ...]) -> str:
    selection = Case(outcome.seed, backend, command, 0).selection
    return shlex.join(["tthal", "run", "--backend", selection, *command])


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.fields[failed]} failed"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err(),
        transient=True,
    )
