"""Vendor texts, as libtt_metal 0.81.1 throws them, become tthal's errors with the message only."""

from __future__ import annotations

import pytest

from tthal.errors import (
    BackendUnavailable,
    CompileError,
    DeviceError,
    InvalidArgument,
    OutOfMemory,
    PlacementError,
    Unsupported,
)
from tthal_metal.vendor_errors import VendorFailure, translate, trim

BACKTRACE = "\nbacktrace:\n --- /lib/libtt_metal.so(+0x7d9008) [0x7feae41d9008]\n --- tt::Cluster::Cluster()\n"


def fatal(message: str) -> str:
    return f"TT_FATAL @ /project/tt_metal/impl/x.cpp:1: false\ninfo:\n{message}{BACKTRACE}"


def test_the_message_is_what_remains() -> None:
    assert trim(fatal("cq_id 1 is out of range")) == "cq_id 1 is out of range"


def test_a_driver_error_loses_its_location_and_frames() -> None:
    text = "SoC descriptor file does not exist at path: /x.yaml\nLocation: /project/y.cpp:45\n 1. tt::umd::f()\n 2. g()"
    assert trim(text) == "SoC descriptor file does not exist at path: /x.yaml"


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Out of Memory: Not enough space to allocate 1099511627776 B DRAM buffer across 12 banks", OutOfMemory),
        ("No chips detected in the cluster", BackendUnavailable),
        ("SoC descriptor file does not exist at path: /tmp/soc.yaml", BackendUnavailable),
        ("bad file: /tmp/soc_descriptor.yaml", BackendUnavailable),
        (
            "Statically allocated circular buffers on core range [0-0 - 0-0] grow to 1539424 B which is beyond max L1 "
            "size of 1499136 B",
            PlacementError,
        ),
        ("Statically allocated circular buffers in program 33 clash with L1 buffers on core range", PlacementError),
        ("No core coordinate found at location: (20, 20, TENSIX, LOGICAL)", PlacementError),
        ("Invalid shard grid: shard core (8, 0) has no L1 bank on this device", InvalidArgument),
        ("TIMEOUT: device timeout, potential hang detected, the device is unrecoverable", DeviceError),
        ("something nobody has seen before", DeviceError),
    ],
)
def test_texts_are_classified(message: str, kind: type[Exception]) -> None:
    error = translate(VendorFailure(1, "std::runtime_error", fatal(message)), "do it")
    assert type(error) is kind
    assert message in str(error)
    assert "backtrace" not in str(error)
    assert "TT_FATAL" not in str(error)


def test_a_rejected_kernel_has_diagnostics() -> None:
    text = (
        "TT_THROW @ /project/program.cpp:419: tt::exception\ninfo:\nFailed to generate binaries for wr TT_THROW @ "
        "/project/build.cpp:149: tt::exception\ninfo:\nbrisc build failed. Log: In file included from a.hpp:2,\n"
        "/tmp/kk/wr.cpp:7:10: error: 'oops' was not declared in this scope\n    7 |  oops;\n"
        "/tmp/kk/wr.cpp:9: error: expected ';'\n" + BACKTRACE
    )
    error = translate(VendorFailure(1, "std::runtime_error", text), "compile")
    assert isinstance(error, CompileError)
    first, second = error.diagnostics
    assert (first.kernel, first.message) == ("wr", "'oops' was not declared in this scope")
    assert first.location is not None
    assert (first.location.file, first.location.line, first.location.column) == ("/tmp/kk/wr.cpp", 7, 10)
    assert second.location is not None
    assert second.location.line == 9
    assert "wr.cpp:7:10" in str(error)


def test_a_crashed_compiler_still_gives_a_compile_error() -> None:
    error = translate(VendorFailure(1, "", fatal("trisc0 build failed. Log: Killed")), "compile")
    assert isinstance(error, CompileError)
    assert "Killed" in str(error)


def test_what_a_library_lacks_is_unsupported() -> None:
    error = translate(VendorFailure(4, "", "this libtt_metal.so does not export X"), "use X")
    assert isinstance(error, Unsupported)


def test_a_failure_without_text_names_its_type() -> None:
    assert "std::bad_alloc" in str(translate(VendorFailure(1, "std::bad_alloc", ""), "do it"))
