"""The device headers as the compiler finds them: by their own names, and by those that older kernels use.

A further name is no file: an overlay of the compiler's file system makes it another name of the header itself, or of
the whole folder, so diagnostics and debug information speak of one file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from tthal.kit.cache import Cache, digest
from tthal.older_headers import headers_in, older_names

from .header_names import FURTHER_NAMES, WHOLE_FOLDERS

_OVERLAY = "overlay"


def device_headers(folders: Sequence[Path]) -> DeviceHeaders:
    """Return the headers of folders, read again when a file came, went or changed since a device was last opened."""
    found = tuple(Path(folder).resolve() for folder in folders)
    return _read(found, tuple(stamp for folder in found for stamp in _stamps(folder)))


@lru_cache(maxsize=4)
def _read(folders: tuple[Path, ...], stamps: tuple[tuple[str, int, int], ...]) -> DeviceHeaders:
    return DeviceHeaders(folders)


def _stamps(folder: Path | str) -> Iterator[tuple[str, int, int]]:
    """Yield path, time of the last change in ns, and size of every file below a folder, in one order."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            if entry.is_dir():
                yield from _stamps(entry.path)
            else:
                state = entry.stat()
                yield entry.path, state.st_mtime_ns, state.st_size


class DeviceHeaders:
    """Folders of device headers, read when this is made.

    Attributes:
        folders: absolute, in the order in which they are searched.
        names: all that a kernel can include, sorted.
        digest: of the content, and of the names that it is found by.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(Path(folder).resolve() for folder in folders)
        files = [headers_in(folder) for folder in self.folders]
        further = [older_names(names, FURTHER_NAMES) for names in files]
        self.names = sorted({name for real, other in zip(files, further, strict=True) for name in (*real, *other)})
        contents = [part for group in files for name, path in group.items() for part in (name, path.read_bytes())]
        names = [word for group in further for pair in group.items() for word in pair]
        self.digest = digest(*contents, *names, *WHOLE_FOLDERS)
        self._overlay = _overlay(self.folders, further)
        self._overlay_key = digest(self._overlay)

    def search_options(self) -> list[str]:
        """The compiler's options that find the headers and give them logical names: ``<tthal>/api/…``."""
        found = []
        for number, folder in enumerate(self.folders):
            found += [f"-I{folder}", f"-ffile-prefix-map={folder}=<tthal{number or ''}>"]
        return found

    def name_options(self, cache: Cache) -> list[str]:
        """The options that find them by their further names; the overlay is made if it does not exist (any more)."""
        path = cache.find(_OVERLAY, self._overlay_key)
        if path is None:
            with cache.scratch() as scratch:
                file = scratch / _OVERLAY
                file.write_text(self._overlay, encoding="utf-8")
                path = cache.adopt(_OVERLAY, self._overlay_key, file)
        return ["-ivfsoverlay", str(path)]


def _below(folder: Path, name: str) -> str:
    """A file or folder below a folder; quicker than a Path, for there are hundreds of names."""
    return f"{folder}{os.sep}{name.replace('/', os.sep)}"


def _overlay(folders: Sequence[Path], names: Sequence[Mapping[str, str]]) -> str:
    """What clang's ``-ivfsoverlay`` reads."""
    files = [
        {"type": "file", "name": _below(folder, name), "external-contents": _below(folder, header)}
        for folder, headers in zip(folders, names, strict=True)
        for name, header in headers.items()
    ]
    whole = [
        {"type": "directory-remap", "name": _below(folder, name), "external-contents": str(folder)}
        for folder in folders
        for name in WHOLE_FOLDERS
    ]
    table = {"version": 0, "case-sensitive": True, "use-external-names": True, "roots": files + whole}
    return json.dumps(table, indent=1)
