"""What the arrays of a compute kernel's functions take of the stack, from LLVM's IR.

Tile operations and vectors, which are instructions and registers on a card, have frames here too: so it is the kernel's
own arrays that count, and of them those that are left when the code was optimised.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SMALLEST = 64
"""Bytes from which on an array is looked at: less is kept in registers, or does not matter."""
_FUNCTION = re.compile(r'^define\b.*?@("[^"]*"|[\w.$]+)\(')
_VARIABLE = re.compile(r"^  %\S+ = alloca ((?:\[|%).*?), align \d+")
_CALL = re.compile(r"^  (?:%\S+ = )?(?:tail |musttail |notail )?call\b[^@]*@([\w.$]+)\(")
_STRUCT = re.compile(r'^(%(?:"[^"]*"|[\w.$:]+)) = type <?\{ (.*) \}>?$', re.M)
_ARRAY = re.compile(r"\[(\d+) x (.*)\]$")
_SCALARS = {"i1": 1, "i8": 1, "i16": 2, "half": 2, "bfloat": 2, "i32": 4, "float": 4, "ptr": 4, "i64": 8, "double": 8}
_OURS = re.compile(r"(_Z\w*?N[KVO]*(5tthal|7ckernel|4sfpi|3std|St)|__|llvm\.)")


@dataclass(frozen=True, slots=True)
class StackUse:
    """The most that a function and those that it calls take of the stack for arrays, in bytes."""

    function: str
    size: int


def arrays(unoptimised: str) -> Counter[str]:
    """Return the types of the arrays and structures in a kernel's own functions, and how many there are of each."""
    structs = _structs(unoptimised)
    found: Counter[str] = Counter()
    for name, lines in _functions(unoptimised):
        if not _OURS.match(name):
            found.update(kind for kind in _variables(lines) if _size(kind, structs) >= SMALLEST)
    return found


def size_of(kinds: Mapping[str, int], module: str) -> int:
    """Return the bytes of variables of some types, by how many there are of each."""
    structs = _structs(module)
    return sum(_size(kind, structs) * count for kind, count in kinds.items())


def deepest(optimised: str, kinds: Mapping[str, int]) -> StackUse:
    """Return the function that takes the most, with those that it calls; variables of other types are not its own."""
    structs = _structs(optimised)
    frames: dict[str, int] = {}
    calls: dict[str, set[str]] = {}
    for name, lines in _functions(optimised):
        own = Counter(kind for kind in _variables(lines) if kind in kinds)
        frames[name] = sum(_size(kind, structs) * min(count, kinds[kind]) for kind, count in own.items())
        calls[name] = {match[1] for line in lines if (match := _CALL.match(line))}

    def depth(name: str, callers: frozenset[str]) -> int:
        if name not in frames or name in callers:
            return 0
        return frames[name] + max((depth(callee, callers | {name}) for callee in calls[name]), default=0)

    return max((StackUse(name, depth(name, frozenset())) for name in frames), key=lambda use: use.size)


def _functions(module: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and lines of every function that is defined."""
    name, lines = "", list[str]()
    for line in module.splitlines():
        if match := _FUNCTION.match(line):
            name, lines = match[1].strip('"'), []
        elif line == "}" and name:
            yield name, lines
            name = ""
        else:
            lines.append(line)


def _variables(lines: list[str]) -> Iterator[str]:
    return (match[1] for line in lines if (match := _VARIABLE.match(line)))


def _structs(module: str) -> dict[str, str]:
    return dict(_STRUCT.findall(module))


def _size(kind: str, structs: Mapping[str, str]) -> int:
    """Bytes of a type, without padding between members; 0 where it has vectors in it, which are registers."""
    if kind in _SCALARS:
        return _SCALARS[kind]
    if array := _ARRAY.match(kind):
        return int(array[1]) * _size(array[2], structs)
    members = [_size(member, structs) for member in _members(structs.get(kind, ""))]
    return sum(members) if all(members) else 0


def _members(text: str) -> Iterator[str]:
    """Split a structure's members at the commas that are not within one."""
    depth, begin = 0, 0
    for place, letter in enumerate(text + ","):
        depth += letter in "[{<("
        depth -= letter in "]}>)"
        if letter == "," and depth == 0:
            if member := text[begin:place].strip():
                yield member
            begin = place + 1
