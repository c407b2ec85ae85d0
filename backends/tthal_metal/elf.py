"""Reads the little that is needed from an ELF file: its machine and its build id."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tthal.errors import BackendUnavailable

X86_64 = 62
_PT_NOTE = 4
_NT_GNU_BUILD_ID = 3
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_NOTE = struct.Struct("<III")


@dataclass(frozen=True, slots=True)
class ElfIdentity:
    """The machine code of a 64-bit little-endian ELF file, and its build id in hexadecimal ("" when it has none)."""

    machine: int
    build_id: str


def identify(path: Path) -> ElfIdentity:
    """Read a shared library's identity.

    Raises:
        BackendUnavailable: it is no readable 64-bit little-endian ELF file.
    """
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _identify(data)
    except (OSError, ValueError, struct.error) as error:
        raise BackendUnavailable(
            f"{path} is not a shared library that can be read ({error}); point TTHAL_METAL_LIBRARY at libtt_metal.so, "
            "or at the folder of a ttnn package or of a TT-Metalium tree"
        ) from error


def _identify(data: mmap.mmap) -> ElfIdentity:
    ident, _, machine, _, _, segments, _, _, _, size, count, *_ = _HEADER.unpack_from(data)
    if ident[:6] != b"\x7fELF\x02\x01":
        raise ValueError("no 64-bit little-endian ELF file")
    for index in range(count):
        kind, _, offset, _, _, length, _, _ = _SEGMENT.unpack_from(data, segments + index * size)
        if kind == _PT_NOTE:
            for note_kind, name, description in _notes(data[offset : offset + length]):
                if note_kind == _NT_GNU_BUILD_ID and name == b"GNU\0":
                    return ElfIdentity(machine, description.hex())
    return ElfIdentity(machine, "")


def _notes(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    at = 0
    while at + _NOTE.size <= len(data):
        name_size, size, kind = _NOTE.unpack_from(data, at)
        start = at + _NOTE.size + (name_size + 3 & ~3)
        yield kind, data[at + _NOTE.size : at + _NOTE.size + name_size], data[start : start + size]
        at = start + (size + 3 & ~3)
