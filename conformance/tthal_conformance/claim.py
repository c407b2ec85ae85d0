"""What a conformance program claims: its name, what it needs, what it covers and how exact it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tthal_conformance.requirements import Requirements
from tthal_conformance.tolerance import Tolerance


class Kind(str, Enum):
    """What a program proves: ``value``: what the device computes; ``error``: that a documented error is raised."""

    VALUE = "value"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of a program without running it.

    Attributes:
        name: ``area.what``; the seed of its inputs.
        covers: names of the host and device API that it proves something about.
        tolerance: the one its checks use unless they bring their own.
    """

    name: str
    kind: Kind
    summary: str
    requirements: Requirements
    covers: tuple[str, ...]
    tolerance: Tolerance
