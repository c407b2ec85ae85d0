"""A pair: its kernels, its host program with parameters, and the lines where its fault lies."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from tthal.errors import InvalidArgument
from tthal.kit.suggestions import did_you_mean

FOLDER = Path(__file__).resolve().parent / "pairs"
PLACE = "{program}"
"""Where a program's command goes in the command of a tool."""
_HOST = re.compile(r"^// host: (\w+)(.*)$", re.M)
_PART = re.compile(r"^#ifdef ([A-Z]+)$", re.M)
_SITE = re.compile(r"//.*\bsite$")


class Variant(Enum):
    """Which of a pair's two programs."""

    FAULTY = "faulty"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Pair:
    """One fault, in a program that has it and in one that does not.

    Attributes:
        name: ``kind/what``.
        summary: the fault in words, with the public reports that it is modelled on.
        host: which host program runs it, one of :data:`tthal_conformance.racebench.hosts.HOSTS`.
        parts: the kernels that the file holds; the host program has default ones for others that it needs.
        sites: line numbers, any of which a report of the fault names.
    """

    name: str
    summary: str
    host: str
    path: Path
    parts: tuple[str, ...]
    sites: frozenset[int]
    _parameters: Mapping[str, str] = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Pair:
        """Read a pair's file."""
        text = path.read_text(encoding="utf-8")
        host = _HOST.search(text)
        if host is None:
            raise InvalidArgument(f"{path} does not say which host program runs it: // host: NAME KEY=VALUE ...")
        summary = " ".join(line.lstrip("/ ") for line in text[: host.start()].splitlines())
        sites = frozenset(number for number, line in enumerate(text.splitlines(), 1) if _SITE.search(line))
        parameters = dict(word.split("=", 1) for word in host[2].split())
        name = f"{path.parent.name}/{path.stem}"
        return cls(name, summary, host[1], path, tuple(_PART.findall(text)), sites, parameters)

    @property
    def kind(self) -> str:
        """The kind of fault."""
        return self.name.partition("/")[0]

    def text(self, key: str, default: str, variant: Variant = Variant.FIXED) -> str:
        """Return a parameter; ``A|B`` is A in the faulty program and B in the fixed one."""
        values = self._parameters.get(key, default).split("|")
        return values[0 if variant is Variant.FAULTY else -1]

    def number(self, key: str, default: int, variant: Variant = Variant.FIXED) -> int:
        """Return a parameter that is a number."""
        return int(self.text(key, str(default), variant))

    def names_site(self, report: str) -> bool:
        """Whether a report names a line where the fault lies; where the host has the fault, what it is about."""
        if self.text("names", "\n") in report:
            return True
        named = re.findall(re.escape(self.path.name) + r":(\d+)", report)
        return any(int(line) in self.sites for line in named)


@cache
def pairs() -> dict[str, Pair]:
    """Return all pairs by name, sorted."""
    return {pair.name: pair for pair in map(Pair.read, sorted(FOLDER.glob("*/*.cpp")))}


def select(patterns: Sequence[str]) -> list[Pair]:
    """Return the pairs whose name or kind matches any of the patterns, all without one.

    Raises:
        InvalidArgument: a pattern matches nothing.
    """
    found = {pattern: _matching(pattern) for pattern in patterns or ("*",)}
    for pattern, matching in found.items():
        if not matching:
            names = {pair.kind for pair in pairs().values()} | set(pairs())
            raise InvalidArgument(f"no pair matches {pattern!r}.{did_you_mean(pattern, names)}")
    chosen = {name for matching in found.values() for name in matching}
    return [pair for name, pair in pairs().items() if name in chosen]


def _matching(pattern: str) -> list[str]:
    return [n for n, pair in pairs().items() if fnmatchcase(n, pattern) or fnmatchcase(pair.kind, pattern)]
