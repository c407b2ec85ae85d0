"""Running the suite in parts, wherever an executor has room, and on several machines."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future, as_completed
from contextlib import contextmanager
from dataclasses import replace

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tthal.cli.console import err
from tthal.selection import choose
from tthal_conformance.catalogue import select
from tthal_conformance.launcher import Order, run
from tthal_conformance.profile import Profile
from tthal_conformance.report import assemble
from tthal_conformance.schema import Report, Result, Target

PART = 8
"""Programs in one part: a process starts in the time of one or two."""


def share(names: list[str], splits: int, group: int) -> list[str]:
    """Return the programs of one of ``splits`` groups, 1 to ``splits``; together they are all, none is in two."""
    return names[group - 1 :: splits]


def run_shared(order: Order, executor: Executor, splits: int = 1, group: int = 1) -> Report:
    """Run a group of the suite by an executor and return its report; raises as :func:`.launcher.run` does."""
    selection = choose(order.backend).selection
    profile = Profile.of(selection.backend)
    names = share(select(order.tier, order.patterns), splits, group)
    parts = [names[begin : begin + PART] for begin in range(0, len(names), PART)]
    futures: dict[Future[Report], list[str]] = {}
    for part in parts:
        alone = replace(order, backend=str(selection), patterns=tuple(part), jobs=1, quiet=True)
        futures[executor.submit(run, alone)] = part
    results: dict[str, Result] = {}
    target = Target(str(selection))
    with _progress(len(names)) as advance:
        for future in as_completed(futures):
            report = future.result()
            results.update((result.name, result) for result in report.results)
            target = report.target if report.target.arch or not target.arch else target
            advance.update(advance.task_ids[0], advance=len(futures[future]))
    return assemble(results, names, order.tier, target, profile)


@contextmanager
def _progress(total: int) -> Iterator[Progress]:
    columns = TextColumn("conformance"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=err(), transient=True) as progress:
        progress.add_task("", total=total)
        yield progress
