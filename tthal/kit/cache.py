"""A cache on disk, by content: private to the user, checked when it is read, bounded, safe under concurrent processes.

Two kinds of entries: a *value* is read whole (:meth:`Cache.get`); a *tree* is a folder of files that other programs
use by their paths (:meth:`Cache.tree`). Both carry digests; what is damaged or not private is removed and made anew by
whoever needs it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from platformdirs import user_cache_dir

from tthal.errors import BackendUnavailable
from tthal.kit.cache_size import Growth, Stored, limit, size_of
from tthal.kit.private_files import Untrusted, read_own, require_own, require_private_folder, write_durably
from tthal.kit.sealed_folder import is_sound, seal

VARIABLE = "TTHAL_CACHE_DIR"
SCRATCH = "scratch"
_MAGIC = b"tthal-cache-1\n"
_HEAD = len(_MAGIC) + hashlib.sha256().digest_size
_STALE_SECONDS = 3600
_USED_SECONDS = 600
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_ATTEMPTS = 4


def digest(*parts: str | bytes) -> str:
    """A name for content: the parts in order, none running into the next."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "little"))
        total.update(data)
    return total.hexdigest()


def cache_folder(name: str) -> Path:
    """Where this user's cache of this name lies: below ``TTHAL_CACHE_DIR``, or the platform's cache directory."""
    return Path(os.environ.get(VARIABLE) or user_cache_dir("tthal")) / name


@dataclass(frozen=True, slots=True)
class CacheSize:
    """What a cache holds; sizes in bytes."""

    folder: Path
    entries: int
    size: int
    limit: int


