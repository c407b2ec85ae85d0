"""Runs pairs in processes of their own: a program that takes its process down costs one observation and no more."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from tthal.errors import InvalidArgument
from tthal.selection import BACKEND_VARIABLE, Selection
from tthal_conformance.racebench.pair import PLACE, Variant, pairs
from tthal_conformance.racebench.run import Bytes, Observation, observe

_REPORTED = (1, 2)
"""Exit statuses of Python: an error was raised, or it was called in a wrong way."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of one kind, for one tool.

    Attributes:
        selection: the backend, with the options of the tool.
        command: a command around every program, with ``{program}`` in it; empty when the backend itself is the tool.
        timeout: seconds for one program.
    """

    pairs: tuple[str, ...]
    selection: str
    command: str = ""
    timeout: float = 120.0


def run_batch(batch: Batch) -> list[Observation]:
    """Run both programs of every pair."""
    order = [(name, variant) for name in batch.pairs for variant in Variant]
    if batch.command:
        return [_with_command(batch, name, variant) for name, variant in order]
    found: list[Observation] = []
    while len(found) < len(order):
        found += _in_process(batch, order[len(found) :])
    return found


def _in_process(batch: Batch, order: Sequence[tuple[str, Variant]]) -> list[Observation]:
    """Run programs in one process until it ends; the one that ended it, if any, is the last observation."""
    work = msgspec.json.encode((batch.selection, [(name, variant.value) for name, variant in order]))
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=work,
            capture_output=True,
            timeout=batch.timeout * len(order),
            check=False,
        )
        printed, said = done.stdout, done.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        printed, said = late.stdout or b"", f"did not end within {late.timeout:g} s"
    found = [msgspec.json.decode(line, type=Observation) for line in printed.splitlines() if line.endswith(b"}")]
    if len(found) < len(order):
        name, variant = order[len(found)]
        found.append(
            Observation(name, variant, f"the process ended: {said[-2000:]}", Bytes.NONE, time.monotonic() - began)
        )
    return found


def _with_command(batch: Batch, name: str, variant: Variant) -> Observation:
    """Run one program by the tool's command. It reports by its exit status, and the places by its output."""
    program = shlex.join([sys.executable, "-m", "tthal_conformance.racebench", name, variant.value])
    began = time.monotonic()
    environment = {**os.environ, BACKEND_VARIABLE: batch.selection}
    try:
        done = subprocess.run(
            shlex.split(batch.command.replace(PLACE, program)),
            env=environment, capture_output=True, text=True, timeout=batch.timeout, check=False,
        )  # fmt: skip
    except OSError as problem:
        raise InvalidArgument(f"--tool {batch.command!r} cannot be run: {problem}") from None
    except subprocess.TimeoutExpired:
        return Observation(name, variant, f"did not end within {batch.timeout:g} s", Bytes.NONE, batch.timeout)
    right, wrong = "right bytes" in done.stdout, "wrong bytes" in done.stdout
    result = Bytes.RIGHT if right else Bytes.WRONG if wrong else Bytes.UNKNOWN
    reported = done.returncode != 0 and not (wrong and done.returncode not in _REPORTED)
    report = (done.stdout + done.stderr)[-20000:] if reported else ""
    return Observation(name, variant, report, result, round(time.monotonic() - began, 3))


def observations(selection: Selection, order: Sequence[tuple[str, Variant]]) -> Iterator[Observation]:
    """Run programs in this process."""
    for name, variant in order:
        yield observe(pairs()[name], variant, selection)


def _main() -> None:
    given, order = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[str, list[tuple[str, Variant]]])
    # Standard output is for observations alone: what kernels print goes elsewhere.
    out, sys.stdout = sys.stdout, sys.stderr
    for seen in observations(Selection.parse(given), order):
        out.buffer.write(msgspec.json.encode(seen) + b"\n")
        out.buffer.flush()


if __name__ == "__main__":
    _main()
