"""The zip file around a trace, restricted to what a trace needs: local entries, their scan, and the directory.

Only stored and deflated entries exist, sizes stand in the local headers, and every date is the first one zip knows, so
equal recordings are equal files. Layouts: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tthal.errors import TraceFormatError

STORED = 0
DEFLATED = 8
CHUNK = 1 << 20

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_EXTRA = struct.Struct("<2H")
_LOCAL_MAGIC = b"PK\x03\x04"
_CENTRAL_MAGIC = b"PK\x01\x02"
_END_MAGIC = b"PK\x05\x06"
_END64_MAGIC = b"PK\x06\x06"
_LOCATOR64_MAGIC = b"PK\x06\x07"
MAGICS = frozenset({_CENTRAL_MAGIC, _END_MAGIC, _END64_MAGIC})
"""What follows the last entry of a finished zip."""
_DATE = 0x21  # 1980-01-01
_VERSION, _VERSION64 = 20, 45
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_ZIP64_ID = 1
_LONGEST_NAME = 128
_LONGEST_RECORD = _CENTRAL.size + 3 * _FULL16


class NoDirectory(TraceFormatError):
    """The file does not end like a zip: it is unfinished, cut off, or something else."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in the zip; ``offset`` is where its local header starts, sizes are bytes."""

    name: str
    method: int
    crc: int
    stored_size: int
    size: int
    offset: int


# ---------------------------------------------------------------------------------------------- writing


def local_header(entry: Entry, always64: bool = False) -> bytes:
    """Return the header that stands before an entry's bytes."""
    large = always64 or max(entry.size, entry.stored_size) >= _FULL32
    extra = _EXTRA.pack(_ZIP64_ID, 16) + struct.pack("<2Q", entry.size, entry.stored_size) if large else b""
    sizes = (_FULL32, _FULL32) if large else (entry.stored_size, entry.size)
    name = entry.name.encode("ascii")
    version = _VERSION64 if large else _VERSION
    return (
        _LOCAL.pack(_LOCAL_MAGIC, version, 0, entry.method, 0, _DATE, entry.crc, *sizes, len(name), len(extra))
        + name
        + extra
    )


def central_header(entry: Entry) -> bytes:
    """Return an entry's record in the directory."""
    values = (entry.size, entry.stored_size, entry.offset)
    wide = [value for value in values if value >= _FULL32]
    extra = _EXTRA.pack(_ZIP64_ID, 8 * len(wide)) + struct.pack(f"<{len(wide)}Q", *wide) if wide else b""
    size, stored_size, offset = (min(value, _FULL32) for value in values)
    name = entry.name.encode("ascii")
    version = _VERSION64 if wide else _VERSION
    record = _CENTRAL.pack(
        *(_CENTRAL_MAGIC, version, version, 0, entry.method, 0, _DATE, entry.crc, stored_size, size),
        *(len(name), len(extra), 0, 0, 0, 0, offset),
    )
    return record + name + extra


def end_of_directory(count: int, size: int, offset: int) -> bytes:
    """Return what closes the file: the directory's place and length."""
    short = _END.pack(
        *(_END_MAGIC, 0, 0, min(count, _FULL16), min(count, _FULL16), min(size, _FULL32), min(offset, _FULL32), 0)
    )
    if count < _FULL16 and size < _FULL32 and offset < _FULL32:
        return short
    long = _END64.pack(_END64_MAGIC, _END64.size - 12, _VERSION64, _VERSION64, 0, 0, count, count, size, offset)
    return long + _LOCATOR64.pack(_LOCATOR64_MAGIC, 0, offset + size, 1) + short


def write_all(file: io.FileIO, data: bytes | bytearray | memoryview) -> None:
    """Write every byte to an unbuffered file."""
    view = memoryview(data).cast("B")
    while view:
        view = view[file.write(view) :]


# ---------------------------------------------------------------------------------------------- scanning


