"""Profiles as a file (JSON), to compare with later runs and to look at in other programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tthal.errors import InvalidArgument, SourceLocation

from .constants import CHIPS, Figure
from .participants import Thread
from .profile import BankTime, Cause, NotModelled, Profile, ThreadTime

FORMAT, VERSION = "tthal-profile", 2


def save(profiles: Sequence[Profile], path: Path) -> None:
    """Write the profiles of a run.

    Raises:
        OSError: the file cannot be written.
    """
    document = {"format": FORMAT, "version": VERSION, "launches": [_launch(profile) for profile in profiles]}
    path.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")


def load(path: Path) -> list[Profile]:
    """Read the profiles of a run.

    Raises:
        InvalidArgument: the file is no profile, or one of another version.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT or document["version"] != VERSION:
            raise InvalidArgument(f"{path}: a profile of version {VERSION} is wanted; `tthal profile --save` writes it")
        return [_profile(launch) for launch in document["launches"]]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        if isinstance(error, InvalidArgument):
            raise
        raise InvalidArgument(f"{path} is no profile: `tthal profile --save` writes one ({error})") from error


def _launch(profile: Profile) -> dict[str, Any]:
    """All of it; times in cycles, but for the sum in ns."""
    return {
        "name": profile.name,
        "chip": profile.chip.name,
        "clock_mhz": profile.chip.clock.value,
        "cycles": profile.cycles,
        "ns": profile.nanoseconds,
        "grid": profile.grid,
        "nodes": [[x, y, node] for (x, y), node in profile.nodes.items()],
        "banks": [[bank.node, bank.busy, bank.read, bank.written] for bank in profile.banks],
        "links": profile.links.tolist(),
        "dram_bytes": profile.dram_bytes,
        "events": profile.events,
        "not_modelled": [[item.name, item.calls, item.share] for item in profile.not_modelled],
        "notes": list(profile.notes),
        "failure": profile.failure,
        "threads": [_thread(item) for item in profile.threads],
        "what_ifs": {text: _launch(other) for text, other in profile.what_ifs.items()},
    }


def _thread(item: ThreadTime) -> dict[str, Any]:
    line, share = item.hottest
    thread = item.thread
    return {
        "kernel": thread.name,
        "index": thread.kernel,
        "core": thread.core,
        "processor": thread.processor,
        "engine": thread.engine,
        "finish": item.finish,
        "spent": {cause.name.lower(): cycles for cause, cycles in item.spent.items() if cycles},
        "sent": item.sent,
        "sent_dram": item.sent_dram,
        "tiles": item.tiles,
        "hottest": [line.file, line.line, line.column, share] if line is not None else None,
    }


def _profile(launch: Mapping[str, Any]) -> Profile:
    chip = next(chip for chip in CHIPS.values() if chip.name == launch["chip"])
    if chip.clock.value != launch["clock_mhz"]:
        chip = replace(chip, clock=Figure(float(launch["clock_mhz"]), "MHz", "stored"))
    columns, rows = launch["grid"]
    return Profile(
        chip=chip,
        name=str(launch["name"]),
        cycles=float(launch["cycles"]),
        threads=tuple(_thread_time(item) for item in launch["threads"]),
        grid=(int(columns), int(rows)),
        nodes={(int(x), int(y)): int(node) for x, y, node in launch["nodes"]},
        banks=tuple(BankTime(int(n), float(busy), int(r), int(w)) for n, busy, r, w in launch["banks"]),
        links=np.array(launch["links"], np.float64).reshape(2, 4, -1),
        dram_bytes=int(launch["dram_bytes"]),
        events=int(launch["events"]),
        stored=0,
        not_modelled=tuple(NotModelled(str(n), int(calls), float(share)) for n, calls, share in launch["not_modelled"]),
        failure=str(launch["failure"]),
        notes=tuple(str(note) for note in launch["notes"]),
        what_ifs={str(text): _profile(other) for text, other in launch["what_ifs"].items()},
    )


def _thread_time(item: Mapping[str, Any]) -> ThreadTime:
    x, y = item["core"]
    hottest: tuple[SourceLocation | None, float] = (None, 0.0)
    if item["hottest"] is not None:
        file, line, column, share = item["hottest"]
        hottest = (SourceLocation(str(file), int(line), int(column)), float(share))
    kernel = Thread(int(item["index"]), (int(x), int(y)), str(item["processor"]), str(item["engine"]), item["kernel"])
    return ThreadTime(
        thread=kernel,
        finish=float(item["finish"]),
        spent={cause: float(item["spent"].get(cause.name.lower(), 0.0)) for cause in Cause},
        sent=int(item["sent"]),
        sent_dram=int(item["sent_dram"]),
        tiles=int(item["tiles"]),
        hottest=hottest,
    )
