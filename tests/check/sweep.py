"""No false alarm: programs that are right, each under many orders of events with ``check=full&warnings=error``.

    python tests/check/sweep.py --seeds 0:100 --results sweep.jsonl examples clients conformance
    python tests/check/sweep.py --seeds 0:100 ladder programs
    TTHAL_REFERENCE=FOLDER python tests/check/sweep.py twins
    TTHAL_CHECKOUTS=FOLDER python tests/check/sweep.py public

The last are the programs of docs/programs.md that run there with the checks; the folder has checkouts named tt-metal,
tt-lang, makora, eltwise-tester and tt-bio, or some of them.
All run in one process, so that only the first seed compiles; seeds are the outer loop, so that whatever stops a sweep
leaves whole seeds behind. What ``--results`` has is not run again.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import pytest

import tthal.opening
from tthal.cli.run import run_script
from tthal.selection import BACKEND_VARIABLE, Choice, Selection, choose
from tthal.ttnn import alias

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "tests/emulator/programs/clients"
FULL = {"check": "full", "warnings": "error"}
PUBLIC = ROOT / "tools/public_programs"
NOT_HERE = ("mcast", "deepseek matmul", "rmsnorm", "moe_gate", "pre_sdpa", "dram_streaming_matmul")
"""Public programs that do not compile: docs/programs.md says why."""
OUTSIDE = {
    "find_the_bug": "its bugs are its subject",
    "record_and_replay": "a recording replays with the options that it was made with",
}
"""Examples that do not run under the checks, and why."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A program or a file of tests; ``run`` returns what went wrong, empty when nothing did."""

    name: str
    run: Callable[[], str]


class Orders:
    """Every device of the emulator is opened with one seed and with the checks."""

    def __init__(self) -> None:
        self.seed = 0
        self.opened = 0

    def choose(self, argument: str | Selection | None = None) -> Choice:
        """What :func:`tthal.selection.choose` says, with the options of the sweep."""
        chosen = choose(argument)
        if chosen.selection.backend != "emulator":
            return chosen
        self.opened += 1
        kept = tuple(item for item in chosen.selection.options if item[0] not in {"seed", *FULL})
        options = (*kept, *FULL.items(), ("seed", str(self.seed)))
        return replace(chosen, selection=replace(chosen.selection, options=options))


# ------------------------------------------------------------------------------------------------------- the programs


def script(path: Path, *arguments: str, name: str = "") -> Unit:
    """A script that ends with status 0 when its result is right."""

    def run() -> str:
        printed = io.StringIO()
        before, folder = list(sys.path), os.getcwd()
        # Two scripts may each have a module of one name beside them.
        known = set(sys.modules)
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                status = run_script(str(path), arguments, False)
        finally:
            sys.path[:] = before
            os.chdir(folder)
            for name in set(sys.modules) - known:
                if str(path.parent) in str(getattr(sys.modules[name], "__file__", "")):
                    del sys.modules[name]
        return "" if not status else f"{printed.getvalue()[-3000:]}\nexit status {status}"

    return Unit(name or f"{path.parent.name}/{path.stem}", run)


def examples() -> list[Unit]:
    """The scripts that examples are called by."""
    folders = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir() and path.name not in OUTSIDE)
    return [script(path) for folder in folders if (path := folder / f"{folder.name}.py").exists()]


def clients() -> list[Unit]:
    """Client programs as people write them."""
    return [script(path) for path in sorted(CLIENTS.glob("*.py")) if path.stem != "common"]


def twins() -> list[Unit]:
    """The right programs beside the reference folder's faults, on one board of each architecture."""
    folder = Path(os.environ["TTHAL_REFERENCE"], "faults")
    found = [path for path in sorted(folder.glob("b*.py")) if "\nbattery(" in path.read_text()]
    return [Unit(f"twins/{path.stem}", lambda path=path: _twin(path)) for path in found]  # type: ignore[misc]


def _twin(path: Path) -> str:
    """Run a fault's file with its twin only."""
    text = path.read_text()
    body, calls = re.split(r"(?m)^(?=battery\()", text, maxsplit=1)
    space: dict[str, object] = {"__name__": "__main__", "__file__": str(path)}
    wrong: list[str] = []

    def battery(_bug: object, twin: Callable[[object], object], *_words: str, **_rest: object) -> None:
        for board in ("emulator", "emulator:p150"):
            with tthal.open_device(backend=board) as device:
                right = twin(device)
            if right is not True:
                wrong.append(f"{board}: wrong bytes")

    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(body, str(path), "exec"), space)
        space["battery"] = battery
        exec(compile(calls, str(path), "exec"), space)
    return "\n".join(wrong)


def conformance() -> list[Unit]:
    """The suite's programs of tier core."""
    from tthal_conformance.catalogue import programs, select
    from tthal_conformance.runner import Bench
    from tthal_conformance.schema import Outcome

    bench = Bench(Selection.parse("emulator"))

    def run(name: str) -> str:
        found = bench.run(programs()[name])
        told = f"{found.reason}\n{found.error.message if found.error else ''}"
        return told if found.outcome is Outcome.FAILED else ""

    return [Unit(f"conformance/{name}", lambda name=name: run(name)) for name in select("core")]  # type: ignore[misc]


