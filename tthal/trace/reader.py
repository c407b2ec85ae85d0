"""Opens a finished trace: the manifest, the calls one by one, verified blobs. Everything in the file is distrusted."""

from __future__ import annotations

import hashlib
import io
import re
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from tthal.device_interface import DeviceProperties, LaunchState, ProgramImage
from tthal.errors import TraceFormatError
from tthal.trace import container, locking
from tthal.trace.codec import Codec, decode_manifest
from tthal.trace.container import DEFLATED, STORED, Entry
from tthal.trace.schema import LIMITS, Call, Manifest
from tthal.trace.sealing import BLOB_FOLDER, CALLS_NAME, MANIFEST_NAME

_BLOB_NAME = re.compile(BLOB_FOLDER + "[0-9a-f]{64}")
_CACHED_DOCUMENTS = 8
T = TypeVar("T")


class Trace:
    """A trace opened for reading; close it, or use it as a context manager.

    Attributes:
        path: the file.
        manifest: its summary.

    Raises:
        TraceFormatError: the file is no finished trace, is damaged, or of an unknown version.
        FileNotFoundError: there is no such file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self._file = io.FileIO(self.path, "r")
        try:
            self._length = self._file.seek(0, io.SEEK_END)
            self._entries = self._directory()
            self.manifest, self._codec = self._manifest()
            # A line of JSON has some 20 characters at least.
            if self.manifest.calls > self._entries[CALLS_NAME].size:
                raise TraceFormatError(
                    f"the manifest speaks of {self.manifest.calls} calls, more than the file has room for"
                )
        except TraceFormatError as error:
            self._file.close()
            raise TraceFormatError(f"{self.path}: {error}") from None
        except BaseException:
            self._file.close()
            raise
        self._image = lru_cache(_CACHED_DOCUMENTS)(self._decoded(Codec.image))
        self._state = lru_cache(_CACHED_DOCUMENTS)(self._decoded(Codec.state))
        self._properties = lru_cache(_CACHED_DOCUMENTS)(self._decoded(Codec.properties))

    def __enter__(self) -> Trace:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    # ------------------------------------------------------------------------------------------ calls

    def calls(self) -> Iterator[Call]:
        """Yield the calls in order, reading the file as it goes.

        Raises:
            TraceFormatError: a call is damaged, or there are not as many as the manifest says.
        """
        count = last = 0
        for count, line in enumerate(self._lines(), 1):
            with self._naming_file():
                call = self._codec.call(line, count)
                if call.n <= last:
                    raise TraceFormatError(f"call {call.n} follows call {last} in {CALLS_NAME}; numbers must increase")
            last = call.n
            yield call
        if count != self.manifest.calls:
            raise TraceFormatError(
                f"{self.path}: {CALLS_NAME} holds {count} calls, the manifest says {self.manifest.calls}"
            )

    def last_call(self) -> int:
        """Return the number of the last call, 0 without calls; it reads them all."""
        last = 0
        for call in self.calls():
            last = call.n
        return last

    def _lines(self) -> Iterator[bytes]:
        pending = bytearray()
        for chunk in self._chunks(self._entries[CALLS_NAME]):
            pending += chunk
            *lines, rest = pending.split(b"\n")
            if max(len(rest), *map(len, lines), 0) > LIMITS.record:
                raise TraceFormatError(f"{self.path}: a record of {CALLS_NAME} is longer than {LIMITS.record} bytes")
            yield from map(bytes, lines)
            pending = rest
        if pending:
            raise TraceFormatError(f"{self.path}: the last line of {CALLS_NAME} does not end")

    # ------------------------------------------------------------------------------------------ blobs

    def blob_names(self) -> Iterator[str]:
        """Yield the digests of all blobs."""
        return (name[len(BLOB_FOLDER) :] for name in self._entries if name.startswith(BLOB_FOLDER))

    def has(self, digest: str) -> bool:
        """Whether the trace holds a blob."""
        return BLOB_FOLDER + digest in self._entries

    def size_of(self, digest: str) -> int:
        """Return a blob's size in bytes."""
        return self._blob_entry(digest).size

    def stream(self, digest: str) -> Iterator[bytes]:
        """Yield a blob in chunks; the last step checks that it is what its name says.

        Raises:
            TraceFormatError: it is missing, damaged, or not what its name says.
        """
        content = hashlib.sha256()
        for chunk in self._chunks(self._blob_entry(digest)):
            content.update(chunk)
            yield chunk
        if content.hexdigest() != digest:
            raise TraceFormatError(f"{self.path}: blob {digest} does not hold the bytes that its name promises")

    def data(self, digest: str) -> bytes:
        """Return a verified blob."""
        return b"".join(self.stream(digest))

    def read_into(self, digest: str, out: memoryview) -> None:
        """Fill ``out`` with a verified blob of the same size.

        Raises:
            TraceFormatError: the sizes differ, or the blob is damaged.
        """
        if self.size_of(digest) != len(out):
            raise TraceFormatError(
                f"{self.path}: blob {digest} has {self.size_of(digest)} bytes, the buffer read has {len(out)}"
            )
        position = 0
        for chunk in self.stream(digest):
            out[position : position + len(chunk)] = chunk
            position += len(chunk)

    def image(self, digest: str) -> ProgramImage:
        """Return the program image with this fingerprint."""
        return self._image(digest)

    def state(self, digest: str) -> LaunchState:
        """Return a launch state."""
        return self._state(digest)

    def properties(self, digest: str) -> DeviceProperties:
        """Return a device's properties."""
        return self._properties(digest)

    # ------------------------------------------------------------------------------------------ inside

    def _naming_file(self) -> _NamingFile:
        return _NamingFile(self.path)

    def _decoded(self, decode: Callable[[Codec, bytes, str], T]) -> Callable[[str], T]:
        def read(digest: str) -> T:
            if self.size_of(digest) > LIMITS.document:
                raise TraceFormatError(f"{self.path}: document {digest} is larger than {LIMITS.document} bytes")
            with self._naming_file():
                return decode(self._codec, self.data(digest), f"blob {digest}")

        return read

    def _blob_entry(self, digest: str) -> Entry:
        entry = self._entries.get(BLOB_FOLDER + digest)
        if entry is None:
            raise TraceFormatError(f"{self.path}: blob {digest} is missing")
        return entry

    def _chunks(self, entry: Entry) -> Iterator[bytes]:
        # Two iterations may be interleaved, so every chunk is read at its own position under the lock.
        with self._naming_file():
            with self._lock:
                start = container.data_start(self._file, entry)
            chunks = container.expand(self._file, entry, start)
            while True:
                with self._lock:
                    chunk = next(chunks, None)
                if chunk is None:
                    return
                yield chunk

    def _directory(self) -> dict[str, Entry]:
        try:
            listed = container.read_directory(self._file, self._length)
            return self._checked(listed)
        except container.NoDirectory as error:
            raise TraceFormatError(self._why_unfinished() or f"not a tthal trace: {error}") from error

    def _checked(self, listed: Iterator[Entry]) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        stored = expanded = 0
        for entry in listed:
            check_entry(entry, self._length)
            if entry.name in entries:
                raise TraceFormatError(f"{entry.name} is in the zip directory twice")
            entries[entry.name] = entry
            stored += entry.stored_size
            expanded += entry.size
        # Entries that share bytes are how small zips hold huge contents.
        if stored > self._length:
            raise TraceFormatError("the zip directory is unsafe: its entries overlap")
        if expanded > LIMITS.all_expanded + LIMITS.expansion * self._length:
            raise TraceFormatError(f"its entries would expand to {expanded} bytes, from a file of {self._length}")
        for name in (MANIFEST_NAME, CALLS_NAME):
            if name not in entries:
                raise TraceFormatError(f"{name} is missing; this is not a tthal trace")
        return entries

    def _why_unfinished(self) -> str:
        """Say what an unsealed recording is; empty when the file does not even start like one."""
        header = locking.read_header(self._file)
        if header is None:
            return ""
        if locking.is_locked(self.path):
            return f"process {header.pid} is still recording this trace; it can be read when the devices are closed"
        return (
            f"the recording was interrupted (process {header.pid} ended without closing it); "
            f"`tthal trace repair {self.path}` recovers it up to the last complete call"
        )

    def _manifest(self) -> tuple[Manifest, Codec]:
        entry = self._entries[MANIFEST_NAME]
        if entry.size > LIMITS.manifest:
            raise TraceFormatError(f"{MANIFEST_NAME} is larger than {LIMITS.manifest} bytes")
        start = container.data_start(self._file, entry)
        return decode_manifest(b"".join(container.expand(self._file, entry, start)))


