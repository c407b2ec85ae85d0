"""Launches as a trace for Perfetto (ui.perfetto.dev) and chrome://tracing: the trace-event format in JSON.

A process per core with a track per processor and engine, and one for what arrives there; a process of DRAM with a track
per bank. Transfers are arrows (flow events) from the command to the arrival, levels of circular buffers are counters.
The format: "Trace Event Format", Google, https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from tthal.errors import InvalidArgument

from .layouts import Flag, Kind
from .participants import BUFFERS, Thread
from .profile import busy_with, waiting
from .spans import Timeline

EVENT_LIMIT = 5_000_000
"""Of one file: viewers do not open more."""
_TRACKS = {"BRISC": 1, "NCRISC": 2, "TRISC": 3, "UNPACK": 3, "MATH": 4, "PACK": 5}
_ZONES, _ARRIVALS = 10, 20
_MOVES = frozenset({Kind.READ, Kind.WRITE, Kind.MULTICAST, Kind.ATOMIC})
_QUEUES = frozenset({Kind.QUEUE_WAIT, Kind.QUEUE_POP, Kind.QUEUE_RESERVE, Kind.QUEUE_PUSH})

Event = dict[str, Any]


class TraceFile:
    """Written launch by launch; one follows the other in time.

    Raises:
        InvalidArgument: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file: IO[str] = path.open("w", encoding="utf-8")
        except OSError as error:
            raise InvalidArgument(f"--timeline {path}: {error.strerror or error}") from error
        self._file.write('{"displayTimeUnit":"ns","traceEvents":[\n')
        self._count = self._flows = 0
        self._named: set[tuple[int, int]] = set()
        self._begin = 0.0
        self.left_out = 0

    def __enter__(self) -> TraceFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.write("\n]}\n")
        self._file.close()

    def add(self, timeline: Timeline) -> None:
        """Write a launch behind those that were written before."""
        launch = _Launch(timeline, self._begin, self._flows)
        for event in launch.events():
            if self._count >= EVENT_LIMIT and event["ph"] != "E":
                self.left_out += 1
                continue
            for name in launch.names(event, self._named):
                self._write(name)
            self._write(event)
        self._flows = launch.flows
        self._begin += timeline.profile.nanoseconds / 1e3

    def _write(self, event: Event) -> None:
        self._file.write(",\n" if self._count else "")
        self._file.write(json.dumps(event, separators=(",", ":")))
        self._count += 1


