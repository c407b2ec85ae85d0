"""Compiling a kernel takes so much memory and time and no more, and the error says which it was."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tthal.errors import CompileError
from tthal_emulator.compiler import Compiler, find_toolchain, tools
from tthal_emulator.compiler.limits import Limits
from tthal_emulator.options import Options

MAKE = Callable[..., Compiler]
REQUEST = Callable[..., Any]
FINE = "void kernel_main() { block(1); }"
MANY_TEMPLATES = """
template <int N, int M> struct A { static constexpr int v = A<N - 1, M>::v + A<N - 1, M + (1 << N)>::v; };
template <int M> struct A<0, M> { static constexpr int v = M; };
int x = A<24, 0>::v;
void kernel_main() {}"""
"""Ends at last, after some minutes and gigabytes."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of other processes are Linux's")


def test_memory_is_limited(new_compiler: MAKE, request_for: REQUEST) -> None:
    compiler = new_compiler(limits=Limits(memory=200 << 20))
    with pytest.raises(CompileError, match=r"more than 200 MB of memory .*compile_memory=MB"):
        compiler.compile_all([request_for(MANY_TEMPLATES)])
    compiler.compile_all([request_for(FINE)])


@pytest.mark.parametrize("origin", ["compile_seconds", "timeout"])
def test_time_is_limited(new_compiler: MAKE, request_for: REQUEST, origin: str) -> None:
    compiler = new_compiler(limits=Limits(seconds=1, origin=origin))
    with pytest.raises(CompileError, match=rf"more than 1 s of processor time .*{origin}=SECONDS"):
        compiler.compile_all([request_for(MANY_TEMPLATES)])
    compiler.compile_all([request_for(FINE)])


def test_a_launchs_time_covers_compiling() -> None:
    assert Options(timeout=2).compile_limits == Limits(2, origin="timeout")
    assert Options(timeout=0).compile_limits == Options(timeout=900).compile_limits == Limits()
    assert Options(compile_seconds=0, timeout=0, compile_memory=0).compile_limits == Limits(0, 0)


def test_words_are_kept_up_to_a_limit(
    new_compiler: MAKE, request_for: REQUEST, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "MOST_WORDS", 1 << 12)
    warnings = "".join(f"#warning {'w' * 500}\n" for _ in range(200))
    with pytest.raises(CompileError, match="does not compile") as caught:
        new_compiler().compile_all([request_for(f"{warnings}#error these are my words\n")])
    assert len(str(caught.value)) < 1 << 13


def test_a_shell_sets_them_where_nobody_else_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    command = Limits(seconds=7, memory=1 << 30).command(
        ["/bin/sh", "-c", "ulimit -t; ulimit -v; echo $0 $1", "a b", "c"]
    )
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == f"7\n{1 << 20}\na b c\n"


def test_undefined_names_are_told_up_to_a_number(compiler: Compiler, request_for: REQUEST) -> None:
    """Each used to be looked for in the whole text."""
    names = range(2_000)
    source = "\n".join(f"void nowhere_{n}(int);" for n in names)
    source += "\nvoid kernel_main() {\n" + "\n".join(f"nowhere_{n}({n});" for n in names) + "\n}"
    with pytest.raises(CompileError) as caught:
        compiler.compile_all([request_for(source)])
    assert len(caught.value.diagnostics) == 20
    for each in caught.value.diagnostics:
        assert "is declared but defined nowhere" in each.message
        assert each.location is not None
        assert each.location.line > len(names)


def test_code_is_limited(new_compiler: MAKE, request_for: REQUEST, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tthal_emulator.compiler.compiler.MOST_CODE", 4 << 10)
    many = "".join(f"block(add({n}, {n}));" for n in range(2000))
    with pytest.raises(CompileError, match=r"the kernel has \d+ KB of code; up to 4 KB are translated"):
        new_compiler().compile_all([request_for(f"void kernel_main() {{ {many} }}")])
    new_compiler().compile_all([request_for(FINE)])


@pytest.mark.skipif(os.name != "posix", reason="needs a shell script as compiler")
def test_a_compiler_that_only_waits_is_ended_by_the_clock(
    new_compiler: MAKE, request_for: REQUEST, tmp_path: Path
) -> None:
    wheel = find_toolchain()
    script = tmp_path / "waits"
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *kernel_unit*) exec sleep 600;; esac\nexec {" ".join(wheel.clang)} "$@"\n'
    )
    script.chmod(0o700)
    waits = replace(wheel, clang=(str(script),), parts=(*wheel.parts, "/bin", "/usr", str(script)))
    with pytest.raises(CompileError, match="processor time"):
        new_compiler(tmp_path / "cache", toolchain=waits, limits=Limits(seconds=0.1)).compile_all([request_for(FINE)])
