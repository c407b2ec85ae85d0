"""Writes a trace's kernels and data as files, wherever names in the trace may point."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from tthal.errors import TraceError
from tthal.trace.codec import encode
from tthal.trace.fields import to_builtins
from tthal.trace.info import kernel_name, kernel_processor
from tthal.trace.reader import Trace
from tthal.trace.schema import CallBase, Finish, Launch, Load, ReadDram, ReadL1, Write, WriteDram, WriteL1

_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]")
_LONGEST_PART = 100


CONTENTS = "contents.jsonl"
"""In a folder of contents: which file has those of which call."""


@dataclass(slots=True)
class Extracted:
    """What was written: the folder, and how many kernel files, different launch states and buffer contents."""

    folder: Path
    kernels: int = 0
    states: int = 0
    data: int = 0


def extract(trace: Trace, folder: Path, *, kernels: bool = True, data: bool = True, most: int = 4 << 30) -> Extracted:
    """Write kernels to ``kernels/``, launch states to ``launches/`` and buffer contents to ``data/``.

    Equal contents are written once, under the name of the first call that has them.

    Args:
        most: bytes that may be written; 0: no limit.

    Raises:
        TraceError: the folder exists and is not empty, or there is more to write.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TraceError(f"{folder} exists and is not empty; name a new folder")
    done = Extracted(folder)
    files = _Files(folder, most)
    states, contents = _Contents(files, "launches"), _Contents(files, "data")
    try:
        for call in trace.calls():
            if kernels and isinstance(call, Load):
                done.kernels += _program(trace, call.program, files)
            if (
                kernels
                and isinstance(call, Launch)
                and states.note(f"{call.n:06d}-{call.program[:12]}.json", call.state)
            ):
                states.write([encode(to_builtins(trace.state(call.state))) + b"\n"])
            if data:
                for name, digest in _contents(call):
                    if contents.note(f"{name}.bin", digest):
                        contents.write(trace.stream(digest))
    finally:
        states.close()
        contents.close()
    done.states, done.data = states.written, contents.written
    return done


class _Files:
    """Writes files below a folder, up to a number of bytes."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder = folder
        self._most = most
        self._room = most or sys.maxsize

    def open(self, name: str) -> BinaryIO:
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("wb")
        except OSError as error:
            raise TraceError(f"cannot write {path}: {error.strerror}") from error

    def add(self, file: BinaryIO, chunks: Iterable[bytes]) -> None:
        try:
            for chunk in chunks:
                self._room -= len(chunk)
                if self._room < 0:
                    raise TraceError(
                        f"there is more to extract than {self._most >> 20} MB, which are in {self.folder} now; allow "
                        "more with --most, or leave out the contents of buffers with --no-data"
                    )
                file.write(chunk)
        except OSError as error:
            raise TraceError(f"cannot write {file.name}: {error.strerror}") from error

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        with self.open(name) as file:
            self.add(file, chunks)


class _Contents:
    """A folder of contents, each written once, and the list of what has them.

    Attributes:
        written: files so far.
    """

    def __init__(self, files: _Files, folder: str) -> None:
        self._files = files
        self._folder = folder
        self._first: dict[str, str] = {}
        self._list: BinaryIO | None = None
        self._name = ""
        self.written = 0

    def note(self, name: str, digest: str) -> bool:
        """Note that something has contents; tell whether they are still to be written."""
        if self._list is None:
            self._list = self._files.open(f"{self._folder}/{CONTENTS}")
        self._name = name
        first = self._first.setdefault(digest, name)
        self._files.add(self._list, [encode({"name": name, "file": first}) + b"\n"])
        return first is name

    def write(self, chunks: Iterable[bytes]) -> None:
        self._files.write(f"{self._folder}/{self._name}", chunks)
        self.written += 1

    def close(self) -> None:
        if self._list is not None:
            self._list.close()


def _program(trace: Trace, fingerprint: str, files: _Files) -> int:
    """Write a program's kernels, each with its headers in a folder of its own, and what they were built with."""
    home = f"kernels/{fingerprint[:12]}"
    if (files.folder / home).exists():
        return 0
    image = trace.image(fingerprint)
    for index, kernel in enumerate(image.kernels):
        place = f"{home}/{index}-{safe_name(kernel_name(kernel))}"
        files.write(f"{place}/{_kernel_file(kernel.content.source_name)}", [kernel.content.source.encode()])
        for header in kernel.content.headers:
            files.write(f"{place}/include/{safe_path(header.name)}", [header.text.encode()])
        settings = {name: value for name, value in to_builtins(kernel).items() if name != "content"}
        files.write(f"{place}/settings.json", [encode({"runs_on": kernel_processor(kernel), **settings}) + b"\n"])
    return len(image.kernels)


def _kernel_file(source_name: str) -> str:
    name = safe_name(PurePosixPath(source_name).name or "kernel")
    return name if name.endswith((".cpp", ".cc", ".c", ".h", ".hpp")) else f"{name}.cpp"


def _contents(call: CallBase) -> Iterator[tuple[str, str]]:
    if isinstance(call, Write):
        yield f"{call.n:06d}-write-buffer{call.allocation}", call.data
    elif isinstance(call, WriteL1 | WriteDram | ReadL1 | ReadDram):
        digest: str | None = call.data
        if digest:
            yield f"{call.n:06d}-{call.op}-{call.address:#x}", digest
    elif isinstance(call, Finish):
        for each in call.reads:
            if each.data:
                yield f"{each.call:06d}-read", each.data


def safe_name(name: str) -> str:
    """Return a name that is one plain file name on every system."""
    return _UNSAFE.sub("_", name).strip(".")[:_LONGEST_PART] or "_"


def safe_path(name: str) -> str:
    """Return an included name as a relative path that stays inside its folder; ``..`` becomes ``up``."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    return "/".join("up" if part == ".." else safe_name(part) for part in parts) or "_"
