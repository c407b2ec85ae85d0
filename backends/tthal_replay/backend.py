"""Opening a trace as a device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tthal.device_interface import Availability, Backend, EventSink
from tthal.errors import SelectionError
from tthal.trace.differences import IGNORABLE, parse_ignored
from tthal_replay import registry
from tthal_replay.driver import ReplayDriver


@dataclass(frozen=True, slots=True)
class Strictness:
    """What a replay overlooks, and whether a program must make all recorded calls."""

    ignore: frozenset[str] = frozenset()
    complete: bool = False

    @classmethod
    def parse(cls, options: Mapping[str, str]) -> Strictness:
        """Read the options of a selection string.

        Raises:
            SelectionError: a field to ignore, or a value, does not exist.
        """
        complete = options.get("complete", "no")
        if complete not in ("yes", "no"):
            raise SelectionError(f"option 'complete' of the replay backend is yes or no, not {complete!r}")
        return cls(parse_ignored(options.get("ignore", "")), complete == "yes")


class ReplayBackend(Backend):
    """Plays a recorded device; it needs nothing but the file."""

    name = "replay"
    summary = "answers a program's calls from a recorded trace; no compiler, no card"
    interface_version = 1
    option_help: Mapping[str, str] = {
        "ignore": f"what may differ from the recording, separated by commas: {', '.join(IGNORABLE)}",
        "complete": "yes: closing the device fails when recorded calls are left; no (default): it warns",
    }
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
        strictness = Strictness.parse(options)
        if not argument:
            raise SelectionError("the replay backend needs a trace file: TTHAL_BACKEND=replay:run.tttrace")
        session = registry.session(argument, device_id, by_queue="queue-order" in strictness.ignore)
        opened = session.open_device(device_id, options, strictness.ignore)
        return ReplayDriver(session, opened, strictness.ignore, strictness.complete)
