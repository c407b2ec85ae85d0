"""The compiled part can be built for the systems that it has never run on, and what can be run of it agrees."""

from __future__ import annotations

import dataclasses
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tthal.kit.cache import Cache
from tthal_emulator.compiler import Toolchain, find_toolchain
from tthal_emulator.execution.compiled import build

BEGINNINGS = {"linux": b"\x7fELF", "darwin": b"\xcf\xfa\xed\xfe", "win32": b"MZ"}
PRODUCTS = Path(__file__).resolve().parent / "products_there.cpp"
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
    part = build._own_part(build.FOLDER, "tthal_layout")
    library = build._build(part, toolchain, Cache(tmp_path / "cache"), "key").read_bytes()
    assert library.startswith(BEGINNINGS[system])
    assert b"tthal_layout" in library


RUNS_ON = {"x86_64": (), "aarch64": ("qemu-aarch64-static", "qemu-aarch64")}
"""By processor: what runs its programs here, one of these."""


def products_on(machine: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Build and run a program that multiplies tiles; return what it prints."""
    runners = [found for name in RUNS_ON[machine] if (found := shutil.which(name))]
    if RUNS_ON[machine] and not runners:
        pytest.skip(f"needs {' or '.join(RUNS_ON[machine])} (Debian: qemu-user-static)")
    toolchain = toolchain_for("linux", machine, monkeypatch)
    sources = [PRODUCTS, *build._own_part(build.FOLDER / "multiply", "").sources]
    includes = [f"-I{folder}" for folder in (build.FOLDER, build._INCLUDE)]
    for source in sources:
        command = [*toolchain.host_compiler, *build.FLAGS, *includes, "-c", str(source), "-o", f"{source.stem}.o"]
        subprocess.run(command, cwd=folder, check=True)
    linker = [part for part in toolchain.host_linker if part != "-shared"]
    objects = [f"{source.stem}.o" for source in sources]
    subprocess.run([*linker, "-static", *objects, "-o", "program"], cwd=folder, check=True)
    done = subprocess.run([*runners[:1], folder / "program"], capture_output=True, text=True, check=True, timeout=600)
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="runs programs of this system")
def test_tiles_are_multiplied_the_same_on_aarch64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here := tmp_path / "here").mkdir()
    (there := tmp_path / "there").mkdir()
    expected = products_on("x86_64", here, monkeypatch)
    assert len(expected) == len({line.split()[-1] for line in expected}) == 4 * 36 * 2 * 2 + 4 * 2
    assert products_on("aarch64", there, monkeypatch) == expected
