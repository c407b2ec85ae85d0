"""Stands in for the vendor's kernel compiler on a mock device, where nothing runs: checks a little, links nothing.

It answers ``--version``, writes every command line to ``commands.log`` beside itself, resolves the kernel's own
``#include "..."`` lines over the given folders, reports ``#error`` lines as gcc does, sleeps where a kernel says
``#pragma sleep SECONDS``, and "links" to the smallest ELF file that the library takes.
"""

from __future__ import annotations

import re
import struct
import sys
import time
from pathlib import Path

HOME = Path(sys.argv[0]).resolve().parent
TEXT = struct.pack("<I", 0x00008067)  # ret
ADDRESS = 0x5000


def elf() -> bytes:
    """An RV32 executable: one segment, a symbol table, and relocations for its text, which the library insists on."""
    names = b"\0.text\0.shstrtab\0.symtab\0.strtab\0.rela.text\0"
    text = 52 + 32
    strings = text + len(TEXT)
    symbols = -(-(strings + len(names)) // 4) * 4
    symbol_names = symbols + 16
    sections = -(-(symbol_names + 1) // 4) * 4
    head = b"\x7fELF\x01\x01\x01" + bytes(9)
    head += struct.pack("<HHIIIIIHHHHHH", 2, 243, 1, ADDRESS, 52, sections, 0, 52, 32, 1, 40, 6, 2)
    head += struct.pack("<8I", 1, text, ADDRESS, ADDRESS, len(TEXT), len(TEXT), 5, 4)
    body = (head + TEXT + names).ljust(symbols, b"\0") + bytes(16) + b"\0"
    table = bytes(40)
    for row in (
        (1, 1, 6, ADDRESS, text, len(TEXT), 0, 0, 4, 0),
        (7, 3, 0, 0, strings, len(names), 0, 0, 1, 0),
        (17, 2, 0, 0, symbols, 16, 4, 1, 4, 16),
        (25, 3, 0, 0, symbol_names, 1, 0, 0, 1, 0),
        (33, 4, 0, 0, symbols, 0, 3, 1, 4, 12),
    ):
        table += struct.pack("<10I", *row)
    return body.ljust(sections, b"\0") + table


def generated_sources() -> list[Path]:
    """The files that the library generates to include the kernel: ``kernel_includes.hpp``, ``chlkc_*.cpp``."""
    return [*Path("..").glob("kernel_includes.hpp"), *Path("..").glob("chlkc_*.cpp"), *Path(".").glob("chlkc_*.cpp")]


def kernels() -> list[Path]:
    found = []
    for source in generated_sources():
        found += [Path(name) for name in re.findall(r'#include "([^"]+\.cpp)"', source.read_text()) if name[0] == "/"]
    return found


def problem(kernel: Path, folders: list[Path]) -> str:
    for number, line in enumerate(kernel.read_text().splitlines(), 1):
        wait = re.match(r"#pragma sleep (\d+)", line)
        if wait:
            time.sleep(int(wait[1]))
        error = re.match(r"#error (.*)", line)
        if error:
            return f"{kernel}:{number}:2: error: #error {error[1]}"
        include = re.match(r'#include "([^"]+)"', line)
        if include and not any((folder / include[1]).is_file() for folder in (kernel.parent, *folders)):
            return f"{kernel}:{number}:10: fatal error: {include[1]}: No such file or directory"
    return ""


def main(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print((HOME / "sfpi-release").read_text().strip())
        return 0
    with (HOME / "commands.log").open("a") as log:
        log.write(" ".join(arguments) + "\n")
    output = Path(arguments[arguments.index("-o") + 1])
    if "-MF" in arguments:
        Path(arguments[arguments.index("-MF") + 1]).write_text(f"{output}:\n")
    if "-c" not in arguments:
        output.write_bytes(elf())
        return 0
    folders = [Path(argument[2:]) for argument in arguments if argument.startswith("-I") and len(argument) > 2]
    if "-DFW_BUILD" in arguments:
        print("the stand-in compiles no firmware: error: no firmware", file=sys.stderr)
        return 1
    for kernel in kernels():
        text = problem(kernel, folders)
        if text:
            print(text, file=sys.stderr)
            return 1
    output.write_bytes(b"")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
