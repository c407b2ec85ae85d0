"""The structures of the compiled solver (compiled/solver.h) as numpy sees them."""

from __future__ import annotations

from enum import IntEnum, IntFlag, unique

import numpy as np
import numpy.typing as npt

NONE = 0xFFFFFFFF
RUN = 2048


@unique
class Kind(IntEnum):
    """What an action does; compiled/solver.h says which fields count."""

    WORK = 0
    READ = 1
    WRITE = 2
    MULTICAST = 3
    ATOMIC = 4
    READ_BARRIER = 5
    WRITE_BARRIER = 6
    WRITE_FLUSH = 7
    ATOMIC_BARRIER = 8
    QUEUE_WAIT = 9
    QUEUE_POP = 10
    QUEUE_RESERVE = 11
    QUEUE_PUSH = 12
    COUNTER_WAIT = 13
    COUNTER_SET = 14
    HAND_ON = 15
    TAKE_UP = 16
    CODE = 17
    ZONE = 18


class Flag(IntFlag):
    """Bits of an action's flags."""

    POSTED = 1
    LOOPBACK = 2
    LINKED = 4
    AT_LEAST = 8
    ADD = 16
    ZONE_END = 32
    INSTANT = 64
    CHANGES = 128


@unique
class Progress(IntEnum):
    """How far a launch is that is solved while it goes on."""

    GOES_ON = 0
    CAPTURED = 1
    GIVEN_UP = 2


ACTION = np.dtype(
    [
        ("kind", "u1"), ("noc", "u1"), ("flags", "u1"), ("padding", "u1"), ("repeat", "<u4"), ("node", "<u4"),
        ("last", "<u4"), ("bytes", "<u4"), ("count", "<u4"), ("channel", "<u4"), ("effect", "<u4"), ("value", "<u4"),
        ("site", "<u4"), ("cycles", "<f8"),
    ]
)  # fmt: skip
"""One step of a processor or an engine; ``repeat`` times the same."""
THREAD = np.dtype(
    [
        ("actions", "<u8"), ("position", "<u8"), ("end", "<u8"), ("since", "<f8"), ("asked", "<f8"),
        *((name, "<u4") for name in ("state", "repetition", "last_site", "next_site", "done", "whole", "node")),
        *((name, "<u4") for name in ("next_waiting", "reads", "writes", "unsent", "atomics", "linked", "cast")),
        ("finish", "<f8"), ("path_free", "<f8"),
        *((name, "<u8") for name in ("moved", "moved_dram", "tiles", "pushed", "popped")),
        ("sums", [("busy", "<f8"), ("waited", "<f8"), ("count", "<u8")], (len(Kind),)),
    ]
)  # fmt: skip
_LIST = ("actions", "size", "capacity", "runs", "run_count", "run_capacity", "first", "published", "reading")
LIST = np.dtype(
    [*((name, "<u8") for name in _LIST), ("locked", "<u4"), ("padding", "<u4"), ("cycles", "<f8"), ("others", "<u8")]
)
"""Actions of a thread as they are captured, in runs of :data:`RUN`."""
SITE = np.dtype([("thread", "<u4"), ("site", "<u4"), ("count", "<u8"), ("busy", "<f8"), ("waited", "<f8")])
"""What a place of a thread's kernel took in all: cycles at work and waiting."""
SPAN = np.dtype(
    [
        ("thread", "<u4"), ("kind", "u1"), ("noc", "u1"), ("flags", "u1"), ("is_transfer", "u1"),
        *((name, "<u4") for name in ("site", "node", "bytes", "count", "channel", "value")),
        *((name, "<f8") for name in ("asked", "began", "ended")),
    ]
)  # fmt: skip
"""One action (wanted, its own cycles begin, over) or one transfer (command given, the same, data there)."""
QUEUE = np.dtype([(name, "<u4") for name in ("capacity", "pushed", "popped", "waiting")])
COUNTER = np.dtype([(name, "<u4") for name in ("value", "waiting", "changes", "padding")])
BANK = np.dtype([("free", "<f8"), ("until", "<f8", (2,)), ("busy", "<f8"), ("bytes", "<u8", (2,))])
"""A DRAM bank: cycles it was at work, and bytes read and written."""
RATES = (
    "hop", "niu", "write_rate", "read_rate", "router_room", "path_base", "path_hop", "path_inside", "path_outside",
    "linked_gap", "dram_rate", "dram_mixed_rate", "dram_turning", "dram_read_interval", "dram_write_interval",
    "dram_small_write",
    "dram_small_write_interval", "dram_read_latency", "dram_write_latency", "response",
)  # fmt: skip
CHIP = np.dtype(
    [*((name, "<u4") for name in ("width", "height", "flit", "packet")), *((name, "<f8") for name in RATES)]
)
TABLES = ("chip", "threads", "queues", "counters", "channels", "cores", "link_flits")
ADDRESSES = (*TABLES, "allocate", "release", "more", "keep", "sites", "lists", "listed", "sleep")
COUNTS = ("thread_count", "queue_count", "counter_count", "channel_count", "core_count", "site_count")
JOB = np.dtype(
    [
        *((name, "<u8") for name in ADDRESSES), *((name, "<u4") for name in COUNTS),
        ("progress", "<u4"), ("waits", "<u4"), ("time", "<f8"), ("events", "<u8"), ("event_limit", "<u8"),
    ]
)  # fmt: skip
LAYOUTS = (JOB, CHIP, ACTION, THREAD, QUEUE, COUNTER, BANK, SITE, SPAN, LIST)

Actions = npt.NDArray[np.void]
Spans = npt.NDArray[np.void]
Table = npt.NDArray[np.void]
