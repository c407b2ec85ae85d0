"""What the device headers declare, and which of it the kernels of this repository use.

A header set is preprocessed as a kernel of one kind of processor would see it, then read declaration by declaration:
functions, public methods, classes, namespace-scope constants, and the headers' own macros. Names in the namespaces
``tthal`` and ``detail`` are ours to use, not a kernel's. A name counts as used when a kernel's text in tests,
conformance programs, examples or benchmarks holds it; a method when the file mentions its class as well.

That is text. What was really compiled into a kernel stands in its debug information. After a test run with a fresh
``TTHAL_CACHE_DIR`` this names what no kernel holds (constant expressions and types leave no trace there):

    python tests/emulator/declared_names.py dataflow $TTHAL_CACHE_DIR
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from header_reader import HeaderReader, Kind

from tthal_emulator.board.boards import find_board
from tthal_emulator.board.machine import Machine
from tthal_emulator.compiler import Cache, DeviceHeaders, find_toolchain, flags
from tthal_emulator.device import INCLUDE_FOLDER
from tthal_emulator.engine import MemoryModel
from tthal_emulator.program.config_region import RiscType
from tthal_emulator.program.preamble import processor_defines, target_of

ROOT = Path(__file__).resolve().parents[2]
KERNEL_FOLDERS = ("tests/emulator", "conformance", "examples", "benchmarks")
NO_KERNELS = ("declared_names.py", "test_inventory.py")
"""Files whose strings are about names."""
BOARDS = ("n150", "p150")
"""One of each architecture: some operations exist on one only."""

_LINE_MARKER = re.compile(r'^# \d+ "(?P<file>[^"]*)"')
_MACRO = re.compile(r"^#define ([A-Za-z]\w*)", re.MULTILINE)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_METHOD = re.compile(r"(?:\.|->|::)\s*(?:template\s+)?([A-Za-z_]\w*)")
_MENTIONS = {
    "AbstractTensorAccessorWrapper": "make_abstract_tensor_accessor_wrappers",
    "AccessorPage": "pages",
    "DfbScopedLock": "DataflowBuffer",
    "DistributionSpec": "dspec",
    "Page": "pages",
    "Pages": "pages",
    "PagesAddressIterator": "pages",
    "ShardPage": "shard_pages",
    "ShardPages": "shard_pages",
    "ShardPagesAddressIterator": "shard_pages",
}
"""Classes whose objects come out of functions: the word that stands for the class."""


@dataclass(frozen=True, slots=True, order=True)
class DeclaredName:
    """A name that kernels can use, by the header that declares it; ``owner`` is a method's class."""

    header: str
    owner: str
    name: str
    kind: str

    def __str__(self) -> str:
        return f"{self.owner}::{self.name}" if self.owner else self.name


# ---- what headers declare


def declared_names(risc: RiscType, headers: Iterable[str]) -> list[DeclaredName]:
    """Return what these headers, and those of ours that they include, declare for a kind of processor."""
    found: set[DeclaredName] = set()
    texts: dict[str, list[str]] = {}
    for board in BOARDS:
        read: dict[str, list[str]] = {}
        for header, line in _preprocessed(risc, headers, board):
            read.setdefault(header, []).append(line)
        for header, lines in read.items():
            texts.setdefault(header, []).append("\n".join(lines))
    for header, versions in texts.items():
        for text in dict.fromkeys(versions):
            found |= {DeclaredName(header, owner, name, kind.value) for owner, name, kind in HeaderReader(text)}
        for macro in _MACRO.findall((INCLUDE_FOLDER / header).read_text(encoding="utf-8")):
            if not macro.startswith("TTHAL_"):
                found.add(DeclaredName(header, "", macro, Kind.MACRO.value))
    return sorted(found)


def headers_below(*folders: str) -> list[str]:
    """Return what kernels can include below folders of the include folder."""
    return [name for name in DeviceHeaders([INCLUDE_FOLDER]).names if name.startswith(tuple(f"{f}/" for f in folders))]


