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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from tthal_emulator.boards import find_board
from tthal_emulator.compiler import find_toolchain, flags
from tthal_emulator.config_region import Processor
from tthal_emulator.device import INCLUDE_FOLDER
from tthal_emulator.engine import MemoryModel
from tthal_emulator.machine import Machine
from tthal_emulator.preamble import target_of

ROOT = Path(__file__).resolve().parents[2]
KERNEL_FOLDERS = ("tests/emulator", "conformance", "examples", "benchmarks")
INTERNAL = ("tthal", "detail", "impl_", "")
"""Namespaces that kernels have no business in; the last is the nameless one."""
BOARDS = ("n150", "p150")
"""One of each architecture: some operations exist on one only."""

_TOKEN = re.compile(
    r"[A-Za-z_]\w*|\d[\w.']*|::|->|\[\[|\]\]|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|<<=|>>=|<=>|[^\s\w]"
)
_LINE_MARKER = re.compile(r'^# \d+ "(?P<file>[^"]*)"')
_MACRO = re.compile(r"^#define ([A-Za-z]\w*)", re.MULTILINE)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_METHOD = re.compile(r"(?:\.|->|::)\s*(?:template\s+)?([A-Za-z_]\w*)")
_CLASS_WORDS = ("class", "struct", "union")
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
_OPENING = {"(": ")", "[": "]", "{": "}", "<": ">"}


class Kind(Enum):
    """What a name stands for."""

    FUNCTION = "function"
    METHOD = "method"
    TYPE = "type"
    CONSTANT = "constant"
    MACRO = "macro"


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


def declared_names(processor: Processor, headers: Iterable[str]) -> list[DeclaredName]:
    """Return what these headers, and those of ours that they include, declare for a kind of processor."""
    found: set[DeclaredName] = set()
    texts: dict[str, list[str]] = {}
    for board in BOARDS:
        read: dict[str, list[str]] = {}
        for header, line in _preprocessed(processor, headers, board):
            read.setdefault(header, []).append(line)
        for header, lines in read.items():
            texts.setdefault(header, []).append("\n".join(lines))
    for header, versions in texts.items():
        for text in dict.fromkeys(versions):
            found |= {DeclaredName(header, owner, name, kind.value) for owner, name, kind in _Reader(text)}
        for macro in _MACRO.findall((INCLUDE_FOLDER / header).read_text(encoding="utf-8")):
            if not macro.startswith("TTHAL_"):
                found.add(DeclaredName(header, "", macro, Kind.MACRO.value))
    return sorted(found)


def headers_below(*folders: str) -> list[str]:
    """Return the headers of folders of the include folder."""
    paths = (path for folder in folders for path in sorted((INCLUDE_FOLDER / folder).rglob("*.h*")))
    return [path.relative_to(INCLUDE_FOLDER).as_posix() for path in paths]


