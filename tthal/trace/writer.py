"""Writes a trace call by call.

While recording, every blob and every call is one zip entry appended to the file: the data first, then the call as
``journal/N.json``. Sealing copies the journal into ``calls.jsonl``, adds ``manifest.json``, and writes a directory that
lists these two and the blobs; the journal entries stay in the file unlisted. A process killed at any moment leaves a
file whose entries can be scanned from the start, which is what repairing does. Nothing in memory grows with the trace.
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from tthal.device_interface import DeviceProperties
from tthal.errors import TraceError
from tthal.trace import container, locking
from tthal.trace.blob_index import BlobIndex
from tthal.trace.codec import encode
from tthal.trace.container import DEFLATED, STORED, Entry
from tthal.trace.schema import LIMITS, CallBase, Header, Trimmed
from tthal.trace.sealing import BLOB_FOLDER, JOURNAL_FOLDER, seal
from tthal.trace.summary import ManifestBuilder

_WORTH_PACKING = 64
_WORTH_KEEPING = 0.9
C = TypeVar("C", bound=CallBase)


class TraceWriter:
    """An open trace file; safe to use from several threads, useless in a forked child.

    Args:
        path: the file to create.
        header: what stands at its start.
        overwrite: replace an existing file that nobody is writing.
        compress: deflate data where it helps; recordings do not, for speed.

    Raises:
        TraceError: the file cannot be created, or another process writes it.
    """

    def __init__(self, path: Path, header: Header, *, overwrite: bool = False, compress: bool = False) -> None:
        self.path = path
        self.header = header
        self._compress = compress
        self._lock = threading.RLock()
        self._file: io.FileIO | None = locking.create(path, overwrite)
        self._pid = os.getpid()
        self._index = BlobIndex()
        self._summary = ManifestBuilder(header)
        self._position = 0
        self._sealed = False
        self._entries = 0
        self._entry(locking.HEADER_NAME, encode(header))

    @property
    def calls(self) -> int:
        """The number of calls written so far."""
        return self._summary.calls

    @property
    def entries(self) -> int:
        """The number of zip entries written so far."""
        return self._entries

    def has(self, digest: str) -> bool:
        """Whether a blob is in the file already."""
        with self._lock:
            return self._index.find(bytes.fromhex(digest)) is not None

    def data(self, data: bytes | memoryview) -> str:
        """Store buffer contents once; return their digest."""
        return self._blob(data, self._compress)

    def document(self, data: bytes) -> str:
        """Store text once, deflated; return its digest."""
        return self._blob(data, True)

    def append(self, call: C, properties: DeviceProperties | None = None) -> C:
        """Write a call whose data is already in the file; when this returns the file holds it.

        A call without a number gets the next one; ``properties`` comes with an ``open`` that succeeded. Returns the
        call as written.
        """
        with self._lock:
            if call.n == 0:
                call = msgspec.structs.replace(call, n=self._summary.last + 1)
            line = encode(call)
            if len(line) > LIMITS.record:
                raise TraceError(
                    f"the {call.op} call takes {len(line)} bytes, more than the {LIMITS.record} of a record"
                )
            self._entry(f"{JOURNAL_FOLDER}{call.n}.json", line + b"\n")
            self._summary.add(call, properties)
            return call

    def seal(self, repaired: bool = False, trimmed: Trimmed | None = None) -> None:
        """Make the file a complete trace; appending goes on afterwards if need be."""
        with self._lock:
            if not self._sealed:
                manifest = self._summary.manifest(repaired=repaired, trimmed=trimmed)
                self._guarded(lambda file: seal(file, self._position, manifest))
                self._sealed = True

    def close(self) -> None:
        """Seal and close the file; closing twice does nothing."""
        with self._lock:
            if self._file is None:
                return
            try:
                if os.getpid() == self._pid:
                    self.seal()
            finally:
                self._file.close()
                self._file = None
                self._index.close()

    def _blob(self, data: bytes | memoryview, compress: bool) -> str:
        view = _as_bytes(data)
        digest = hashlib.sha256(view)
        with self._lock:
            if self._index.find(digest.digest()) is None:
                offset = self._position
                self._entry(BLOB_FOLDER + digest.hexdigest(), view, compress)
                self._index.add(digest.digest(), offset)
        return digest.hexdigest()

    def _entry(self, name: str, data: bytes | memoryview, compress: bool = False) -> None:
        packed, method = _packed(data) if compress else (data, STORED)
        entry = Entry(name, method, zlib.crc32(data), len(packed), len(data), self._position)
        self._guarded(lambda file: self._put(file, container.local_header(entry), packed))

    def _put(self, file: io.FileIO, head: bytes, packed: bytes | memoryview) -> None:
        if self._sealed:
            self._sealed = False
            file.truncate(self._position)
        file.seek(self._position)
        if len(packed) < container.CHUNK:
            container.write_all(file, head + packed)
        else:
            container.write_all(file, head)
            container.write_all(file, packed)
        self._position += len(head) + len(packed)
        self._entries += 1

    def _guarded(self, action: Callable[[io.FileIO], None]) -> None:
        """Write; whatever interrupts that, the file keeps its complete entries and nothing else."""
        if self._file is None:
            raise TraceError(f"the recording {self.path} is closed")
        if os.getpid() != self._pid:
            raise TraceError(
                f"process {os.getpid()} is a fork of process {self._pid}, which records {self.path}; two processes "
                "never write one trace: open the device in one of them only"
            )
        try:
            action(self._file)
        except BaseException as error:
            self._sealed = False
            self._file.truncate(self._position)
            if not isinstance(error, OSError):
                raise
            raise TraceError(
                f"cannot write the trace {self.path}: {error.strerror}; it holds the first {self.calls} calls"
            ) from error


def _as_bytes(data: bytes | memoryview) -> bytes | memoryview:
    view = memoryview(data)
    return view.cast("B") if view.nbytes else b""


def _packed(data: bytes | memoryview) -> tuple[bytes | memoryview, int]:
    """Deflate where it helps and a reader will accept the expansion."""
    if len(data) < _WORTH_PACKING:
        return data, STORED
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = deflater.compress(data) + deflater.flush()
    if len(packed) > _WORTH_KEEPING * len(data) or LIMITS.expanded(len(packed)) < len(data):
        return data, STORED
    return packed, DEFLATED
