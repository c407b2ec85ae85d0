"""Modules, their native form, the guard of the library's version and layout, and what an engine leaves behind."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
import types
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tthal.errors import BackendUnavailable
from tthal.kit.cache import VARIABLE
from tthal_emulator.engine import Engine, EngineError, Module, Processor, Trap, libwasmtime


def test_import_loads_no_library() -> None:
    """In a new interpreter: this one has long loaded everything."""
    code = (
        "import sys, tthal_emulator.engine, tthal_emulator.compiler;"
        "print(sorted({'wasmtime', 'cffi', 'ziglang'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_native_code_survives_being_stored(bench: Any) -> None:
    module = bench.module("void kernel_main() { block(1); L1(uint32_t, 0x2000) = add(1, 2); }")
    again = Module.deserialize(bench.engine, module.serialize())
    assert again.exports == module.exports >= {"kernel_main"}
    assert sorted(again.imports) == [("tt", "add"), ("tt", "block")]
    assert bench.run(again).finished
    assert bench.word(0x2000) == 3


@pytest.mark.parametrize("damage", [lambda code: code[:-100], lambda code: b"\0" * 64 + code[64:], lambda code: b""])
def test_damaged_native_code_is_refused(bench: Any, damage: Callable[[bytes], bytes]) -> None:
    code = bench.module("void kernel_main() {}").serialize()
    with pytest.raises(EngineError):
        Module.deserialize(bench.engine, damage(code))


@pytest.mark.parametrize("wasm", [b"", b"\0asm", b"\0asm\1\0\0\0\xff", b"not wasm at all"])
def test_bytes_that_are_no_module(bench: Any, wasm: bytes) -> None:
    with pytest.raises(EngineError):
        Module.compile(bench.engine, wasm)


def test_bulk_memory_is_refused(bench: Any) -> None:
    """(module (memory 1) (func i32.const 0 i32.const 0 i32.const 9 memory.copy)), by hand."""
    body = bytes([0, 0x41, 0, 0x41, 0, 0x41, 9, 0xFC, 0x0A, 0, 0, 0x0B])
    wasm = (
        b"\0asm\1\0\0\0"
        + bytes([1, 4, 1, 0x60, 0, 0])
        + bytes([3, 2, 1, 0])
        + bytes([5, 3, 1, 0, 1])
        + bytes([10, len(body) + 2, 1, len(body)])
        + body
    )
    with pytest.raises(EngineError, match="bulk memory"):
        Module.compile(bench.engine, wasm)


def test_a_memory_that_does_not_follow_the_map_is_refused(bench: Any) -> None:
    """(module (memory 1 2) (export "memory" (memory 0))): its data could lie anywhere."""
    wasm = b"\0asm\1\0\0\0" + bytes([5, 4, 1, 1, 1, 2]) + bytes([7, 10, 1, 6]) + b"memory" + bytes([2, 0])
    module = Module.compile(bench.engine, wasm)
    with pytest.raises(EngineError, match="does not follow the memory map"):
        Processor(module, bench.memories, 0, 0)
    assert bench.run("void kernel_main() {}").finished


def test_unknown_imports_are_named(bench: Any) -> None:
    module_bytes = bench.module("void kernel_main() { block(1); add(1, 2); }").serialize()
    module = Module.deserialize(Engine(), module_bytes)
    assert sorted(module.unknown_imports()) == ["tt.add", "tt.block"]
    with pytest.raises(EngineError, match="unknown import"):
        module.bind()


def test_two_engines_do_not_disturb_each_other(mapped_bench: Any, new_bench: Callable[..., Any]) -> None:
    other = new_bench()
    pair = [
        bench.start(f"void kernel_main() {{ block({n}); L1(uint32_t, 0x2000) = {n}; }}", slot=4)
        for n, bench in enumerate((mapped_bench, other), 1)
    ]
    assert [processor.poll() for processor in pair] == [False, False]
    assert [bench.blocked[-1][1] for bench in (mapped_bench, other)] == [1, 2]
    for processor in pair:
        processor.parked = False
    assert [processor.poll() for processor in reversed(pair)] == [True, True]
    assert [bench.word(0x2000) for bench in (mapped_bench, other)] == [1, 2]
    mapped_bench.close()
    other.close()


# The library


def test_a_missing_wasmtime_is_named_with_its_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libwasmtime, "_opened", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BackendUnavailable, match=r"pip install 'wasmtime==50\.\*'"):
        libwasmtime.wasmtime_library()


@pytest.fixture
def new_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(libwasmtime, "_opened", None)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens when the library is opened: a comparison of the interfaces."""
    seen: list[str] = []
    monkeypatch.setattr(libwasmtime, "check_layout", lambda ffi, bindings: seen.append("compared"))
    return seen


