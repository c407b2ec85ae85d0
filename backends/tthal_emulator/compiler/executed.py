"""Kernels that count what their own code executes: what is done to their LLVM code between two passes of the compiler.

At the end of every basic block come additions to counters in the kernel library, which observers hear of with the next
event. Counted is what stands in the kernel's own files, as instructions of a small in-order processor: what only names
a value or goes into the instruction behind it is none. What device headers do is not counted, but for the load of an
argument, which is all that it costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FUNCTION = re.compile(r"^define [^\n]*?@([\w.$]+)\(.*?^}$", re.MULTILINE | re.DOTALL)
_METADATA = re.compile(
    r"^!(\d+) = (?:distinct )?!DI(Location|Subprogram|LexicalBlock|LexicalBlockFile|File)\((.*)\)$", re.M
)
_SCOPE, _FILE, _NAME = re.compile(r"\bscope: !(\d+)"), re.compile(r"\bfile: !(\d+)"), re.compile(r'filename: "([^"]*)"')
_CALLED = re.compile(r'\bname: "([^"]*)"')
_PLACE = re.compile(r"!dbg !(\d+)")
_INSTRUCTION = re.compile(r"^  (?:(%[^\s=]+) = )?(?:tail |musttail |notail )?(\w+)")
_LABEL = re.compile(r"^[\w.$-]+:")
_BLOCK_COPY = re.compile(r"@(?:llvm\.)?(memcpy|memmove|memset)\b[\w.]*\((.*?), i(32|64) (?:noundef )?([%\w.]+)")
_POINTER = re.compile(r"ptr [^,]*?(%[\w.]+|@[\w.$]+|\bnull|inttoptr \([^)]*\))")
_VARIABLE_INDEX = re.compile(r", i(?:32|64) %")
_ENTRIES = ("kernel_main", "__tt_compute_main")
_OURS = ("<", "tthal_kernel_unit")
_ARGUMENTS = frozenset({"runtime_arg", "common_runtime_arg"})
_TERMINATORS = frozenset({"br", "ret", "switch", "unreachable"})
# They name a value anew, or are part of the instruction that uses them.
_FREE = frozenset(
    (
        "phi", "bitcast", "inttoptr", "ptrtoint", "freeze", "zext", "trunc", "icmp", "alloca", "extractvalue",
        "insertvalue", "unreachable", "fence", "ret", "addrspacecast", "fneg",
    )
)  # fmt: skip
_COSTLY = {"mul": 2, "select": 3, "sext": 2, "switch": 4}
_DIVISIONS = frozenset({"udiv", "sdiv", "urem", "srem"})
_DECLARATIONS = """
@tthal_executed = external hidden global <4 x i32>, align 16
declare void @tthal_copied(ptr, ptr, i32)
declare void @tthal_executed_all()
"""


@dataclass(slots=True)
class _Counts:
    """Of one basic block, in the order of the kernel library's counters."""

    instructions: int = 0
    loads: int = 0
    stores: int = 0
    divisions: int = 0

    def words(self) -> tuple[int, int, int, int]:
        return self.instructions, self.loads, self.stores, self.divisions


def count_executed(code: str) -> str:
    """Return LLVM code in which the kernel's own code counts what it executes."""
    places = _places(code)
    parts, done, number = [], 0, 0
    for function in _FUNCTION.finditer(code):
        parts.append(code[done : function.start()])
        counted = list(_counted(function[0].split("\n"), places, function[1] in _ENTRIES, number))
        number += len(counted)
        parts.append("\n".join(counted))
        done = function.end()
    return "".join([*parts, code[done:], _DECLARATIONS])


@dataclass(frozen=True, slots=True)
class _Places:
    """Places (!DILocation) by what stands there: the kernel's own code, or a header's that fetches an argument."""

    own: frozenset[str]
    arguments: frozenset[str]


