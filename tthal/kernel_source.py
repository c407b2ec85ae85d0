"""Finds a kernel's source file and the user headers it includes, over the documented search paths (host-api.md §1.2).

Names are logical: relative, with forward slashes, as the source refers to them. The kernel's own folder is the origin:
a header beside the kernel is ``"util.hpp"``, one in a sibling folder ``"../common/util.hpp"``, and one found over a
search path bears the name it was included by. A backend that lays the files out by these names, with the origin first
on its include path, compiles what the user's own tree would compile.
"""

from __future__ import annotations

import os
import posixpath
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tthal.device_interface import Header, KernelContent
from tthal.errors import InvalidArgument, KernelFileNotFound, WrongType

INLINE_NAME = "Kernel_Source_Code"
"""The vendor's name of every kernel created from a string."""

ROOT_VARIABLES = ("TT_METAL_HOME", "TT_METAL_RUNTIME_ROOT", "TT_METAL_KERNEL_PATH")
"""Environment variables that name folders to search, in this order."""

HEADER_FOLDERS = ("", "ttnn", "ttnn/cpp")
"""Where headers lie in such a folder: the vendor's helpers are included by three names (device-api.md §5)."""

_DEVICE_API_FOLDERS = (
    "hw/inc/",
    "third_party/tracy/",
    *(
        f"tt_metal/{name}/"
        for name in ("api", "fabric", "hostdevcommon", "hw", "impl", "include", "third_party", "tools", "tt-llk")
    ),
)
# What a TT-Metalium tree keeps there is the device API itself: each backend brings its own.

_COMMENT_OR_LITERAL = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|R\"([^ ()\\\t\n]{0,16})\(.*?(?:\)\1\"|\Z)|(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')",
    re.DOTALL,
)
_LARGEST = 16 << 20
"""Bytes of a source file; more is data, or no file at all."""
_INCLUDE = re.compile(
    r"^[ \t]*#[ \t]*(?:include|include_next|import)[ \t]*(?:\"([^\"\n]+)\"|<([^>\n]+)>)", re.MULTILINE
)
_RANDOM_NAME = re.compile(r"^tmp[a-z0-9_]{8}(?=\.|$)")
_HAS_INCLUDE = re.compile(r"\b__has_include[ \t]*\([ \t]*(?:\"([^\"\n]+)\"|<([^>\n]+)>)[ \t]*\)")


Paths = Sequence[str | os.PathLike[str]]


def from_file(file_name: str | os.PathLike[str], include_paths: Paths = ()) -> KernelContent:
    """Read a kernel file with the user headers it includes; ``include_paths`` are searched before the documented ones.

    Raises:
        KernelFileNotFound: it is in none of the searched places.
        InvalidArgument: it, or a header, is too large; or one name means two headers.
    """
    given = os.fspath(file_name)
    path = _find_kernel(given)
    source = _read(path)
    headers = _closure(source, path.parent, include_paths)
    return KernelContent(path.stem, source, headers, _recognisable(given, path))


def from_string(source: str, include_paths: Paths = ()) -> KernelContent:
    """Take a kernel's text, with the user headers it includes over the search paths."""
    if not isinstance(source, str):
        raise WrongType(f"kernel_src_code must be a str, not {type(source).__name__}")
    return KernelContent(INLINE_NAME, source, _closure(source, None, include_paths), INLINE_NAME)


def included_names(source: str) -> Iterator[tuple[str, bool]]:
    """Walk the header names a source asks for, as (name, quoted); computed includes are left out."""
    text = source.replace("\\\r\n", "").replace("\\\n", "")
    text = _COMMENT_OR_LITERAL.sub(lambda match: match.group(2) or " ", text)
    for pattern in (_INCLUDE, _HAS_INCLUDE):
        for match in pattern.finditer(text):
            yield (match.group(1), True) if match.group(1) else (match.group(2), False)