def opened_again(monkeypatch: pytest.MonkeyPatch) -> libwasmtime.Library:
    monkeypatch.setattr(libwasmtime, "_opened", None)
    return libwasmtime.wasmtime_library()


def test_an_installation_is_compared_once(
    new_cache: Path, compared: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert opened_again(monkeypatch).path == opened_again(monkeypatch).path
    assert compared == ["compared"]


def test_another_text_of_the_binding_or_the_declarations_is_compared_anew(
    new_cache: Path, compared: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_again(monkeypatch)
    declared = libwasmtime._declarations.WASMTIME
    monkeypatch.setattr(libwasmtime._declarations, "WASMTIME", declared + " ")
    opened_again(monkeypatch)
    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read_bytes(path) + b"#" * (path.name == "_bindings.py"))
    opened_again(monkeypatch)
    assert compared == ["compared"] * 3


def test_what_was_found_different_is_not_remembered(new_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(libwasmtime, "_LAYOUTS", (*libwasmtime._LAYOUTS, ("wasmtime_val_t", "no_such_name")))
        for _ in range(2):
            with pytest.raises(BackendUnavailable, match="no_such_name is missing"):
                opened_again(patch)
    assert opened_again(monkeypatch).version.startswith(libwasmtime.SUPPORTED_MAJOR)


def test_a_library_that_is_gone_is_looked_for_again(
    new_cache: Path, compared: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = libwasmtime._Verdict.keep
    with monkeypatch.context() as patch:
        patch.setattr(libwasmtime._Verdict, "keep", lambda self, path: keep(self, path + ".gone"))
        opened_again(patch)
    opened_again(monkeypatch)
    assert compared == ["compared"] * 2


def test_another_major_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libwasmtime, "_opened", None)
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "51.0.0")
    with pytest.raises(BackendUnavailable, match=r"version 51\.0\.0 is installed"):
        libwasmtime.wasmtime_library()


def test_a_changed_layout_is_refused() -> None:
    import ctypes

    opened = libwasmtime.wasmtime_library()
    from wasmtime import _bindings

    class Larger(ctypes.Structure):
        _fields_ = (("anything", ctypes.c_uint8 * 40),)

    changed = types.SimpleNamespace(**{**vars(_bindings), "wasmtime_val": Larger})
    with pytest.raises(BackendUnavailable, match="wasmtime_val has 40 bytes"):
        libwasmtime.check_layout(opened.ffi, changed)
    lacking = types.SimpleNamespace(**{k: v for k, v in vars(_bindings).items() if k != "_wasmtime_module_new"})
    with pytest.raises(BackendUnavailable, match="wasmtime_module_new is missing"):
        libwasmtime.check_layout(opened.ffi, lacking)


# Leaks


def resident_kib() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise LookupError("VmRSS")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the process's size from /proc")
def test_launches_leave_nothing_behind(bench: Any) -> None:
    """Finished, trapped and cancelled ones; 300 launches of 9 processors that would leak megabytes at 1 KB each."""
    modules = [
        bench.module(f"static uint32_t table[3000]; void kernel_main() {{ table[L1(uint32_t, 0x2000)] = 1; {body} }}")
        for body in ("add(1, 2);", "block(1);", "__builtin_trap();")
    ]

    def launch() -> None:
        for core in range(3):
            for slot, module in enumerate(modules):
                processor = bench.start(module, core=core, slot=slot)
                with suppress(Trap):
                    processor.poll()
        bench.close()

    for _ in range(50):
        launch()
    mappings, before = len(Path("/proc/self/maps").read_text().splitlines()), resident_kib()
    for _ in range(300):
        launch()
    assert resident_kib() - before < 2048
    assert len(Path("/proc/self/maps").read_text().splitlines()) <= mappings + 4
