"""One side of a comparison of kernels: a backend in a process of its own that runs cases and answers with bytes.

    python side.py SELECTION < cases > answers

A case is a line of JSON, its kind and its fields; the answer is a line of JSON, the bytes that it left or why the
backend refused it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import tthal as ttnn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from differential.arithmetic_programs import ArithmeticCase  # noqa: E402
from differential.compute_programs import ComputeCase  # noqa: E402
from differential.movement_programs import MovementCase  # noqa: E402

KINDS: dict[str, Any] = {"arithmetic": ArithmeticCase, "compute": ComputeCase, "movement": MovementCase}


class Case(Protocol):
    """A small program as plain data."""

    def run(self, device: ttnn.Device) -> bytes:
        """Run it on a device; return what it left in memory."""
        ...


def encoded(case: Case) -> str:
    """Return a case as a line of JSON."""
    kind = next(name for name, type_ in KINDS.items() if isinstance(case, type_))
    return json.dumps([kind, vars(case)])


def decoded(line: str) -> Case:
    """Return the case in a line of JSON."""
    kind, fields = json.loads(line)
    case: Case = KINDS[kind](**{name: _frozen(value) for name, value in fields.items()})
    return case


def _frozen(value: Any) -> Any:
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value


def serve(selection: str) -> None:
    """Answer until the input ends; whatever a library prints goes to the standard error stream."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with ttnn.open_device(backend=selection) as device:
        for line in sys.stdin:
            try:
                found: dict[str, str] = {"bytes": decoded(line).run(device).hex()}
            except ttnn.DeviceError as error:
                found = {"lost": str(error)[:3000]}
            except ttnn.TthalError as error:
                found = {"refused": f"{type(error).__name__}: {error}"[:3000]}
            answers.write(json.dumps(found) + "\n")
            answers.flush()
            if "lost" in found:
                break


class Side:
    """A backend's process; it is started again when it was lost."""

    def __init__(self, selection: str, variables: Mapping[str, str] | None = None) -> None:
        self.selection = selection
        self._variables = dict(variables or {})
        self._process: subprocess.Popen[str] | None = None

    def answer(self, case: Case) -> dict[str, str]:
        """Run a case; a lost process is an answer too."""
        if self._process is None:
            command = [sys.executable, str(HERE / "side.py"), self.selection]
            self._process = subprocess.Popen(
                command, env={**os.environ, **self._variables}, text=True, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(encoded(case) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if line:
            found: dict[str, str] = json.loads(line)
            if "lost" in found:
                self.close()
            return found
        status = self._process.wait()
        self._process = None
        return {"lost": f"the process of {self.selection} ended with status {status}"}

    def close(self) -> None:
        """End the process."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


if __name__ == "__main__":
    serve(sys.argv[1])
