"""Who waits for whom in a deadlock: the cycle as a numbered chain, the whole as a graph, and waits that cannot end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from tthal.coordinates import CoreCoord
from tthal.errors import ProcessorState
from tthal.observer import ObservedCore, ObservedKernel, ObservedLaunch

NONE = 0xFFFFFFFF
_SHOWN = 8
_STRIDE = 16
"""Bytes from one semaphore to the next (L1 alignment)."""
_PAGES = re.compile(r"(cb_wait_front|cb_reserve_back)\(cb (\d+), (\d+) pages\)")
_SEMAPHORE = re.compile(r"semaphore at L1 0x([0-9a-f]+) to become (?:>= )?(\d+): it is (\d+)")


@dataclass(frozen=True, slots=True)
class Wait:
    """A processor that waits.

    Attributes:
        kernel: its index.
        state: what it does, where.
        needs: what would wake it, in words.
        parties: indices of the kernels that did such a thing before; empty when nobody did.
        is_local: whether only kernels of the same core can do it.
    """

    kernel: int
    state: ProcessorState
    needs: str
    parties: tuple[int, ...]
    is_local: bool

    def core(self, launch: ObservedLaunch) -> CoreCoord:
        """Where it is."""
        return launch.kernels[self.kernel].core

    def never(self, waiting: Mapping[int, Wait], launch: ObservedLaunch) -> str:
        """Say why nobody can wake it any more; empty when somebody may."""
        if not self.needs or any(party in waiting for party in self.parties):
            return ""
        if not self.parties:
            alone = not any(self._may_be_done_by(index, launch) for index in waiting)
            never = "can never be satisfied: " if alone else "waits: "
            return f"{never}no kernel of this launch has ever done what it needs ({self.needs})"
        ended = ", ".join(name(launch.kernels[party]) for party in self.parties)
        return (
            f"can never be satisfied: {ended}, which did it before, has ended: once too few there, or waited for once "
            f"too often here?"
        )

    def _may_be_done_by(self, kernel: int, launch: ObservedLaunch) -> bool:
        other = launch.kernels[kernel]
        return kernel != self.kernel and not (self.is_local and other.core != self.core(launch))


def name(kernel: ObservedKernel) -> str:
    """A kernel's place."""
    return f"core ({kernel.core.x},{kernel.core.y}) {kernel.processor}"


def waits_of(
    states: Sequence[ProcessorState],
    launch: ObservedLaunch,
    buffers: Mapping[int, npt.NDArray[np.void]],
    increments: npt.NDArray[np.void],
) -> dict[int, Wait]:
    """Return what every waiting kernel waits for, by its index."""
    kernels = {((item.core.x, item.core.y), item.processor): index for index, item in launch.kernels.items()}
    cores = {(core.core.x, core.core.y): index for index, core in launch.cores.items()}
    found = {}
    for state in states:
        index = kernels.get((state.core, state.processor))
        core = cores.get(state.core)
        if index is not None and core is not None:
            needs, parties = _needs(state.state, launch.cores[core], core, buffers[core], increments)
            known = tuple(party for party in parties if party in launch.kernels)
            found[index] = Wait(index, state, needs, known, _SEMAPHORE.search(state.state) is None)
    return found


def word_name(core: ObservedCore, address: int) -> str:
    """A semaphore by its id, or another word of L1."""
    base, count = core.semaphores
    number, rest = divmod(address - base, _STRIDE)
    return f"semaphore {number}" if 0 <= number < count and not rest else f"the word at L1 0x{address:x}"


def _needs(
    text: str, there: ObservedCore, core: int, buffers: npt.NDArray[np.void], increments: npt.NDArray[np.void]
) -> tuple[str, list[int]]:
    if match := _PAGES.search(text):
        row = buffers[int(match[2])]
        if match[1] == "cb_wait_front":
            return f"a push into circular buffer {match[2]}", _known(row["producer"])
        return f"a pop of circular buffer {match[2]}", _known(row["consumer"])
    if match := _SEMAPHORE.search(text):
        address = int(match[1], 16)
        rows = [row for row in increments if row["times"] and row["address"] == address and row["node"] == core]
        return f"{word_name(there, address)} to change", list(dict.fromkeys(int(row["kernel"]) for row in rows))
    return "", []


def _known(kernel: int) -> list[int]:
    return [] if kernel == NONE else [int(kernel)]


def cycle(waits: Mapping[int, Wait]) -> list[Wait]:
    """Return waits of which each waits for the next, and the last for the first; empty when there are none."""
    for start in waits:
        path: list[int] = []
        at: int | None = start
        while at is not None and at not in path:
            path.append(at)
            at = next((party for party in waits[at].parties if party in waits), None)
        if at is not None:
            return [waits[index] for index in path[path.index(at) :]]
    return []


def chain(waits: Mapping[int, Wait], launch: ObservedLaunch) -> Iterator[str]:
    """Yield the cycle as numbered lines, then the waits that cannot end."""
    links = cycle(waits)
    if links:
        yield "The wait cycle:"
    for number, wait in enumerate(links, 1):
        at = f" at {wait.state.location}" if wait.state.location else ""
        last = number == len(links)
        other = name(launch.kernels[links[0 if last else number].kernel])
        yield f"    {number}. {name(launch.kernels[wait.kernel])}{at} needs {wait.needs}, which {other} does" + (
            " (1.)" if last else ""
        )
    reasons = ((wait, wait.never(waits, launch)) for wait in waits.values())
    told = ((wait.core(launch), f"{name(launch.kernels[wait.kernel])} {reason}") for wait, reason in reasons if reason)
    yield from islice(folded(told), _SHOWN)


def folded(lines: Iterable[tuple[CoreCoord, str]]) -> Iterator[str]:
    """Make lines that differ only in their own core one, which says how many more there are."""
    alike: dict[str, list[str]] = {}
    for core, line in lines:
        alike.setdefault(line.replace(f"core ({core.x},{core.y})", "core"), []).append(line)
    for first, *others in alike.values():
        yield first + (f" (and {len(others)} other core{'s' if len(others) > 1 else ''})" if others else "")


def graph(waits: Mapping[int, Wait], launch: ObservedLaunch) -> str:
    """Return the waits in Graphviz's language: an arrow leads to whom somebody waits for."""
    lines = ["digraph waits {", "    node [shape=box];"]
    involved = {index for wait in waits.values() for index in (wait.kernel, *wait.parties)}
    for index in sorted(involved):
        kernel = launch.kernels[index]
        doing = waits[index].state.state if index in waits else "ended"
        lines.append(f"    k{index} [label={_quoted(f'{name(kernel)} {kernel.name}: {doing}')}];")
    for wait in waits.values():
        lines += [f"    k{wait.kernel} -> k{party} [label={_quoted(wait.needs)}];" for party in wait.parties]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))
    return f'"{escaped}"'
