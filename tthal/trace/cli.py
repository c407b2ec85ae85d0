"""``tthal trace``: looking into traces, cutting, checking, repairing and running them.

Exit status: 0 when all is well, 1 when traces differ, are damaged or run differently, 2 for wrong usage.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tthal.trace.elements import Tolerance
    from tthal.trace.verify import Advance
    from tthal.types import DataFormat

TRACE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT = click.Path(path_type=Path)


@click.group(short_help="Look into recorded traces, compare and run them.")
def trace() -> None:
    """Look into recorded traces, compare, cut, check and repair them, and run them again.

    \b
    tthal run --record run.tttrace my_op.py
    tthal trace info run.tttrace
    tthal trace replay --on emulator:n150 run.tttrace
    tthal trace diff good.tttrace run.tttrace
    """


@trace.command()
@click.argument("file", type=TRACE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def info(file: Path, as_json: bool) -> None:
    """Show on one screen what ran, where, how much data it moved, and whether the trace stands alone."""
    from tthal.trace import render
    from tthal.trace.info import collect
    from tthal.trace.reader import Trace

    with Trace(file) as opened:
        found = collect(opened)
    if as_json:
        click.echo(render.info_json(found))
    else:
        render.show_info(file, found)


@trace.command()
@click.argument("file", type=TRACE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per call, programs and states resolved.")
@click.option("--calls", metavar="RANGES", default="", help="Only these calls, for instance 5,10-20,100-.")
def dump(file: Path, as_json: bool, calls: str) -> None:
    """Print the calls in order."""
    from tthal.trace import render
    from tthal.trace.reader import Trace
    from tthal.trace.trim import parse_calls

    with Trace(file) as opened:
        wanted = parse_calls(calls, opened.last_call()) if calls else None
        for call in opened.calls():
            if wanted is None or call.n in wanted:
                click.echo(render.call_json(opened, call) if as_json else render.call_text(opened, call))


@trace.command()
@click.argument("first", type=TRACE)
@click.argument("second", type=TRACE)
@click.option("--ignore", default="", metavar="NAMES", help="What may differ, comma-separated: see `tthal backends`.")
@click.option("--limit", default=50, show_default=True, help="Stop after this many differences; 0: never.")
def diff(first: Path, second: Path, ignore: str, limit: int) -> None:
    """Compare two traces call by call, results included. Exit status 1 when they differ."""
    from tthal.trace import render
    from tthal.trace.diff import diff as compare
    from tthal.trace.differences import parse_ignored
    from tthal.trace.reader import Trace

    with Trace(first) as a, Trace(second) as b:
        count = render.show_divergences(compare(a, b, parse_ignored(ignore)), limit)
    if count:
        raise SystemExit(1)
    click.echo("the traces are the same")


@trace.command()
@click.argument("file", type=TRACE)
@click.option("-o", "--output", type=OUTPUT, required=True, help="The trace to write.")
@click.option("--calls", metavar="RANGES", default="", help="Keep these calls, for instance 5,10-20,100-.")
@click.option(
    "--program", metavar="NAME", default="", help="Keep a program's launches and results: kernel or fingerprint."
)
@click.option("--everything", is_flag=True, help="Keep all earlier writes and launches, whether depended on or not.")
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
def trim(file: Path, output: Path, calls: str, program: str, everything: bool, force: bool) -> None:
    """Cut a trace down to some calls, or a program, and all they depend on. Calls keep their numbers."""
    from tthal.trace import render
    from tthal.trace.reader import Trace
    from tthal.trace.trim import trim as cut

    with Trace(file) as opened, _progress("trimming") as advance:
        done = cut(
            opened, output, calls=calls, program=program, everything=everything, overwrite=force, advance=advance
        )
    render.show_trimmings(done)


@trace.command()
@click.argument("file", type=TRACE)
def verify(file: Path) -> None:
    """Check every hash, every call and the version. Exit status 1 when something is wrong."""
    from tthal.trace import render
    from tthal.trace.reader import Trace
    from tthal.trace.verify import verify as check

    with Trace(file) as opened, _progress("verifying") as advance:
        verdict = check(opened, advance)
    render.show_verdict(file, verdict)
    if not verdict.ok:
        raise SystemExit(1)


@trace.command()
@click.argument("file", type=TRACE)
@click.option("-o", "--output", type=OUTPUT, help="Write the result here instead of changing the file.")
def repair(file: Path, output: Path | None) -> None:
    """Make an interrupted recording a complete trace, up to its last complete call."""
    from tthal.trace import render
    from tthal.trace.repair import repair as mend

    with _progress("repairing") as advance:
        done = mend(file, output, advance)
    render.show_repaired(done)


@trace.command()
@click.argument("file", type=TRACE)
@click.argument("folder", type=OUTPUT)
@click.option("--kernels/--no-kernels", default=True, help="Write kernels and launch states (default: yes).")
@click.option("--data/--no-data", default=True, help="Write buffer contents (default: yes).")
@click.option("--most", default=4096, show_default=True, help="Write no more than so many MB; 0: no limit.")
def extract(file: Path, folder: Path, kernels: bool, data: bool, most: int) -> None:
    """Write kernels, launch states and buffer contents as files into a new FOLDER.

    Equal contents are written once; contents.jsonl says which file each call's are in.
    """
    from tthal.trace.extract import extract as write
    from tthal.trace.reader import Trace

    with Trace(file) as opened:
        done = write(opened, folder, kernels=kernels, data=data, most=most << 20)
    click.echo(f"wrote {done.kernels} kernels, {done.states} launch states, {done.data} buffer contents to {folder}")


@trace.command()
@click.argument("file", type=TRACE)
@click.option("--on", "selection", metavar="SELECTION", required=True, help="The backend: NAME[:ARGUMENT][?KEY=VALUE].")
@click.option(
    "--compare",
    default="exact",
    metavar="exact|tolerance=T",
    show_default=True,
    help="Equal bytes, or |got - recorded| <= T + T * |recorded|; tolerance=A,R gives both parts.",
)
@click.option(
    "--format", "format_name", default="", help="What reads hold where the trace does not tell, e.g. Float16_b."
)
def replay(file: Path, selection: str, compare: str, format_name: str) -> None:
    """Make every call again on another backend and compare every read. Exit status 1 when something differs."""
    from tthal.selection import Selection
    from tthal.trace import render
    from tthal.trace.reader import Trace
    from tthal.trace.reexecute import Reexecution
    from tthal.trace.stand_in import open_stand_in

    chosen = Selection.parse(selection)
    tolerance, data_format = _tolerance(compare), _data_format(format_name)
    with Trace(file) as opened, _progress("re-executing") as advance:
        run = Reexecution(opened, lambda call: open_stand_in(chosen, call), tolerance, data_format)
        report = run.run(advance)
    render.show_report(file, str(chosen), compare, report)
    if not report.ok:
        raise SystemExit(1)


def _tolerance(text: str) -> Tolerance:
    from tthal.trace.elements import EXACT, Tolerance

    if text == "exact":
        return EXACT
    name, _, numbers = text.partition("=")
    try:
        values = [float(number) for number in numbers.split(",")]
    except ValueError:
        values = []
    if name != "tolerance" or len(values) not in (1, 2) or not all(0 <= value < float("inf") for value in values):
        raise click.UsageError(f"--compare is exact, tolerance=T or tolerance=ABSOLUTE,RELATIVE, not {text!r}")
    return Tolerance(values[0], values[-1])


def _data_format(name: str) -> DataFormat | None:
    from tthal.kit.suggestions import did_you_mean, listing
    from tthal.types import DataFormat

    if not name:
        return None
    known = [each for each in DataFormat.__members__ if each != "Invalid"]
    if name not in known:
        raise click.UsageError(f"there is no format {name!r}.{did_you_mean(name, known)} Formats: {listing(known)}")
    return DataFormat[name]


@contextmanager
def _progress(activity: str) -> Iterator[Advance]:
    """Show a progress bar on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(activity, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
