"""Measured NoC points as workloads for the model of ``plugins/tthal_time``: one row of a table, one workload.

How the rows were measured is told in the tables' own README: one kernel per initiator, a zone around the loop of
commands and one barrier, the median over initiators.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tthal.types import Arch
from tthal_time.actions import ActionList
from tthal_time.constants import CHIPS, Chip
from tthal_time.places import Places
from tthal_time.solving import Workload

GRIDS = {4: (2, 2), 9: (3, 3), 25: (5, 5), 63: (8, 8), 64: (8, 8), 110: (11, 10), 129: (13, 10), 130: (13, 10)}
"""Columns and rows of a pattern, by its number of subordinates; one fewer is the grid without the initiator."""
_ARCHS = {"WORMHOLE_B0": Arch.WORMHOLE_B0, "BLACKHOLE": Arch.BLACKHOLE}
_APART = "cores did not begin together: up to some 30,000 cycles the figures are a lone core's, then they jump 17-fold"
_MANY = frozenset({"ALL_TO_ALL", "ALL_FROM_ALL", "ROW_TO_ROW", "COLUMN_TO_COLUMN"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one point measures.

    Attributes:
        kind: as in noc_latencies.csv: who sends to whom.
        mechanism: UNICAST, MULTICAST or MULTICAST_LINKED.
        size: bytes of one command.
        count: commands of one initiator to one destination; multicasts: commands.
        peers: destinations, or sources.
        dram: the far end is DRAM.
        inside: a multicast's initiator lies in the rectangle; ``loopback``: and receives it.
    """

    arch: Arch
    kind: str
    mechanism: str
    is_read: bool
    size: int
    count: int
    peers: int
    dram: bool = False
    stateful: bool = False
    same_axis: bool = False
    inside: bool = False
    loopback: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A measured point; ``pattern`` is None where the model does not cover it, and ``reason`` says why."""

    name: str
    arch: Arch
    family: str
    measured: float
    pattern: Pattern | None
    reason: str = ""


def read_points(folder: Path) -> Iterator[Point]:
    """Read all NoC tables of a folder; points that two tables hold are counted once."""
    for row in _rows(folder / "noc_latencies.csv"):
        if row["measured"] == "1":
            yield _estimator_point(row)
    for name, arch in (("noc_wormhole.csv", Arch.WORMHOLE_B0), ("noc_blackhole.csv", Arch.BLACKHOLE)):
        for row in _rows(folder / name):
            # The cases that begin so are an excerpt of the other table.
            if not row["case"].startswith("est_") or not (folder / "noc_latencies.csv").exists():
                yield _plot_point(row, arch)


def _rows(file: Path) -> list[dict[str, str]]:
    if not file.exists():
        return []
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _estimator_point(row: dict[str, str]) -> Point:
    arch, kind, peers = _ARCHS[row["arch"]], row["pattern"], int(row["num_subordinates"])
    total, mechanism, dram = int(row["num_transactions"]), row["mechanism"], row["memory"] == "DRAM"
    loopback = row["loopback"] == "true" and mechanism != "UNICAST"
    pattern = Pattern(
        arch=arch,
        kind=kind,
        mechanism=mechanism,
        is_read=row["operation"] == "read",
        size=int(row["transaction_bytes"]),
        count=total // max(1, peers) if mechanism == "UNICAST" else total,
        peers=peers,
        dram=dram,
        stateful=row["stateful"] == "true",
        same_axis=row["same_axis"] == "true",
        inside=loopback,
        loopback=loopback,
    )
    family = " ".join(filter(None, [kind, mechanism, "DRAM" if dram else "", "loopback" if loopback else ""]))
    family += " stateful" if pattern.stateful else ""
    name = f"{row['config_id']} {family} {peers} x{total} {pattern.size} B"
    reason = _untrusted(pattern)
    return Point(name, arch, family, float(row["latency_cycles"]), None if reason else pattern, reason)


def _untrusted(pattern: Pattern) -> str:
    """Why a point cannot be trusted; empty for all others. The tables' README names them."""
    if not pattern.dram:
        return ""
    if pattern.kind.startswith("ALL"):
        return "DRAM from many cores: how many is not known"
    if pattern.arch is Arch.BLACKHOLE and pattern.kind in ("ONE_TO_ONE", "ONE_FROM_ONE"):
        return "one bank of Blackhole's DRAM: tables contradict each other by a factor of 2"
    return ""


