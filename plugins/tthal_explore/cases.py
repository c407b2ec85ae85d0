"""One case: a program under one seed, in a process of its own."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import Enum

from tthal.selection import Selection

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
"""Many cases run at once; a numeric library that takes all CPUs for each would slow all of them."""
_KEPT_OUTPUT = 4000
"""Characters of a failed case's output that are kept, from its end."""
_ADDRESS = re.compile(r"0x[0-9a-f]+")


class Status(Enum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Case:
    """What to run: ``command`` follows ``python -m tthal run --backend SELECTION``; seconds until it is ended."""

    seed: int
    backend: str
    command: tuple[str, ...]
    timeout: float

    @property
    def selection(self) -> str:
        """The selection string with the case's seed."""
        parsed = Selection.parse(self.backend)
        options = tuple((key, value) for key, value in parsed.options if key != "seed")
        return str(Selection(parsed.backend, parsed.argument, (*options, ("seed", str(self.seed)))))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended.

    Attributes:
        reason: the error's first line, empty when it passed.
        output: sha256 of what the program printed to standard output: programs that print results show by it whether
            orders differ.
        tail: the end of a failed case's output.
    """

    seed: int
    status: Status
    exit_code: int
    reason: str
    seconds: float
    output: str
    tail: str


def run_case(case: Case) -> Outcome:
    """Run one case; a program that does not end is ended with everything that it started."""
    command = [sys.executable, "-m", "tthal", "run", "--backend", case.selection, *case.command]
    began = time.monotonic()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **ONE_THREAD},
        start_new_session=True,
    ) as process:
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
    return _outcome(case, process.returncode, printed, problems, time.monotonic() - began, late)


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
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
    tail = "" if status is Status.PASSED else (printed.decode(errors="replace") + said)[-_KEPT_OUTPUT:]
    return Outcome(case.seed, status, code, reason, round(seconds, 3), hashlib.sha256(printed).hexdigest(), tail)


def _reason(problems: str, code: int) -> str:
    """Return the line that names the error, with addresses taken out so that equal errors look equal."""
    lines = [line.strip() for line in problems.splitlines() if line.strip()]
    named = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    errors = named or [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return _ADDRESS.sub("0x…", (errors or lines or [f"exit status {code}"])[-1 if not named else 0])[:300]
