from __future__ import annotations

import pickle
import re

import pytest

import tthal as ttnn
from tthal import errors
from tthal.errors import CompileError, DeadlockError, Diagnostic, Frame, KernelError, ProcessorState, SourceLocation

CLASSES = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.TthalError)]


def drawn() -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return name -> (depth, builtin bases) as drawn at the top of errors.py."""
    found = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^    ([│ ]*(?:[├└]── )?)(\w+)(?: \((\w+)\))?", line)
        if match and hasattr(errors, match[2]):
            found[match[2]] = (len(match[1]) // 4, (match[3],) if match[3] else ())
    return found


def test_the_drawing_is_the_tree() -> None:
    tree = drawn()
    assert set(tree) == {kind.__name__ for kind in CLASSES}
    for kind in CLASSES:
        depth, builtins = tree[kind.__name__]
        ancestors = [base for base in kind.__mro__[1:] if issubclass(base, errors.TthalError)]
        assert len(ancestors) == depth, kind
        own = tuple(base.__name__ for base in kind.__bases__ if not issubclass(base, errors.TthalError))
        assert own in (builtins, ("Exception",)), kind


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_class_says_what_it_is_for(kind: type[errors.TthalError]) -> None:
    assert kind.__doc__


def test_places_read_like_a_compilers() -> None:
    assert str(SourceLocation("reader.cpp", 12)) == "reader.cpp:12"
    assert str(SourceLocation("reader.cpp", 12, 5)) == "reader.cpp:12:5"
    assert str(Frame("helper", SourceLocation("a.h", 3))) == "helper at a.h:3"
    assert str(Frame("helper")) == "helper"


def test_diagnostics_keep_their_excerpt() -> None:
    at = SourceLocation("reader.cpp", 12, 5)
    assert str(Diagnostic("reader", "error", "no such name", at, "   foo();\n   ^")) == (
        "reader.cpp:12:5: error: no such name\n   foo();\n   ^"
    )
    assert str(Diagnostic("reader", "warning", "odd")) == "reader: warning: odd"
    assert CompileError("two", [Diagnostic("k", "error", "m")]).diagnostics[0].message == "m"


def test_launch_errors_carry_where() -> None:
    at = SourceLocation("compute.cpp", 7)
    error = KernelError("oops", core=(1, 2), processor="BRISC", kernel="k", backtrace=[Frame("f", at)], location=at)
    assert (error.core, error.processor, error.file, error.line) == ((1, 2), "BRISC", "compute.cpp", 7)
    state = ProcessorState((0, 1), "TRISC", "compute", "waits for 2 pages of CB 0", at)
    assert str(state) == "core (0,1) TRISC compute at compute.cpp:7: waits for 2 pages of CB 0"
    assert DeadlockError("stuck", [state]).waiting == (state,)


@pytest.mark.parametrize(
    "error",
    [
        errors.SelectionError("x"),
        errors.KernelFileNotFound("gone"),
        CompileError("m", [Diagnostic("k", "error", "m")]),
        KernelError("oops", core=(1, 2), processor="BRISC", kernel="k", location=SourceLocation("f", 3)),
        DeadlockError("stuck", [ProcessorState((0, 1), "TRISC", "k", "s")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_cross_processes(error: Exception) -> None:
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error)
    assert (str(twin), vars(twin)) == (str(error), vars(error))


def test_a_wrong_type_is_a_type_error_of_ours() -> None:
    with pytest.raises(errors.WrongType, match="queue") as caught:
        ttnn.Finish("queue")  # type: ignore[arg-type]
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, errors.TthalError)
