"""Turns scanned entries into a finished trace: joins the journal, adds the manifest and the directory."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

from tthal.trace import container
from tthal.trace.codec import encode
from tthal.trace.container import DEFLATED, Entry
from tthal.trace.locking import HEADER_NAME
from tthal.trace.schema import Manifest

BLOB_FOLDER = "blobs/"
JOURNAL_FOLDER = "journal/"
CALLS_NAME = "calls.jsonl"
MANIFEST_NAME = "manifest.json"


def is_call(entry: Entry) -> bool:
    """Whether a scanned entry is one journalled call."""
    return entry.name.startswith(JOURNAL_FOLDER) and entry.name != HEADER_NAME


def seal(file: io.FileIO, end: int, manifest: Manifest) -> None:
    """Finish the file whose entries end at ``end``; whatever lies behind is cut off."""
    file.truncate(end)
    calls, position = _write_calls(file, end)
    summary, position = _write_manifest(file, position, encode(manifest))
    container.write_directory(file, _listed(file, end, [summary, calls]), position)


def _write_calls(file: io.FileIO, position: int) -> tuple[Entry, int]:
    """Join the journal, deflated; the header's sizes and CRC are filled in afterwards."""
    blank = Entry(CALLS_NAME, DEFLATED, 0, 0, 0, position)
    head = container.local_header(blank, always64=True)
    # A process killed while sealing leaves this header, by which a repair knows where the journal ends.
    file.seek(position)
    container.write_all(file, head)
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    crc = size = stored = 0

    def put(packed: bytes) -> None:
        nonlocal stored
        if not packed:
            return
        file.seek(position + len(head) + stored)
        container.write_all(file, packed)
        stored += len(packed)

    for entry, start in container.scan(file, position):
        if is_call(entry):
            for chunk in container.expand(file, entry, start):
                crc, size = zlib.crc32(chunk, crc), size + len(chunk)
                put(deflater.compress(chunk))
    put(deflater.flush())
    entry = Entry(CALLS_NAME, DEFLATED, crc, stored, size, position)
    file.seek(position)
    container.write_all(file, container.local_header(entry, always64=True))
    return entry, position + len(head) + stored


def _write_manifest(file: io.FileIO, position: int, text: bytes) -> tuple[Entry, int]:
    entry = Entry(MANIFEST_NAME, container.STORED, zlib.crc32(text), len(text), len(text), position)
    file.seek(position)
    data = container.local_header(entry) + text
    container.write_all(file, data)
    return entry, position + len(data)


def _listed(file: io.FileIO, end: int, first: list[Entry]) -> Iterator[Entry]:
    yield from first
    for entry, _ in container.scan(file, end):
        if entry.name.startswith(BLOB_FOLDER):
            yield entry
