"""Every error tthal raises on purpose.

::

    TthalError (RuntimeError)
    ├── InvalidArgument (ValueError)      a value the host API does not take; the call changed nothing
    │   ├── WrongType (TypeError)         an object of a type that the call does not take
    │   ├── LimitExceeded                 more arguments, buffers or semaphores than the limits allow
    │   └── KernelFileNotFound (FileNotFoundError)
    ├── ProgramFrozen                     a structural change after the first launch
    ├── ObjectClosed                      a device, queue or buffer is used after its end
    ├── OutOfMemory (MemoryError)         a bank has no room for a buffer
    ├── PlacementError                    a program does not fit the device: cores, circular buffers, L1 clash
    ├── Unsupported                       the device does not declare the capability
    ├── BackendError
    │   ├── SelectionError (ValueError)   unknown backend, bad selection string, bad option
    │   ├── BackendUnavailable            known, but a part, a driver or a card is missing
    │   └── PluginError (ImportError)     a plugin cannot be loaded, or two claim one name
    ├── CompileError                      kernels that do not compile, with the compiler's diagnostics
    ├── LaunchError                       what went wrong while a program ran
    │   ├── KernelError                   a kernel did something illegal
    │   ├── DeadlockError                 every unfinished processor waits
    │   └── DeviceError                   the device or its library failed
    └── TraceError                        a trace file is damaged, unknown or differs from the program
        ├── TraceFormatError
        └── ReplayMismatch
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tthal.columns import fitted

__all__ = [
    "BackendError",
    "BackendUnavailable",
    "CompileError",
    "DeadlockError",
    "DeviceError",
    "Finding",
    "InvalidArgument",
    "KernelError",
    "KernelFileNotFound",
    "LaunchError",
    "LimitExceeded",
    "ObjectClosed",
    "OutOfMemory",
    "PlacementError",
    "PluginError",
    "ProgramFrozen",
    "ReplayMismatch",
    "SelectionError",
    "TraceError",
    "TraceFormatError",
    "TthalError",
    "Unsupported",
    "WrongType",
]


class TthalError(RuntimeError):
    """The root of all errors that tthal raises on purpose.

    They are RuntimeErrors because the vendor's Python library raises these for whatever it refuses, except for
    arguments of a wrong type, which are TypeErrors there (ttnn 0.81.1): :class:`WrongType` is both.
    """


class InvalidArgument(TthalError, ValueError):
    """A value the host API does not take; the call changed nothing."""


class WrongType(InvalidArgument, TypeError):
    """An object of a type that the call does not take."""


class LimitExceeded(InvalidArgument):
    """More of something than the program's or the device's limits allow."""


class KernelFileNotFound(InvalidArgument, FileNotFoundError):
    """A kernel's source file is in none of the searched places."""


class ProgramFrozen(TthalError):
    """A kernel, circular buffer or semaphore is added to a program that was already launched."""


class ObjectClosed(TthalError):
    """A device, queue or buffer is used after it was closed or deallocated."""


class OutOfMemory(TthalError, MemoryError):
    """No bank has room for a buffer."""


class PlacementError(TthalError):
    """A program does not fit the device: cores outside the grid, circular buffers past L1, a clash with a buffer."""


class Unsupported(TthalError):
    """The device does not declare the capability that the call needs."""


class BackendError(TthalError):
    """Selecting, loading or opening a backend failed."""


class SelectionError(BackendError, ValueError):
    """A selection string names an unknown backend or option, or does not parse."""


class BackendUnavailable(BackendError):
    """A backend is known but cannot be used here; the message says what is missing and how to get it."""


