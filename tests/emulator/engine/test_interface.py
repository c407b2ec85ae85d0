"""The compiled form of the C declarations."""

from __future__ import annotations

import subprocess
import sys

from tthal_emulator.engine.generate_interface import INTERFACE, interface_source


def test_compiled_declarations_are_those_of_the_source() -> None:
    assert INTERFACE.read_text(encoding="utf-8") == interface_source()


def test_opening_the_library_parses_no_c() -> None:
    code = (
        "import sys; from tthal_emulator.engine.libwasmtime import wasmtime_library; wasmtime_library(); "
        "print([name for name in sys.modules if name.startswith('pycparser')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
