"""What one run of a compiler's program may use, and the words for one that used more."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from math import ceil

MOST_WORDS = 8 << 20
"""Bytes of a program's messages that are kept."""
_LARGEST_FILE = 1 << 30
_PATIENCE = 5
"""Seconds of the clock for each of processor time: other work may keep the machine busy."""
_OUT_OF_MEMORY = ("LLVM ERROR: out of memory", "std::bad_alloc", "OutOfMemory", "Cannot allocate memory")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one run; 0 is none.

    Attributes:
        seconds: of processor time.
        memory: bytes of address space.
        origin: the option that ``seconds`` comes from, for messages.
    """

    seconds: float = 60.0
    memory: int = 2 << 30
    origin: str = "compile_seconds"

    def within(self, seconds: float) -> Limits:
        """The same, but no longer than a launch may take (``?timeout``; 0 is no limit)."""
        if seconds and (not self.seconds or seconds < self.seconds):
            return Limits(seconds, self.memory, "timeout")
        return self

    @property
    def patience(self) -> float | None:
        """Seconds of the clock after which a run is ended wherever it is."""
        return self.seconds * _PATIENCE or None

    def command(self, command: list[str]) -> list[str]:
        """Let a shell set the limits where a process cannot set those of another (macOS, BSD)."""
        if sys.platform in ("linux", "win32"):
            return command
        bounds = f"ulimit -f {_LARGEST_FILE // 512}; "
        if self.seconds:
            bounds += f"ulimit -t {ceil(self.seconds)}; "
        if self.memory:
            bounds += f"ulimit -v {self.memory // 1024} 2>/dev/null; "
        return ["/bin/sh", "-c", f'{bounds}exec "$@"', "sh", *command]

    def apply(self, process: subprocess.Popen[bytes]) -> None:
        """Set the limits of a process that has just started, where that is possible (Linux)."""
        if sys.platform != "linux":
            return
        import resource

        bounds = [(resource.RLIMIT_FSIZE, _LARGEST_FILE), (resource.RLIMIT_CORE, 0)]
        if self.seconds:
            bounds.append((resource.RLIMIT_CPU, ceil(self.seconds)))
        if self.memory:
            bounds.append((resource.RLIMIT_AS, self.memory))
        for kind, most in bounds:
            try:
                # A second more, so that the signal says which limit it was.
                resource.prlimit(process.pid, kind, (most, most + (kind == resource.RLIMIT_CPU)))
            except (ProcessLookupError, PermissionError):
                return  # it has ended, or a container does not allow it: the clock is still watched

    def reason(self, status: int, errors: str) -> str | None:
        """Why a run that failed had to; None when no limit ended it."""
        if self.memory and any(words in errors for words in _OUT_OF_MEMORY):
            return f"the compiler needs more than {self.memory >> 20} MB of memory ({_more('compile_memory', 'MB')})"
        ended_by = _signal_of(status)
        if self.seconds and ended_by == getattr(signal, "SIGXCPU", None):
            return self.too_slow()
        if ended_by == getattr(signal, "SIGXFSZ", None):
            return f"the compiler wrote a file of more than {_LARGEST_FILE >> 20} MB"
        return None

    def too_slow(self) -> str:
        """The words for a run that took too long."""
        return f"the compiler took more than {self.seconds:g} s of processor time ({_more(self.origin, 'SECONDS')})"


def _more(option: str, unit: str) -> str:
    return f"if that is not a mistake, allow more with emulator?{option}={unit}"


def _signal_of(status: int) -> int | None:
    """The signal that ended a process, as Python says it or as a program that catches its own does."""
    return -status if status < 0 else status - 128 if status > 128 else None
