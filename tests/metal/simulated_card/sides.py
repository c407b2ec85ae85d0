"""One backend of a comparison: runs conformance programs in a process of its own and keeps what they computed."""

from __future__ import annotations

import hashlib
import importlib
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tthal.plugins.facade import load_backend
from tthal.selection import Selection
from tthal_conformance.catalogue import programs
from tthal_conformance.profile import Profile
from tthal_conformance.runner import attempt
from tthal_conformance.schema import Outcome

CHILD = "--child"
_LOOK_EVERY = 0.2
_KEPT = (Outcome.PASSED.value, Outcome.UNSUPPORTED.value)


@dataclass(frozen=True)
class Ran:
    """What one program did on one backend: its outcome, why, the values of its checks, and the seconds it took."""

    outcome: str
    reason: str
    values: list[tuple[str, Any, Any, Any]]
    seconds: float


@dataclass(frozen=True)
class Side:
    """One backend.

    Attributes:
        results: what programs computed; kept per state of the code, so that nothing older is taken for today's.
        limit: seconds that one program may take before its process is ended.
        try_all: run what the backend's profile expects to fail, too.
    """

    selection: str
    results: Path
    limit: float
    try_all: bool = False

    @property
    def backend(self) -> str:
        return Selection.parse(self.selection).backend

    def run(self, names: list[str]) -> dict[str, Ran]:
        """Run programs, except those whose results are kept already; each is in the answer, whatever becomes of it."""
        folder = self._folder()
        kept = {name: ran for target in sorted(folder.glob("*.pickle")) for name, ran in read_all(target).items()}
        found = {name: ran for name, ran in kept.items() if ran.outcome in _KEPT}
        if not self.try_all:
            found.update(self._expected_failures(names))
        remaining = [name for name in names if name not in found]
        while remaining:
            new, ending = self._run_in_child(remaining, folder / f"{time.time_ns()}.pickle")
            found.update(new)
            remaining = [name for name in remaining if name not in new]
            if remaining:
                found[remaining.pop(0)] = Ran(Outcome.FAILED.value, ending, [], 0.0)
        return found

    def _expected_failures(self, names: list[str]) -> dict[str, Ran]:
        profile = Profile.of(self.backend)
        reasons = {name: profile.expected_failure(name) for name in names}
        return {name: Ran(Outcome.EXPECTED_FAILURE.value, why, [], 0.0) for name, why in reasons.items() if why}

    def _folder(self) -> Path:
        words = re.sub(r"[^A-Za-z0-9]+", "-", self.selection).strip("-")
        folder = self.results / f"{words}-{code_digest(self.backend)[:12]}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _run_in_child(self, names: list[str], target: Path) -> tuple[dict[str, Ran], str]:
        """Return what a process got done, and how it ended."""
        command = [sys.executable, sys.argv[0], CHILD, self.selection, str(target), *names]
        # A session of its own: with the process, its compilers end too.
        child = subprocess.Popen(command, start_new_session=True)
        try:
            ending = self._watch(child, target)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        return read_all(target), ending

    def _watch(self, child: subprocess.Popen[bytes], target: Path) -> str:
        size, changed = 0, time.monotonic()
        while child.poll() is None:
            time.sleep(_LOOK_EVERY)
            now_size = target.stat().st_size if target.exists() else 0
            if now_size != size:
                size, changed = now_size, time.monotonic()
            elif time.monotonic() - changed > self.limit:
                return f"it took longer than {self.limit:g} s, and its process was ended"
        return f"its process ended with status {child.returncode}"


def run_all(selection: str, names: list[str], target: Path) -> None:
    """Run programs one after the other; the file grows program by program, so that a crash loses one."""
    known = programs()
    with target.open("wb") as file:
        for name in names:
            started = time.monotonic()
            run, result = attempt(known[name], selection)
            values = [(each.name, each.values, each.tolerance, each.scale) for each in run.outputs]
            reason = result.reason.removesuffix(" It said:")
            ran = Ran(result.outcome.value, reason, values, time.monotonic() - started)
            file.write(pickle.dumps((name, ran)))
            file.flush()
            print(f"{selection}: {name}: {ran.outcome} {ran.reason}"[:160], file=sys.stderr, flush=True)


def read_all(target: Path) -> dict[str, Ran]:
    """Return the results in a file; a last one that was cut off is left out."""
    found: dict[str, Ran] = {}
    if not target.exists():
        return found
    with target.open("rb") as file, suppress(EOFError, pickle.UnpicklingError):
        while True:
            name, ran = pickle.load(file)
            found[name] = ran
    return found


def code_digest(backend: str) -> str:
    """Return the sha256 of all that decides what programs compute on a backend: its package, tthal and the suite."""
    own = type(load_backend(backend)).__module__.partition(".")[0]
    found = hashlib.sha256()
    for package in sorted({"tthal", "tthal_conformance", own}):
        origin = importlib.import_module(package).__file__
        root = Path(origin or "").parent
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
