"""Products of tiles have the same bits with every width of vectors, also with those that this machine does not have.

The widest form runs in Bochs, as an emulated Skylake-X that starts from a disk with nothing but the program on it.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tthal_emulator.compiler import find_toolchain
from tthal_emulator.execution.compiled import build

HERE = Path(__file__).resolve().parent
AVX512 = 2
"""The index of its flags, which is what `tthal_vector_form` returns there."""
LINES = 4 * 36 * 2 * 2 + 36 * 2 * 2 + 4 * 2 * 2
CYLINDERS, HEADS, SECTORS = 2, 16, 63
SETTINGS = f"""
config_interface: textconfig
display_library: term
cpu: model=corei7_skylake_x, ips=50000000, ignore_bad_msrs=1
memory: guest=128, host=128
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file={{screen}}
ata0-master: type=disk, path=disk, mode=flat, cylinders={CYLINDERS}, heads={HEADS}, spt={SECTORS}
boot: disk
com1: enabled=1, mode=file, dev=serial
log: log
panic: action=fatal
clock: sync=none
"""
NEEDED = {"bochs": "bochs, bochs-term, bochsbios, vgabios", "script": "bsdutils"}
"""By command: Debian's packages."""
SCREEN = Path("/usr/share/vgabios/vgabios.bin")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() != "x86_64", reason="runs programs of this system"
    ),
]


def compile_products(form: int, folder: Path, *options: str) -> list[str]:
    """Compile what multiplies tiles for some vectors, and the program that calls it; return the objects."""
    toolchain = find_toolchain()
    sources = [HERE / "products_there.cpp", *build._own_part(build.FOLDER / "multiply", "").sources]
    sources.append(build.FOLDER / "vector_form.cpp")
    includes = [f"-I{each}" for each in (build.FOLDER, build._INCLUDE)]
    flags = [*build.FLAGS, *build.VECTOR_FLAGS[form], "-DTTHAL_PRINTS_FORM", *options, *includes]
    for source in sources:
        command = [*toolchain.host_compiler, *flags, "-c", str(source), "-o", f"{source.stem}.o"]
        subprocess.run(command, cwd=folder, check=True)
    return [f"{source.stem}.o" for source in sources]


def products_here(form: int, folder: Path) -> list[str]:
    """Return what the program prints on this machine."""
    linker = [part for part in find_toolchain().host_linker if part != "-shared"]
    subprocess.run([*linker, *compile_products(form, folder), "-static", "-o", "program"], cwd=folder, check=True)
    done = subprocess.run([folder / "program"], capture_output=True, text=True, check=True, timeout=600)
    return done.stdout.splitlines()


def write_disk(objects: Sequence[str], folder: Path) -> None:
    """Link a program for a processor alone, and write the disk that it starts from."""
    compiler = find_toolchain().host_compiler
    subprocess.run([*compiler, "-c", str(HERE / "bare_metal.S"), "-o", "boot.o"], cwd=folder, check=True)
    link = [compiler[0], "ld.lld", "-T", str(HERE / "bare_metal.ld"), "boot.o", *objects, "-o", "bare"]
    subprocess.run(link, cwd=folder, check=True)
    subprocess.run([compiler[0], "objcopy", "-O", "binary", "bare", "disk"], cwd=folder, check=True)
    size = CYLINDERS * HEADS * SECTORS * 512
    with (folder / "disk").open("r+b") as disk:
        assert len(disk.read()) <= size
        disk.truncate(size)


def products_in_bochs(form: int, folder: Path) -> list[str]:
    """Return what the program prints on an emulated processor that has all vectors."""
    for command, packages in NEEDED.items():
        if shutil.which(command) is None:
            pytest.skip(f"needs {command} (Debian: {packages})")
    if not SCREEN.exists():
        pytest.skip(f"needs {SCREEN} (Debian: vgabios)")
    write_disk(compile_products(form, folder, "-DTTHAL_BARE", "-mno-red-zone"), folder)
    (folder / "settings").write_text(SETTINGS.format(screen=SCREEN))
    (folder / "commands").write_text("c\n")
    # It wants a terminal, and its input open.
    run = ["script", "-qefc", "bochs -q -f settings -rc commands", "/dev/null"]
    terminal = {**os.environ, "TERM": "xterm"}
    with (folder / "screen").open("wb") as screen:
        subprocess.run(run, cwd=folder, env=terminal, stdin=subprocess.PIPE, stdout=screen, check=False, timeout=1200)
    assert "shutdown requested" in (folder / "log").read_text(errors="replace"), "it did not come to its end"
    return (folder / "serial").read_text().splitlines()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return products_here(0, tmp_path_factory.mktemp("plain"))


def test_all_products_differ(plain: list[str]) -> None:
    first, *lines = plain
    assert first.startswith("form ")
    assert len(lines) == len({line.split()[-1] for line in lines}) == LINES


def test_avx2_gives_the_same(plain: list[str], tmp_path: Path) -> None:
    if plain[0] == "form 0":
        pytest.skip("this processor has no AVX2")
    assert products_here(1, tmp_path) == plain


def test_avx512_gives_the_same(plain: list[str], tmp_path: Path) -> None:
    assert products_in_bochs(AVX512, tmp_path) == [f"form {AVX512}", *plain[1:]]
