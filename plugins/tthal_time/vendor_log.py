"""The vendor's files of a profiled run: a row per mark of every RISC (profile_log_device.csv), and a row per program.

Columns as libtt_metal of ttnn 0.81.1 writes them (its strings), readers: PyPI's ttnn-visualizer and tt-perf-report.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tthal.errors import InvalidArgument
from tthal.observer import name_hash

from .layouts import Flag, Kind
from .profile import Profile, ThreadTime
from .spans import Timeline

DEVICE_LOG, OPERATIONS = "profile_log_device.csv", "ops_perf_results.csv"
COLUMNS = (
    "PCIe slot", " core_x", " core_y", " RISC processor type", " timer_id", " time[cycles since reset]", " data",
    " run host ID", " trace id", " trace id counter", " zone name", " type", " source line", " source file",
    " meta data",
)  # fmt: skip
RISCS = {"BRISC": "BRISC", "NCRISC": "NCRISC", "UNPACK": "TRISC_0", "MATH": "TRISC_1", "PACK": "TRISC_2"}
_TIMER = 0xFFFF
"""Marks are told by 16 bits of a hash of their names."""
_KERNEL = {name: f"{name.split('_', maxsplit=1)[0]}-KERNEL" for name in RISCS.values()}
_TENSORS = tuple(
    f"{tensor}_{column}"
    for tensor in ("INPUT_0", "INPUT_1", "OUTPUT_0")
    for column in (*(f"{axis}_PAD[LOGICAL]" for axis in "WZYX"), "LAYOUT", "DATATYPE", "MEMORY")
)
"""Of a program with kernels of its own they are not known: left empty."""
OPERATION_COLUMNS = (
    "OP CODE", "OP TYPE", "GLOBAL CALL COUNT", "DEVICE ID", "DEVICE ARCH", "ATTRIBUTES", "MATH FIDELITY", "CORE COUNT",
    "PARALLELIZATION STRATEGY", "HOST START TS", "HOST END TS", "HOST DURATION [ns]", "DEVICE FW START CYCLE",
    "DEVICE FW END CYCLE", "OP TO OP LATENCY [ns]", "DEVICE FW DURATION [ns]", "DEVICE KERNEL DURATION [ns]",
    "DEVICE BRISC KERNEL DURATION [ns]", "DEVICE NCRISC KERNEL DURATION [ns]", "DEVICE TRISC0 KERNEL DURATION [ns]",
    "DEVICE TRISC1 KERNEL DURATION [ns]", "DEVICE TRISC2 KERNEL DURATION [ns]", "COMPUTE KERNEL SOURCE",
    "COMPUTE KERNEL HASH", "DATA MOVEMENT KERNEL SOURCE", "DATA MOVEMENT KERNEL HASH", *_TENSORS,
)  # fmt: skip


class VendorLog:
    """Both files in a folder, written launch by launch.

    Raises:
        InvalidArgument: the folder cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._launches, self._begin = folder, 0, 0.0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / DEVICE_LOG).write_text("", encoding="utf-8")
            with (folder / OPERATIONS).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow(OPERATION_COLUMNS)
        except OSError as error:
            raise InvalidArgument(f"--csv {folder}: {error.strerror or error}") from error

    def add(self, timeline: Timeline) -> None:
        """Append a launch; one begins when the one before is over."""
        self._launches += 1
        profile = timeline.profile
        with (self._folder / DEVICE_LOG).open("a", encoding="utf-8", newline="") as file:
            if self._launches == 1:
                cores = profile.grid[0] * profile.grid[1]
                clock = f"{profile.chip.clock.value:.0f}"
                file.write(f"ARCH: {profile.chip.name}, CHIP_FREQ[MHz]: {clock}, Max Compute Cores: {cores}\n")
                file.write(",".join(COLUMNS) + "\n")
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows(self._marks(timeline))
        with (self._folder / OPERATIONS).open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(self._operation(timeline))
        self._begin += profile.cycles

    def _marks(self, timeline: Timeline) -> Iterator[tuple[Any, ...]]:
        """Every kernel's begin and end, and the zones and data that it marked."""
        for item in timeline.profile.threads:
            name = _KERNEL[RISCS[item.thread.label]]
            yield self._mark(timeline, item, 0.0, name, "ZONE_START", 0)
            yield self._mark(timeline, item, item.finish, name, "ZONE_END", 0)
        items = {id(item.thread): item for item in timeline.profile.threads}
        for spans in timeline.spans:
            names = spans.dtype.names or ()
            for row in spans[(spans["kind"] == Kind.ZONE) & (spans["is_transfer"] == 0)].tolist():
                span = dict(zip(names, row, strict=True))
                yield self._zone(timeline, span, items[id(timeline.threads[span["thread"]])])

    def _zone(self, timeline: Timeline, span: dict[str, Any], item: ThreadTime) -> tuple[Any, ...]:
        flags = span["flags"]
        kind = "TS_DATA" if flags & Flag.INSTANT else "ZONE_END" if flags & Flag.ZONE_END else "ZONE_START"
        data = span["node"] | span["channel"] << 32 if flags & Flag.INSTANT else 0
        name = timeline.zone_name(span["value"])
        return self._mark(timeline, item, span["ended"], name, kind, data, span["thread"], span["site"])

    def _mark(
        self,
        timeline: Timeline,
        item: ThreadTime,
        cycles: float,
        name: str,
        kind: str,
        data: int,
        thread: int | None = None,
        site: int = 0,
    ) -> tuple[Any, ...]:
        node = timeline.places.core(*item.thread.core)
        width = timeline.profile.chip.grid[0]
        line = timeline.lines[thread, site] if thread is not None else None
        where = (line.line, line.file) if line is not None else (0, item.thread.name)
        time, timer = round(self._begin + cycles), name_hash(name) & _TIMER
        place = (0, node % width, node // width, RISCS[item.thread.label])
        return (*place, timer, time, data, self._launches, "", "", name, kind, *where, "")

    def _operation(self, timeline: Timeline) -> tuple[Any, ...]:
        profile = timeline.profile
        scale = 1e3 / profile.chip.clock.value
        longest = dict.fromkeys(RISCS.values(), 0.0)
        for item in profile.threads:
            risc = RISCS[item.thread.label]
            longest[risc] = max(longest[risc], item.finish * scale)
        compute = sorted({item.thread.name for item in profile.threads if item.thread.engine})
        moving = sorted({item.thread.name for item in profile.threads if not item.thread.engine})
        whole = round(profile.nanoseconds)
        begin, end = round(self._begin), round(self._begin + profile.cycles)
        return (
            "GenericOpDeviceOperation", "tt_dnn_device", self._launches, 0, profile.chip.name, _attributes(profile), "",
            len({item.thread.core for item in profile.threads}), "", 0, 0, 0, begin, end, 0, whole, whole,
            *(round(cycles) for cycles in longest.values()), compute, [], moving, [], *("" for _ in _TENSORS),
        )  # fmt: skip


def _attributes(profile: Profile) -> str:
    """What a reader of these times should know; as the vendor's log writes attributes: names and texts, no commas."""
    texts = [f"'not modelled {item.name}': '{item.share:.1%} in {item.calls} calls'" for item in profile.not_modelled]
    return f"{{{'; '.join(texts)}}}"


def durations(profile: Profile) -> dict[str, float]:
    """In ns, by the names that the vendor's analyses have (strings of libtt_metal in ttnn 0.81.1); without dispatch."""
    scale = 1e3 / profile.chip.clock.value
    by_core: dict[tuple[int, int], float] = {}
    by_risc: dict[str, float] = {}
    for item in profile.threads:
        core, risc = item.thread.core, RISCS[item.thread.label]
        by_core[core] = max(by_core.get(core, 0.0), item.finish * scale)
        by_risc[risc] = max(by_risc.get(risc, 0.0), item.finish * scale)
    found = {
        "DEVICE FW DURATION [ns]": profile.nanoseconds,
        "DEVICE KERNEL DURATION [ns]": profile.nanoseconds,
        "DEVICE KERNEL DURATION DM START [ns]": profile.nanoseconds,
        "DEVICE KERNEL FIRST TO LAST START [ns]": 0.0,
    }
    if by_core:
        found |= {
            "DEVICE KERNEL DURATION PER CORE MIN [ns]": min(by_core.values()),
            "DEVICE KERNEL DURATION PER CORE MAX [ns]": max(by_core.values()),
            "DEVICE KERNEL DURATION PER CORE AVG [ns]": sum(by_core.values()) / len(by_core),
        }
    return found | {f"DEVICE {risc.replace('_', '')} KERNEL DURATION [ns]": time for risc, time in by_risc.items()}
