"""Whether launches are timed: the option key, and the variable that ``tthal profile`` sets.

Every device that is opened asks; what answers imports nothing of the model.
"""

from __future__ import annotations

from collections.abc import Mapping

from tthal.errors import SelectionError

TIME_VARIABLE = "TTHAL_TIME"
"""Set by ``tthal profile``, so that scripts that name their device themselves are timed too."""
OPTION_HELP = {"time": "off (default) or on: the timing model solves every launch and logs what it would take"}


def is_on(options: Mapping[str, str], environment: Mapping[str, str]) -> bool:
    """Whether a selection's options, or the environment, ask for it.

    Raises:
        SelectionError: a value is not understood.
    """
    value = options.get("time", environment.get(TIME_VARIABLE) or "off")
    if value not in ("on", "off"):
        raise SelectionError(f"time={value}: one of off, on is understood")
    return value == "on"
