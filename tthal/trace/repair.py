"""Recovers an interrupted recording up to its last complete call."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tthal.device_interface import DeviceProperties, LaunchState, ProgramImage
from tthal.errors import TraceError, TraceFormatError
from tthal.trace import container, locking
from tthal.trace.blob_index import BlobIndex
from tthal.trace.codec import Codec, decode_manifest, encode
from tthal.trace.container import Entry
from tthal.trace.reader import Trace, check_entry
from tthal.trace.schema import LIMITS, Header, Open
from tthal.trace.sealing import BLOB_FOLDER, is_call, seal
from tthal.trace.summary import ManifestBuilder
from tthal.trace.verify import Advance, Checker, digests, unseen


@dataclass(frozen=True, slots=True)
class Repaired:
    """What repairing did: where the trace is, how many calls it has, how many bytes behind them were dropped."""

    path: Path
    calls: int
    dropped: int
    was_complete: bool = False
    damage: str = ""


def repair(path: Path, output: Path | None = None, advance: Advance = unseen) -> Repaired:
    """Make an interrupted recording a complete trace, in place or into another file.

    Args:
        path: the recording.
        output: where to write the result; None changes the file itself.
        advance: told how many of the file's bytes were looked at.

    Raises:
        TraceError: a process is still recording it, or it is damaged inside and no ``output`` is given.
        TraceFormatError: the file does not begin like a recording.
    """
    complete = _complete(path)
    if complete is not None and output is None:
        return complete
    with io.FileIO(path, "r" if output else "r+") as file:
        if not locking.try_lock(file):
            header = locking.read_header(file)
            raise TraceError(f"process {header.pid if header else '?'} is still recording {path}; let it end first")
        survey = _survey(file, path, advance)
        if survey.damage and output is None:
            raise TraceError(
                f"{path} is damaged after call {survey.summary.last}: {survey.damage}; name another file with --output "
                "to save what stands before"
            )
        _check_manifest(survey, path)
        dropped = file.seek(0, io.SEEK_END) - survey.end
        if output is None:
            seal(file, survey.end, survey.summary.manifest(repaired=True))
        else:
            _copy(file, survey, output)
    return Repaired(output or path, survey.summary.calls, dropped, damage=survey.damage)


def _check_manifest(survey: _Survey, path: Path) -> None:
    """Refuse before anything is written what no reader would open."""
    text = encode(survey.summary.manifest(repaired=True))
    try:
        if len(text) > LIMITS.manifest:
            raise TraceFormatError(f"its devices take more than {LIMITS.manifest} bytes")
        decode_manifest(text)
    except TraceFormatError as error:
        raise TraceFormatError(f"{path} cannot be repaired: no reader would open the result: {error}") from error


def _complete(path: Path) -> Repaired | None:
    try:
        with Trace(path) as trace:
            return Repaired(path, trace.manifest.calls, 0, was_complete=True)
    except TraceFormatError:
        return None


def _copy(file: io.FileIO, survey: _Survey, output: Path) -> None:
    with locking.create(output, overwrite=False) as copy:
        position = 0
        while position < survey.end:
            chunk = container.read_exactly(file, position, min(container.CHUNK, survey.end - position))
            container.write_all(copy, chunk)
            position += len(chunk)
        seal(copy, survey.end, survey.summary.manifest(repaired=True))


class _Journal:
    """The blobs of a recording that has no directory yet, as the checker of its calls asks for them."""

    def __init__(self, file: io.FileIO, codec: Codec) -> None:
        self._file = file
        self._codec = codec
        self.index = BlobIndex()

    def has(self, digest: str) -> bool:
        return self.index.find(bytes.fromhex(digest)) is not None

    def size_of(self, digest: str) -> int:
        return self._entry(digest)[0].size

    def image(self, digest: str) -> ProgramImage:
        return self._codec.image(self._document(digest), f"blob {digest}")

    def state(self, digest: str) -> LaunchState:
        return self._codec.state(self._document(digest), f"blob {digest}")

    def properties(self, digest: str) -> DeviceProperties:
        return self._codec.properties(self._document(digest), f"blob {digest}")

    def _entry(self, digest: str) -> tuple[Entry, int]:
        offset = self.index.find(bytes.fromhex(digest))
        found = container.entry_at(self._file, offset) if offset is not None else None
        if found is None:
            raise TraceFormatError(f"blob {digest} is missing")
        return found

    def _document(self, digest: str) -> bytes:
        entry, start = self._entry(digest)
        if entry.size > LIMITS.document:
            raise TraceFormatError(f"document {digest} is larger than {LIMITS.document} bytes")
        return b"".join(_bounded(self._file, entry, start))


class _Survey:
    """What of a file can be trusted: everything before ``end``; ``damage`` says why not more, unless it just ends."""

    def __init__(self, file: io.FileIO, header: Header) -> None:
        self.summary = ManifestBuilder(header)
        self.codec = Codec(header.format)
        self.journal = _Journal(file, self.codec)
        self.checker = Checker(self.journal)
        self.end = 0
        self.expanded = 0
        self.damage = ""


def _survey(file: io.FileIO, path: Path, advance: Advance) -> _Survey:
    header = locking.read_header(file)
    if header is None:
        raise TraceFormatError(f"{path} does not begin like a recording; nothing can be recovered from it")
    survey = _Survey(file, header)
    length = file.seek(0, io.SEEK_END)
    position = 0
    try:
        for entry, start in container.scan(file, length):
            if not _examine(file, entry, start, survey, length):
                return survey
            position = start + entry.stored_size
            advance(position, length)
        survey.damage = _why_stopped(file, position, length)
    except TraceFormatError as error:
        survey.damage = str(error)
    finally:
        survey.journal.index.close()
    return survey


def _examine(file: io.FileIO, entry: Entry, start: int, survey: _Survey, length: int) -> bool:
    """Check one entry; return False where the journal ends."""
    after = start + entry.stored_size
    if entry.name == locking.HEADER_NAME:
        survey.end = after
    elif entry.name.startswith(BLOB_FOLDER):
        _examine_blob(file, entry, start, survey, length)
    elif is_call(entry):
        _examine_call(file, entry, start, survey)
        survey.end = after
    else:
        return False
    return True


def _examine_call(file: io.FileIO, entry: Entry, start: int, survey: _Survey) -> None:
    if entry.size > LIMITS.record:
        raise TraceFormatError(f"{entry.name} is longer than {LIMITS.record} bytes")
    line = b"".join(container.expand(file, entry, start))
    if line.find(b"\n") != len(line) - 1:
        raise TraceFormatError(f"{entry.name} is not one line")
    call = survey.codec.call(line, survey.summary.calls + 1)
    for digest in digests(call):
        if not survey.journal.has(digest):
            raise TraceFormatError(f"call {call.n} names the blob {digest}, which is missing")
    # A call that does not follow from those before it: one of them is lost.
    for problem in survey.checker.check(call):
        raise TraceFormatError(f"call {call.n} ({call.op}): {problem}")
    opened = call.properties if isinstance(call, Open) else None
    survey.summary.add(call, survey.journal.properties(opened) if opened is not None else None)


def _examine_blob(file: io.FileIO, entry: Entry, start: int, survey: _Survey, length: int) -> None:
    check_entry(entry, length)
    survey.expanded += entry.size
    if survey.expanded > LIMITS.all_expanded + LIMITS.expansion * length:
        raise TraceFormatError(f"the blobs up to {entry.name} would expand to {survey.expanded} bytes")
    digest = hashlib.sha256()
    for chunk in _bounded(file, entry, start):
        digest.update(chunk)
    if entry.name != BLOB_FOLDER + digest.hexdigest():
        raise TraceFormatError(f"{entry.name} does not hold the bytes that its name promises")
    if not survey.journal.index.add(digest.digest(), entry.offset):
        raise TraceFormatError(f"{entry.name} is there twice")


def _bounded(file: io.FileIO, entry: Entry, start: int) -> Iterator[bytes]:
    if entry.size > LIMITS.expanded(entry.stored_size):
        raise TraceFormatError(f"{entry.name} would expand to {entry.size} bytes")
    return container.expand(file, entry, start)


def _why_stopped(file: io.FileIO, position: int, length: int) -> str:
    """Say what is wrong where the scan ended; empty when the file was merely cut off or the directory begins there."""
    rest = container.read_exactly(file, position, 4)
    if (
        container.MAGICS & {rest}
        or rest == bytes(4)
        or container.entry_at(file, position) is not None
        or length - position < 200
    ):
        return ""
    return f"byte {position} begins no zip entry"
