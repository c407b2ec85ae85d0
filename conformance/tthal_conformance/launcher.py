"""Runs the suite in a process of its own, so that a backend that crashes takes neither command nor results along."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tthal.cli.console import err
from tthal.errors import BackendError
from tthal.selection import Selection, choose
from tthal_conformance.catalogue import PACKAGE, select
from tthal_conformance.profile import Profile
from tthal_conformance.report import assemble
from tthal_conformance.schema import Report, Result, Target

_POLL_SECONDS = 0.05
_USAGE_ERRORS = (2, 3, 4)
"""pytest's exit statuses: interrupted, internal error, wrong usage."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to run and how; ``timeout`` is in seconds without any result, ``quiet`` shows no progress."""

    backend: str | None = None
    tier: str = "core"
    patterns: tuple[str, ...] = ()
    record: Path | None = None
    against: Path | None = None
    jobs: int | None = None
    timeout: float = 600.0
    quiet: bool = False


def run(order: Order) -> Report:
    """Run the suite and return its report.

    Raises:
        SelectionError, BackendUnavailable, PluginError: there is no such backend.
        InvalidArgument: a pattern matches nothing.
        BackendError: the suite could not be started.
    """
    selection = choose(order.backend).selection
    profile = Profile.of(selection.backend)
    names = select(order.tier, order.patterns)
    with tempfile.TemporaryDirectory(prefix="tthal-conformance-") as folder:
        watch = _Watch(Path(folder), Target(str(selection)), order.quiet)
        watch.run(_command(order, selection, profile, len(names), watch.stream), len(names), order.timeout)
    return assemble(watch.results, names, order.tier, watch.target, profile)


class _Watch:
    """The child process and what it has reported so far."""

    def __init__(self, folder: Path, target: Target, quiet: bool) -> None:
        self._quiet = quiet
        self.stream = folder / "results.jsonl"
        self.results: dict[str, Result] = {}
        self.target = target
        self._output = folder / "output.txt"
        self._read = 0

    def run(self, command: list[str], total: int, timeout: float) -> None:
        """Run the child until it ends or reports nothing for ``timeout`` seconds."""
        self.stream.touch()
        with open(self._output, "wb") as output, _progress(total, self._quiet) as advance:
            child = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=_environment())
            try:
                self._follow(child, timeout, advance)
            finally:
                child.kill()
                child.wait()
        if child.returncode in _USAGE_ERRORS and not self.results:
            raise BackendError(f"the suite did not start: {self._output.read_text(errors='replace').strip()}")

    def _follow(self, child: subprocess.Popen[bytes], timeout: float, advance: Advance) -> None:
        last = time.monotonic()
        while True:
            ended = child.poll() is not None
            found = self._collect()
            for result in found:
                advance(result)
            if ended:
                return
            if found:
                last = time.monotonic()
            elif time.monotonic() - last > timeout:
                err().print(f"no result for {timeout:g} s: stopping", style="yellow")
                return
            time.sleep(_POLL_SECONDS)

    def _collect(self) -> list[Result]:
        with open(self.stream, "rb") as file:
            file.seek(self._read)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self._read += len(whole)
        found = []
        for line in whole.splitlines():
            result, self.target = msgspec.json.decode(line, type=tuple[Result, Target])
            self.results[result.name] = result
            found.append(result)
        return found


class Advance:
    """Shows results as they come; quiet unless on a terminal."""

    def __call__(self, result: Result) -> None:
        """Note a result."""


@contextmanager
def _progress(total: int, quiet: bool) -> Iterator[Advance]:
    console = err()
    if quiet or not console.is_terminal:
        yield Advance()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("conformance"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=total)

        class Shown(Advance):
            def __call__(self, result: Result) -> None:
                progress.update(task, advance=1, description=f"{result.name} {result.outcome.value}")

        yield Shown()


def _command(order: Order, selection: Selection, profile: Profile, count: int, stream: Path) -> list[str]:
    # pytest's own configuration, and plugins that happen to be installed, must not change what a run means.
    command = [sys.executable, "-m", "pytest", "-c", str(PACKAGE / "conformance.ini"), "--rootdir", str(PACKAGE)]
    command += ["-p", "tthal_conformance.plugin", "-p", "no:cacheprovider", "-q", "--no-header", "--tb=short"]
    jobs = _jobs(order, profile, count)
    if jobs > 1:
        command += ["-p", "xdist", "-n", str(jobs)]
    command += ["--tthal-backend", str(selection), "--tthal-tier", order.tier, "--tthal-stream", str(stream)]
    for pattern in order.patterns:
        command += ["--tthal-select", pattern]
    for option, folder in (("--tthal-record", order.record), ("--tthal-against", order.against)):
        if folder is not None:
            command += [option, str(folder)]
    return [*command, str(PACKAGE / "test_programs.py")]


def _jobs(order: Order, profile: Profile, count: int) -> int:
    wanted = order.jobs if order.jobs is not None else (os.cpu_count() or 1 if profile.parallel else 1)
    if min(wanted, count) > 1 and importlib.util.find_spec("xdist") is None:
        if order.jobs is not None:
            err().print("running in one process: pytest-xdist is not installed (pip install 'tthal[conformance]')")
        return 1
    return min(wanted, count)


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
