"""How a conformance program is declared, and the registry that declarations fill."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tthal.device_interface import Capability
from tthal.types import DataFormat
from tthal_conformance.claim import Claim, Kind
from tthal_conformance.requirements import Requirements
from tthal_conformance.run import Run
from tthal_conformance.tolerance import EXACT, Tolerance

Body = Callable[[Run], None]


@dataclass(frozen=True, slots=True)
class ConformanceProgram(Claim):
    """One program of the suite: its claim, and the function that a run is handed to."""

    body: Body


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
        REGISTRY[name] = ConformanceProgram(name, kind, text, requirements, tuple(covers), tolerance, body)
        return body

    return register
