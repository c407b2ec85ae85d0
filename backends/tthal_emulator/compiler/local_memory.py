"""What a kernel asks of its processor's local memory: static data, known when its object is made, and its stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .wasm_binary import custom_sections, read_unsigned

STACK_LEFT = 256
"""Bytes of stack that a kernel needs at least."""

_SEGMENTS, _SYMBOLS = 5, 8  # subsections of "linking" (WebAssembly tool conventions, Linking.md)
_DATA, _SECTION = 1, 3
_UNDEFINED, _EXPLICIT_NAME = 0x10, 0x40
_OURS = re.compile(r"_Z\w*?N[KVO]*(5tthal|7ckernel|4sfpi|3std|St)")
_CONSTANT = (".rodata",)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a kernel that lives as long as the kernel; ``size`` in bytes."""

    name: str
    size: int


def static_data(unit: bytes) -> list[Variable]:
    """Return the kernel's own variables in an object file, the largest first; constants are left out."""
    linking = custom_sections(unit).get("linking")
    if linking is None:
        return []
    parts = dict(_subsections(linking))
    segments = enumerate(_segments(parts.get(_SEGMENTS, b"")))
    constant = {number for number, name in segments if name.startswith(_CONSTANT)}
    found = [
        Variable(plain_name(name), size)
        for name, segment, size in _data_symbols(parts.get(_SYMBOLS, b""))
        if segment not in constant and not _OURS.match(name)
    ]
    return sorted(found, key=lambda variable: -variable.size)


def _subsections(linking: bytes) -> Iterator[tuple[int, bytes]]:
    _, position = read_unsigned(linking, 0)
    while position < len(linking):
        kind = linking[position]
        size, start = read_unsigned(linking, position + 1)
        yield kind, linking[start : start + size]
        position = start + size


def _name(data: bytes, position: int) -> tuple[str, int]:
    length, start = read_unsigned(data, position)
    return data[start : start + length].decode(errors="replace"), start + length


def _segments(data: bytes) -> Iterator[str]:
    if not data:
        return
    count, position = read_unsigned(data, 0)
    for _ in range(count):
        name, position = _name(data, position)
        for _field in range(2):
            _, position = read_unsigned(data, position)
        yield name


def _data_symbols(data: bytes) -> Iterator[tuple[str, int, int]]:
    """Yield name, segment and size of every variable that a symbol table defines."""
    if not data:
        return
    count, position = read_unsigned(data, 0)
    for _ in range(count):
        kind = data[position]
        flags, position = read_unsigned(data, position + 1)
        if kind == _DATA:
            name, position = _name(data, position)
            if not flags & _UNDEFINED:
                segment, position = read_unsigned(data, position)
                _, position = read_unsigned(data, position)
                size, position = read_unsigned(data, position)
                yield name, segment, size
            continue
        _, position = read_unsigned(data, position)
        if kind != _SECTION and (not flags & _UNDEFINED or flags & _EXPLICIT_NAME):
            _, position = _name(data, position)


def plain_name(symbol: str) -> str:
    """The last name of a mangled symbol."""
    position, name = 0, symbol
    while match := re.compile(r"(\d+)").search(symbol, position):
        length = int(match[1])
        candidate = symbol[match.end() : match.end() + length]
        if len(candidate) == length and re.fullmatch(r"[A-Za-z_]\w*", candidate):
            name, position = candidate, match.end() + length
        else:
            position = match.end()
    return name
