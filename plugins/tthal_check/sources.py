"""The sources of a kernel as far as they are compiled: without comments, and without branches that are known not to be.

Characters keep their places, so that lines and columns are those of the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tthal.device_interface import KernelImage, ProgramImage

_COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)|(\"(?:\\.|[^\"\\\n])*\")", re.DOTALL)
_CONDITION = re.compile(r"^[ \t]*#[ \t]*(ifdef|ifndef|if|elif|else|endif)\b[ \t]*(.*)$")
_DEFINED = re.compile(r"(!?)\s*defined\s*\(?\s*(\w+)\s*\)?\s*")


@dataclass(frozen=True, slots=True)
class Source:
    """A file; ``doubtful`` are the numbers of lines of which it is not known whether they are compiled."""

    name: str
    text: str
    doubtful: frozenset[int]


def without_comments(source: str) -> str:
    """Return a source with blanks in place of comments, every other character where it was."""
    return _COMMENT.sub(lambda found: found[1] or _blank(found[0]), source)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def sources_of(image: ProgramImage, kernel: KernelImage) -> tuple[Source, ...]:
    """Return the kernel's file and the headers that it includes.

    A macro counts as defined when this kernel's defines have it, and as not defined when only another's have.
    """
    own = {name for name, _ in kernel.defines}
    others = {name for each in image.kernels for name, _ in each.defines} - own
    content = kernel.content
    files = [(content.source_name, content.source), *((header.name, header.text) for header in content.headers)]
    texts = [(name, without_comments(text)) for name, text in files]
    written = {name for _, text in texts for name in re.findall(r"#[ \t]*(?:define|undef)[ \t]+(\w+)", text)}
    known = dict.fromkeys(own - written, True) | dict.fromkeys(others - written, False)
    return tuple(_compiled(name, text, known) for name, text in texts)


def _compiled(name: str, text: str, known: dict[str, bool]) -> Source:
    lines, doubtful, open_ones = text.split("\n"), set[int](), list[bool | None]()
    for number, line in enumerate(lines, 1):
        if found := _CONDITION.match(line):
            _turn(open_ones, found[1], _holds(found[1], found[2], known))
        elif False in open_ones:
            lines[number - 1] = _blank(line)
        elif None in open_ones:
            doubtful.add(number)
    return Source(name, "\n".join(lines), frozenset(doubtful))


def _turn(open_ones: list[bool | None], directive: str, holds: bool | None) -> None:
    """Enter or leave a branch; what stands behind an ``elif`` is not looked into."""
    if directive.startswith("if"):
        open_ones.append(holds)
    elif open_ones:
        last = open_ones.pop()
        if directive == "else":
            open_ones.append(None if last is None else not last)
        elif directive == "elif":
            open_ones.append(None)


def _holds(directive: str, condition: str, known: dict[str, bool]) -> bool | None:
    if directive == "if":
        found = _DEFINED.fullmatch(condition)
        return _either(found[1] == "!", known.get(found[2])) if found else None
    return _either(directive == "ifndef", known.get(condition.strip()))


def _either(negated: bool, is_defined: bool | None) -> bool | None:
    return None if is_defined is None else is_defined != negated


def everything(sources: Iterable[Source]) -> str:
    """Return the texts of all."""
    return "\n".join(source.text for source in sources)
