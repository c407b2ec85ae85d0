"""``tthal profile``: what a script's programs would take on the card, and what they wait for."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from tthal.cli.console import print_problem
from tthal.cli.run import Script, run_script, select
from tthal.errors import InvalidArgument
from tthal.ttnn import alias

from . import session
from .compare import print_comparison
from .html import write_page
from .limits import Limit, parse_limit
from .npe import NpeFile
from .perfetto import TraceFile
from .profile import Profile
from .report import print_report
from .settings import TIME_VARIABLE
from .stored import load, save
from .vendor_log import VendorLog
from .what_if import FORMS, parse

_WIDTH = 180
"""Of a report that goes to no terminal: nothing is cut."""
_SLOWER = 3
_OPENED_WITH = {
    "timeline": " (open it at https://ui.perfetto.dev)",
    "html": " (open it in a browser)",
    "save": " (for --against and --compare)",
}
"""What a file that was written is for."""


class _NewPath(click.Path):
    """A path to write to, in a folder that is there: asked before the script runs, not after."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        folder = path.parent
        if not folder.is_dir():
            self.fail(f"{value}: there is no folder {folder}", param, ctx)
        if not os.access(path if path.exists() else folder, os.W_OK):
            self.fail(f"{value}: it may not be written", param, ctx)
        return path


_file = _NewPath(dir_okay=False, path_type=Path)
_stored = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Outputs:
    """What is written besides the report."""

    timeline: Path | None
    html: Path | None
    csv: Path | None
    npe: Path | None
    save: Path | None


@click.command(
    "profile",
    short_help="Say what a script's programs would take on the card, and why.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--backend", metavar="SELECTION", help="What to run on; default: as TTHAL_BACKEND says, or the emulator.")
@click.option("--traceback", is_flag=True, help="Show the whole traceback when tthal reports an error.")
@click.option("--what-if", "what_if", multiple=True, metavar="QUESTION", help=f"Solve again as if: {FORMS}.")
@click.option("--timeline", type=_file, metavar="FILE", help="Write a trace (JSON) for ui.perfetto.dev.")
@click.option("--html", type=_file, metavar="FILE", help="Write a page with heat maps of cores, NoCs and DRAM.")
@click.option(
    "--csv", metavar="FOLDER", type=_NewPath(file_okay=False, path_type=Path), help="Write the vendor's logs."
)
@click.option("--npe", type=_file, metavar="FILE", help="Write the longest launch as a workload for tt-npe (JSON).")
@click.option("--save", type=_file, metavar="FILE", help="Store the profile (JSON), to compare later runs with.")
@click.option("--against", type=_stored, metavar="FILE", help="Compare with a stored profile.")
@click.option(
    "--fail-above", metavar="LIMIT", help="Exit with 3 when the device time is above 5us, or 3% of --against."
)
@click.option("--compare", is_flag=True, help="The two arguments are scripts or stored profiles: say how they differ.")
@click.argument("script", type=Script())
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def profile_command(
    backend: str | None,
    traceback: bool,
    what_if: tuple[str, ...],
    against: Path | None,
    fail_above: str | None,
    compare: bool,
    script: str,
    arguments: tuple[str, ...],
    **files: Any,
) -> None:
    """Run a Python SCRIPT with its ARGUMENTS, and print what its launches would take on the card.

    The times come from a model of the chip, not from this computer: see docs/performance.md for how near it comes to
    silicon and what it leaves out. The script's results and its exit status are those of `tthal run`.

    \b
    tthal profile script.py --size 1024               where its time goes
    tthal profile --what-if cb=0:8 script.py          would a deeper buffer help?
    tthal profile --html page.html script.py          core grid, NoCs and DRAM to look at
    tthal profile --save good.json script.py          ... and later, in CI:
    tthal profile --against good.json --fail-above 3% script.py
    tthal profile --compare slow.py fast.py           why is one faster?
    """
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    if compare:
        _refuse_with_compare(what_if, against, fail_above, *files.values())
        _compare(console, script, arguments, backend)
        return
    limit = parse_limit(fail_above, stored=against is not None) if fail_above is not None else None
    stored = load(against) if against is not None else None
    session.wishes.what_ifs = [parse(text) for text in what_if]
    os.environ[TIME_VARIABLE] = "on"
    select(backend, None)
    alias.install()
    status = _run(script, arguments, traceback, Outputs(**files))
    print_report(console, session.profiles)
    written = {name: path for name, path in files.items() if path is not None and path.exists()}
    for what, file in ((name.replace("_", "-"), path) for name, path in written.items()):
        console.print(f"--{what}: {file}{_OPENED_WITH.get(what, '')}", highlight=False, soft_wrap=True)
    _check_buffers(session.wishes)
    if stored is not None:
        print_comparison(console, (str(against), script), (stored, session.profiles))
    sys.exit(status or _above(limit, stored))


def _run(script: str, arguments: tuple[str, ...], traceback: bool, outputs: Outputs) -> int | str | None:
    with ExitStack() as files:
        tell = session.wishes.timelines
        if outputs.timeline is not None:
            tell.append(files.enter_context(TraceFile(outputs.timeline)).add)
        if outputs.csv is not None:
            tell.append(VendorLog(outputs.csv).add)
        if outputs.npe is not None:
            tell.append(NpeFile(outputs.npe).add)
        try:
            status = run_script(script, arguments, traceback)
        finally:
            tell.clear()
    if outputs.html is not None:
        write_page(session.profiles, outputs.html)
    if outputs.save is not None:
        save(session.profiles, outputs.save)
    return status


def _check_buffers(wishes: session.Wishes) -> None:
    """A question about a circular buffer that no launch has is a mistake."""
    for what_if in wishes.what_ifs:
        if what_if.buffer is not None and what_if.buffer not in wishes.buffers and session.profiles:
            known = ", ".join(map(str, sorted(wishes.buffers)))
            there = f"there are {known}" if known else "there are none"
            raise InvalidArgument(
                f"--what-if {what_if.text}: no program of this run has circular buffer {what_if.buffer}; {there}"
            )


def _above(limit: Limit | None, stored: Sequence[Profile] | None) -> int:
    problem = limit.exceeded(session.profiles, stored) if limit is not None else None
    if problem is None:
        return 0
    print_problem(problem)
    return _SLOWER


def _refuse_with_compare(*others: object) -> None:
    if any(others):
        raise InvalidArgument(
            "--compare A B prints how two profiles differ and goes with --backend only; for files and --what-if profile"
            " each script, for a limit use --against A --fail-above PERCENT B"
        )


def _compare(console: Console, first: str, arguments: Sequence[str], backend: str | None) -> None:
    """Each script in a process of its own: they may not share a device."""
    if not arguments or not Path(arguments[0]).is_file():
        raise InvalidArgument(
            "--compare A B: two scripts or stored profiles are wanted; B's arguments are both scripts'"
        )
    names = (first, arguments[0])
    runs = tuple(_profiles_of(name, arguments[1:], backend) for name in names)
    print_comparison(console, names, (runs[0], runs[1]))


def _profiles_of(name: str, arguments: Sequence[str], backend: str | None) -> list[Profile]:
    if name.endswith(".json"):
        return load(Path(name))
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "profile.json"
        chosen = ["--backend", backend] if backend is not None else []
        command = [sys.executable, "-m", "tthal", "profile", *chosen, "--save", str(kept), name, *arguments]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        if found.returncode or not kept.exists():
            raise InvalidArgument(f"{name} ended with status {found.returncode}:\n{found.stderr.strip()}")
        return load(kept)
