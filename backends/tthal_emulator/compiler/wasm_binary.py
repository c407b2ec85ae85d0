"""What is read from linked wasm, and the one edit that it needs for the shared memory model.

wasm-ld's own ``--shared-memory`` moves the static data into code that runs once per memory, so a second launch would
find the first one's values. Marking the imported memory as shared afterwards keeps the plain data segments, which are
written at every instantiation.
"""

from __future__ import annotations

from collections.abc import Iterator

_HEADER = 8
_CUSTOM_SECTION = 0
_CODE_SECTION = 10
_IMPORT_SECTION = 2
_GLOBAL_SECTION = 6
_MEMORY = 2
_HAS_MAXIMUM = 1
_SHARED = 2
_TABLE = 1
_GLOBAL = 3


def sections(wasm: bytes) -> Iterator[tuple[int, int, int]]:
    """List a module's sections: kind, and the positions at which the content begins and ends."""
    position = _HEADER
    while position < len(wasm):
        size, content = read_unsigned(wasm, position + 1)
        yield wasm[position], content, content + size
        position = content + size


def code_section(wasm: bytes) -> tuple[int, int]:
    """Where the code section's content begins and ends; (0, 0) without code."""
    return next(((start, end) for kind, start, end in sections(wasm) if kind == _CODE_SECTION), (0, 0))


def custom_sections(wasm: bytes) -> dict[str, bytes]:
    """The custom sections' contents, by name."""
    found = {}
    for kind, start, end in sections(wasm):
        if kind == _CUSTOM_SECTION:
            length, name = read_unsigned(wasm, start)
            found[wasm[name : name + length].decode()] = wasm[name + length : end]
    return found


def share_imported_memory(wasm: bytes) -> bytes:
    """Set the shared bit in the type of the memory that a module imports.

    Raises:
        ValueError: the module imports no memory with a maximum.
    """
    for section, content, _ in sections(wasm):
        if section == _IMPORT_SECTION:
            flags = _memory_flags(wasm, content)
            return wasm[:flags] + bytes([_HAS_MAXIMUM | _SHARED]) + wasm[flags + 1 :]
    raise ValueError("the module imports nothing")


def count_globals(wasm: bytes) -> int:
    """Return how many globals a module defines; linked C++ has one, the stack pointer."""
    return sum(read_unsigned(wasm, content)[0] for section, content in _sections(wasm) if section == _GLOBAL_SECTION)


def _sections(wasm: bytes) -> Iterator[tuple[int, int]]:
    """Yield every section's id and where its content begins."""
    position = _HEADER
    while position < len(wasm):
        size, content = read_unsigned(wasm, position + 1)
        yield wasm[position], content
        position = content + size


def _memory_flags(wasm: bytes, position: int) -> int:
    """The position of the limits' flags of the imported memory."""
    count, position = read_unsigned(wasm, position)
    for _ in range(count):
        for _name in range(2):
            length, position = read_unsigned(wasm, position)
            position += length
        kind = wasm[position]
        position += 1
        if kind == _MEMORY:
            if wasm[position] != _HAS_MAXIMUM:
                raise ValueError("the imported memory has no maximum")
            return position
        position = _skip_type(wasm, kind, position)
    raise ValueError("the module imports no memory")


def _skip_type(wasm: bytes, kind: int, position: int) -> int:
    if kind == _GLOBAL:
        return position + 2
    if kind == _TABLE:
        has_maximum = wasm[position + 1] & _HAS_MAXIMUM
        position += 2
        for _ in range(1 + has_maximum):
            _, position = read_unsigned(wasm, position)
        return position
    return read_unsigned(wasm, position)[1]


def read_unsigned(data: bytes, position: int) -> tuple[int, int]:
    """Read a LEB128 number; returns it and the position after it."""
    value = shift = 0
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
