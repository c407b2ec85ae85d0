"""Whether a trace holds all that running its kernels again needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tthal.device_interface import KernelContent

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
_ABSOLUTE = re.compile(r"^(/|\\|[A-Za-z]:)")


def includes(text: str) -> list[str]:
    """Return the names that a kernel or header includes, in order."""
    return [name.strip() for name in _INCLUDE.findall(text)]


def foreign_includes(content: KernelContent) -> Iterator[str]:
    """Yield what a kernel and its headers include and the trace does not carry: the device's own headers, usually."""
    carried = {header.name for header in content.headers}
    seen: set[str] = set()
    for text in (content.source, *(header.text for header in content.headers)):
        for name in includes(text):
            if name not in carried and name not in seen:
                seen.add(name)
                yield name


def is_portable(include: str) -> bool:
    """Whether a backend can find an include on another machine: it names no place of this one."""
    return not _ABSOLUTE.match(include) and ".." not in include.replace("\\", "/").split("/")
