"""Stands in for the vendor's kernel compiler, riscv-tt-elf-g++, with Debian's riscv64-unknown-elf-g++.

Installed by ``prepare.py`` as ``runtime/sfpi/compiler/bin/riscv-tt-elf-g++`` of a runtime root. It translates the
options that only the vendor's gcc knows. Kernels that use the vector unit do not compile: the builtins are missing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMPILER = "riscv64-unknown-elf-g++"
NEWLIB = "/usr/include/newlib"
LIBSTDCXX = f"{NEWLIB}/c++/12.2.1"
LIBGCC = "/usr/lib/gcc/riscv64-unknown-elf/12.2.0/rv32im/ilp32"
LIBRARIES = "/usr/lib/picolibc/riscv64-unknown-elf/lib/rv32im/ilp32"
LIBRARIES_RELEASE = "/usr/lib/picolibc/riscv64-unknown-elf/lib/release/rv32im/ilp32"
MACHINE = ["-march=rv32im_zicsr", "-mabi=ilp32"]

# Not understood by stock gcc, or turned off because its diagnostics differ.
DROPPED = ("-ftt-", "-flto", "-misa-spec", "-mtune", "-Werror", "-Wno-error", "-mcpu=", "-std=")
CPU_MACROS = {
    "-mcpu=tt-wh": ["-D__riscv_xttwh=1"],
    "-mcpu=tt-wh-tensix": ["-D__riscv_xttwh=1", "-D__riscv_xtttensixwh=1"],
    "-mcpu=tt-bh": ["-D__riscv_xttbh=1"],
    "-mcpu=tt-bh-tensix": ["-D__riscv_xttbh=1", "-D__riscv_xtttensixbh=1"],
}


def version() -> str:
    """The first line enters the library's build key, so it has to name the release that the wheel expects."""
    return Path(__file__).with_name("sfpi-release").read_text().strip()


def compile_options(arguments: list[str]) -> list[str]:
    include = str(Path(os.path.realpath(__file__)).parent / "include")
    options = [
        *MACHINE, "-std=c++20", "-mstrict-align", "-fno-lto", "-w", "-fpermissive", "-nostdinc++",
        "-ffunction-sections", "-fno-rtti", "-fno-threadsafe-statics",
        "-fno-jump-tables",  # the library refuses the relocations of jump tables
        "-Dstatic_assert(...)=",  # gcc 12 rejects static_assert(false) in templates that are never instantiated
        "-include", f"{include}/tt_prelude.h", "-I", include,
        "-isystem", LIBSTDCXX, "-isystem", f"{LIBSTDCXX}/arm-none-eabi", "-isystem", f"{LIBSTDCXX}/backward",
        "-isystem", NEWLIB,
    ]  # fmt: skip
    # Kernels bind to the firmware's variables by name: those must survive the firmware's own link.
    if "-DFW_BUILD" not in arguments:
        options.append("-fdata-sections")
    for argument in arguments:
        options += CPU_MACROS.get(argument, [])
    return options


def link_options() -> tuple[list[str], list[str]]:
    keep = str(Path(os.path.realpath(__file__)).parent / "keep.o")
    return [
        *MACHINE, "-nostdlib", "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments",
    ], [
        keep, "-Wl,-u,__tthal_keep",  # the library wants a .data section and stock ld drops an empty one
        *(f"-L{folder}" for folder in (LIBGCC, LIBRARIES, LIBRARIES_RELEASE)),
        "-Wl,--start-group", "-lgcc", "-lc", "-Wl,--end-group",
    ]  # fmt: skip


def main(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print(version())
        return 0
    kept = [argument for argument in arguments if not argument.startswith(DROPPED) and argument != "-Wall"]
    if any(option in arguments for option in ("-c", "-x", "-E")):
        command = [COMPILER, *compile_options(arguments), *kept]
    else:
        before, after = link_options()
        command = [COMPILER, *before, *kept, *after]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
