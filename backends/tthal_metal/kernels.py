"""Lays a kernel and its headers out as files, by content, so that the vendor's compiler finds what the user's would."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tthal.device_interface import KernelContent
from tthal.errors import InvalidArgument
from tthal.kit.cache import digest
from tthal_metal.build import metal_cache


@dataclass(frozen=True, slots=True)
class KernelFiles:
    """A kernel on disk: its file, and the folder that header names are relative to."""

    path: Path
    origin: Path
    content: KernelContent

    def logical(self, file: str) -> str:
        """Return the name that the user knows a file by."""
        given = Path(posixpath.normpath(file))
        if given == self.path:
            return self.content.source_name
        for header in self.content.headers:
            if given == Path(posixpath.normpath(self.origin / header.name)):
                return header.name
        return file


def lay_out(content: KernelContent) -> KernelFiles:
    """Write a kernel's files once.

    Raises:
        InvalidArgument: a header's name is absolute or climbs out of every folder.
        BackendUnavailable: the cache folder cannot be used.
    """
    names = [_checked(header.name) for header in content.headers]
    depth = max((sum(part == ".." for part in PurePosixPath(name).parts) for name in names), default=0)
    parts = [content.name, content.source, *(text for header in content.headers for text in (header.name, header.text))]
    place = PurePosixPath("source", *(["_"] * depth))
    file_name = f"{_file_stem(content.name)}.cpp"

    def fill(work: Path) -> None:
        (work / place).mkdir(parents=True)
        (work / place / file_name).write_text(content.source)
        for name, header in zip(names, content.headers, strict=True):
            file = work / posixpath.normpath(place / name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(header.text)

    origin = metal_cache().tree_or_build("kernels", digest(*parts), fill) / place
    return KernelFiles(origin / file_name, origin, content)


def _checked(name: str) -> str:
    parts = PurePosixPath(name).parts
    climbs = [part == ".." for part in parts]
    # Only leading "..": the origin is then placed deep enough for every header to stay inside its own folder.
    if not parts or PurePosixPath(name).is_absolute() or climbs != sorted(climbs, reverse=True) or "\0" in name:
        raise InvalidArgument(f"a kernel's header has the name {name!r}; it must be a relative path")
    return name


def _file_stem(name: str) -> str:
    """The library names the kernel after its file: keep what a file name may hold."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name).strip(".") or "kernel"
