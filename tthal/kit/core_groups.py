"""Lines about cores: those that say the same of several become one that names all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tthal.columns import counted
from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet


def named(cores: Iterable[CoreCoord]) -> str:
    """Name cores by few rectangles: ``(0,0)-(3,1), (5,2)``."""
    ranges = CoreRangeSet([CoreRange(core) for core in sorted(set(cores))]).merge_ranges().ranges
    return ", ".join(
        f"({each.start.x},{each.start.y})" + (f"-({each.end.x},{each.end.y})" if each.size() > 1 else "")
        for each in ranges
    )


def grouped(lines: Iterable[tuple[CoreCoord, str]]) -> list[tuple[str, list[CoreCoord]]]:
    """Put lines that differ only in their own core together: the first of them, and the cores of all."""
    alike: dict[str, tuple[str, list[CoreCoord]]] = {}
    for core, line in lines:
        key = line.replace(f"core ({core.x},{core.y})", "core")
        alike.setdefault(key, (line, []))[1].append(core)
    return list(alike.values())


def other_cores(cores: Iterable[CoreCoord]) -> str:
    """Count and name cores: ``2 other cores: (1,0)-(2,0)``."""
    several = set(cores)
    return f"{counted(len(several), 'other core')}: {named(several)}"


def with_others(line: str, cores: list[CoreCoord]) -> str:
    """Return a line about the first of some cores, which names the others."""
    return f"{line} (likewise {other_cores(cores[1:])})" if len(cores) > 1 else line


def folded(lines: Iterable[tuple[CoreCoord, str]]) -> Iterator[str]:
    """Make lines that differ only in their own core one."""
    return (with_others(line, cores) for line, cores in grouped(lines))
