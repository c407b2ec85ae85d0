"""Whether launches are timed, and the profiles of this process."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from tthal.errors import SelectionError

from .profile import Profile

TIME_VARIABLE = "TTHAL_TIME"
"""Set by ``tthal profile``, so that scripts that name their device themselves are timed too."""
OPTION_HELP = {"time": "off (default) or on: the timing model solves every launch and logs what it would take"}
_logger = logging.getLogger("tthal.time")

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