def tests_in(folder: str) -> list[Unit]:
    """The tests of a room, file by file."""
    files = sorted((ROOT / folder).glob("test_*.py"))
    return [Unit(f"{path.parent.name}/{path.stem}", lambda path=path: _pytest(str(path))) for path in files]  # type: ignore[misc]


def _pytest(*arguments: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--tb=short", *arguments])
    return "" if status in (0, 5) else printed.getvalue()[-6000:]


def public() -> list[Unit]:
    """The public programs that run here with the checks, in their checkouts."""
    sys.path.insert(0, str(PUBLIC))
    from programs import PROGRAMS, Program  # type: ignore[import-not-found]

    folder = Path(os.environ["TTHAL_CHECKOUTS"]).resolve()

    def run(program: Program) -> str:
        checkout = folder / program.repository
        os.environ["TT_METAL_HOME"] = str(folder / (program.metal_home or program.repository))
        os.environ[BACKEND_VARIABLE] = f"emulator:{program.board}"
        path, before = list(sys.path), os.getcwd()
        sys.path[:0] = [str(checkout / program.python_path), str(checkout)]
        os.chdir(checkout)
        try:
            if program.verb == "pytest":
                return _pytest("-p", "tthal.ttnn", *program.command)
            return script(Path(program.command[0]), *program.command[1:], name=program.name).run()
        finally:
            del os.environ["TT_METAL_HOME"], os.environ[BACKEND_VARIABLE]
            sys.path[:] = path
            os.chdir(before)

    there = [
        program
        for program in PROGRAMS
        if "check=off" not in program.board
        and not any(name in program.name for name in NOT_HERE)
        and all((folder / name).exists() for name in program.needs)
        and (program.verb == "run" or (folder / program.repository / program.source).exists())
    ]
    return [Unit(f"public/{program.name}", lambda program=program: run(program)) for program in there]  # type: ignore[misc]


FAMILIES: dict[str, Callable[[], list[Unit]]] = {
    "examples": examples,
    "clients": clients,
    "twins": twins,
    "conformance": conformance,
    "ladder": lambda: tests_in("tests/emulator/ladder"),
    # Clients have a family of their own; mailboxes are tried with kernels that store where nobody allocated anything.
    "programs": lambda: [
        unit
        for unit in tests_in("tests/emulator/programs")
        if not unit.name.endswith(("test_clients", "test_mailboxes"))
    ],
    "public": public,
}


# ----------------------------------------------------------------------------------------------------------- the sweep


def sweep(
    units: list[Unit], seeds: range, orders: Orders, journal: IO[str] | None, done: set[tuple[int, str]], until: float
) -> Iterator[tuple[int, Unit, str, float]]:
    """Run what is not done yet; yield seed, unit, what went wrong and seconds."""
    for seed in seeds:
        orders.seed = seed
        for unit in units:
            if (seed, unit.name) in done:
                continue
            if time.monotonic() > until:
                return
            began = time.monotonic()
            wrong = _attempt(unit)
            seconds = round(time.monotonic() - began, 3)
            if journal is not None:
                entry = {"seed": seed, "unit": unit.name, "wrong": wrong, "seconds": seconds}
                journal.write(json.dumps(entry) + "\n")
                journal.flush()
            yield seed, unit, wrong, seconds


def _attempt(unit: Unit) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return unit.run()
    except Exception as error:  # noqa: BLE001 - whatever a program raises is what the sweep looks for
        return f"{type(error).__name__}: {error}"


def main() -> int:
    """Sweep, and print how many seeds every family had and what went wrong; return how many runs did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="+", choices=sorted(FAMILIES))
    parser.add_argument("--seeds", default="0:100", help="FIRST:END (default: %(default)s)")
    parser.add_argument("--only", default="", help="units whose name has this in it")
    parser.add_argument("--without", nargs="*", default=[], help="leave out units whose name has one of these in it")
    parser.add_argument("--minutes", type=float, default=1e6, help="stop after so long")
    parser.add_argument("--results", type=Path, help="lines of JSON, one a run; what it has is not run again")
    arguments = parser.parse_args()
    first, _, end = arguments.seeds.partition(":")
    named = [unit for family in arguments.families for unit in FAMILIES[family]()]
    units = [
        unit
        for unit in named
        if arguments.only in unit.name and not any(name in unit.name for name in arguments.without)
    ]
    done: set[tuple[int, str]] = set()
    if arguments.results and arguments.results.exists():
        entries = map(json.loads, arguments.results.read_text().splitlines())
        done = {(entry["seed"], entry["unit"]) for entry in entries}
    orders = Orders()
    tthal.opening.choose = orders.choose  # type: ignore[attr-defined]
    alias.install()
    until = time.monotonic() + 60 * arguments.minutes
    ran = failed = 0
    with contextlib.ExitStack() as stack:
        journal = stack.enter_context(arguments.results.open("a")) if arguments.results else None
        for seed, unit, wrong, _seconds in sweep(units, range(int(first), int(end)), orders, journal, done, until):
            ran += 1
            failed += bool(wrong)
            if wrong:
                print(f"seed {seed}: {unit.name}: {wrong}", flush=True)
    print(f"{len(units)} programs and files of tests, {ran} runs, {orders.opened} devices, {failed} not right")
    return failed


if __name__ == "__main__":
    sys.exit(min(main(), 1))
