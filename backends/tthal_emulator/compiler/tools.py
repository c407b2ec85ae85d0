"""Runs the compiler's programs: no inherited settings, bounds on what they use and touch, and none left behind."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tthal.errors import BackendUnavailable

from .confinement import Confinement
from .limits import MOST_WORDS, Limits

# Variables that would add folders or options to a compilation behind the cache key's back.
_FOREIGN = (
    "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH", "LIBRARY_PATH", "SDKROOT",
    "CCC_OVERRIDE_OPTIONS", "CLANG_CONFIG_FILE_SYSTEM_DIR", "CLANG_CONFIG_FILE_USER_DIR", "SOURCE_DATE_EPOCH",
)  # fmt: skip

# A tool's own complaint, not one about a kernel's line.
_NO_ROOM = re.compile(r"^(?:LLVM ERROR|[\w.-]+: error|(?:fatal )?error): .*No space left on device", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a program ended; ``limit`` says which limit ended it, if one did."""

    command: tuple[str, ...]
    status: int
    errors: str
    limit: str = ""

    @property
    def failed(self) -> bool:
        return self.status != 0


def usable_cpus() -> int:
    """How many CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a run over other people's text may use and touch."""

    limits: Limits
    confinement: Confinement


class Tools:
    """Starts programs and can stop all of them.

    Args:
        timeout: seconds of the clock that a run without bounds may take.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False
        self._lock = threading.Lock()

    def run(self, command: Sequence[str], folder: Path, bounds: Bounds | None = None) -> Answer:
        """Run a program to its end.

        Raises:
            BackendUnavailable: it cannot be started.
            OSError: it had no room for what it makes.
        """
        limits = bounds.limits if bounds else None
        patience = limits.patience if limits else self._timeout
        try:
            process = self._start(list(command), folder, bounds)
        except OSError as error:
            raise BackendUnavailable(f"the kernel compiler {command[0]} cannot be started: {error}") from error
        alarm = _Alarm(process, patience)
        try:
            errors = _listen(process)
        finally:
            alarm.cancel()
            self._end(process)
        if alarm.rang:
            limit = limits.too_slow() if limits else f"stopped because it took more than {patience:g} s"
            return Answer(tuple(command), 1, errors if limits else f"clang: error: {limit}", limit)
        if process.returncode and _NO_ROOM.search(errors):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        limit = (limits.reason(process.returncode, errors) if limits and process.returncode else None) or ""
        return Answer(tuple(command), process.returncode, errors, limit)

    def _start(self, command: list[str], folder: Path, bounds: Bounds | None) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN} | {"LC_ALL": "C"}
        environment |= {"ZIG_GLOBAL_CACHE_DIR": str(folder), "ZIG_LOCAL_CACHE_DIR": str(folder)}
        if bounds is not None:
            command = bounds.limits.command(command)

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )  # fmt: skip

        process = bounds.confinement.start(start) if bounds else start()
        with self._lock:
            self._running.add(process)
            if self._stopped:
                process.kill()
        if bounds is not None:
            bounds.limits.apply(process)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            self._running.discard(process)
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()

    def allow(self) -> None:
        """Let programs run again after :meth:`stop`."""
        self._stopped = False

    def stop(self) -> None:
        """End every program that runs, and each that would still be started."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            with suppress(OSError):
                process.kill()
                process.wait()


class _Alarm:
    """Kills a process after a time; ``rang`` tells whether it did."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float | None) -> None:
        self.rang = False
        self._process = process
        self._timer = threading.Timer(seconds, self._ring) if seconds is not None else None
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()

    def _ring(self) -> None:
        self.rang = True
        with suppress(OSError):
            self._process.kill()

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


def _listen(process: subprocess.Popen[bytes]) -> str:
    """Read what a program says until it ends; of too many words only the first."""
    stream = process.stderr
    if stream is None:
        raise ValueError("the program's messages go elsewhere")
    kept: list[bytes] = []
    room = MOST_WORDS
    while words := stream.read1(1 << 16):  # type: ignore[attr-defined]
        kept.append(words[:room])
        room -= len(kept[-1])
    process.wait()
    return b"".join(kept).decode("utf-8", "replace")