class _NamingFile:
    """Puts the file's name in front of the errors raised inside."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, TraceFormatError) and not str(error).startswith(f"{self._path}:"):
            raise TraceFormatError(f"{self._path}: {error}") from error


def check_entry(entry: Entry, length: int) -> None:
    """Refuse what has no place in a trace, or expands too much for a file of so many bytes.

    Raises:
        TraceFormatError: saying why.
    """
    if entry.name not in (MANIFEST_NAME, CALLS_NAME) and not _BLOB_NAME.fullmatch(entry.name):
        raise TraceFormatError(f"the zip holds {entry.name!r}, which has no place in a trace")
    if entry.method == DEFLATED:
        # Equal calls pack well; they also stand in the file one by one, as they were recorded.
        calls = length if entry.name == CALLS_NAME else 0
        if entry.size > max(LIMITS.expanded(entry.stored_size), calls):
            raise TraceFormatError(
                f"{entry.name} would expand from {entry.stored_size} to {entry.size} bytes; "
                f"a trace's entries expand at most {LIMITS.expansion}-fold"
            )
    elif entry.method != STORED:
        raise TraceFormatError(f"{entry.name} is compressed by a method that a trace does not use")
    elif entry.size != entry.stored_size:
        raise TraceFormatError(f"{entry.name} is stored, yet its two sizes differ")