def read_exactly(file: BinaryIO | io.FileIO, offset: int, size: int) -> bytes:
    """Return ``size`` bytes from ``offset``, fewer at the end of the file."""
    file.seek(offset)
    parts = []
    while size > 0 and (part := file.read(min(size, CHUNK))):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def entry_at(file: BinaryIO | io.FileIO, offset: int) -> tuple[Entry, int] | None:
    """Return the entry whose local header stands at ``offset`` and where its bytes start; None if there is none."""
    head = read_exactly(file, offset, _LOCAL.size + _LONGEST_NAME + _EXTRA.size + 16)
    if len(head) < _LOCAL.size:
        return None
    magic, _, flags, method, _, _, crc, stored, size, name_size, extra_size = _LOCAL.unpack_from(head)
    start = _LOCAL.size + name_size
    if magic != _LOCAL_MAGIC or flags & ~0x0806 or name_size > _LONGEST_NAME or start + extra_size > len(head):
        return None
    name = head[_LOCAL.size : start]
    if stored == _FULL32 or size == _FULL32:
        if extra_size < 20:
            return None
        size, stored = struct.unpack_from("<2Q", head, start + _EXTRA.size)
    if not name.isascii():
        return None
    return Entry(name.decode("ascii"), method, crc, stored, size, offset), offset + start + extra_size


def scan(file: BinaryIO | io.FileIO, end: int) -> Iterator[tuple[Entry, int]]:
    """Walk the entries from the start of the file, as far as they follow each other without a gap.

    Their bytes are not looked at; an entry that reaches past ``end`` is not returned.
    """
    offset = 0
    while (found := entry_at(file, offset)) is not None:
        entry, start = found
        if start + entry.stored_size > end:
            return
        yield entry, start
        offset = start + entry.stored_size


def expand(file: BinaryIO | io.FileIO, entry: Entry, start: int) -> Iterator[bytes]:
    """Yield an entry's bytes in chunks, checking length and CRC.

    Raises:
        TraceFormatError: the entry is damaged or expands past its stated size.
    """
    crc, total = 0, 0
    for chunk in _inflated(file, entry, start) if entry.method == DEFLATED else _raw(file, entry, start):
        total += len(chunk)
        if total > entry.size:
            raise TraceFormatError(f"{entry.name} expands past its stated {entry.size} bytes")
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if total != entry.size:
        raise TraceFormatError(f"{entry.name} is cut off: {total} of {entry.size} bytes are there")
    if crc != entry.crc:
        raise TraceFormatError(f"{entry.name} is damaged: its CRC is {crc:08x}, the directory says {entry.crc:08x}")


def _raw(file: BinaryIO | io.FileIO, entry: Entry, start: int) -> Iterator[bytes]:
    position, end = start, start + entry.stored_size
    while position < end:
        chunk = read_exactly(file, position, min(CHUNK, end - position))
        if not chunk:
            return
        position += len(chunk)
        yield chunk


def _inflated(file: BinaryIO | io.FileIO, entry: Entry, start: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-15)
    try:
        for chunk in _raw(file, entry, start):
            yield inflater.decompress(chunk, CHUNK)
            while inflater.unconsumed_tail:
                yield inflater.decompress(inflater.unconsumed_tail, CHUNK)
        yield inflater.flush()
    except zlib.error as error:
        raise TraceFormatError(f"{entry.name} is damaged: {error}") from error


# ---------------------------------------------------------------------------------------------- the directory


def write_directory(file: io.FileIO, entries: Iterable[Entry], offset: int) -> None:
    """Write the directory at ``offset`` and close the zip behind it; ``entries`` may read from the same file."""
    count = written = 0
    pending = bytearray()
    for entry in entries:
        pending += central_header(entry)
        count += 1
        if len(pending) > CHUNK:
            file.seek(offset + written)
            write_all(file, pending)
            written += len(pending)
            pending = bytearray()
    file.seek(offset + written)
    write_all(file, pending + end_of_directory(count, written + len(pending), offset))


def read_directory(file: BinaryIO | io.FileIO, length: int) -> Iterator[Entry]:
    """Yield the directory of a finished file.

    Raises:
        TraceFormatError: there is none, or it does not hold together.
    """
    count, size, offset, end = _locate_directory(file, length)
    if offset + size > end or count * _CENTRAL.size > size:
        raise TraceFormatError("the zip directory is damaged: it does not fit the file")
    position, read_to = offset, offset + size
    buffer, used = b"", 0
    for _ in range(count):
        if len(buffer) - used < _LONGEST_RECORD and position < read_to:
            more = read_exactly(file, position, min(CHUNK, read_to - position))
            buffer, used, position = buffer[used:] + more, 0, position + len(more)
        entry, used = _central_entry(buffer, used)
        if entry.offset + _LOCAL.size + len(entry.name) + entry.stored_size > offset:
            raise TraceFormatError(f"the zip directory is damaged: {entry.name} lies outside the file")
        yield entry
    if used < len(buffer) or position < read_to:
        raise TraceFormatError("the zip directory is damaged: bytes are left behind its last entry")