def _preprocessed(processor: Processor, headers: Iterable[str], board: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of our headers after preprocessing, each with the header it comes from."""
    toolchain = find_toolchain("zig")
    target = target_of(Machine(find_board(board)), processor)
    defines = [*flags.address_defines(MemoryModel.best(), target.slot), *target.defines]
    defines += [("NOC_INDEX", "0"), ("NOC_MODE", "0")]
    command = [*toolchain.clang, *toolchain.target, *flags.LANGUAGE, *flags.CODE, "-E", f"-I{INCLUDE_FOLDER}"]
    command += [f"-D{name}={value}" for name, value in defines]
    with tempfile.TemporaryDirectory() as folder:
        unit = Path(folder) / "unit.cpp"
        unit.write_text("".join(f"#include <{name}>\n" for name in (target.prelude, *headers)), encoding="utf-8")
        made = subprocess.run([*command, str(unit)], capture_output=True, text=True, check=True)
    current = ""
    for line in made.stdout.splitlines():
        marker = _LINE_MARKER.match(line)
        if marker is not None:
            path = Path(marker["file"])
            current = path.relative_to(INCLUDE_FOLDER).as_posix() if path.is_relative_to(INCLUDE_FOLDER) else ""
        elif current and not line.startswith("#"):
            yield current, line


class _Reader:
    """Reads declarations; knows as much C++ as our headers need."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._place = 0
        self._found: list[tuple[str, str, Kind]] = []

    def __iter__(self) -> Iterator[tuple[str, str, Kind]]:
        self._scope((), "")
        return iter(self._found)

    def _scope(self, spaces: tuple[str, ...], owner: str, public: bool = True) -> None:
        """Read declarations up to the end of a namespace or class."""
        statement: list[str] = []
        while self._place < len(self._tokens):
            token = self._tokens[self._place]
            self._place += 1
            if token == "}":
                return
            if token == ":" and statement and statement[-1] in ("public", "private", "protected"):
                public, statement = statement[-1] == "public", []
            elif token == ";":
                self._declare(statement, spaces, owner, public)
                statement = []
            elif token == "{":
                statement = self._block(statement, spaces, owner, public)
            else:
                statement.append(token)

    def _block(self, statement: list[str], spaces: tuple[str, ...], owner: str, public: bool) -> list[str]:
        """Read what follows a brace; return what of the statement is still open."""
        bare = _without_template(statement)
        if bare[:1] == ["namespace"] or bare[:2] == ["inline", "namespace"]:
            inner = tuple(token for token in bare if token not in ("namespace", "inline", "::")) or ("",)
            self._scope((*spaces, *inner), owner)
            return []
        if bare[:1] == ["extern"] and len(bare) == 2:
            self._scope(spaces, owner)
            return []
        kind = next((word for word in bare if word in (*_CLASS_WORDS, "enum", "(", "=", "operator")), "")
        if kind in _CLASS_WORDS:
            name, special = _class_name(bare)
            self._note(name, Kind.TYPE, spaces, owner, public)
            whole = "" if special and name == "noc_traits_t" else name
            self._scope(spaces if public and whole else (*spaces, "detail"), whole or name, kind != "class")
            return ["class"]
        self._skip("{")
        if kind == "enum":
            self._note(_class_name(bare)[0], Kind.TYPE, spaces, owner, public)
            return ["class"]
        if kind == "=" or _is_requirement(statement) or _starts_member(bare):
            return [*statement, "{}"]
        self._declare(statement, spaces, owner, public)
        return []

    def _skip(self, opening: str) -> None:
        depth = 1
        while depth and self._place < len(self._tokens):
            depth += {opening: 1, _OPENING[opening]: -1}.get(self._tokens[self._place], 0)
            self._place += 1

    def _declare(self, statement: list[str], spaces: tuple[str, ...], owner: str, public: bool) -> None:
        bare = _without_template(statement)
        first = bare[0] if bare else ""
        if not bare or first in ("friend", "static_assert", "typename", "class", "extern", "__extension__"):
            return
        if first in ("struct", "enum", "union") or (bare[-1] == "delete" and bare[-2] == "="):
            return
        if first == "using":
            if "=" in bare and bare[1] != "namespace":
                self._note(bare[1], Kind.TYPE, spaces, owner, public and not owner)
            return
        if first == "typedef":
            self._note(bare[-1], Kind.TYPE, spaces, owner, public)
            return
        function = _function_name(bare)
        if function:
            kind = Kind.METHOD if owner else Kind.FUNCTION
            if function != owner:
                self._note(function, kind, spaces, owner, public)
        elif not owner:
            for name in _variables(bare):
                self._note(name, Kind.CONSTANT, spaces, owner, public)

    def _note(self, name: str, kind: Kind, spaces: tuple[str, ...], owner: str, public: bool) -> None:
        if public and not any(space in INTERNAL for space in spaces) and _WORD.fullmatch(name):
            self._found.append((owner, name, kind))


def _without_template(statement: Sequence[str]) -> list[str]:
    """Drop template parameter lists, attributes and macros of attributes from the front of a declaration."""
    rest = list(statement)
    while rest and rest[0] in ("template", "[[", "__attribute__"):
        if rest[0] == "[[":
            rest = rest[rest.index("]]") + 1 :]
        else:
            rest = rest[_after_group(rest, 1) :]
    return rest


def _after_group(tokens: Sequence[str], start: int) -> int:
    """Return the place behind the brackets that open at ``start``."""
    opening, depth, inner = tokens[start], 0, 0
    for place in range(start, len(tokens)):
        token = tokens[place]
        if opening == "<" and token in "([":
            inner += 1
        elif opening == "<" and token in ")]":
            inner -= 1
        elif not inner:
            depth += {opening: 1, _OPENING[opening]: -1}.get(token, 0)
            if depth == 0:
                return place + 1
    return len(tokens)


def _class_name(bare: Sequence[str]) -> tuple[str, bool]:
    """Return a class's name, and whether it is a specialization."""
    rest = list(bare[next(i for i, word in enumerate(bare) if word in (*_CLASS_WORDS, "enum")) + 1 :])
    if rest[:1] == ["class"]:
        rest = rest[1:]
    while rest and rest[0] in ("[[", "__attribute__", "alignas"):
        rest = rest[rest.index("]]") + 1 :] if rest[0] == "[[" else rest[_after_group(rest, 1) :]
    return (rest[0] if rest else "", rest[1:2] == ["<"])


def _function_name(bare: Sequence[str]) -> str:
    """Return the name in front of the parameters of a function; nothing for a variable."""
    place = 0
    while place < len(bare):
        token = bare[place]
        if token == "operator":
            return "operator"
        if token == "=":
            return ""
        if token == "<":
            place = _after_group(bare, place)
            continue
        if token == "(":
            before = bare[place - 1] if place else ""
            if before not in ("requires", "decltype", "noexcept", "alignas", "__attribute__") and _WORD.fullmatch(
                before
            ):
                return "" if bare[place - 2] == "~" else before
            place = _after_group(bare, place)
            continue
        place += 1
    return ""


def _variables(bare: Sequence[str]) -> Iterator[str]:
    """Yield what a declaration of variables names: the last word before its value, its bounds, or a comma."""
    depth, name, named = 0, "", False
    for token in (*bare, ","):
        depth += {"(": 1, "<": 1, ")": -1, ">": -1}.get(token, 0)
        if token == "," and depth == 0:
            yield name
            name, named = "", False
        elif token in ("=", "[", "{}"):
            named = True
        elif depth == 0 and not named and _WORD.fullmatch(token):
            name = token


def _is_requirement(statement: Sequence[str]) -> bool:
    """Whether a brace opens a requires-expression, ``requires { … }`` or ``requires (…) { … }``."""
    if statement[-1:] == ["requires"]:
        return True
    if statement[-1:] != [")"]:
        return False
    depth = 0
    for place in range(len(statement) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(statement[place], 0)
        if depth == 0:
            return place > 0 and statement[place - 1] == "requires"
    return False


def _starts_member(bare: Sequence[str]) -> bool:
    """Whether a brace initializes: a member in a constructor's list, or a variable."""
    if not bare or not _WORD.fullmatch(bare[-1]) or bare[-1] in ("const", "noexcept", "override", "mutable"):
        return False
    return "(" not in bare or (":" in bare and bare.index(":") > bare.index("("))


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
            elif path.suffix == ".py" and path.name != Path(__file__).name:
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


def compiled_names(cache_folder: Path) -> frozenset[str]:
    """Return the functions that compiled kernels hold, inlined or not, by their debug information."""
    names: set[str] = set()
    for module in cache_folder.rglob("*.wasm"):
        for word in re.findall(rb"[A-Za-z_]\w*(?=[<\0])", module.read_bytes()):
            names.add(word.decode())
    return frozenset(names)


DATAFLOW = ("api/dataflow", "api/tensor", "api/debug", "api/numeric", "experimental", "internal", "noc")
"""Folders of the headers of data-movement kernels; with the prelude, all that they include comes along."""


def dataflow_names() -> list[DeclaredName]:
    """Return what the headers of data-movement kernels declare."""
    loose = ["api/alignment.h", "api/core_local_mem.h", "api/scratchpad.h", "api/semaphore.h", "api/lock.h"]
    headers = [name for name in headers_below(*DATAFLOW) if "llk" not in name]
    return declared_names(Processor.NCRISC, [*headers, *loose])


def compute_names() -> list[DeclaredName]:
    """Return what the headers of compute kernels declare."""
    return declared_names(Processor.TRISC, headers_below("api/compute"))


def main() -> None:
    """Print the names that kernels do not use, or, given a cache of compiled kernels, that none of them holds."""
    names = {"dataflow": dataflow_names, "compute": compute_names}[sys.argv[1]]()
    missing = unused(names)
    if len(sys.argv) > 2:
        functions = [name for name in names if name.kind in (Kind.FUNCTION.value, Kind.METHOD.value)]
        names = [name for name in functions if name.name != "operator"]
        held = compiled_names(Path(sys.argv[2]))
        missing = [name for name in names if name.name not in held]
    for name in missing:
        print(f"{name.header}: {name.kind} {name}")
    print(f"{len(missing)} of {len(names)}")


if __name__ == "__main__":
    main()
