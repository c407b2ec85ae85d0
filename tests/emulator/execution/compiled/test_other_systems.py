"""The compiled part can be built for the systems that it has never run on, and what can be run of it agrees."""

from __future__ import annotations

import dataclasses
import os
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


RUNNERS = {
    ("linux", "x86_64"): ("", ()),
    ("linux", "aarch64"): ("qemu-user-static", ("qemu-aarch64-static", "qemu-aarch64")),
    ("win32", "AMD64"): ("wine64", ("wine64", "/usr/lib/wine/wine64")),
}
"""By system: Debian's package that runs its programs here, and what its command is called."""


def products_on(system: str, machine: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Build and run a program that multiplies tiles; return what it prints."""
    package, commands = RUNNERS[system, machine]
    runners = [found for name in commands if (found := shutil.which(name))]
    if package and not runners:
        pytest.skip(f"needs {' or '.join(commands)} (Debian: {package})")
    toolchain = toolchain_for(system, machine, monkeypatch)
    sources = [PRODUCTS, *build._own_part(build.FOLDER / "multiply", "").sources]
    includes = [f"-I{folder}" for folder in (build.FOLDER, build._INCLUDE)]
    for source in sources:
        command = [*toolchain.host_compiler, *build.FLAGS, *includes, "-c", str(source), "-o", f"{source.stem}.o"]
        subprocess.run(command, cwd=folder, check=True)
    linker = [part for part in toolchain.host_linker if part != "-shared"]
    objects = [f"{source.stem}.o" for source in sources]
    for_system = ("-lkernel32", "-Wl,--entry=start") if system == "win32" else ("-static",)
    subprocess.run([*linker, *objects, *for_system, "-o", "program.exe"], cwd=folder, check=True)
    command = [*runners[:1], str(folder / "program.exe")]
    environment = {**os.environ, "WINEPREFIX": str(folder / "wine"), "WINEDEBUG": "-all"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=600)
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="runs programs of this system")
@pytest.mark.parametrize(("system", "machine"), [("linux", "aarch64"), ("win32", "AMD64")])
def test_tiles_are_multiplied_the_same(
    system: str, machine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here := tmp_path / "here").mkdir()
    (there := tmp_path / "there").mkdir()
    expected = products_on("linux", "x86_64", here, monkeypatch)
    assert len(expected) == len({line.split()[-1] for line in expected}) == 4 * 36 * 2 * 2 + 36 * 2 * 2 + 4 * 2 * 2
    assert products_on(system, machine, there, monkeypatch) == expected
