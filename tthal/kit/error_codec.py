"""Exceptions to records and back, with their attributes: out of a trace, or from another process."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from tthal import errors
from tthal.errors import (
    CompileError,
    DeadlockError,
    DeviceError,
    Diagnostic,
    Frame,
    KernelError,
    ProcessorState,
    SourceLocation,
    TthalError,
)

_LONGEST_MESSAGE = 1 << 20

_TREE: dict[str, type[Exception]] = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, TthalError)
}
_BUILTINS: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (
        *(ArithmeticError, AssertionError, AttributeError, BufferError, IndexError, KeyError, LookupError, MemoryError),
        *(NotImplementedError, OSError, OverflowError, RuntimeError, TimeoutError, TypeError, ValueError),
        ZeroDivisionError,
    )
}
_KNOWN = {**_BUILTINS, **_TREE}
_Name = Annotated[str, msgspec.Meta(max_length=4096)]


class RecordedError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An exception that a call raised: its class in the tree of tthal.errors or a builtin, its text and attributes.

    ``original`` is the qualified name of the class when ``kind`` is only its nearest known ancestor.
    """

    kind: _Name
    message: str
    original: _Name = ""
    core: tuple[int, int] | None = None
    processor: str = ""
    kernel: str = ""
    location: SourceLocation | None = None
    backtrace: tuple[Frame, ...] = ()
    waiting: tuple[ProcessorState, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def record_error(error: Exception) -> RecordedError:
    """Return an exception as a record."""
    kind = next((known for known in type(error).__mro__ if _KNOWN.get(known.__name__) is known), None)
    exact = kind is type(error)
    return RecordedError(
        kind=kind.__name__ if kind else "Exception",
        message=str(error)[:_LONGEST_MESSAGE],
        original="" if exact else f"{type(error).__module__}.{type(error).__qualname__}",
        **_details(error),
    )


def _details(error: Exception) -> dict[str, Any]:
    if isinstance(error, CompileError):
        return {"diagnostics": error.diagnostics}
    if isinstance(error, DeadlockError):
        return {"waiting": error.waiting}
    if isinstance(error, KernelError):
        location = SourceLocation(error.file, error.line or 0) if error.file else None
        return {
            "core": error.core,
            "processor": error.processor,
            "kernel": error.kernel,
            "location": location,
            "backtrace": error.backtrace,
        }
    return {}


def rebuild_error(recorded: RecordedError) -> Exception:
    """Return the recorded exception, of the same class wherever this tthal has it."""
    kind = _KNOWN.get(recorded.kind)
    message = recorded.message
    if kind is None:
        return DeviceError(f"the recorded call raised {recorded.original or recorded.kind}: {message}")
    if issubclass(kind, CompileError):
        return kind(message, recorded.diagnostics)
    if issubclass(kind, DeadlockError):
        return kind(message, recorded.waiting)
    if issubclass(kind, KernelError):
        return kind(
            message,
            core=recorded.core or (0, 0),
            processor=recorded.processor,
            kernel=recorded.kernel,
            backtrace=recorded.backtrace,
            location=recorded.location,
        )
    return kind(message)