class Cache:
    """A folder of entries, each with a kind and a key; it is made when something is stored.

    Args:
        most: bytes that it may take; by default what ``TTHAL_CACHE_LIMIT`` says. 0: no limit.

    Raises:
        BackendUnavailable: the folder is not private, or the variable is no size.
    """

    def __init__(self, folder: Path, most: int | None = None) -> None:
        self.folder = folder
        try:
            require_private_folder(folder)
            self.folder = folder.resolve()
        except OSError as error:
            raise self.unusable(error) from error
        self._growth = Growth(self.folder, limit() if most is None else most)

    @classmethod
    def of_user(cls, name: str) -> Cache:
        """This user's cache of a name."""
        return cls(cache_folder(name))

    # ---- values

    def get(self, kind: str, key: str) -> bytes | None:
        """The content of a value; None when it does not exist or is damaged (then it is removed)."""
        path = self._value(kind, key)
        if not self._may_exist(path):
            return None
        try:
            data = read_own(path)
        except FileNotFoundError:
            return None
        except OSError:
            data = b""
        content = data[_HEAD:]
        if data[:_HEAD] != _MAGIC + hashlib.sha256(content).digest():
            _discard(path)
            return None
        _mark_used(path)
        return content

    def put(self, kind: str, key: str, content: bytes) -> None:
        """Store a value; a full or read-only disk only costs the next run its time."""
        path = self._value(kind, key)
        with suppress(OSError):
            self._make_folder(path.parent)
            new = path.with_name(f".new-{uuid4().hex}")
            try:
                write_durably(new, _MAGIC + hashlib.sha256(content).digest() + content)
                os.replace(new, path)
            finally:
                new.unlink(missing_ok=True)
            self._grown(path, len(content))

    def _value(self, kind: str, key: str) -> Path:
        return self.folder.joinpath(kind, key[:2], f"{key}.{kind}")

    # ---- trees

    def tree(self, kind: str, key: str) -> Path | None:
        """The folder of a tree whose files are as they were stored; None when there is none (any more)."""
        path = self._tree(kind, key)
        if not self._may_exist(path):
            return None
        try:
            sound = is_sound(path)
        except FileNotFoundError:
            return None
        except OSError:
            sound = False
        if not sound:
            _discard(path)
            return None
        _mark_used(path)
        return path

    @contextmanager
    def building(self, kind: str, key: str) -> Iterator[Path]:
        """A fresh folder that becomes a tree when the block succeeds; another process may be first.

        Raises:
            BackendUnavailable: it cannot be stored; says why, and the way out.
        """
        with self.scratch() as scratch:
            work = scratch / "tree"
            work.mkdir(mode=0o700)
            yield work
            size = seal(work)
            self._install(work, kind, key)
        self._grown(self._tree(kind, key), size)

    def _install(self, work: Path, kind: str, key: str) -> None:
        """Move a tree to its place, unless another process was first; somebody may be clearing the cache meanwhile."""
        path = self._tree(kind, key)
        for attempt in range(_ATTEMPTS):
            self._make_folder(path.parent)
            if self.tree(kind, key) is not None:
                return
            try:
                work.rename(path)
            except OSError:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return

    def tree_or_build(self, kind: str, key: str, fill: Callable[[Path], None]) -> Path:
        """The folder of a tree, after filling a fresh one if there is none.

        Raises:
            BackendUnavailable: it cannot be stored.
        """
        found = self.tree(kind, key)
        if found is None:
            with self.building(kind, key) as work:
                fill(work)
        return found or self._tree(kind, key)

    def find(self, kind: str, key: str) -> Path | None:
        """The file of a tree of one that :meth:`adopt` stored; None when there is none (any more)."""
        return None if self.tree(kind, key) is None else self.path(kind, key)

    def adopt(self, kind: str, key: str, file: Path) -> Path:
        """Move a finished file in as a tree of one; return its place.

        Raises:
            BackendUnavailable: it cannot be stored.
        """
        with self.building(kind, key) as work:
            os.replace(file, work / f"content.{kind}")
        return self.path(kind, key)

    def path(self, kind: str, key: str) -> Path:
        """Where the file of a tree of one lies, whether or not it exists."""
        return self._tree(kind, key) / f"content.{kind}"

    def _tree(self, kind: str, key: str) -> Path:
        return self.folder.joinpath(kind, key[:2], key)

    def remove(self, kind: str, key: str) -> None:
        """Forget the value and the tree of a key."""
        _discard(self._value(kind, key))
        _discard(self._tree(kind, key))

    # ---- folders

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A private folder for the time of one piece of work, on the cache's file system.

        Raises:
            BackendUnavailable: nothing can be written there, now or within the block.
        """
        folder: Path | None = None
        try:
            self._make_folder(self.folder / SCRATCH)
            folder = Path(tempfile.mkdtemp(dir=self.folder / SCRATCH))
            yield folder
        except OSError as error:
            if isinstance(error, Untrusted) or error.errno in _FULL or self._is_ours(error.filename):
                raise self.unusable(error) from error
            raise
        finally:
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def _is_ours(self, file: object) -> bool:
        return isinstance(file, (str, os.PathLike)) and Path(file).is_relative_to(self.folder)

    def unusable(self, error: OSError) -> BackendUnavailable:
        """Return the error that says why the cache cannot be used or written, and the way out."""
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            return BackendUnavailable(
                f"the cache {self.folder} cannot be written: {reason}. Free some space (`tthal cache clear` empties "
                f"the caches), or set {VARIABLE} to a folder on another file system"
            )
        if error.errno == errno.EROFS:
            return BackendUnavailable(
                f"the cache {self.folder} cannot be written: {reason}. What it holds works; for anything new set "
                f"{VARIABLE} to a folder that you can write"
            )
        return BackendUnavailable(
            f"the cache {self.folder} cannot be used: {reason}. Set {VARIABLE} to a folder of your own"
        )

    def _make_folder(self, folder: Path) -> None:
        """Make a folder of the cache with those above it, each private whatever the umask says."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        for place in self._folders_of(folder / "entry"):
            with suppress(FileExistsError):
                os.mkdir(place, mode=0o700)
        self._require_own_folders(folder / "entry")

    def _require_own_folders(self, entry: Path) -> None:
        for place in self._folders_of(entry):
            require_own(place, os.lstat(place))

    def _may_exist(self, entry: Path) -> bool:
        """Whether the folders on the way to an entry exist.

        Raises:
            BackendUnavailable: one of them is not private.
        """
        try:
            self._require_own_folders(entry)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise self.unusable(error) from error
        return True

    def _folders_of(self, entry: Path) -> list[str]:
        """The cache's folders on the way to an entry, outermost first; strings, for this is asked very often."""
        own = str(self.folder)
        below = str(entry)[len(own) + 1 :].split(os.sep)[:-1]
        return [os.sep.join((own, *below[:depth])) for depth in range(len(below) + 1)]

    # ---- all of it

    def size(self) -> CacheSize:
        """Count what is stored."""
        stored = self._stored()
        return CacheSize(self.folder, len(stored), sum(each.size for each in stored), self._growth.most)

    def clear(self) -> CacheSize:
        """Remove everything; running programs keep what they have loaded, and work under way goes on.

        Returns:
            What was removed.
        """
        before = self.size()
        for child in self.folder.iterdir() if self.folder.is_dir() else ():
            if child.name != SCRATCH:
                _discard(child)
        self._sweep_scratch()
        return before

    def trim(self, keep: Path | None = None) -> None:
        """Remove what was longest unused until the cache is well below its limit, if it has grown since last time."""
        if not self._growth.is_due():
            return
        with suppress(OSError):  # what cannot be written does not grow either
            self._growth.reset()
            self._sweep_scratch()
            self._evict(keep)

    def _evict(self, keep: Path | None) -> None:
        stored = self._stored()
        excess = sum(each.size for each in stored) - self._growth.target
        for each in sorted(stored, key=lambda each: each.used):
            if excess > 0 and each.path != keep:
                _discard(each.path)
                excess -= each.size

    def _grown(self, path: Path, size: int) -> None:
        with suppress(OSError):
            self._growth.add(size)
        self.trim(keep=path)

    def _stored(self) -> list[Stored]:
        found = []
        for path in self.folder.glob("*/*/*"):
            if path.parent.parent.name != SCRATCH and not path.name.startswith("."):
                with suppress(OSError):
                    found.append(Stored(path, path.lstat().st_mtime, size_of(path)))
        return found

    def _sweep_scratch(self) -> None:
        """Remove what killed processes left; what is fresh may belong to one that runs."""
        for child in [*(self.folder / SCRATCH).glob("*"), *self.folder.glob("*/*/.new-*")]:
            with suppress(OSError):
                if time.time() - child.lstat().st_mtime > _STALE_SECONDS:
                    _discard(child)


def _mark_used(path: Path) -> None:
    """Note the time, now and then: what was not used for longest goes first."""
    with suppress(OSError):
        if time.time() - path.lstat().st_mtime > _USED_SECONDS:
            os.utime(path)


def _discard(path: Path) -> None:
    """Remove a file, a link or a folder; what cannot be removed stays, and stays unused."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
