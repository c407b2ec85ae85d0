"""Exceptions survive being recorded: class, text and attributes."""

from __future__ import annotations

import msgspec
import pytest

from tthal import errors
from tthal.errors import (
    CompileError,
    DeadlockError,
    DeviceError,
    Diagnostic,
    Frame,
    InvalidArgument,
    KernelError,
    OutOfMemory,
    ProcessorState,
    SourceLocation,
    TthalError,
)
from tthal.kit.error_codec import RecordedError, rebuild_error, record_error

PLACE = SourceLocation("kernels/add.cpp", 12, 3)
SIMPLE = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, TthalError)
    and not issubclass(kind, KernelError | CompileError | DeadlockError)
]


def there_and_back(error: Exception) -> Exception:
    recorded = record_error(error)
    return rebuild_error(msgspec.json.decode(msgspec.json.encode(recorded), type=RecordedError))


@pytest.mark.parametrize("kind", SIMPLE, ids=lambda kind: kind.__name__)
def test_every_class_of_the_tree_comes_back(kind: type[TthalError]) -> None:
    error = there_and_back(kind("what happened"))
    assert type(error) is kind
    assert str(error) == "what happened"


def test_a_kernel_error_keeps_its_place() -> None:
    error = KernelError(
        "illegal",
        core=(3, 4),
        processor="TRISC",
        kernel="add",
        backtrace=[Frame("f", PLACE), Frame("main")],
        location=PLACE,
    )
    again = there_and_back(error)
    assert isinstance(again, KernelError)
    assert (again.core, again.processor, again.kernel) == ((3, 4), "TRISC", "add")
    assert (again.file, again.line, again.backtrace) == ("kernels/add.cpp", 12, error.backtrace)


def test_a_kernel_error_without_a_place_has_none_afterwards() -> None:
    again = there_and_back(KernelError("illegal", core=(0, 0), processor="BRISC", kernel="add"))
    assert isinstance(again, KernelError)
    assert (again.file, again.line) == (None, None)


def test_a_deadlock_keeps_who_waits() -> None:
    waiting = (ProcessorState((1, 2), "NCRISC", "reader", "cb_reserve_back", PLACE, (Frame("main", PLACE),)),)
    again = there_and_back(DeadlockError("nobody runs", waiting))
    assert isinstance(again, DeadlockError)
    assert again.waiting == waiting


def test_a_compile_error_keeps_its_diagnostics() -> None:
    diagnostics = (Diagnostic("add", "error", "no such function", PLACE, "add(\n^"), Diagnostic("add", "note", "here"))
    again = there_and_back(CompileError("does not compile", diagnostics))
    assert isinstance(again, CompileError)
    assert again.diagnostics == diagnostics


@pytest.mark.parametrize(
    "error", [ValueError("v"), TypeError("t"), MemoryError("m"), OSError("o"), ZeroDivisionError("z")]
)
def test_builtin_exceptions_come_back(error: Exception) -> None:
    again = there_and_back(error)
    assert (type(again), str(again)) == (type(error), str(error))


class VendorError(OutOfMemory):
    """A third party's subclass."""


class Unrelated(Exception):
    """A class that no other installation has."""


def test_a_third_partys_class_comes_back_as_its_nearest_known_ancestor() -> None:
    recorded = record_error(VendorError("full"))
    assert (recorded.kind, recorded.original) == ("OutOfMemory", f"{__name__}.VendorError")
    assert type(rebuild_error(recorded)) is OutOfMemory
    assert record_error(FileNotFoundError("gone")).kind == "OSError"


def test_an_unknown_class_comes_back_as_a_device_error_that_names_it() -> None:
    again = there_and_back(Unrelated("odd"))
    assert type(again) is DeviceError
    assert "Unrelated: odd" in str(again)


def test_an_untrusted_class_name_is_only_looked_up_in_the_tables() -> None:
    for name in ("SystemExit", "KeyboardInterrupt", "os.system", "Sequence", "dataclass"):
        assert type(rebuild_error(RecordedError(kind=name, message="x"))) is DeviceError


def test_several_base_classes_are_no_obstacle() -> None:
    assert isinstance(there_and_back(InvalidArgument("bad")), ValueError)