def _plot_point(row: dict[str, str], arch: Arch) -> Point:
    case, count, measured = row["case"], int(float(row["transactions"])), float(row["cycles"])
    peers = int(row["n_peers_in_bytes"] or 1)
    size = int(row["transaction_bytes"]) // peers
    name = f"{case} x{count} {size} B"
    if case in ("all_to_all", "all_from_all"):
        return Point(name, arch, case, measured, None, _APART)
    pattern = _plot_pattern(case, arch, size, count, peers)
    return Point(name, arch, case, measured, pattern, "" if pattern else "no such case in the model")


def _plot_pattern(case: str, arch: Arch, size: int, count: int, peers: int) -> Pattern | None:
    """The cases of the data-movement tests' plots. Initiators of multicasts lie in the rectangle and are left out."""

    def pattern(kind: str, is_read: bool = False, **more: object) -> Pattern:
        values: dict[str, object] = {"mechanism": "UNICAST", "peers": peers, **more}
        return Pattern(arch=arch, kind=kind, is_read=is_read, size=size, count=count, **values)  # type: ignore[arg-type]

    if case.startswith("multicast_"):
        _, shape, linked, *loopback = case.split("_")
        columns, rows = (int(part) for part in shape.split("x"))
        columns = min(columns, 8 if arch is Arch.WORMHOLE_B0 else 13)
        mechanism = "MULTICAST_LINKED" if linked == "linked" else "MULTICAST"
        cores = columns * min(rows, 8) if arch is Arch.WORMHOLE_B0 else columns * rows
        return pattern("ONE_TO_ALL", mechanism=mechanism, peers=cores, inside=True, loopback=bool(loopback))
    if case.startswith("one_to_all_unicast"):
        return pattern("ONE_TO_OTHERS", peers={3: 4, 24: 25, 63: 64}.get(peers, peers))
    known = {
        "one_to_one_write": ("ONE_TO_ONE", False, False),
        "one_from_one_read": ("ONE_FROM_ONE", True, False),
        "dram_interleaved_read": ("ONE_FROM_ONE", True, True),
        "dram_interleaved_write": ("ONE_TO_ONE", False, True),
        "loopback": ("ONE_TO_ITSELF", False, False),
        "one_from_all_read": ("ONE_FROM_ALL", True, False),
    }
    if case not in known:
        return None
    kind, is_read, dram = known[case]
    return pattern(kind, is_read, dram=dram)


# ---- workloads


def initiators(pattern: Pattern) -> int:
    """How many cores issue commands."""
    return max(1, pattern.peers) if pattern.kind in _MANY else 1


