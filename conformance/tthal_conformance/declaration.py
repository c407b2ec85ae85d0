"""How a conformance program is declared, and the registry that declarations fill."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from tthal.device_interface import Capability
from tthal.types import DataFormat
from tthal_conformance.requirements import Requirements
from tthal_conformance.tolerance import EXACT, Tolerance

if TYPE_CHECKING:
    from tthal_conformance.run import Run

Body = Callable[["Run"], None]


class Kind(str, Enum):
    """What a program proves: ``value``: what the device computes; ``error``: that a documented error is raised."""

    VALUE = "value"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class ConformanceProgram:
    """One program of the suite.

    Attributes:
        name: ``area.what``; the seed of its inputs.
        covers: names of the host and device API that it proves something about.
        tolerance: the one its checks use unless they bring their own.
    """

    name: str
    kind: Kind
    summary: str
    body: Body
    requirements: Requirements
    covers: tuple[str, ...]
    tolerance: Tolerance


REGISTRY: dict[str, ConformanceProgram] = {}


class DuplicateProgram(Exception):
    """Two programs of the suite have one name."""


def program(
    name: str,
    *,
    covers: Iterable[str],
    needs: Iterable[Capability] = (),
    formats: Iterable[DataFormat] = (),
    tiles: Iterable[tuple[int, int]] = (),
    grid: tuple[int, int] = (1, 1),
    kind: Kind = Kind.VALUE,
    tolerance: Tolerance = EXACT,
    summary: str = "",
) -> Callable[[Body], Body]:
    """Register a function as a program; its docstring is the summary when none is given."""

    def register(body: Body) -> Body:
        if name in REGISTRY:
            raise DuplicateProgram(f"two conformance programs are called {name!r}; rename one")
        text = summary or (body.__doc__ or "").strip().splitlines()[0]
        requirements = Requirements(frozenset(needs), tuple(formats), tuple(tiles), grid)
        REGISTRY[name] = ConformanceProgram(name, kind, text, body, requirements, tuple(covers), tolerance)
        return body

    return register
