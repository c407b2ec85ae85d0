"""Where the backend keeps what it builds: shims by content, kernel sources by content."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_dir

from tthal.errors import BackendUnavailable

VARIABLE = "TTHAL_CACHE_DIR"


def digest(*parts: str | bytes) -> str:
    """Name content: the parts in order, none running into the next."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "little") + data)
    return total.hexdigest()[:32]


def folder() -> Path:
    """Where everything lies: ``TTHAL_CACHE_DIR``, or the platform's cache directory."""
    return Path(os.environ.get(VARIABLE) or user_cache_dir("tthal")) / "metal"


def private(path: Path) -> Path:
    """Make a folder that only this user can write, since native code is loaded from it.

    Raises:
        BackendUnavailable: it cannot be made, or belongs to somebody else.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.stat()
    except OSError as error:
        raise BackendUnavailable(f"the folder {path} cannot be used: {error}; set {VARIABLE} to another") from error
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise BackendUnavailable(
            f"the folder {path} can be written by others; native code is loaded from it. Set {VARIABLE} to a folder of "
            f"your own, or run: chmod go-w {path}"
        )
    return path


@contextmanager
def building(target: Path) -> Iterator[Path]:
    """Yield a fresh folder that becomes ``target`` when the block succeeds; another process may win the race."""
    private(target.parent)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield work
        try:
            work.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def size(path: Path) -> int:
    """The bytes below a folder."""
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file() and not entry.is_symlink())
