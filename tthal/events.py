"""What happens to a device's events on the host: progress on a terminal, kernel prints in the log, subscribers."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tthal.device_interface import Event, EventSink, KernelPrint, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as ProgressBars
    from rich.progress import TaskID

logger = logging.getLogger("tthal")
print_logger = logging.getLogger("tthal.dprint")

PATIENCE_SECONDS = 0.5
"""Work that is done sooner shows no progress bar."""


class EventHub:
    """The one sink a backend gets; passes every event on and keeps a failing subscriber from harming the device.

    Args:
        sinks: the first subscribers.
        progress: show progress on a terminal, unless somebody else does.
    """

    def __init__(self, sinks: Iterable[EventSink] = (), *, progress: bool = True) -> None:
        self._display = ProgressDisplay()
        shown: tuple[EventSink, ...] = (self._display,) if progress else ()
        self._sinks: tuple[EventSink, ...] = (*shown, log_kernel_print, *sinks)

    def __call__(self, event: Event) -> None:
        for sink in self._sinks:
            try:
                sink(event)
            except Exception:
                # The contract: a sink must not raise into the thread that runs the device.
                logger.exception("an event subscriber failed and gets no more events: %r", sink)
                self._remove(sink)

    def subscribe(self, sink: EventSink) -> Callable[[], None]:
        """Add a subscriber; return what removes it."""
        self._sinks = (*self._sinks, sink)
        return lambda: self._remove(sink)

    def settle(self) -> None:
        """Take progress bars down: the work they showed has ended, one way or the other."""
        self._display.stop()

    def _remove(self, sink: EventSink) -> None:
        self._sinks = tuple(other for other in self._sinks if other is not sink)


def log_kernel_print(event: Event) -> None:
    """Log what a kernel prints, to the logger ``tthal.dprint``, with device, core and processor in front."""
    if isinstance(event, KernelPrint):
        place = event.device_id, event.core.x, event.core.y, event.processor
        print_logger.info("device %d core %d-%d %s: %s", *place, event.text)


class ProgressDisplay:
    """Progress bars on standard error, when it is a terminal and the work takes long enough to wonder."""

    def __init__(self) -> None:
        self._started: dict[str, float] = {}
        self._bars: ProgressBars | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, event: Event) -> None:
        if not isinstance(event, Progress) or not sys.stderr.isatty():
            return
        began = self._started.setdefault(event.activity, time.monotonic())
        if event.done >= event.total:
            self._finish(event.activity)
        elif time.monotonic() - began >= PATIENCE_SECONDS:
            self._show(event)

    def stop(self) -> None:
        """Remove all bars."""
        self._started.clear()
        self._tasks.clear()
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def _show(self, event: Progress) -> None:
        if self._bars is None:
            self._bars = _new_bars()
            self._bars.start()
        if event.activity not in self._tasks:
            self._tasks[event.activity] = self._bars.add_task(event.activity)
        self._bars.update(self._tasks[event.activity], completed=event.done, total=event.total)

    def _finish(self, activity: str) -> None:
        self._started.pop(activity, None)
        task = self._tasks.pop(activity, None)
        if self._bars is not None and task is not None:
            self._bars.remove_task(task)
        if not self._started:
            self.stop()


def _new_bars() -> ProgressBars:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Bars(*columns, console=Console(stderr=True), transient=True)
