"""What is wanted of launches that are timed, and the profiles of this process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .profile import Profile
from .spans import Timeline
from .what_if import WhatIf

_logger = logging.getLogger("tthal.time")


@dataclass(slots=True)
class Wishes:
    """What else is wanted of every launch.

    Attributes:
        what_ifs: solved as well.
        timelines: are told of every launch in full, one after the other.
        buffers: indices of circular buffers that some launch has had.
    """

    what_ifs: Sequence[WhatIf] = ()
    timelines: list[Callable[[Timeline], None]] = field(default_factory=list)
    buffers: set[int] = field(default_factory=set)


wishes = Wishes()
profiles: list[Profile] = []
"""Of the launches of this process, in order."""


def profiled(profile: Profile) -> None:
    """Keep a launch's profile, and log it."""
    profiles.append(profile)
    _logger.info("%s: %.0f ns, %.0f cycles", profile.name, profile.nanoseconds, profile.cycles)
