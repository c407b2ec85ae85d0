"""The observer of one device: captures every launch, and has the model solve it when the launch is over."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from tthal.coordinates import CoreCoord
from tthal.device_data import KernelContent
from tthal.device_interface import DeviceProperties
from tthal.errors import SourceLocation
from tthal.observer import ObservedLaunch, name_hash
from tthal.performance import record_launch

from . import session
from .capture import Capture, Captured
from .constants import CHIPS
from .participants import Thread
from .places import Places
from .profile import Profile, location, make_profile
from .solver import Solver
from .solving import Solution
from .spans import SpanFile, Timeline
from .streaming import Stream, pays
from .vendor_log import durations

_logger = logging.getLogger("tthal.time")
_LINE = "\n"
_PRINTS = "not modelled, they take no time here; on a card a kernel that prints is slower"
_LITERAL = re.compile(r'"([^"\\\n]{1,80})"')


class TimeObserver(Solver):
    """Solves what it hears of; results of the functional run never depend on it.

    Args:
        profiled: is told of every launch.
        alone: launches are solved when they are over, so that there is never a second thread at work.
    """

    sources: Path | tuple[Path, ...] | None = Solver.sources
    executed: ClassVar[bool] = True

    def __init__(
        self, properties: DeviceProperties, profiled: Callable[[Profile], None], *, alone: bool = False
    ) -> None:
        super().__init__()
        self._chip = CHIPS[properties.arch]
        self._places = Places(self._chip, properties)
        self._profiled = profiled
        self._capture: Capture | None = None
        self._launch: ObservedLaunch | None = None
        self._streams = pays() and not alone
        self._stream: Stream | None = None
        self._cycles = 0.0
        self._lines = 0

    def built(self, address_of: Callable[[str], int]) -> None:
        """See :class:`Observer`."""
        super().built(address_of)
        self._capture = Capture(address_of, self._chip, self._places, partial(self.solve, self._chip))
        self.compiled = self._capture.listener

    def launch_began(self, launch: ObservedLaunch) -> None:
        """See :class:`Observer`."""
        self._launch, self._lines = launch, 0
        self._give_up()  # unless the last launch was cut short, there is nothing to give up
        if self._capture is not None:
            self._capture.begin(launch, self._cycles, keeps=bool(session.wishes.what_ifs))
            self._stream = self._stream_of(self._capture)

    def _stream_of(self, capture: Capture) -> Stream | None:
        """Solve the launch while it goes on, but for timelines, which hear of everything in the launch's own thread."""
        if not self._streams or session.wishes.timelines:
            return None
        workload, growing = capture.growing()
        solving = self.solving(self._chip, workload, growing=growing)
        try:
            stream = Stream(solving)
        except RuntimeError:  # the system gives no more threads
            return None
        capture.solved_by(solving.address)
        return stream

    def _give_up(self) -> None:
        if self._stream is not None:
            self._stream.give_up()

    def launch_cut_short(self) -> None:
        """See :class:`Observer`."""
        self._give_up()
        self._launch = None

    def printed(self, core: CoreCoord, processor: str, text: str) -> None:
        """See :class:`Observer`."""
        self._lines += 1

    def launch_ended(self, failure: BaseException | None) -> BaseException | None:
        """See :class:`Observer`."""
        launch, self._launch = self._launch, None
        if launch is None or self._capture is None:
            return failure
        captured = self._capture.end(launch)
        stream, self._stream = self._stream, None
        try:
            solved = stream.finish() if stream is not None else None
            self._solve_all(launch, captured, solved, failure)
        except OSError as problem:
            if failure is None:
                raise
            _logger.warning("what the failed launch did is not profiled: %s", problem)
        return failure

    def _solve_all(
        self, launch: ObservedLaunch, captured: Captured, solved: Solution | None, failure: BaseException | None
    ) -> None:
        """What happened, unless it was solved meanwhile, and what would have; of a launch that failed, until then."""
        wishes = session.wishes
        spans = SpanFile() if wishes.timelines else None
        solution = solved or self.solve(self._chip, captured.workload, keep=spans.add if spans is not None else None)
        profile = make_profile(self._places, launch, captured, solution, self._chip)
        if self._lines:
            profile = replace(profile, notes=(*profile.notes, f"printed lines ({self._lines}): {_PRINTS}"))
        if failure is not None:
            profile = replace(profile, failure=f"{type(failure).__name__}: {str(failure).partition(_LINE)[0]}")
        self._cycles += profile.cycles
        others = {}
        wishes.buffers |= captured.buffers.keys()
        for what_if in wishes.what_ifs:
            if what_if.buffer is not None and what_if.buffer not in captured.buffers:
                continue
            chip, workload = what_if.change(self._chip, captured, self._places)
            other = self.solve(chip, workload)
            others[what_if.text] = make_profile(self._places, launch, captured, other, chip)
        self._profiled(replace(profile, what_ifs=others))
        if failure is None:
            cores = {item.thread.core for item in profile.threads}
            record_launch(
                launch.device_id, profile.cycles, durations(profile), len(cores), profile.grid[0] * profile.grid[1]
            )
        if spans is not None:
            timeline = Timeline(
                profile, captured.threads, spans, _Lines(launch, captured.threads), self._places, _zones(launch)
            )
            for tell in wishes.timelines:
                tell(timeline)


def _zones(launch: ObservedLaunch) -> dict[int, str]:
    """Names of zones are literals of the kernels' sources; which of them are does not matter."""
    texts = (text for kernel in launch.image.kernels for text in (kernel.content.source, *_headers(kernel.content)))
    names = {name for text in texts for name in _LITERAL.findall(text)} | {"event"}
    return {name_hash(name): name for name in names}


def _headers(content: KernelContent) -> list[str]:
    return [header.text for header in content.headers]


class _Lines(dict[tuple[int, int], SourceLocation | None]):
    """Source lines by thread and place, looked up once per kernel."""

    def __init__(self, launch: ObservedLaunch, threads: Sequence[Thread]) -> None:
        super().__init__()
        self._launch, self._threads = launch, threads
        self._known: dict[tuple[int, int], SourceLocation | None] = {}

    def __missing__(self, key: tuple[int, int]) -> SourceLocation | None:
        thread, site = key
        kernel = self._threads[thread].kernel
        known = (self._launch.kernels[kernel].kernel, site)
        if known not in self._known:
            self._known[known] = location(self._launch.frames(kernel, site)) if site else None
        self[key] = self._known[known]
        return self[key]