def _named_roots() -> list[Path]:
    return [Path(os.environ[name]) for name in ROOT_VARIABLES if os.environ.get(name)]


def _find_kernel(given: str) -> Path:
    candidates = [Path(given)]
    if not candidates[0].is_absolute():
        candidates += [root / given for root in _named_roots()]
    for candidate in candidates:
        if _is_file(candidate):
            return candidate.resolve()
    searched = "\n".join(f"  {candidate.absolute()}" for candidate in candidates)
    raise KernelFileNotFound(
        f"kernel file {given!r} does not exist in any of the searched places:\n{searched}\n"
        f"Give its path relative to the working folder, or set TT_METAL_KERNEL_PATH to the folder it is relative to"
    )


def _recognisable(given: str, path: Path) -> str:
    """Return the file's name as the user knows it: as given when relative, else with its parent folder.

    What ``tempfile`` made is called otherwise in every run: without that part of its name, the next compiles nothing.
    """
    if not Path(given).is_absolute():
        return Path(given).as_posix()
    if Path(tempfile.gettempdir()).resolve() in (path.parent, path.parent.parent):
        return _RANDOM_NAME.sub("tmp", path.name)
    return posixpath.join(path.parent.name, path.name)


def _closure(source: str, folder: Path | None, include_paths: Paths) -> tuple[Header, ...]:
    named = [root / name for root in _named_roots() for name in HEADER_FOLDERS]
    roots = [*([folder] if folder else []), *map(Path, include_paths), *named, Path.cwd()]
    trees = _trees(folder, include_paths)
    found: dict[str, tuple[Path, Header]] = {}
    pending: list[tuple[str, Path | None, str]] = [(source, folder, "")]
    while pending:
        text, where, logical_folder = pending.pop()
        for name, quoted in included_names(text):
            place = _locate(name, where if quoted else None, logical_folder, roots)
            if place is None or not any(place[1].is_relative_to(tree) for tree in trees):
                continue
            logical, path = place
            known = found.get(logical)
            if known is None:
                header = Header(logical, _read(path))
                found[logical] = (path, header)
                pending.append((header.text, path.parent, posixpath.dirname(logical)))
            elif known[0] != path and known[1].text != _read(path):
                raise InvalidArgument(
                    f"two different headers are both known as {logical!r}: {known[0]} and {path}; rename one, so that "
                    "the kernel means the same wherever it is compiled"
                )
    return tuple(found[name][1] for name in sorted(found))


def _trees(folder: Path | None, include_paths: Paths) -> list[Path]:
    """Where headers may lie, without links; the home folder, and what holds it, is too much to be a tree."""
    program = getattr(sys.modules.get("__main__"), "__file__", None)
    wide = [Path.cwd(), *([folder.parent] if folder else []), *([Path(program).parent] if program else [])]
    home = Path.home().resolve()
    trees = [tree for each in wide if not home.is_relative_to(tree := each.resolve())]
    return trees + [
        each.resolve() for each in (*map(Path, include_paths), *_named_roots(), *([folder] if folder else []))
    ]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False  # no name that a file could have, or nothing that may be looked at


def _locate(name: str, beside: Path | None, logical_folder: str, roots: list[Path]) -> tuple[str, Path] | None:
    name = name.replace("\\", "/")
    if Path(name).is_absolute():
        return None
    if beside is not None and _is_file(beside / name):
        return posixpath.normpath(posixpath.join(logical_folder, name)), (beside / name).resolve()
    logical = posixpath.normpath(name)
    if logical.startswith(_DEVICE_API_FOLDERS):
        return None
    for root in roots:
        if _is_file(root / name):
            return logical, (root / name).resolve()
    return None


def _read(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise InvalidArgument(f"{path} is no source file: it has more than {_LARGEST >> 20} MB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Old sources carry Latin-1 in comments; every byte string decodes so, and the compiler sees valid UTF-8.
        return data.decode("latin-1")
