"""Opening a trace as a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tthal.device_interface import Availability, Backend, EventSink
from tthal.errors import SelectionError
from tthal.kit.options import DeviceOptions, Kind, help_of, option, read, switch
from tthal.trace.differences import IGNORABLE, parse_ignored
from tthal_replay import registry
from tthal_replay.driver import ReplayDriver

_FIELDS: Kind[frozenset[str]] = Kind("names with commas between", parse_ignored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strictness(DeviceOptions):
    """What a replay overlooks, and whether a program must make all recorded calls."""

    ignore: frozenset[str] = option(
        _FIELDS, frozenset(), f"what may differ from the recording: {', '.join(IGNORABLE)}", unset="nothing"
    )
    complete: bool = option(
        switch(), False, "yes lets closing the device fail when recorded calls are left, no lets it warn"
    )


class ReplayBackend(Backend):
    """Plays a recorded device; it needs nothing but the file."""

    name = "replay"
    summary = "answers a program's calls from a recorded trace; no compiler, no card"
    interface_version = 1
    option_help = help_of(Strictness)
    argument_help = "the trace file, for instance replay:run.tttrace"

    def probe(self) -> Availability:
        return Availability(True)

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> ReplayDriver:
        """Start, or continue, a pass over the trace named by ``argument``.

        Raises:
            SelectionError: no file is named, or it does not exist.
            TraceFormatError: the file is no readable trace.
            ReplayMismatch: the recording does not open this device, or opens it with other options.
        """
        strictness = read(Strictness, options, self.name)
        if not argument:
            raise SelectionError("the replay backend needs a trace file: TTHAL_BACKEND=replay:run.tttrace")
        session = registry.session(argument, device_id, by_queue="queue-order" in strictness.ignore)
        opened = session.open_device(device_id, options, strictness.ignore)
        return ReplayDriver(session, opened, strictness.ignore, strictness.complete)
