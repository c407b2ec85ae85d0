"""How long a launch may take; whatever takes long looks at it, also inside host calls."""

from __future__ import annotations

import math
import time


class OutOfTime(Exception):
    """The launch has taken as long as it may."""


class Deadline:
    """When a device's present launch has to be over."""

    def __init__(self) -> None:
        self._end = math.inf

    def begin(self, seconds: float) -> None:
        """A launch begins that may take so long; 0 is for ever."""
        self._end = time.monotonic() + seconds if seconds else math.inf

    def look(self) -> None:
        """Go on, if there is time left.

        Raises:
            OutOfTime: there is none.
        """
        if time.monotonic() > self._end:
            raise OutOfTime
