"""The observer of one device: captures every launch, and has the model solve it when the launch is over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from tthal.device_interface import DeviceProperties
from tthal.observer import ObservedLaunch

from .capture import Capture
from .constants import CHIPS
from .places import Places
from .profile import Profile, make_profile
from .solver import Solver


class TimeObserver(Solver):
    """Solves what it hears of; results of the functional run never depend on it.

    Args:
        profiled: is told of every launch that went well.
    """

    sources: ClassVar[Path | None] = Solver.sources

    def __init__(self, properties: DeviceProperties, profiled: Callable[[Profile], None]) -> None:
        super().__init__()
        self._chip = CHIPS[properties.arch]
        self._places = Places(self._chip, properties)
        self._profiled = profiled
        self._capture: Capture | None = None
        self._launch: ObservedLaunch | None = None

    def built(self, address_of: Callable[[str], int]) -> None:
        """See :class:`Observer`."""
        super().built(address_of)
        self._capture = Capture(address_of, self._chip, self._places)
        self.compiled = self._capture.listener

    def launch_began(self, launch: ObservedLaunch) -> None:
        """See :class:`Observer`."""
        self._launch = launch
        if self._capture is not None:
            self._capture.begin(launch)

    def launch_ended(self, failure: BaseException | None) -> BaseException | None:
        """See :class:`Observer`."""
        launch, self._launch = self._launch, None
        if launch is None or self._capture is None:
            return failure
        captured = self._capture.end(launch)
        if failure is None:
            solution = self.solve(self._chip, captured.workload, keep_ends=True)
            self._profiled(make_profile(self._chip, launch, captured, solution))
        return failure
