"""Questions that need no new run: other depths, the other NoC, another clock or DRAM, another fidelity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from tthal.errors import InvalidArgument
from tthal.types import MathFidelity

from .capture import Captured
from .constants import Chip, Figure
from .constants.math_unit import OPERATIONS, VARIANTS, math_table
from .layouts import Actions, Kind
from .participants import BUFFERS, PHASES
from .places import Places
from .profile import WORKING
from .solving import Runs, Workload

FORMS = "cb=INDEX:PAGES, noc.swap, clock=MHZ, dram=GB/S, fidelity=LoFi|HiFi2|HiFi3|HiFi4"
_RATES = ("dram_rate", "dram_mixed_rate")
_CYCLES = ("dram_read_latency", "dram_write_latency")
_INTERVALS = ("dram_turning", "dram_read_interval", "dram_write_interval", "dram_small_write_interval")

Question = tuple[Chip, Workload]
Change = Callable[[Chip, Captured, Places], Question]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A question as it was asked, and what it changes of the chip and of what there is to do.

    Attributes:
        buffer: index of the circular buffer that it asks about; launches without it have no answer.
    """

    text: str
    change: Change
    buffer: int | None = None


def parse(text: str) -> WhatIf:
    """Read a question.

    Raises:
        InvalidArgument: it has none of the forms of :data:`FORMS`.
    """
    name, _, value = text.partition("=")
    try:
        if text == "noc.swap":
            return WhatIf(text, _other_noc)
        if name == "cb":
            index, _, pages = value.partition(":")
            buffer, depth = _within(index, "INDEX", 0, BUFFERS - 1), _within(pages, "PAGES", 1, 1 << 20)
            return WhatIf(text, _depth(buffer, depth), buffer)
        if name == "clock":
            return WhatIf(text, _clock(_positive(value)))
        if name == "dram":
            return WhatIf(text, _dram(_positive(value)))
        if name == "fidelity" and value in MathFidelity.__members__:
            return WhatIf(text, _fidelity(MathFidelity[value]))
    except ValueError as error:
        raise InvalidArgument(f"--what-if {text}: {error}; what can be asked is {FORMS}") from None
    raise InvalidArgument(f"--what-if {text}: what can be asked is {FORMS}")


def _within(text: str, what: str, low: int, high: int) -> int:
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ValueError(f"{what} is {text or 'missing'}, but goes from {low} to {high}")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError(f"{text or 'nothing'} is no number above 0")
    return value


def scaled(chip: Chip, factors: dict[str, float]) -> Chip:
    """A chip some of whose figures are multiplied."""
    figures = {name: getattr(chip, name) for name in factors}
    changed = {
        name: replace(figure, value=figure.value * factors[name], source=f"{figure.source}; what if")
        for name, figure in figures.items()
    }
    return replace(chip, **changed)


def _depth(index: int, pages: int) -> Change:
    """On all cores that have the buffer."""

    def change(chip: Chip, captured: Captured, _: Places) -> Question:
        queues = list(captured.workload.queues)
        for core in captured.cores_with(index):
            queues[core * BUFFERS + index] = pages
        return chip, replace(captured.workload, queues=queues)

    return change


def _clock(megahertz: float) -> Change:
    """DRAM has a clock of its own: what it carries in a second stays."""

    def change(chip: Chip, captured: Captured, _: Places) -> Question:
        faster = megahertz / chip.clock.value
        factors = dict.fromkeys(_RATES, 1 / faster) | dict.fromkeys((*_CYCLES, *_INTERVALS), faster)
        clock = Figure(megahertz, "MHz", "what if")
        return replace(scaled(chip, factors), clock=clock), captured.workload

    return change


def _dram(gigabytes: float) -> Change:
    """All banks together, per second; requests come and go as much faster, latencies stay."""

    def change(chip: Chip, captured: Captured, places: Places) -> Question:
        whole = chip.dram_rate.value * len(places.banks) * chip.clock.value / 1e3
        faster = gigabytes / whole
        factors = dict.fromkeys(_RATES, faster) | dict.fromkeys(_INTERVALS, 1 / faster)
        return scaled(chip, factors), captured.workload

    return change


def _other_noc(chip: Chip, captured: Captured, places: Places) -> Question:
    """Every command goes over the other NoC; banks of DRAM are reached by the ports that are theirs there."""
    nodes = np.array(places.bank_nodes, np.uint32)

    def swapped(actions: Actions) -> Actions:
        changed: Actions = actions.copy()
        moves = np.isin(changed["kind"], (Kind.READ, Kind.WRITE, Kind.ATOMIC, Kind.MULTICAST))
        changed["noc"][moves] ^= 1
        casts = changed["kind"] == Kind.MULTICAST
        changed["node"][casts], changed["last"][casts] = actions["last"][casts], actions["node"][casts]
        dram = moves & ~casts & (changed["channel"] < len(nodes))
        changed["node"][dram] = nodes[changed["noc"][dram], changed["channel"][dram]]
        return changed

    return chip, _changed(captured.workload, range(len(captured.threads)), swapped)


def _fidelity(fidelity: MathFidelity) -> Change:
    """Of MATH's operations: their actions hold which operation it is, and its variant."""

    def change(chip: Chip, captured: Captured, places: Places) -> Question:
        table = math_table(chip.math).reshape(OPERATIONS, VARIANTS, -1)
        workload = captured.workload
        for index, thread in enumerate(captured.threads):
            if thread.engine == "MATH":
                core = thread.core[0] + thread.core[1] * places.grid[0]
                more = table[:, :, PHASES[fidelity]] - table[:, :, int(captured.phases[core])]
                workload = _changed(workload, [index], partial(_refined, more=more))
        return chip, workload

    return change


def _refined(actions: Actions, more: npt.NDArray[np.float64]) -> Actions:
    changed: Actions = actions.copy()
    rows = np.flatnonzero(np.isin(changed["kind"], WORKING) & (changed["count"] > 0) & (changed["value"] > 0))
    operations, variants = changed["value"][rows] - 1, changed["count"][rows] - 1
    changed["cycles"][rows] += more[operations % OPERATIONS, variants % VARIANTS]
    return changed


@dataclass(frozen=True, slots=True)
class _Changed:
    """See :class:`.solver.Runs`."""

    actions: Actions | Runs
    change: Callable[[Actions], Actions]

    def runs(self) -> Iterator[Actions]:
        for run in (self.actions,) if isinstance(self.actions, np.ndarray) else self.actions.runs():
            yield self.change(run)


def _changed(workload: Workload, threads: range | list[int], change: Callable[[Actions], Actions]) -> Workload:
    actions = list(workload.actions)
    for index in threads:
        actions[index] = _Changed(actions[index], change)
    return replace(workload, actions=actions)