def _locate_directory(file: BinaryIO | io.FileIO, length: int) -> tuple[int, int, int, int]:
    """Return (entries, bytes, offset) of the directory and where it must end."""
    tail_start = max(0, length - _END.size)
    tail = read_exactly(file, tail_start, _END.size)
    if len(tail) < _END.size or tail[:4] != _END_MAGIC:
        raise NoDirectory("no zip directory at the end of the file")
    _, disk, first, here, count, size, offset, comment = _END.unpack(tail)
    if disk or first or comment or here != count:
        raise TraceFormatError("the zip directory is damaged: its last record is inconsistent")
    if count != _FULL16 and size != _FULL32 and offset != _FULL32:
        return count, size, offset, tail_start
    return _locate_directory64(file, tail_start)


def _locate_directory64(file: BinaryIO | io.FileIO, tail_start: int) -> tuple[int, int, int, int]:
    locator = read_exactly(file, max(0, tail_start - _LOCATOR64.size), _LOCATOR64.size)
    if len(locator) < _LOCATOR64.size or locator[:4] != _LOCATOR64_MAGIC:
        raise TraceFormatError("the zip directory is damaged: its 64-bit locator is missing")
    place = _LOCATOR64.unpack(locator)[2]
    record = read_exactly(file, place, _END64.size) if place < tail_start else b""
    if len(record) < _END64.size or record[:4] != _END64_MAGIC:
        raise TraceFormatError("the zip directory is damaged: its 64-bit record is missing")
    count, size, offset = _END64.unpack(record)[7:]
    return count, size, offset, place


def _central_entry(buffer: bytes, at: int) -> tuple[Entry, int]:
    """Return the directory record at ``at`` and where the next one starts."""
    if len(buffer) - at < _CENTRAL.size or buffer[at : at + 4] != _CENTRAL_MAGIC:
        raise TraceFormatError("the zip directory is damaged: an entry is missing")
    fields = _CENTRAL.unpack_from(buffer, at)
    flags, method, crc, stored, size, offset = fields[3], fields[4], *fields[7:10], fields[16]
    name_size, extra_size, comment_size = fields[10:13]
    name_at = at + _CENTRAL.size
    extra_at = name_at + name_size
    following = extra_at + extra_size + comment_size
    raw_name = buffer[name_at:extra_at]
    if following > len(buffer) or not raw_name.isascii() or not raw_name.decode("ascii").isprintable():
        raise TraceFormatError("the zip directory is damaged: an entry is cut off or has no readable name")
    name = raw_name.decode("ascii")
    if flags & 0x2041 or method not in (STORED, DEFLATED):
        raise TraceFormatError(f"{name} is encrypted or compressed by a method that a trace does not use")
    size, stored, offset = _widened((size, stored, offset), buffer[extra_at : extra_at + extra_size])
    return Entry(name, method, crc, stored, size, offset), following


def _widened(values: tuple[int, int, int], extra: bytes) -> tuple[int, int, int]:
    """Replace the values that did not fit 32 bits by those in the zip64 field."""
    wide = _zip64_values(extra)
    full = [next(wide, _FULL32) if value == _FULL32 else value for value in values]
    return full[0], full[1], full[2]


def _zip64_values(extra: bytes) -> Iterator[int]:
    position = 0
    while position + _EXTRA.size <= len(extra):
        kind, size = _EXTRA.unpack_from(extra, position)
        position += _EXTRA.size
        if kind == _ZIP64_ID:
            body = extra[position : position + size]
            yield from struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8])
        position += size


def data_start(file: BinaryIO | io.FileIO, entry: Entry) -> int:
    """Return where the bytes of an entry of the directory start.

    Raises:
        TraceFormatError: no matching local header stands there.
    """
    head = read_exactly(file, entry.offset, _LOCAL.size)
    if len(head) == _LOCAL.size and head[:4] == _LOCAL_MAGIC:
        sizes: tuple[int, int] = _LOCAL.unpack(head)[9:11]
        name_at = entry.offset + _LOCAL.size
        if read_exactly(file, name_at, sizes[0]) == entry.name.encode("ascii"):
            return name_at + sum(sizes)
    raise TraceFormatError(f"{entry.name} is damaged: the directory and the entry itself disagree")
