"""``tthal racebench``: score a tool with pairs of faulty and fixed programs."""

from __future__ import annotations

import time
from pathlib import Path

import click

from tthal.columns import counted
from tthal.device import open_device
from tthal.kit.executors import HELP, workers_at
from tthal.selection import Selection, choose
from tthal_conformance.racebench.pair import PLACE, select


@click.command("racebench", short_help="Score what looks for mistakes with programs whose mistakes are known.")
@click.option("--backend", metavar="SELECTION", help="What to run on; default: as TTHAL_BACKEND says, or the emulator.")
@click.option(
    "--with",
    "options",
    multiple=True,
    metavar="KEY=VALUE",
    help="An option of the backend that makes it a tool; repeatable, each is scored. "
    "Default: check=default and check=full.",
)
@click.option("--bare", is_flag=True, help="Score the backend as it is: what it refuses, and where bytes are wrong.")
@click.option("--tool", metavar="COMMAND", help=f"Score a command instead, in which {PLACE} is the program's command.")
@click.option("--select", "patterns", multiple=True, metavar="PATTERN", help="Only these pairs or kinds; repeatable.")
@click.option(
    "--results",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write observations to this file as lines of JSON, and leave out the programs that it has.",
)
@click.option("--executor", metavar="PLACE", default="local", show_default=True, help=f"Where programs run: {HELP}.")
@click.option("--jobs", "-j", type=click.IntRange(1), help="Processes at once; default: one for each CPU.")
@click.option("--timeout", default=120.0, show_default=True, help="Seconds for one program.")
@click.option("--list", "list_only", is_flag=True, help="List the pairs and run none.")
def racebench(
    backend: str | None,
    options: tuple[str, ...],
    bare: bool,
    tool: str | None,
    patterns: tuple[str, ...],
    results: Path | None,
    executor: str,
    jobs: int | None,
    timeout: float,
    list_only: bool,
) -> None:
    """Run pairs of a faulty and a fixed program, and say which faults a tool finds.

    A report of a faulty program is a hit when it names a line of the fault, which the pair's file marks; a report of a
    fixed program is a false alarm.

    \b
    tthal racebench                                                  the emulator's checks
    tthal racebench --with seed=7 --select "*_race"                  another order of events as the tool
    tthal racebench --tool "my-tool --run {program}"                 any command that ends with 1 and prints FILE:LINE

    The exit status is 1 when there was a miss or a false alarm.
    """
    from tthal_conformance.racebench.campaign import failed, run, runnable, table
    from tthal_conformance.racebench.notes import Notes

    chosen = select(patterns)
    if list_only:
        for pair in chosen:
            click.echo(f"{pair.name}: {pair.summary}")
        return
    if tool is not None and PLACE not in tool:
        raise click.UsageError(f"--tool {tool!r}: the command needs {PLACE} where the program's command goes")
    selection = Selection.parse(backend) if backend is not None else choose().selection
    tools = {each: _with(selection, each) for each in options or _CHECKS}
    if bare or tool is not None:
        tools = {tool or str(selection): selection}
    if tool is None and executor == "local":  # what cannot be selected is an error before anything runs
        for selected in tools.values():
            open_device(0, backend=str(selected)).close()
    began = time.monotonic()
    with workers_at(executor, jobs) as workers:
        selections = {name: str(selected) for name, selected in tools.items()}
        with Notes(results) as notes:
            known = sum(len(notes.seen.get((name, pair.name), ())) for name in selections for pair in chosen)
            seen = run(chosen, selections, tool or "", timeout, workers.executor, notes)
    count = sum(map(len, seen.values())) - known
    if bare:
        for name in seen:
            seen[name], broken = runnable(seen[name])
            for pair_name in broken:
                click.echo(f"left out, its fixed program does not compile: {pair_name}")
    for name, observed in seen.items():
        for line in table(name, observed):
            click.echo(line)
    rate = count / max(time.monotonic() - began, 1e-9)
    click.echo(f"{counted(count, 'program')}, {rate:.2f} per second, {workers.at_once} at once", err=True)
    if any(map(failed, seen.values())):
        raise SystemExit(1)


_CHECKS = ("check=default", "check=full")


def _with(selection: Selection, option: str) -> Selection:
    key, equals, value = option.partition("=")
    if not equals:
        raise click.UsageError(f"--with {option}: KEY=VALUE is needed")
    rest = tuple(item for item in selection.options if item[0] != key)
    return Selection(selection.backend, selection.argument, (*rest, (key, value)))