def _places(code: str) -> _Places:
    """A place belongs to its innermost scope."""
    kinds: dict[str, tuple[str, str]] = {found[1]: (found[2], found[3]) for found in _METADATA.finditer(code)}

    def origin(number: str | None) -> tuple[str, str]:
        """File and function."""
        function = ""
        for _ in range(64):
            kind, fields = kinds.get(number or "", ("", ""))
            name = (_NAME if kind == "File" else _CALLED).search(fields)
            if kind == "File":
                return (name[1] if name else "", function)
            if kind == "Subprogram" and name and not function:
                function = name[1]
            link = (_SCOPE if kind == "Location" else _FILE).search(fields) or _SCOPE.search(fields)
            if link is None:
                return "", ""
            number = link[1]
        return "", ""

    found = {number: origin(number) for number, (kind, _) in kinds.items() if kind == "Location"}
    return _Places(
        own=frozenset(number for number, (file, _) in found.items() if file and not file.startswith(_OURS)),
        arguments=frozenset(number for number, (_, function) in found.items() if function in _ARGUMENTS),
    )


def _counted(lines: Iterable[str], places: _Places, is_entry: bool, number: int) -> Iterator[str]:
    counts, local = _Counts(), set[str]()
    for line in lines:
        found = _INSTRUCTION.match(line)
        if found is None or line.startswith("    "):
            if _LABEL.match(line):
                counts = _Counts()
            yield line
            continue
        name, operation = found[1], found[2]
        place = _PLACE.search(line)
        if operation == "alloca" or (operation == "getelementptr" and _is_local(line, local)):
            local.add(name)
        if place is not None and place[1] in places.own:
            number += 1
            yield from _copies(line, number)
            _add(counts, operation, line, local)
        elif place is not None and place[1] in places.arguments and operation == "load":
            counts.loads += ", ptr %" in line  # where they lie is known: no other load of it is the card's
        if operation in _TERMINATORS:
            number += 1
            yield from _additions(counts, number)
            if is_entry and operation == "ret":
                yield "  call void @tthal_executed_all()"
        yield line


def _is_local(line: str, local: set[str]) -> bool:
    found = _POINTER.search(line)
    return found is not None and (found[1] in local or found[1].startswith("@"))


def _add(counts: _Counts, operation: str, line: str, local: set[str]) -> None:
    if operation in ("load", "store"):
        if _is_local(line, local):
            counts.instructions += 2
        elif operation == "load":
            counts.loads += 1
        else:
            counts.stores += 1
    elif operation in _DIVISIONS:
        counts.divisions += 1
    elif operation == "br":
        counts.instructions += " label %" in line and "br i1" in line
    elif operation == "getelementptr":
        counts.instructions += (1 if " i8, " in line else 2) if _VARIABLE_INDEX.search(line) else 0
    elif operation == "call":
        counts.instructions += 0 if "@llvm." in line or "asm " in line else 2
    elif operation not in _FREE:
        counts.instructions += _COSTLY.get(operation, 1)


def _copies(line: str, number: int) -> Iterator[str]:
    found = _BLOCK_COPY.search(line)
    if found is None or " call " not in f" {line.strip()} ":
        return
    pointers = _POINTER.findall(found[2])
    target = pointers[0] if pointers else "null"
    source = pointers[1] if found[1] != "memset" and len(pointers) > 1 else target
    size = found[4]
    if found[3] == "64":
        yield f"  %tthal.size.{number} = trunc i64 {size} to i32"
        size = f"%tthal.size.{number}"
    yield f"  call void @tthal_copied(ptr {target}, ptr {source}, i32 {size})"


def _additions(counts: _Counts, number: int) -> Iterator[str]:
    words = counts.words()
    if not any(words):
        return
    constant = ", ".join(f"i32 {word}" for word in words)
    yield f"  %tthal.before.{number} = load <4 x i32>, ptr @tthal_executed, align 16"
    yield f"  %tthal.after.{number} = add <4 x i32> %tthal.before.{number}, <{constant}>"
    yield f"  store <4 x i32> %tthal.after.{number}, ptr @tthal_executed, align 16"
