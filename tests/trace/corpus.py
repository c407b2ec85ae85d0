"""Hostile and damaged traces, each made from a sound one, with what a reader must say about it."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tthal.trace import container
from tthal.trace.container import DEFLATED, STORED, Entry

Contents = dict[str, bytes]


def contents_of(path: Path) -> Contents:
    """Return a trace's entries."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(contents: Contents) -> bytes:
    """Return a plain zip of some entries, as any zip tool would write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return out.getvalue()


def assembled(parts: list[tuple[Entry, bytes]], listed: list[Entry] | None = None) -> bytes:
    """Return a zip of hand-made entries; ``listed`` replaces what the directory says."""
    body = b""
    entries = []
    for entry, packed in parts:
        placed = Entry(entry.name, entry.method, entry.crc, entry.stored_size, entry.size, len(body))
        entries.append(placed)
        body += container.local_header(placed) + packed
    directory = b"".join(container.central_header(entry) for entry in (entries if listed is None else listed))
    count = len(entries if listed is None else listed)
    return body + directory + container.end_of_directory(count, len(directory), len(body))


def stored(name: str, data: bytes) -> tuple[Entry, bytes]:
    """Return a stored entry."""
    return Entry(name, STORED, zlib.crc32(data), len(data), len(data), 0), data


def deflated(name: str, data: bytes, level: int = 9) -> tuple[Entry, bytes]:
    """Return a deflated entry."""
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15)
    packed = deflater.compress(data) + deflater.flush()
    return Entry(name, DEFLATED, zlib.crc32(data), len(packed), len(data), 0), packed


@dataclass(frozen=True)
class Case:
    """A hostile trace: how it is made from a sound one, and what opening or verifying it must say."""

    name: str
    make: Callable[[bytes, Contents], bytes]
    message: str


def _parts(contents: Contents) -> list[tuple[Entry, bytes]]:
    return [stored(name, data) for name, data in contents.items()]


def _with_manifest(contents: Contents, **changes: object) -> bytes:
    manifest = {**json.loads(contents["manifest.json"]), **changes}
    return zipped({**contents, "manifest.json": json.dumps(manifest).encode()})


def _with_calls(contents: Contents, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    lines = change(contents["calls.jsonl"].splitlines(keepends=True))
    return zipped({**contents, "calls.jsonl": b"".join(lines)})


def _replaced(contents: Contents, old: bytes, new: bytes) -> bytes:
    return _with_calls(contents, lambda lines: [line.replace(old, new, 1) for line in lines])


def _data_blob(contents: Contents) -> str:
    return next(name for name, data in contents.items() if name.startswith("blobs/") and len(data) == 4096)


def _bomb(contents: Contents) -> bytes:
    parts = _parts(contents)
    zeros = bytes(256 << 20)
    return assembled([*parts, deflated("blobs/" + hashlib.sha256(zeros).hexdigest(), zeros)])


def _lying_bomb(contents: Contents) -> bytes:
    entry, packed = deflated("calls.jsonl", bytes(200 << 20))
    small = Entry(entry.name, entry.method, entry.crc, entry.stored_size, 1000, 0)
    rest = [part for part in _parts(contents) if part[0].name != "calls.jsonl"]
    return assembled([*rest, (small, packed)])


def _overlapping(contents: Contents) -> bytes:
    """Point many directory entries at one stored block, the way small zips hold huge contents."""
    parts = _parts(contents)
    big = bytes(1 << 20)
    body = assembled([*parts, stored("blobs/" + hashlib.sha256(big).hexdigest(), big)])
    with io.BytesIO(body) as file:
        entries = list(container.read_directory(file, len(body)))
    last = entries[-1]
    copies = [Entry(f"blobs/{n:064x}", STORED, last.crc, last.stored_size, last.size, last.offset) for n in range(50)]
    return assembled([*parts, stored("blobs/" + hashlib.sha256(big).hexdigest(), big)], [*entries, *copies])


def _huge_count(sound: bytes) -> bytes:
    end = bytearray(sound[-22:])
    struct.pack_into("<2H", end, 8, 0xFFFE, 0xFFFE)
    return sound[:-22] + bytes(end)


def _truncated_json(contents: Contents) -> bytes:
    return zipped({**contents, "calls.jsonl": contents["calls.jsonl"][:-1]})


CASES = [
    Case("empty", lambda sound, contents: b"", "not a tthal trace"),
    Case("text", lambda sound, contents: b"hello\n" * 100, "not a tthal trace"),
    Case("other-zip", lambda sound, contents: zipped({"readme.txt": b"hi"}), "'readme.txt', which has no place"),
    Case("empty-zip", lambda sound, contents: zipped({}), "manifest.json is missing"),
    Case("cut-in-half", lambda sound, contents: sound[: len(sound) // 2], "the recording was interrupted"),
    Case("no-manifest", lambda sound, contents: zipped({"calls.jsonl": b""}), "manifest.json is missing"),
    Case("traversal", lambda sound, contents: zipped({**contents, "../../evil": b"x"}), "which has no place"),
    Case("absolute", lambda sound, contents: zipped({**contents, "/etc/passwd": b"x"}), "which has no place"),
    Case("odd-blob-name", lambda sound, contents: zipped({**contents, "blobs/zz": b"x"}), "which has no place"),
    Case(
        "duplicate",
        lambda sound, contents: assembled([*_parts(contents), stored("calls.jsonl", b"")]),
        "calls.jsonl is in the zip directory twice",
    ),
    Case("bomb", lambda sound, contents: _bomb(contents), "entries expand at most 100-fold"),
    Case("lying-bomb", lambda sound, contents: _lying_bomb(contents), "calls.jsonl expands past its stated 1000"),
    Case("overlap", lambda sound, contents: _overlapping(contents), "its entries overlap"),
    Case("huge-entry-count", lambda sound, contents: _huge_count(sound), "zip directory is damaged"),
    Case(
        "wrong-hash",
        lambda sound, contents: zipped({**contents, _data_blob(contents): bytes(4096)}),
        "does not hold the bytes that its name promises",
    ),
    Case(
        "wrong-size",
        lambda sound, contents: _replaced(contents, b'"size":4096', b'"size":8192'),
        "has 4096 bytes, the call is about 8192",
    ),
    Case(
        "missing-blob",
        lambda sound, contents: zipped({n: d for n, d in contents.items() if n != _data_blob(contents)}),
        "is missing",
    ),
    Case(
        "newer-major",
        lambda sound, contents: _with_manifest(contents, format={"name": "tttrace", "major": 9, "minor": 1}),
        r"format version 9\.1, this tthal .* reads up to 1\.\d",
    ),
    Case(
        "huge-call-count", lambda sound, contents: _with_manifest(contents, calls=10**15), "the manifest speaks of 10"
    ),
    Case(
        "number-too-large",
        lambda sound, contents: _with_manifest(contents, calls=10**400),
        "manifest.json is not valid",
    ),
    Case("manifest-list", lambda sound, contents: zipped({**contents, "manifest.json": b"[]"}), "is not a JSON object"),
    Case(
        "nested-manifest",
        lambda sound, contents: zipped({**contents, "manifest.json": b"[" * 1_000_000}),
        "manifest.json is not valid JSON",
    ),
    Case(
        "long-line",
        lambda sound, contents: zipped({**contents, "calls.jsonl": b" " * (40 << 20)}),
        r"longer than \d+ bytes|expand at most",
    ),
    Case("no-line-end", lambda sound, contents: _truncated_json(contents), "the last line of calls.jsonl does not end"),
    Case(
        "repeated-call",
        lambda sound, contents: _with_calls(contents, lambda lines: [*lines[:3], *lines[2:]]),
        "numbers must increase",
    ),
    Case("dropped-call", lambda sound, contents: _with_calls(contents, lambda lines: lines[:-1]), "holds 13 calls"),
    Case(
        "unknown-buffer",
        lambda sound, contents: _replaced(contents, b'"allocation":3}', b'"allocation":99}'),
        "buffer 99 does not exist",
    ),
    Case(
        "unopened-device",
        lambda sound, contents: _replaced(contents, b'"device":1,"queue"', b'"device":8,"queue"'),
        "device 8 is not open",
    ),
    Case(
        "unloaded-program",
        lambda sound, contents: _with_calls(
            contents,
            lambda lines: [b'{"op":"close","n":7,"device":1}\n' if b'"load"' in line else line for line in lines],
        ),
        "device 1 is not open",
    ),
    Case(
        "image-is-not-an-image",
        lambda sound, contents: _image_replaced(contents, b'{"kernels":[{}]}'),
        "missing required field",
    ),
]


def _image_replaced(contents: Contents, image: bytes) -> bytes:
    digest = hashlib.sha256(image).hexdigest()
    lines = []
    for line in contents["calls.jsonl"].splitlines(keepends=True):
        call = json.loads(line)
        if "program" in call:
            line = line.replace(call["program"].encode(), digest.encode())
        lines.append(line)
    return zipped({**contents, f"blobs/{digest}": image, "calls.jsonl": b"".join(lines)})
