"""Compiled kernels on disk, by content: private to the user, safe under concurrent processes, checked when read."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_dir

from tthal.errors import BackendUnavailable

VARIABLE = "TTHAL_CACHE_DIR"
_FOLDER = "kernels"
_SCRATCH = "scratch"
_STALE_SECONDS = 3600
_TRIMMED = "trimmed"
SIZE_LIMIT = 2 << 30
"""Bytes above which entries that nobody used for a day go, the longest unused first."""
UNUSED_SECONDS = 24 * 3600
_MAGIC = b"tthal-cache-1\n"
_DIGEST = hashlib.sha256().digest_size


def digest(*parts: str | bytes) -> str:
    """A name for content: the parts in order, none running into the next."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "little"))
        total.update(data)
    return total.hexdigest()


def cache_folder() -> Path:
    """Where this user's compiled kernels lie: ``TTHAL_CACHE_DIR``, or the platform's cache directory."""
    return Path(os.environ.get(VARIABLE) or user_cache_dir("tthal")) / _FOLDER


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What the cache holds; sizes in bytes."""

    folder: Path
    entries: int
    size: int


class Cache:
    """A folder of content-addressed entries.

    Native code is loaded from here, so the folder must belong to this user and be writable by nobody else.

    Raises:
        BackendUnavailable: the folder cannot be made, or is not private.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _require_private(self.folder)
        except OSError as error:
            raise BackendUnavailable(
                f"the kernel cache {self.folder} cannot be used: {error}. Set {VARIABLE} to a folder that you can write"
            ) from error

    def path(self, kind: str, key: str) -> Path:
        """Where an entry lies, whether or not it exists."""
        return self.folder / kind / key[:2] / f"{key}.{kind}"

    def get(self, kind: str, key: str) -> bytes | None:
        """The content of an entry; None when it does not exist or is damaged (then it is removed)."""
        path = self.path(kind, key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        head = len(_MAGIC) + _DIGEST
        content = data[head:]
        if data[:head] == _MAGIC + hashlib.sha256(content).digest():
            return content
        with suppress(OSError):
            path.unlink()
        return None

    def put(self, kind: str, key: str, content: bytes) -> None:
        """Store an entry; a full disk only costs the next run its time."""
        with suppress(OSError):
            self._replace(self.path(kind, key), _MAGIC + hashlib.sha256(content).digest() + content)

    def _replace(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise

    def adopt(self, kind: str, key: str, file: Path) -> Path:
        """Move a finished file in as an entry that other programs read by its path."""
        path = self.path(kind, key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(file, path)
        return path

    def remove(self, kind: str, key: str) -> None:
        """Forget an entry."""
        with suppress(OSError):
            self.path(kind, key).unlink()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A private folder for the time of one compilation, on the same file system."""
        base = self.folder / _SCRATCH
        base.mkdir(mode=0o700, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=base))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def info(self) -> CacheInfo:
        """Count what is stored."""
        sizes = [file.stat().st_size for file in self._files()]
        return CacheInfo(self.folder, len(sizes), sum(sizes))

    def clear(self) -> CacheInfo:
        """Remove everything; running programs keep what they have loaded, and compilations go on.

        Returns:
            What was removed.
        """
        before = self.info()
        for child in self.folder.iterdir():
            if child.is_dir() and not child.is_symlink() and child.name != _SCRATCH:
                shutil.rmtree(child, ignore_errors=True)
        self._sweep_scratch()
        return before

    def trim(self, limit: int = SIZE_LIMIT) -> None:
        """Remove long unused entries until ``limit`` bytes are left; looks once a day, so it may be called often."""
        stamp = self.folder / _TRIMMED
        with suppress(OSError):
            if time.time() - stamp.stat().st_mtime < UNUSED_SECONDS:
                return
        with suppress(OSError):
            stamp.touch(mode=0o600)
        entries = [(max(status.st_atime, status.st_mtime), status.st_size, file) for file, status in self._statuses()]
        size = sum(entry[1] for entry in entries)
        for used, bytes_, file in sorted(entries):
            if size <= limit or time.time() - used < UNUSED_SECONDS:
                break
            with suppress(OSError):
                file.unlink()
                size -= bytes_

    def _statuses(self) -> Iterator[tuple[Path, os.stat_result]]:
        for file in self._files():
            with suppress(OSError):
                yield file, file.stat()

    def _sweep_scratch(self) -> None:
        """Remove what killed compilations left; what is fresh may belong to one that runs."""
        for child in (self.folder / _SCRATCH).glob("*"):
            with suppress(OSError):
                if time.time() - child.stat().st_mtime > _STALE_SECONDS:
                    shutil.rmtree(child, ignore_errors=True)

    def _files(self) -> Iterator[Path]:
        for file in self.folder.glob("*/*/*"):
            if file.is_file() and not file.is_symlink() and file.parent.parent.name != _SCRATCH:
                yield file


def _require_private(folder: Path) -> None:
    if os.name != "posix":
        return
    status = folder.stat()
    if status.st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user (native code would be loaded from it)")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{folder} is writable by others (native code would be loaded from it); chmod go-w it")
