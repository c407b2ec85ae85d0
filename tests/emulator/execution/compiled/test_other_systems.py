"""The compiled part can be built for the systems that it has never run on."""

from __future__ import annotations

import dataclasses
import platform
import sys
from pathlib import Path

import pytest

from tthal.kit.cache import Cache
from tthal_emulator.compiler import Toolchain, find_toolchain
from tthal_emulator.execution.compiled import build

BEGINNINGS = {"linux": b"\x7fELF", "darwin": b"\xcf\xfa\xed\xfe", "win32": b"MZ"}
SYSTEMS = [
    ("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "x86_64"), ("darwin", "arm64"), ("win32", "AMD64"),
    ("win32", "ARM64"),
]  # fmt: skip


def toolchain_for(system: str, machine: str, monkeypatch: pytest.MonkeyPatch) -> Toolchain:
    """The wheel's toolchain, as it is found there."""
    here = find_toolchain()
    with monkeypatch.context() as there:
        there.setattr(sys, "platform", system)
        there.setattr(platform, "machine", lambda: machine)
        found = find_toolchain()
    return dataclasses.replace(here, host_compiler=found.host_compiler, host_linker=found.host_linker)


@pytest.mark.slow
@pytest.mark.parametrize(("system", "machine"), SYSTEMS)
def test_the_compiled_part_is_built(system: str, machine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toolchain = toolchain_for(system, machine, monkeypatch)
    part = build._Part(build.FOLDER, "tthal_layout")
    library = build._build(part, toolchain, Cache(tmp_path / "cache"), "key").read_bytes()
    assert library.startswith(BEGINNINGS[system])
    assert b"tthal_layout" in library
