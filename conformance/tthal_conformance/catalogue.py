"""All programs of the suite, its tiers, and the digest that tells two suites apart."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import tthal_conformance.programs
from tthal.errors import InvalidArgument
from tthal.kit.suggestions import did_you_mean
from tthal_conformance.declaration import REGISTRY, ConformanceProgram

PACKAGE = Path(__file__).resolve().parent
TIERS = ("core", "full")


@cache
def programs() -> dict[str, ConformanceProgram]:
    """Return all programs by name, sorted."""
    for module in pkgutil.iter_modules(tthal_conformance.programs.__path__):
        importlib.import_module(f"{tthal_conformance.programs.__name__}.{module.name}")
    return dict(sorted(REGISTRY.items()))


@cache
def tier(name: str) -> tuple[str, ...]:
    """Return the names in a tier, from its list (``tiers/NAME.txt``)."""
    lines = (PACKAGE / "tiers" / f"{name}.txt").read_text().splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def tiers_of(program: str) -> list[str]:
    """Return the tiers that a program is in."""
    return [name for name in TIERS if program in tier(name)]


def select(tier_name: str, patterns: Sequence[str] = ()) -> list[str]:
    """Return the names of a tier that match any of the patterns (all without one), sorted.

    Raises:
        InvalidArgument: a pattern matches nothing.
    """
    names = sorted(set(tier(tier_name)))
    if not patterns:
        return names
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise InvalidArgument(
                f"no program of tier {tier_name} matches {pattern!r}.{did_you_mean(pattern, names)} "
                "`tthal conformance --list` lists them"
            )
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


@cache
def digest() -> str:
    """Return the sha256 of everything that decides what a run proves: programs, kernels, oracles, tiers."""
    found = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in (".py", ".cpp", ".h", ".txt") and PACKAGE / "racebench" not in path.parents:
            found.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
