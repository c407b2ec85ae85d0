"""``python tools/public_programs --tt-metal FOLDER``: what public programs do here, program by program.

Needs a checkout of tt-metal, or of another repository that ``--help`` names, and what their programs import (torch,
loguru …). Every program runs in a process of its own: on the emulator while it is recorded, from that recording, and on
a card if asked.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
from programs import HERE, PROGRAMS, Program
from rich.console import Console
from rich.progress import track
from rich.table import Table

_SUMMARY = re.compile(r"^=*\s*((?:\d+ \w+(?:, )?)+) in [\d.]+s", re.MULTILINE)
_ERROR = re.compile(r"^(?:E\s+)?(?:tthal\.errors\.)?(\w*(?:Error|Unsupported|Mismatch)\w*: .*)", re.MULTILINE)


class Runs:
    """Runs programs in their checkouts."""

    def __init__(self, checkouts: dict[str, Path], folder: Path, timeout: float) -> None:
        self._checkouts, self._folder, self._timeout = checkouts, folder, timeout

    def emulated(self, program: Program) -> str:
        """Run on the emulator, recording; return what came of it."""
        record = ("--record", str(self.trace(program)))
        return self._run(program, "--backend", f"emulator:{program.board}", *record)

    def replayed(self, program: Program) -> str:
        """Run from the recording."""
        return self._run(program, "--backend", f"replay:{self.trace(program)}")

    def on_card(self, program: Program) -> str:
        """Run on a card."""
        return self._run(program, "--backend", "metal")

    def trace(self, program: Program) -> Path:
        """Where its recording lies."""
        return self._folder / f"{program.name.replace(' ', '-')}.tttrace"

    def _run(self, program: Program, *options: str) -> str:
        checkout = self._checkouts[program.repository]
        home = self._checkouts[program.metal_home or program.repository]
        environment = {**os.environ, "TT_METAL_HOME": str(home), "TT_METAL_DPRINT_FILE": os.devnull}
        paths = [str(HERE), *([str(checkout / program.python_path)] if program.python_path else [])]
        environment["PYTHONPATH"] = os.pathsep.join([*paths, *filter(None, [os.environ.get("PYTHONPATH")])])
        command = [sys.executable, "-m", "tthal", program.verb, *options, *program.command]
        try:
            ran = subprocess.run(
                command,
                cwd=checkout,
                env=environment,
                capture_output=True,
                text=True,
                timeout=self._timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"longer than {self._timeout:.0f} s"
        return _outcome(ran)


def _outcome(ran: subprocess.CompletedProcess[str]) -> str:
    text = f"{ran.stdout}\n{ran.stderr}"
    summary = _SUMMARY.findall(text)
    said = summary[-1].strip() if summary else ("passed" if ran.returncode == 0 else f"exit status {ran.returncode}")
    found = _ERROR.search(text) if ran.returncode else None
    return f"{said}; {found.group(1)[:160]}" if found else said


def _rows(runs: Runs, programs: list[Program], card: bool) -> Iterator[list[str]]:
    for program in track(programs, "running", console=Console(stderr=True), transient=True):
        emulated = runs.emulated(program)
        replayed = runs.replayed(program) if runs.trace(program).exists() else "-"
        cells = [program.name, program.source, "ported" if program.ported else "as it is", emulated, replayed]
        yield [*cells, runs.on_card(program)] if card else cells


@click.command()
@click.option("--tt-metal", type=click.Path(exists=True, path_type=Path), help="A checkout of tenstorrent/tt-metal.")
@click.option("--tt-lang", type=click.Path(exists=True, path_type=Path), help="A checkout of tenstorrent/tt-lang.")
@click.option("--makora", type=click.Path(exists=True, path_type=Path), help="A checkout of makora-ai/kernels.")
@click.option(
    "--eltwise-tester",
    type=click.Path(exists=True, path_type=Path),
    help="A checkout of nmauriceTT/ttnn-eltwise-op-tester; needs that of tt-metal, too.",
)
@click.option(
    "--tt-bio",
    type=click.Path(exists=True, path_type=Path),
    help="A checkout of moritztng/tt-bio; that of tt-metal, too.",
)
@click.option("--card", is_flag=True, help="Also run on the metal backend, as the environment sets it up.")
@click.option("-k", "chosen", default="", help="Only programs with this in their names.")
@click.option("--timeout", default=600.0, show_default=True, help="Seconds for one run.")
@click.option("--traces", type=click.Path(path_type=Path), help="Keep the recordings in this folder.")
@click.option("--markdown", is_flag=True, help="Print the rows as Markdown.")
def main(
    tt_metal: Path | None,
    tt_lang: Path | None,
    makora: Path | None,
    eltwise_tester: Path | None,
    tt_bio: Path | None,
    card: bool,
    chosen: str,
    timeout: float,
    traces: Path | None,
    markdown: bool,
) -> None:
    """Run the public programs whose checkout is given, and print what came of each."""
    given = {
        "tt-metal": tt_metal, "tt-lang": tt_lang, "makora": makora, "eltwise-tester": eltwise_tester, "tt-bio": tt_bio,
    }  # fmt: skip
    checkouts = {name: folder.resolve() for name, folder in given.items() if folder is not None}
    programs = [each for each in PROGRAMS if each.needs <= checkouts.keys() and chosen in each.name]
    if not programs:
        raise click.UsageError("nothing to run: name a checkout, and a -k that some of its programs have")
    heads = ["program", "source", "host", "emulator", "replay", *(["card"] if card else [])]
    with tempfile.TemporaryDirectory() as scratch:
        folder = (traces or Path(scratch)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        rows = list(_rows(Runs(checkouts, folder, timeout), programs, card))
    if markdown:
        lines = [heads, ["---"] * len(heads), *rows]
        print("\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines))
        return
    table = Table(*heads)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
