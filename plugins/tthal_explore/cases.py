"""One case: a program under one seed, in a process of its own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tthal.columns import unfolded
from tthal.selection import Selection

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
"""Many cases run at once; a numeric library that takes all CPUs for each would slow all of them."""
_KEPT_OUTPUT = 4000
"""Characters of a failed case's output that are kept, from its end."""
_ADDRESS = re.compile(r"0x[0-9a-f]+")


BY_SEED = ("random", "pct:")
"""How the orders begin that a seed chooses."""


class Status(Enum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    LOST = "lost"
    """The executor could not run it; nothing is known of it, and an exploration that goes on tries it again."""


@dataclass(frozen=True, slots=True)
class Case:
    """What to run: ``command`` follows ``python -m tthal run --backend SELECTION``; seconds until it is ended.

    Attributes:
        seed: of the order of events; also what the case is known by.
        order: how the seed chooses, or the decisions themselves, in which case the seed is of no account.
        logged: whether the emulator is to say which order it was.
        whole: whether it is to say by which decisions even when the case passes.
    """

    seed: int
    backend: str
    command: tuple[str, ...]
    timeout: float
    order: str = ""
    logged: bool = False
    whole: bool = False

    @property
    def selection(self) -> str:
        """The selection string with the case's seed or order."""
        if not self.order:
            return with_options(self.backend, seed=str(self.seed))
        if self.order.startswith(BY_SEED):
            return with_options(self.backend, seed=str(self.seed), order=self.order)
        # What memory holds at first may follow from the seed, too.
        filled = "fill" in Selection.parse(self.backend).option_values
        return with_options(self.backend, seed=str(self.seed) if filled else None, order=self.order)


def with_options(selection: str, **options: str | None) -> str:
    """Return a selection string with other options; None takes one out."""
    parsed = Selection.parse(selection)
    kept = tuple(item for item in parsed.options if item[0] not in options)
    given = tuple((key, value) for key, value in options.items() if value is not None)
    return str(Selection(parsed.backend, parsed.argument, (*kept, *given)))


@dataclass(frozen=True, slots=True)
class Taken:
    """The order of events on a device, see the emulator's execution/compiled/order.py.

    Attributes:
        kernels: how many there were at most in a launch.
        steps: how many there were.
        digest: equal ones are the same order.
        order: the decisions that repeat it.
        processors: who each of them is about.
        choices: of every step, the kind of decision and how many there are to choose from.
    """

    kernels: int
    steps: int
    digest: str
    order: str
    processors: tuple[str, ...]
    choices: tuple[str, ...]
    complete: bool

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Taken:
        """Read a line of the log."""
        lists = {name: tuple(entry[name]) for name in ("processors", "choices")}
        return cls(**{**entry, **lists})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended.

    Attributes:
        reason: the error's first line, empty when it passed.
        output: sha256 of what the program printed to standard output: programs that print results show by it whether
            orders differ.
        tail: the end of a failed case's output.
        taken: the order of events on every device that was opened, when it was logged.
        order: how the case's seed chose, see :class:`Case`.
    """

    seed: int
    status: Status
    exit_code: int
    reason: str
    seconds: float
    output: str
    tail: str
    taken: tuple[Taken, ...] = ()
    order: str = ""


def lost(case: Case, problem: Exception) -> Outcome:
    """Return the outcome of a case that an executor could not run."""
    said = str(problem).strip().splitlines()
    reason = f"{type(problem).__name__}{': ' + said[0] if said else ''}"[:300]
    return Outcome(case.seed, Status.LOST, -1, reason, 0.0, "", str(problem)[-_KEPT_OUTPUT:])


def run_case(case: Case) -> Outcome:
    """Run one case; a program that does not end is ended with everything that it started."""
    with TemporaryDirectory(prefix="tthal-explore-") as folder:
        log = Path(folder) / "order"
        selection = with_options(case.selection, order_log=str(log)) if case.logged else case.selection
        outcome = _run(case, selection)
        kept = tuple(_kept(taken, case, outcome) for taken in _taken(log))
        return replace(outcome, taken=kept, order=case.order)


def _kept(taken: Taken, case: Case, outcome: Outcome) -> Taken:
    """Leave out what nobody asks for, because it is long: a case that passed can be run again."""
    by_decisions = bool(case.order) and not case.order.startswith(BY_SEED)
    if by_decisions:
        return taken
    if outcome.status is Status.PASSED and not case.whole:
        taken = replace(taken, order="", processors=())
    return replace(taken, choices=())


def _taken(log: Path) -> tuple[Taken, ...]:
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return tuple(Taken.read(json.loads(line)) for line in lines)


def _run(case: Case, selection: str) -> Outcome:
    command = [sys.executable, "-m", "tthal", "run", "--backend", selection, *case.command]
    began = time.monotonic()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **ONE_THREAD},
        start_new_session=True,
    ) as process:
        _running.add(process)
        try:
            printed, problems = process.communicate(timeout=case.timeout or None)
            late = False
        except subprocess.TimeoutExpired:
            _end(process)
            printed, problems = process.communicate()
            late = True
        except BaseException:
            _end(process)
            raise
        finally:
            _running.discard(process)
    return _outcome(case, process.returncode, printed, problems, time.monotonic() - began, late)


_running: set[subprocess.Popen[bytes]] = set()
"""The cases that run in this process's threads."""


def end_running() -> None:
    """End what runs in this process's threads: nobody waits for it any more."""
    for process in list(_running):
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):  # it has just ended
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _outcome(case: Case, code: int, printed: bytes, problems: bytes, seconds: float, late: bool) -> Outcome:
    said = problems.decode(errors="replace")
    if late:
        status, reason = Status.TIMEOUT, f"did not end within {case.timeout:g} s"
    elif code < 0:
        status, reason = Status.CRASHED, f"ended by signal {-code}"
    else:
        status, reason = (Status.FAILED, _reason(said, code)) if code else (Status.PASSED, "")
    tail = (
        "" if status is Status.PASSED and not case.whole else (printed.decode(errors="replace") + said)[-_KEPT_OUTPUT:]
    )
    return Outcome(case.seed, status, code, reason, round(seconds, 3), hashlib.sha256(printed).hexdigest(), tail)


def _reason(problems: str, code: int) -> str:
    """Return the line that names the error, with addresses taken out so that equal errors look equal."""
    lines = [line.strip() for line in unfolded(problems).splitlines() if line.strip()]
    named = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    errors = named or [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return _ADDRESS.sub("0x…", (errors or lines or [f"exit status {code}"])[-1 if not named else 0])[:300]