class _Launch:
    """One launch as events, in microseconds with whole nanoseconds: viewers drop a slice that ends a bit too late."""

    def __init__(self, timeline: Timeline, begin: float, flows: int) -> None:
        self._timeline, self._begin, self.flows = timeline, begin, flows
        self._scale = 1 / timeline.profile.chip.clock.value
        nodes = timeline.profile.nodes
        self._cores = {node: place for place, node in nodes.items()}
        self._banks = len(timeline.profile.banks)
        self._columns = timeline.profile.grid[0]
        self._levels: dict[int, int] = defaultdict(int)

    def events(self) -> Iterator[Event]:
        """In the order in which they ended."""
        profile = self._timeline.profile
        launch = {"ph": "X", "name": profile.name, "cat": "launch", "pid": 0, "tid": 0}
        yield {**launch, **self._between(0.0, profile.cycles)}
        for spans in self._timeline.spans:
            names = spans.dtype.names or ()
            for row in spans.tolist():
                span = dict(zip(names, row, strict=True))
                yield from self._transfer(span) if span["is_transfer"] else self._action(span)

    def names(self, event: Event, known: set[tuple[int, int]]) -> Iterator[Event]:
        """What a track that is new is called."""
        pid, tid = event["pid"], event.get("tid", 0)
        if (pid, -1) not in known:
            known.add((pid, -1))
            yield _name("process_name", pid, 0, self._process(pid))
        if (pid, tid) not in known and event["ph"] != "C":
            known.add((pid, tid))
            yield _name("thread_name", pid, tid, self._track(pid, tid))

    def _process(self, pid: int) -> str:
        if pid == 0:
            return "launches"
        if pid == 1:
            return "DRAM"
        return f"core ({(pid - 2) % self._columns},{(pid - 2) // self._columns})"

    def _track(self, pid: int, tid: int) -> str:
        if pid == 0:
            return "launches"
        if pid == 1:
            return f"bank {tid - 1}"
        if tid >= _ARRIVALS:
            return f"arrivals over NoC {tid - _ARRIVALS}"
        own = next((label for label, track in _TRACKS.items() if track == tid % _ZONES), "")
        return f"zones {own}" if tid >= _ZONES else ("UNPACK" if own == "TRISC" else own)

    def _pid(self, core: tuple[int, int]) -> int:
        return 2 + core[0] + core[1] * self._columns

    def _at(self, cycles: float) -> float:
        return round(self._begin + cycles * self._scale, 3)

    def _between(self, begin: float, end: float) -> Event:
        first = self._at(begin)
        return {"ts": first, "dur": round(self._at(end) - first, 3)}

    def _action(self, span: Event) -> Iterator[Event]:
        thread = self._timeline.threads[span["thread"]]
        kind = Kind(span["kind"])
        place = {"pid": self._pid(thread.core), "tid": _TRACKS[thread.label]}
        if kind is Kind.ZONE:
            yield from self._zone(span, place)
        line = self._timeline.lines[span["thread"], span["site"]]
        details = {**_details(span, kind, self._columns), **({"at": str(line)} if line is not None else {})}
        for cause, begin, end in (
            (waiting(kind, thread.engine), span["asked"], span["began"]),
            (busy_with(kind, thread.engine), span["began"], span["ended"]),
        ):
            if end > begin:
                name = _title(cause.value, kind, span, thread)
                yield {
                    "ph": "X", "name": name, "cat": cause.name.lower(), **place,
                    **self._between(begin, end), "args": details,
                }  # fmt: skip
        if kind in (Kind.QUEUE_PUSH, Kind.QUEUE_POP) and span["channel"] < self._columns * self._rows() * BUFFERS:
            yield self._level(span, kind)

    def _rows(self) -> int:
        return self._timeline.profile.grid[1]

    def _zone(self, span: Event, place: Event) -> Iterator[Event]:
        """Zones have tracks of their own: what a processor does lies within them, not beside."""
        begins = not span["flags"] & Flag.ZONE_END
        name = self._timeline.zone_name(span["value"])
        track = {"pid": place["pid"], "tid": _ZONES + place["tid"]}
        if span["flags"] & Flag.INSTANT:
            yield {"ph": "i", "s": "t", "name": name, "cat": "mark", **track, "ts": self._at(span["ended"])}
            return
        yield {"ph": "B" if begins else "E", "name": name, "cat": "zone", **track, "ts": self._at(span["ended"])}

    def _level(self, span: Event, kind: Kind) -> Event:
        core, index = divmod(span["channel"], BUFFERS)
        self._levels[span["channel"]] += span["count"] if kind is Kind.QUEUE_PUSH else -span["count"]
        return {
            "ph": "C", "name": f"CB {index} pages", "pid": 2 + core, "ts": self._at(span["ended"]),
            "args": {"pages": self._levels[span["channel"]]},
        }  # fmt: skip

    def _transfer(self, span: Event) -> Iterator[Event]:
        """An arrow from the command to the arrival: of a read's data at the core, of a write's at its end."""
        thread, kind = self._timeline.threads[span["thread"]], Kind(span["kind"])
        command = {"pid": self._pid(thread.core), "tid": _TRACKS[thread.label]}
        node = self._timeline.places.core(*thread.core) if kind is Kind.READ else span["node"]
        arrival = self._arrival(node, span, kind)
        name = f"{kind.name.lower()} {span['bytes']} B"
        self.flows += 1
        flow = {"name": name, "cat": "transfer", "id": self.flows}
        begin, end = self._at(span["asked"]), self._at(span["ended"])
        details = _details(span, kind, self._columns)
        yield {"ph": "s", **flow, **command, "ts": begin}
        yield {"ph": "X", "name": name, "cat": "arrival", **arrival, "ts": end, "dur": 0, "args": details}
        yield {"ph": "f", "bp": "e", **flow, **arrival, "ts": end}

    def _arrival(self, node: int, span: Event, kind: Kind) -> Event:
        if kind is not Kind.READ and span["channel"] < self._banks and kind is not Kind.MULTICAST:
            return {"pid": 1, "tid": 1 + span["channel"]}
        core = self._cores.get(node, self._timeline.threads[span["thread"]].core)
        return {"pid": self._pid(core), "tid": _ARRIVALS + span["noc"]}


def _name(what: str, pid: int, tid: int, name: str) -> Event:
    return {"ph": "M", "name": what, "pid": pid, "tid": tid, "ts": 0, "args": {"name": name}}


def _title(cause: str, kind: Kind, span: Event, thread: Thread) -> str:
    if kind in _QUEUES and thread.engine != "MATH" and span["channel"] < 1 << 31:
        return f"{cause}: CB {span['channel'] % BUFFERS}" if cause.startswith("waits") else kind.name.lower()
    if kind in _MOVES:
        return f"{cause}: {kind.name.lower()} {span['bytes']} B"
    return cause


def _details(span: Event, kind: Kind, columns: int) -> Event:
    if kind in _MOVES:
        return {"noc": span["noc"], "bytes": span["bytes"], "node": span["node"]}
    if kind in _QUEUES:
        return {"pages": span["count"]}
    return {}
