"""Writes a trace's kernels and data as files, wherever names in the trace may point."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tthal.errors import TraceError
from tthal.trace.codec import encode
from tthal.trace.fields import to_builtins
from tthal.trace.info import kernel_name, kernel_processor
from tthal.trace.reader import Trace
from tthal.trace.schema import CallBase, Finish, Launch, Load, ReadDram, ReadL1, Write, WriteDram, WriteL1

_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]")
_LONGEST_PART = 100


@dataclass(slots=True)
class Extracted:
    """What was written: the folder, and how many kernel files, launch states and buffer contents."""

    folder: Path
    kernels: int = 0
    states: int = 0
    data: int = 0


def extract(trace: Trace, folder: Path, *, kernels: bool = True, data: bool = True) -> Extracted:
    """Write kernels to ``kernels/``, launch states to ``launches/`` and buffer contents to ``data/``.

    Raises:
        TraceError: the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TraceError(f"{folder} exists and is not empty; name a new folder")
    done = Extracted(folder)
    for call in trace.calls():
        if kernels and isinstance(call, Load):
            done.kernels += _program(trace, call.program, folder)
        if kernels and isinstance(call, Launch):
            text = encode(to_builtins(trace.state(call.state)))
            done.states += _write(folder, f"launches/{call.n:06d}-{call.program[:12]}.json", [text + b"\n"])
        if data:
            for name, digest in _contents(call):
                done.data += _write(folder, f"data/{name}.bin", trace.stream(digest))
    return done


def _program(trace: Trace, fingerprint: str, folder: Path) -> int:
    """Write a program's kernels, each with its headers in a folder of its own, and what they were built with."""
    home = f"kernels/{fingerprint[:12]}"
    if (folder / home).exists():
        return 0
    image = trace.image(fingerprint)
    for index, kernel in enumerate(image.kernels):
        place = f"{home}/{index}-{safe_name(kernel_name(kernel))}"
        _write(folder, f"{place}/{_kernel_file(kernel.content.source_name)}", [kernel.content.source.encode()])
        for header in kernel.content.headers:
            _write(folder, f"{place}/include/{safe_path(header.name)}", [header.text.encode()])
        settings = {name: value for name, value in to_builtins(kernel).items() if name != "content"}
        _write(folder, f"{place}/settings.json", [encode({"runs_on": kernel_processor(kernel), **settings}) + b"\n"])
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


def _write(folder: Path, name: str, chunks: Iterator[bytes] | list[bytes]) -> int:
    path = folder / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
    except OSError as error:
        raise TraceError(f"cannot write {path}: {error.strerror}") from error
    return 1
