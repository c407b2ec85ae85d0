"""Builds a folder in which the real libtt_metal.so runs kernels on a simulated card, from registry parts only.

    python tests/metal/simulated_card/prepare.py WHEEL_FOLDER TARGET [--arch wormhole|blackhole]

WHEEL_FOLDER is an unpacked ``ttnn`` wheel. TARGET gets a runtime root (links into the wheel, a stand-in for the
vendor's compiler, rebuilt start-up objects), a virtual environment with the simulator ``wolfpine``, and
``environment-ARCH.json`` with the variables a program needs. It takes about half a minute; where the same was prepared
before, nothing is done. Needed beforehand on Debian 12:

    apt-get install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf libstdc++-arm-none-eabi-newlib
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf libstdc++-arm-none-eabi-newlib"
SIMULATOR = "wolfpine==2.2"

# The wheel's own objects are in a newer gcc's LTO format; these are their sources, below tt_metal/hw.
REBUILT = {
    "substitutes.o": "toolchain/substitutes.cpp",
    "noc.o": "firmware/src/tt-1xx/{arch}/noc.c",
    "tdma_xmov.o": "firmware/src/tt-1xx/tdma_xmov.c",
}
CHIP = {"wormhole": "wormhole_b0", "blackhole": "blackhole"}
CPU = {"wormhole": "tt-wh", "blackhole": "tt-bh"}
DEFINE = {"wormhole": "ARCH_WORMHOLE", "blackhole": "ARCH_BLACKHOLE"}
FIRMWARE = ["-DTENSIX_FIRMWARE", "-DLOCAL_MEM_EN=0", "-DFW_BUILD"]


def missing_parts() -> str:
    """Say what is not installed here, "" when everything is."""
    if shutil.which("riscv64-unknown-elf-g++") is None or not Path("/usr/include/newlib/c++/12.2.1").is_dir():
        return f"no RISC-V compiler for the stand-in: apt-get install {PACKAGES}"
    return ""


def link_tree(source: Path, target: Path, own: set[str]) -> None:
    """Mirror a folder by links, except the names in ``own``, which the caller makes itself."""
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        link = target / entry.name
        if entry.name not in own and not link.exists():
            link.symlink_to(entry)


def make_root(package: Path, root: Path) -> None:
    link_tree(package, root, {"tt_metal", "runtime"})
    link_tree(package / "tt_metal", root / "tt_metal", set())
    link_tree(package / "runtime", root / "runtime", {"hw", "sfpi"})
    link_tree(package / "runtime/hw", root / "runtime/hw", {"lib"})
    for arch in (package / "runtime/hw/lib").iterdir():
        link_tree(arch, root / "runtime/hw/lib" / arch.name, set(REBUILT))


def sfpi_release(package: Path) -> str:
    """The version line of the compiler that the wheel was built for, from its ``sfpi-version`` file."""
    lines = (package / "tt_metal/sfpi-version").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if line.startswith("sfpi_") and "=" in line)
    number, build = values["sfpi_version"].strip("'"), values["sfpi_build"].strip("'")
    return f"riscv-tt-elf-g++ (tenstorrent/sfpi:{number}[{build}]) 15.1.0"


def install_compiler(package: Path, root: Path) -> Path:
    home = root / "runtime/sfpi/compiler/bin"
    home.mkdir(parents=True, exist_ok=True)
    shutil.copytree(HERE / "include", home / "include", dirs_exist_ok=True)
    (home / "sfpi-release").write_text(sfpi_release(package) + "\n")
    # -S and -E: a kernel compiles in many small processes, so the interpreter has to start fast and alone.
    body = (HERE / "compiler.py").read_text()
    compiler = home / "riscv-tt-elf-g++"
    compiler.write_text(f"#!{os.path.realpath(sys.executable)} -SE\n{body}")
    compiler.chmod(0o755)
    keep = '__asm__(".section .data,\\"aw\\"\\n.globl __tthal_keep\\n.align 2\\n__tthal_keep: .word 1\\n");'
    (home / "keep.cpp").write_text(keep)
    subprocess.run(
        ["riscv64-unknown-elf-g++", "-march=rv32im", "-mabi=ilp32", "-c", home / "keep.cpp", "-o", home / "keep.o"],
        check=True,
    )
    return compiler


def rebuild_objects(package: Path, root: Path, compiler: Path, arch: str) -> None:
    hw, chip = package / "tt_metal/hw", CHIP[arch]
    internal = hw / "inc/internal/tt-1xx"
    includes = [
        hw / "inc", hw / "firmware/src/tt-1xx", internal, internal / arch, internal / arch / f"{chip}_defines",
        internal / arch / "noc", package / f"tt_metal/tt-llk/tt_llk_{chip}/common/inc",
        package / "tt_metal/hostdevcommon/api", package / "tt_metal/api", package,
    ]  # fmt: skip
    for name, source in REBUILT.items():
        command: list[str | Path] = [
            compiler,
            f"-mcpu={CPU[arch]}",
            "-Os",
            "-fno-exceptions",
            *FIRMWARE,
            f"-D{DEFINE[arch]}",
        ]
        for include in includes:
            command += ["-I", include]
        target = root / "runtime/hw/lib" / arch / name
        subprocess.run([*command, "-c", hw / source.format(arch=arch), "-o", target], check=True)


def install_simulator(target: Path) -> Path:
    """Return the interpreter of a virtual environment that has the simulator."""
    home = target / "simulator"
    python = home / "bin/python"
    if not (home / "installed").exists():
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", SIMULATOR], check=True)
        (home / "installed").write_text(SIMULATOR)
    return python


def environment(target: Path, root: Path, cache: Path, python: Path, arch: str) -> dict[str, str]:
    simulator = next((target / "simulator/lib").glob("python3*/site-packages")) / "framework/sim" / arch
    return {
        "TT_METAL_SIMULATOR": str(simulator),
        "WOLFPINE_PYTHON": str(python),
        # With its description beside the simulator, coordinates are translated as on a card.
        "TT_METAL_MOCK_CLUSTER_DESC_PATH": str(simulator / "cluster_descriptor.yaml"),
        "TT_METAL_SLOW_DISPATCH_MODE": "1",
        "TT_METAL_RUNTIME_ROOT": str(root),
        "TT_METAL_CACHE": str(cache),
    }


def recipe(wheel: Path, arch: str) -> str:
    """Return a digest of all that decides what is prepared."""
    found = hashlib.sha256(f"{wheel} {arch} {os.path.realpath(sys.executable)}".encode())
    for path in [HERE / "prepare.py", HERE / "compiler.py", *sorted((HERE / "include").rglob("*"))]:
        found.update(path.read_bytes() if path.is_file() else b"")
    return found.hexdigest()


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Keep other processes from preparing the same folder meanwhile."""
    target.mkdir(parents=True, exist_ok=True)
    with (target / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(wheel: Path, target: Path, arch: str = "wormhole") -> dict[str, str]:
    """Build the folder, unless it is there already, and return the environment variables to run with."""
    problem = missing_parts()
    if problem:
        raise SystemExit(problem)
    record = target / f"environment-{arch}.json"
    with locked(target):
        wanted = recipe(wheel, arch)
        found = json.loads(record.read_text()) if record.is_file() else {}
        if found.get("recipe") != wanted:
            variables = build(wheel / "ttnn", target, arch)
            record.write_text(json.dumps({"recipe": wanted, "variables": variables}, indent=1))
            return variables
        kept: dict[str, str] = found["variables"]
        return kept


def build(package: Path, target: Path, arch: str) -> dict[str, str]:
    root, cache = target / f"root-{arch}", target / f"cache-{arch}"
    # Older links may lead into another wheel, and what was compiled may come from another compiler.
    for folder in (root, cache):
        shutil.rmtree(folder, ignore_errors=True)
    make_root(package, root)
    compiler = install_compiler(package, root)
    rebuild_objects(package, root, compiler, arch)
    return environment(target, root, cache, install_simulator(target), arch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--arch", choices=sorted(CPU), default="wormhole")
    arguments = parser.parse_args()
    for name, value in prepare(arguments.wheel.resolve(), arguments.target.resolve(), arguments.arch).items():
        print(f"export {name}={value}")


if __name__ == "__main__":
    main()