class PluginError(BackendError, ImportError):
    """A plugin cannot be loaded, is misspelt, or shares its name with another one."""


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """A place in a kernel's source: logical file name, line from 1, column from 1 (0 = unknown)."""

    file: str
    line: int
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message of the kernel compiler; ``location`` is None when it concerns the whole kernel."""

    kernel: str
    severity: str
    message: str
    location: SourceLocation | None = None
    excerpt: str = ""

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else f"{self.kernel}: "
        return f"{where}{self.severity}: {self.message}" + (f"\n{self.excerpt}" if self.excerpt else "")


class CompileError(TthalError):
    """Kernels that do not compile; ``diagnostics`` holds the compiler's messages in order."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a kernel's backtrace, innermost first, inlined calls included."""

    function: str
    location: SourceLocation | None = None

    def __str__(self) -> str:
        return f"{self.function} at {self.location}" if self.location else self.function


@dataclass(frozen=True, slots=True)
class ProcessorState:
    """What one processor was doing when a launch failed; ``core`` is the logical (x, y)."""

    core: tuple[int, int]
    processor: str
    kernel: str
    state: str
    location: SourceLocation | None = None
    frames: tuple[Frame, ...] = field(default=())

    def __str__(self) -> str:
        where = f" at {self.location}" if self.location else ""
        return f"core ({self.core[0]},{self.core[1]}) {self.processor} {self.kernel}{where}: {self.state}"


class LaunchError(TthalError):
    """What went wrong while a program ran."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found in a launch.

    Attributes:
        id: stable, as in docs/checks.md.
        severity: ``"error"`` or ``"warning"``.
        message: what; ``fix`` says what to do.
        core, processor, kernel: who; ``frames`` say where, innermost first.
        other: what the other party did, where and in words; empty when there is none. ``other_location`` is its line.
    """

    id: str
    severity: str
    message: str
    fix: str
    core: tuple[int, int]
    processor: str
    kernel: str
    frames: tuple[Frame, ...] = ()
    other: str = ""
    other_location: SourceLocation | None = None

    @property
    def location(self) -> SourceLocation | None:
        """The line that it is about, when it is known."""
        return self.frames[0].location if self.frames else None

    def __str__(self) -> str:
        at = f" at {self.location}" if self.location is not None else ""
        who = f"core ({self.core[0]},{self.core[1]}) {self.processor}, kernel {self.kernel}{at}"
        lines = [f"{who}: {self.message} [{self.id}]", *(f"    {frame}" for frame in self.frames)]
        lines += [f"    {self.other}"] if self.other else []
        return fitted("\n".join([*lines, f"    Fix: {self.fix}{'' if self.fix.endswith('?') else '.'}"]))


class KernelError(LaunchError):
    """A kernel did something illegal; the attributes say where.

    Attributes:
        findings: what checks found in the launch, the one that the message is about first; empty for other errors.
        core: logical (x, y).
        processor: ``"BRISC"``, ``"NCRISC"`` or ``"TRISC"``.
        kernel: the kernel's name.
        file, line: the innermost place in the user's own source, when known.
        backtrace: all frames, innermost first.
    """

    def __init__(
        self,
        message: str,
        *,
        core: tuple[int, int],
        processor: str,
        kernel: str,
        backtrace: Sequence[Frame] = (),
        location: SourceLocation | None = None,
        findings: Sequence[Finding] = (),
    ) -> None:
        super().__init__(message)
        self.findings = tuple(findings)
        self.core = core
        self.processor = processor
        self.kernel = kernel
        self.backtrace = tuple(backtrace)
        self.file = location.file if location else None
        self.line = location.line if location else None

    def __reduce__(self) -> tuple[Any, ...]:
        # Unpickling calls the class with args alone, which lacks the keywords; the state restores the rest.
        again = partial(type(self), core=self.core, processor=self.processor, kernel=self.kernel)
        return again, self.args, self.__dict__


class DeadlockError(LaunchError):
    """Every unfinished processor waits; ``waiting`` says for what, processor by processor."""

    def __init__(self, message: str, waiting: Sequence[ProcessorState] = ()) -> None:
        super().__init__(message)
        self.waiting = tuple(waiting)


class DeviceError(LaunchError):
    """The device or the library that drives it failed."""


class TraceError(TthalError):
    """Something is wrong with a trace or with a program that runs against one."""


class TraceFormatError(TraceError):
    """A trace file is damaged, unsafe, or of an unknown version."""


class ReplayMismatch(TraceError):
    """A program made a call that the trace does not hold.

    Attributes:
        call: the number of the recorded call nearest to it, None when no call is left.
        differences: in which fields the two differ, as text.
    """

    def __init__(self, message: str, *, call: int | None = None, differences: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.call = call
        self.differences = tuple(differences)
