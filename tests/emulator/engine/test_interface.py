"""The compiled form of the C declarations."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tthal_emulator.engine.generate_interface import INTERFACE, interface_source
from tthal_emulator.engine.libwasmtime import c_library, wasmtime_library


def test_compiled_declarations_are_those_of_the_source() -> None:
    assert INTERFACE.read_text(encoding="utf-8") == interface_source()


def test_opening_the_library_parses_no_c() -> None:
    code = (
        "import sys; from tthal_emulator.engine.libwasmtime import wasmtime_library; wasmtime_library(); "
        "print([name for name in sys.modules if name.startswith('pycparser')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_c_library_has_what_compiled_code_borrows() -> None:
    ffi = wasmtime_library().ffi
    assert ffi.addressof(c_library(ffi), "memmove") != ffi.NULL


def test_windows_has_no_library_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []
    monkeypatch.setattr("sys.platform", "win32")
    c_library(SimpleNamespace(dlopen=asked.append))
    assert asked == ["ucrtbase.dll"]
