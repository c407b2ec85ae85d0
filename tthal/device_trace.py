"""Device traces: launches that are captured once and executed again as they were (ttnn 0.81.1).

While a queue captures, launches on it are noted and not run; whatever else waits for the queue or moves data on it is
refused, as the vendor's library refuses it. These traces live in a device; recorded runs are another thing
(:mod:`tthal.trace`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tthal.device_interface import LaunchState
from tthal.errors import InvalidArgument

if TYPE_CHECKING:
    from tthal.program import Program

__all__ = ["MeshTraceId"]

_trace_ids = itertools.count()


class MeshTraceId(int):
    """The number of a device trace, unique in this process."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"MeshTraceId({int(self)})"


@dataclass(slots=True)
class DeviceTrace:
    """The launches of a trace, each with its arguments and circular buffers as they were."""

    queue: int
    launches: list[tuple[Program, LaunchState]] = field(default_factory=list)
    captured: bool = False


class DeviceTraces:
    """The traces of one device."""

    def __init__(self, region_size: int) -> None:
        self._region_size = region_size
        self._traces: dict[MeshTraceId, DeviceTrace] = {}

    def begin(self, queue: int) -> MeshTraceId:
        """Start to capture on a queue.

        Raises:
            InvalidArgument: a capture is on its way there.
        """
        if self.capturing(queue) is not None:
            raise InvalidArgument(f"queue {queue} captures a trace already; end it with end_trace_capture first")
        number = MeshTraceId(next(_trace_ids))
        self._traces[number] = DeviceTrace(queue)
        return number

    def end(self, trace_id: int, queue: int) -> None:
        """Complete a trace.

        Raises:
            InvalidArgument: it is not being captured on this queue, or the device has no room for traces.
        """
        trace = self._trace(trace_id)
        if trace.captured or trace.queue != queue:
            raise InvalidArgument(f"{trace_id!r} is not being captured on queue {queue}")
        if trace.launches and not self._region_size:
            del self._traces[MeshTraceId(trace_id)]
            raise InvalidArgument(
                f"{trace_id!r} holds {len(trace.launches)} launches, but the device has no room for traces: open it "
                "with trace_region_size=…, as a card needs it"
            )
        trace.captured = True

    def release(self, trace_id: int) -> None:
        """Forget a trace."""
        self._trace(trace_id)
        del self._traces[MeshTraceId(trace_id)]

    def launches(self, trace_id: int) -> Iterator[tuple[Program, LaunchState]]:
        """Walk what a trace holds.

        Raises:
            InvalidArgument: there is no such trace, or it is still being captured.
        """
        trace = self._trace(trace_id)
        if not trace.captured:
            raise InvalidArgument(f"{trace_id!r} is still being captured; end it with end_trace_capture first")
        yield from trace.launches

    def capturing(self, queue: int) -> DeviceTrace | None:
        """Return the trace that a queue captures."""
        return next((each for each in self._traces.values() if each.queue == queue and not each.captured), None)

    def refuse_while_capturing(self, queue: int, what: str) -> None:
        """Check that a queue captures nothing.

        Raises:
            InvalidArgument: it does; ``what`` cannot be part of a trace.
        """
        if self.capturing(queue) is not None:
            raise InvalidArgument(f"{what} are not supported during trace capture: queue {queue} captures one")

    def _trace(self, trace_id: int) -> DeviceTrace:
        known = self._traces.get(MeshTraceId(trace_id))
        if known is None:
            raise InvalidArgument(f"the device has no trace {trace_id!r}; begin_trace_capture gives its id")
        return known
