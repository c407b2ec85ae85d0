"""Text for people: lines of at most 100 columns, and back to whole lines for programs that read them."""

from __future__ import annotations

import re
from textwrap import wrap

COLUMNS = 100
_FURTHER = 6
"""Further indentation of what goes on in the next line; lines themselves are indented by fours."""
_BOUND = re.compile(r" (?=[(\d])|(?<=\d) (?=B\b)")
"""Spaces that no line ends at: before a number or coordinates, and before a unit."""
_SPACE = "\N{NO-BREAK SPACE}"


def counted(number: int, what: str) -> str:
    """Count things: ``1 case``, ``2 cases``; of several words the last one is made plural."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def fitted(text: str) -> str:
    """Break the lines of a text at 100 columns; a word that is longer, as a path may be, stays whole."""
    lines: list[str] = []
    for line in text.splitlines():
        indentation = " " * _indentation(line)
        bound = indentation + _BOUND.sub(_SPACE, line.lstrip())
        further = indentation + " " * _FURTHER
        broken = wrap(bound, COLUMNS, subsequent_indent=further, break_long_words=False, break_on_hyphens=False)
        lines += [part.replace(_SPACE, " ") for part in broken] or [""]
    return "\n".join(lines)


def unfolded(text: str) -> str:
    """Return a text as it was before :func:`fitted`."""
    lines: list[str] = []
    for line in text.splitlines():
        if lines and _indentation(line) == _indentation(lines[-1]) + _FURTHER:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