def _preprocessed(risc: RiscType, headers: Iterable[str], board: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of our headers after preprocessing, each with the header it comes from."""
    toolchain = find_toolchain("zig")
    target = target_of(Machine(find_board(board)), risc)
    defines = [*flags.address_defines(MemoryModel.best(), target.slot), *target.defines]
    defines += [("NOC_INDEX", "0"), ("NOC_MODE", "0"), *(() if risc is RiscType.TRISC else processor_defines(risc))]
    command = [*toolchain.clang, *toolchain.target, *flags.LANGUAGE, *flags.CODE, "-E"]
    command += [f"-D{name}={value}" for name, value in defines]
    device = DeviceHeaders([INCLUDE_FOLDER])
    with tempfile.TemporaryDirectory() as folder:
        command += [*device.search_options(), *device.name_options(Cache(Path(folder)))]
        unit = Path(folder) / "unit.cpp"
        unit.write_text("".join(f"#include <{name}>\n" for name in (target.prelude, *headers)), encoding="utf-8")
        made = subprocess.run([*command, str(unit)], capture_output=True, text=True, check=True)
    current = ""
    for line in made.stdout.splitlines():
        marker = _LINE_MARKER.match(line)
        if marker is not None:
            path = Path(marker["file"])
            current = path.relative_to(INCLUDE_FOLDER).as_posix() if path.is_relative_to(INCLUDE_FOLDER) else ""
            if current:
                yield current, ""
        elif current and not line.startswith("#"):
            yield current, line


# ---- what kernels use


@dataclass(frozen=True, slots=True)
class KernelText:
    """The kernels of one file: the words, and those that follow a dot, an arrow or a scope."""

    words: frozenset[str]
    members: frozenset[str]


@cache
def kernel_texts() -> tuple[KernelText, ...]:
    """Read the kernels of the repository: C++ files, and the string constants of Python files."""
    texts = []
    for folder in KERNEL_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".cpp", ".h", ".hpp"):
                texts.append(path.read_text(encoding="utf-8"))
            elif path.suffix == ".py" and path.name not in NO_KERNELS:
                texts.append("\n".join(_strings(ast.parse(path.read_text(encoding="utf-8")))))
    plain = [_COMMENT.sub(" ", text) for text in texts]
    return tuple(KernelText(frozenset(_WORD.findall(t)), frozenset(_METHOD.findall(t))) for t in plain)


def _strings(tree: ast.Module) -> Iterator[str]:
    """Yield the string constants of a Python file that are no docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def unused(names: Iterable[DeclaredName]) -> list[DeclaredName]:
    """Return the names that no kernel of the repository uses; operators cannot be told by their text: left out."""
    texts = kernel_texts()
    return [name for name in names if name.name != "operator" and not any(_uses(text, name) for text in texts)]


def _uses(text: KernelText, name: DeclaredName) -> bool:
    if name.kind == Kind.METHOD.value:
        return name.name in text.members and _MENTIONS.get(name.owner, name.owner) in text.words
    return name.name in text.words


def held_by_modules(names: Iterable[DeclaredName], cache_folder: Path) -> set[str]:
    """Return which names the debug information of compiled kernels holds. Linkers let a name share the end of another's
    text, so ``push_back`` may stand there as the end of ``cb_push_back``.
    """
    missing, found = {name.name for name in names}, set()
    for module in cache_folder.rglob("*.wasm"):
        content = module.read_bytes()
        found |= {name for name in missing if f"{name}\0".encode() in content or f"{name}<".encode() in content}
        missing -= found
    return found


DATAFLOW = (
    "api/dataflow",
    "api/tensor",
    "api/debug",
    "api/numeric",
    "experimental",
    "internal",
    "noc",
    "tt-metalium",
    "ttnn",
    "cpp",
    "hostdevcommon",
)
"""Folders of the headers of data-movement kernels; with the prelude, all that they include comes along."""


def dataflow_names() -> list[DeclaredName]:
    """Return what the headers of data-movement kernels declare."""
    loose = [
        "api/alignment.h",
        "api/remote_circular_buffer.h",
        "api/core_local_mem.h",
        "api/scratchpad.h",
        "api/semaphore.h",
        "api/lock.h",
    ]
    headers = [name for name in headers_below(*DATAFLOW) if "llk" not in name]
    return declared_names(RiscType.NCRISC, [*headers, *loose])


def compute_names() -> list[DeclaredName]:
    """Return what the headers of compute kernels declare."""
    return declared_names(RiscType.TRISC, headers_below("api/compute"))


def main() -> None:
    """Print the names that kernels do not use, or, given a cache of compiled kernels, that none of them holds."""
    names = {"dataflow": dataflow_names, "compute": compute_names}[sys.argv[1]]()
    missing = unused(names)
    if len(sys.argv) > 2:
        functions = [name for name in names if name.kind in (Kind.FUNCTION.value, Kind.METHOD.value)]
        names = [name for name in functions if name.name != "operator"]
        held = held_by_modules(names, Path(sys.argv[2]))
        missing = [name for name in names if name.name not in held]
    for name in missing:
        print(f"{name.header}: {name.kind} {name}")
    print(f"{len(missing)} of {len(names)}")


if __name__ == "__main__":
    main()
