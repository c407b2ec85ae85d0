"""Whether launches are timed, what is wanted of them, and the profiles of this process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tthal.errors import SelectionError

from .profile import Profile
from .spans import Timeline
from .what_if import WhatIf

TIME_VARIABLE = "TTHAL_TIME"
"""Set by ``tthal profile``, so that scripts that name their device themselves are timed too."""
OPTION_HELP = {"time": "off (default) or on: the timing model solves every launch and logs what it would take"}
_logger = logging.getLogger("tthal.time")


@dataclass(slots=True)
class Wishes:
    """What else is wanted of every launch.

    Attributes:
        what_ifs: solved as well.
        timelines: are told of every launch in full, one after the other.
    """

    what_ifs: Sequence[WhatIf] = ()
    timelines: list[Callable[[Timeline], None]] = field(default_factory=list)


wishes = Wishes()
profiles: list[Profile] = []
"""Of the launches of this process, in order."""


def is_on(options: Mapping[str, str], environment: Mapping[str, str]) -> bool:
    """Whether a selection's options, or the environment, ask for it.

    Raises:
        SelectionError: a value is not understood.
    """
    value = options.get("time", environment.get(TIME_VARIABLE) or "off")
    if value not in ("on", "off"):
        raise SelectionError(f"time={value}: one of off, on is understood")
    return value == "on"


def profiled(profile: Profile) -> None:
    """Keep a launch's profile, and log it."""
    profiles.append(profile)
    _logger.info("%s: %.0f ns, %.0f cycles", profile.name, profile.nanoseconds, profile.cycles)
