"""Where the compiler comes from, and what is said when it is not there."""

from __future__ import annotations

import importlib.util
import os
import shutil
import types
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tthal.errors import BackendUnavailable
from tthal_emulator.compiler import find_toolchain, probe, toolchain


def test_the_wheel_is_found_without_running_it() -> None:
    found = find_toolchain()
    assert found.name == "zig"
    assert found.version.startswith("ziglang ")
    assert Path(found.clang[0]).exists()
    assert all(Path(folder).is_dir() for folder in found.headers)
    status = probe()
    assert (status.available, status.version, status.location) == (True, found.version, found.clang[0])


def test_an_unknown_toolchain_names_the_known_ones() -> None:
    with pytest.raises(BackendUnavailable, match="zig, system"):
        find_toolchain("gcc")


def test_a_missing_wheel_comes_with_its_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BackendUnavailable, match=r"pip install 'ziglang>=0\.16'"):
        find_toolchain()
    status = probe()
    assert (status.available, status.fix) == (False, "pip install 'ziglang>=0.16'")
    assert "not installed" in status.reason


def test_an_empty_wheel_is_recognised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """pip installs a placeholder where no wheel fits the platform."""
    spec = types.SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    assert "incomplete" in probe().reason


def test_a_system_without_clang(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    status = probe("system")
    assert not status.available
    assert "no clang is on the PATH" in status.reason
    assert "clang, lld" in status.fix


@pytest.fixture
def system_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the PATH with a clang and a wasm-ld (the wheel's), and a sysroot in the form of wasi-libc's."""
    if os.name != "posix":
        pytest.skip("the tools are shell scripts")
    wheel = find_toolchain()
    tools, sysroot = tmp_path / "bin", tmp_path / "sysroot"
    tools.mkdir()
    own_headers = next(folder for folder in wheel.headers if folder.endswith("lib/include"))
    clang = (*wheel.clang, "-isystem", own_headers)
    for name, command in (("clang-19", clang), ("wasm-ld-19", wheel.linker)):
        script = tools / name
        script.write_text(f'#!/bin/sh\nexec {" ".join(command)} "$@"\n')
        script.chmod(0o700)
    include = sysroot / "include" / "wasm32-wasi"
    include.mkdir(parents=True)
    for folder in wheel.headers:
        if "libc/include" in folder:
            copy_links(Path(folder), include)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setattr(toolchain, "_SYSROOTS", (str(sysroot),))
    return tmp_path


def copy_links(source: Path, target: Path) -> None:
    for path in source.rglob("*.h"):
        link = target / path.relative_to(source)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to(path)


def test_a_versioned_system_clang_is_found(system_tools: Path) -> None:
    found = find_toolchain("system")
    assert found.clang == (str(system_tools / "bin" / "clang-19"),)
    assert found.linker == (str(system_tools / "bin" / "wasm-ld-19"),)
    assert found.version.startswith("clang version")


def test_a_system_clang_compiles_kernels(
    system_tools: Path, headers: Path, new_compiler: Callable[..., Any], request_for: Callable[..., Any]
) -> None:
    without_cpp = system_tools / "headers"  # the sysroot has a C library and no other
    shutil.copytree(headers, without_cpp)
    for name in ("standard_library.h", "usual_library.h"):
        (without_cpp / "tthal" / "language" / name).write_text("#pragma once\n")
    found, wheel = find_toolchain("system"), find_toolchain()
    # These are scripts over the wheel's programs: a real clang is made of the system's files.
    found = replace(found, parts=(*found.parts, "/bin", *wheel.parts), headers=(*found.headers, *wheel.headers))
    compiler = new_compiler(system_tools / "cache", toolchain=found, include_dirs=[without_cpp])
    source = "#include <string.h>\nvoid kernel_main() { block(strlen(__FILE__)); }"
    (module,) = compiler.compile_all([request_for(source)])
    assert "kernel_main" in module.exports


def test_a_clang_without_wasm_headers_says_so(system_tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "_SYSROOTS", (str(system_tools / "nowhere"),))
    status = probe("system")
    assert "no wasm32-wasi headers" in status.reason
    assert "libc++-dev-wasm32" in status.fix