def in_packets(pattern: Pattern) -> Pattern:
    """The same in commands of at most one packet, which is what a long one is made of; multicasts stay as they are."""
    parts = max(1, pattern.size // int(CHIPS[pattern.arch].packet.value))
    if parts == 1 or pattern.mechanism != "UNICAST" or (pattern.dram and "ALL" in pattern.kind):
        return pattern
    return replace(pattern, size=pattern.size // parts, count=pattern.count * parts)


def packets(pattern: Pattern) -> int:
    """How many packets all initiators send."""
    parts = max(1, pattern.size // int(CHIPS[pattern.arch].packet.value))
    spread = max(1, pattern.peers) if pattern.mechanism == "UNICAST" else 1
    return initiators(pattern) * spread * pattern.count * parts


def core_grid(places: Places, columns: int, rows: int) -> list[int]:
    """The nodes of a grid that begins at (0, 0), row by row."""
    return [places.core(x, y) for y in range(rows) for x in range(columns)]


def workload(pattern: Pattern, places: Places, count: int) -> Workload:
    """What the cores do, with ``count`` commands to each destination."""
    senders = _initiator_nodes(pattern, places)
    actions = [_commands(pattern, places, node, count).array() for node in senders]
    return Workload(nodes=senders, actions=actions, channels=len(places.banks))


def _line(pattern: Pattern, places: Places, other: int) -> list[int]:
    is_row = "ROW" in pattern.kind
    size = pattern.peers + (pattern.kind.startswith("ONE") and pattern.mechanism == "UNICAST")
    return [places.core(i, other) if is_row else places.core(other, i) for i in range(size)]


def _initiator_nodes(pattern: Pattern, places: Places) -> list[int]:
    if pattern.kind in ("ALL_TO_ALL", "ALL_FROM_ALL"):
        return core_grid(places, *GRIDS[pattern.peers])
    if pattern.kind in ("ROW_TO_ROW", "COLUMN_TO_COLUMN"):
        return _line(pattern, places, 0 if pattern.mechanism == "UNICAST" or pattern.inside else 1)
    outside = not pattern.inside and pattern.mechanism != "UNICAST"
    if outside and "ROW" in pattern.kind:
        return [places.core(0, 1)]
    if outside and "COLUMN" in pattern.kind:
        return [places.core(1, 0)]
    columns, rows = GRIDS.get(pattern.peers, (0, 0))
    if pattern.kind == "ONE_TO_ALL" and not pattern.inside and not pattern.dram and pattern.peers != columns * rows - 1:
        beside = columns < places.grid[0]
        return [places.core(columns, 0) if beside else places.core(0, rows)]
    return [places.core(0, 0)]


def _destinations(pattern: Pattern, places: Places, me: int) -> list[int]:
    kind = pattern.kind
    if kind in ("ONE_TO_ONE", "ONE_FROM_ONE"):
        return [places.core(0, 1) if pattern.same_axis else places.core(1, 1)]
    if kind == "ONE_TO_ITSELF":
        return [me]
    if "ROW" in kind or "COLUMN" in kind:
        line = _line(pattern, places, 0)
        return line if kind in _MANY else line[1:]
    columns, rows = GRIDS.get(pattern.peers, (4, 4))
    grid = core_grid(places, columns, rows)
    return grid[1:] if kind == "ONE_TO_OTHERS" or pattern.peers == len(grid) - 1 else grid


def _commands(pattern: Pattern, places: Places, me: int, count: int) -> ActionList:
    chip = places.chip
    actions = ActionList(chip)
    actions.work(chip.zone.value)
    if pattern.mechanism != "UNICAST":
        _multicasts(actions, pattern, places, count)
    elif pattern.dram:
        _dram_commands(actions, pattern, places, count)
    else:
        _unicasts(actions, pattern, _destinations(pattern, places, me), count, chip)
    actions.barrier(reads=pattern.is_read)
    return actions


def _unicasts(actions: ActionList, pattern: Pattern, destinations: list[int], count: int, chip: Chip) -> None:
    issue = actions.read if pattern.is_read else actions.write
    for node in destinations:
        if len(destinations) > 1:
            actions.work((chip.new_state if pattern.stateful else chip.new_address).value)
        issue(node, pattern.size, stateful=pattern.stateful, repeat=count)


def _dram_commands(actions: ActionList, pattern: Pattern, places: Places, count: int) -> None:
    issue = actions.read if pattern.is_read else actions.write
    if "ONE_TO_ONE" in pattern.kind or "ONE_FROM_ONE" in pattern.kind:
        node, channel = places.banks[0]
        return issue(node, pattern.size, channel=channel, repeat=count)
    for index in range(count):
        actions.work(places.chip.new_address.value)
        node, channel = places.banks[index % len(places.banks)]
        issue(node, pattern.size, channel=channel)
    return None


def _multicasts(actions: ActionList, pattern: Pattern, places: Places, count: int) -> None:
    if pattern.kind == "ONE_TO_ALL":
        columns, rows = GRIDS[pattern.peers]
        first, last = places.core(0, 0), places.core(columns - 1, rows - 1)
    else:
        line = _line(pattern, places, 0)
        first, last = line[0], line[-1]
    for index in range(count):
        linked = pattern.mechanism == "MULTICAST_LINKED" and index < count - 1
        actions.multicast(first, last, pattern.size, pattern.peers, linked=linked, loopback=pattern.loopback)
