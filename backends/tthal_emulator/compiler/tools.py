"""Runs the compiler's programs: no inherited settings, a time limit, and none left behind."""

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

# Variables that would add folders or options to a compilation behind the cache key's back.
_FOREIGN = (
    "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "OBJC_INCLUDE_PATH", "LIBRARY_PATH", "SDKROOT",
    "CCC_OVERRIDE_OPTIONS", "CLANG_CONFIG_FILE_SYSTEM_DIR", "CLANG_CONFIG_FILE_USER_DIR", "SOURCE_DATE_EPOCH",
)  # fmt: skip

# A tool's own complaint, not one about a kernel's line.
_NO_ROOM = re.compile(r"^(?:LLVM ERROR|[\w.-]+: error|(?:fatal )?error): .*No space left on device", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a program ended."""

    command: tuple[str, ...]
    status: int
    errors: str

    @property
    def failed(self) -> bool:
        return self.status != 0


def usable_cpus() -> int:
    """How many CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Tools:
    """Starts programs and can stop all of them."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False
        self._lock = threading.Lock()

    def run(self, command: Sequence[str], folder: Path) -> Answer:
        """Run a program to its end.

        Raises:
            BackendUnavailable: it cannot be started.
            OSError: it had no room for what it makes.
        """
        environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN} | {"LC_ALL": "C"}
        environment |= {"ZIG_GLOBAL_CACHE_DIR": str(folder), "ZIG_LOCAL_CACHE_DIR": str(folder)}
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
            )  # fmt: skip
        except OSError as error:
            raise BackendUnavailable(f"the kernel compiler {command[0]} cannot be started: {error}") from error
        with self._lock:
            self._running.add(process)
            if self._stopped:
                process.kill()
        try:
            _, errors = process.communicate(timeout=self._timeout)
        except subprocess.TimeoutExpired:
            return Answer(tuple(command), 1, f"clang: error: stopped because it took more than {self._timeout:.0f} s")
        finally:
            self._end(process)
        if process.returncode and _NO_ROOM.search(errors):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return Answer(tuple(command), process.returncode, errors)

    def _end(self, process: subprocess.Popen[str]) -> None:
        with self._lock:
            self._running.discard(process)
        if process.poll() is None:
            process.kill()
            process.communicate()

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
