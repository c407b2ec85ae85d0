"""Lays a kernel and its headers out in a folder so that includes resolve as in the user's own tree.

Header names are relative to the kernel's folder and may climb (``../common/util.hpp``), so the kernel is put as many
folders deep as the highest of them climbs; nothing is written outside the given folder.
"""

from __future__ import annotations

import posixpath
from pathlib import Path

from tthal.errors import CompileError, Diagnostic

from .request import CompileRequest, define_lines

UNIT = "tthal_kernel_unit.cpp"
GENERATED = "<kernel settings>"
_DEEPEST = 32


def lay_out(request: CompileRequest, folder: Path) -> Path:
    """Write the kernel's files.

    Returns:
        The kernel's folder, which is also the first of the include path; the translation unit in it is ``UNIT``.
    """
    names = [_safe_name(request, header.name) for header in request.content.headers]
    origin = folder
    for level in range(max((name.split("/").count("..") for name in names), default=0)):
        origin = origin / f"level{level}"
    origin.mkdir(parents=True, exist_ok=True)
    for name, header in zip(names, request.content.headers, strict=True):
        path = Path(posixpath.normpath(posixpath.join(origin.as_posix(), name)))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(header.text, encoding="utf-8", newline="")
    (origin / UNIT).write_text(translation_unit(request), encoding="utf-8", newline="")
    return origin


def translation_unit(request: CompileRequest) -> str:
    """The text that the compiler reads: settings, generated code, then the kernel under its own name."""
    return (
        f'#line 1 "{GENERATED}"\n{define_lines(request.defines)}{request.preamble}\n'
        f'#line 1 "{_quoted(request.content.source_name)}"\n{request.content.source}\n'
    )


def _quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")


def _safe_name(request: CompileRequest, name: str) -> str:
    plain = posixpath.normpath(name.replace("\\", "/"))
    bad = plain.startswith("/") or ":" in plain.split("/")[0] or "\0" in plain or plain in (".", "..", UNIT)
    if bad or plain.split("/").count("..") > _DEEPEST:
        message = f"the header name {name!r} is not relative to the kernel"
        raise CompileError(f"kernel {request.name}: {message}", [Diagnostic(request.name, "error", message)])
    return plain
