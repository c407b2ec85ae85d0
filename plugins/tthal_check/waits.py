"""Who waits for whom in a deadlock: the cycle as a numbered chain, the whole as a graph, and waits that cannot end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tthal.columns import counted
from tthal.coordinates import CoreCoord
from tthal.errors import ProcessorState
from tthal.kit.core_groups import folded, other_cores
from tthal.observer import ObservedCore, ObservedKernel, ObservedLaunch

from .candidates import Candidate, Candidates
from .structures import NONE, SEMAPHORE_STRIDE
from .word_calls import WordCall, WordCalls

_SHOWN = 8
_LINKS = 12
"""Links of a cycle that are listed; the graph has all."""
_PAGES = re.compile(
    r"(cb_wait_front|cb_reserve_back|cb_pages_available_at_front|cb_pages_reservable_at_back)"
    r"\(cb (\d+), (\d+) pages?\): \d+ of (\d+)"
)
_FOR_PAGES = ("cb_wait_front", "cb_pages_available_at_front")
"""Calls that ask for pages, not for room."""
_SEMAPHORE = re.compile(r"semaphore at L1 0x([0-9a-f]+) to become (>= )?(\d+): it is (\d+)")


@dataclass(frozen=True, slots=True)
class Need:
    """What would wake a processor that waits.

    Attributes:
        words: what it is.
        undone: that nobody ever did it, in words.
        parties: indices of the kernels that did such a thing before; empty when nobody did.
        candidates: who waits, too, and may do it, where no party is left.
        is_local: whether only kernels of the same core can do it.
        lost: what came and was overwritten, if that is so.
        impossible: why nobody can ever do it, if that is so.
    """

    words: str = ""
    undone: str = ""
    parties: tuple[int, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    is_local: bool = True
    lost: Lost | None = None
    impossible: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """A word that another kernel set or raised, and that its core overwrote before all of that was waited for.

    Attributes:
        came: the last call that set or raised it.
        reset: the core's own set, behind that.
        taken: how many waits for it ended before, or how much they waited for where it was raised.
    """

    came: WordCall
    reset: WordCall
    taken: int


@dataclass(frozen=True, slots=True)
class Wait:
    """A processor that waits: its kernel's index, what it does where, and what would wake it."""

    kernel: int
    state: ProcessorState
    need: Need

    def core(self, launch: ObservedLaunch) -> CoreCoord:
        """Where it is."""
        return launch.kernels[self.kernel].core

    def others(self) -> tuple[int, ...]:
        """For whom it waits, or may wait."""
        return (*self.need.parties, *(candidate.kernel for candidate in self.need.candidates))

    def never(self, waiting: Mapping[int, Wait], launch: ObservedLaunch) -> str:
        """Say why nobody can wake it any more; empty when somebody may of whom it is known."""
        need = self.need
        if need.impossible:
            return f"can never be satisfied: {need.impossible}"
        if not need.words or any(party in waiting for party in need.parties):
            return ""
        past = f"{need.undone} ({need.words})"
        if need.parties:
            has = "has" if len(need.parties) == 1 else "have"
            past = f"{_shown(need.parties, launch)}, which did it before, {has} ended"
        if need.candidates:
            return f"waits: {past}; {_may(need, launch)}, but waits itself"
        if need.lost:
            return f"can never be satisfied: {past}, and what came was overwritten"
        if need.parties:
            return f"can never be satisfied: {past}: once too few there, or waited for once too often here?"
        if not any(self._may_be_done_by(index, launch) for index in waiting):
            return f"can never be satisfied: {past}"
        return f"waits: {past}" + (
            "" if need.is_local else ", and no source of those that still wait has a call for it"
        )

    def _may_be_done_by(self, kernel: int, launch: ObservedLaunch) -> bool:
        other = launch.kernels[kernel]
        return kernel != self.kernel and not (self.need.is_local and other.core != self.core(launch))


def _may(need: Need, launch: ObservedLaunch, chosen: int | None = None) -> str:
    """Say who may do it by which call, the chosen kernel first; others with the same call are named behind it."""
    first = next((each for each in need.candidates if each.kernel == chosen), need.candidates[0])
    alike = [each for each in need.candidates if _way(each, launch) == _way(first, launch)]
    does = "has a call for it," if first.is_sure else "may do it by"
    others = [launch.kernels[each.kernel].core for each in alike if each.kernel != first.kernel]
    rest = len(need.candidates) - len(alike)
    return (
        f"{name(launch.kernels[first.kernel])} {does} {first.call} at {first.location}"
        + (f" (and so {other_cores(others)})" if others else "")
        + (f", or {rest} more otherwise" if rest else "")
    )


def _way(candidate: Candidate, launch: ObservedLaunch) -> tuple[str, str, str]:
    return candidate.call, str(candidate.location), launch.kernels[candidate.kernel].processor


def _shown(parties: Sequence[int], launch: ObservedLaunch) -> str:
    """Name the first kernels, and count the others."""
    names = [name(launch.kernels[party]) for party in parties]
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def name(kernel: ObservedKernel) -> str:
    """A kernel's place."""
    return f"core ({kernel.core.x},{kernel.core.y}) {kernel.processor}"


def waits_of(
    states: Sequence[ProcessorState],
    launch: ObservedLaunch,
    buffers: Mapping[int, npt.NDArray[np.void]],
    calls: WordCalls,
) -> dict[int, Wait]:
    """Return what every waiting kernel waits for, by its index."""
    kernels = {((item.core.x, item.core.y), item.processor): index for index, item in launch.kernels.items()}
    cores = {(core.core.x, core.core.y): index for index, core in launch.cores.items()}
    placed = [(kernels.get((state.core, state.processor)), cores.get(state.core), state) for state in states]
    candidates = Candidates(launch, [index for index, _, _ in placed if index is not None])
    found = {}
    for index, core, state in placed:
        if index is not None and core is not None:
            need = _need(state.state, launch.cores[core], buffers[core], calls, index)
            known = tuple(party for party in need.parties if party in launch.kernels)
            found[index] = Wait(index, state, replace(need, parties=known))
    return {
        index: replace(wait, need=replace(wait.need, candidates=_candidates(wait, candidates, cores, found)))
        for index, wait in found.items()
    }


def _candidates(
    wait: Wait, candidates: Candidates, cores: Mapping[tuple[int, int], int], waiting: Mapping[int, Wait]
) -> tuple[Candidate, ...]:
    """Who may do what it needs, where none of those waits who did it before; pages have one producer and consumer."""
    core, text, parties = cores[wait.state.core], wait.state.state, wait.need.parties
    if wait.need.lost:
        return ()
    if (match := _PAGES.search(text)) and not parties and not wait.need.impossible:
        function = "cb_push_back" if match[1] in _FOR_PAGES else "cb_pop_front"
        return candidates.move_pages(function, int(match[2]), core, wait.kernel)
    if (match := _SEMAPHORE.search(text)) and not any(party in waiting for party in parties):
        return candidates.raise_word(core, int(match[1], 16), wait.kernel)
    return ()


def word_name(core: ObservedCore, address: int) -> str:
    """A semaphore by its id, or another word of L1."""
    base, count = core.semaphores
    number, rest = divmod(address - base, SEMAPHORE_STRIDE)
    return f"semaphore {number}" if 0 <= number < count and not rest else f"the word at L1 0x{address:x}"


def _need(text: str, there: ObservedCore, buffers: npt.NDArray[np.void], calls: WordCalls, waiter: int) -> Need:
    never = "no kernel of this launch has ever done what it needs"
    if match := _PAGES.search(text):
        row = buffers[int(match[2])]
        if int(match[3]) > int(match[4]):
            return Need(impossible=f"circular buffer {match[2]} has no more than {counted(int(match[4]), 'page')}")
        if match[1] in _FOR_PAGES:
            return Need(f"a push into circular buffer {match[2]}", never, _known(row["producer"]))
        return Need(f"a pop of circular buffer {match[2]}", never, _known(row["consumer"]))
    if match := _SEMAPHORE.search(text):
        return _need_of_word(there, calls, waiter, match)
    return Need()


def _need_of_word(there: ObservedCore, calls: WordCalls, waiter: int, match: re.Match[str]) -> Need:
    """What a wait for a word needs; whoever resets it on its own core brings nothing."""
    address, is_least, wanted, present = int(match[1], 16), bool(match[2]), int(match[3]), int(match[4])
    about = calls.at(there.index, address)
    came = [
        call
        for call in about
        if not call.is_wait and call.kernel != waiter and not (call.is_own and call.value == 0 and wanted)
    ]
    parties = tuple(dict.fromkeys(call.kernel for call in came))
    never = "no kernel of this launch has ever incremented or set it"
    if not calls.are_all:
        never = "none of the calls of this launch that are known has incremented or set it"
    lost = _lost(about, came, waiter, present, lambda value: value >= wanted if is_least else value == wanted)
    return Need(f"{word_name(there, address)} to change", never, parties, is_local=False, lost=lost)


def _lost(
    about: Sequence[WordCall], came: Sequence[WordCall], waiter: int, present: int, is_right: Callable[[int], bool]
) -> Lost | None:
    """Find out what a reset overwrote: more came than was waited for, and what is there now is the reset's."""
    resets = [call for call in about if call.is_own and call not in came]
    transfers = [call for call in came if not call.is_own]
    if not resets or not transfers or resets[-1].value != present:
        return None
    waits = [call for call in about if call.is_wait and call.kernel == waiter]
    if all(call.is_increment for call in transfers):
        taken = sum(call.sum for call in waits)
        return Lost(transfers[-1], resets[-1], taken) if sum(call.sum for call in transfers) > taken else None
    taken, right = sum(call.times for call in waits), [call for call in transfers if is_right(call.value)]
    is_lost = not any(call.is_increment for call in came) and sum(call.times for call in right) > taken
    return Lost(right[-1], resets[-1], taken) if is_lost else None


def _known(kernel: int) -> tuple[int, ...]:
    return () if kernel == NONE else (int(kernel),)


def cycle(waits: Mapping[int, Wait]) -> list[Wait]:
    """Return waits of which each waits for the next, and the last for the first; empty when there are none.

    One of those who did before what is waited for, if there is one; else of those who may do it, too.
    """
    known = {index: [party for party in wait.need.parties if party in waits] for index, wait in waits.items()}
    every = {index: [other for other in wait.others() if other in waits] for index, wait in waits.items()}
    return [waits[index] for index in _circle(known) or _circle(every)]


def is_sure(links: Sequence[Wait]) -> bool:
    """Whether it is known of all in a cycle that they do, or have a call for, what the one before needs."""
    following = (*links[1:], *links[:1])
    return all(
        other.kernel in wait.need.parties
        or any(each.is_sure for each in wait.need.candidates if each.kernel == other.kernel)
        for wait, other in zip(links, following, strict=True)
    )


def _circle(edges: Mapping[int, Sequence[int]]) -> list[int]:
    """Return the nodes of a circle, by searching in depth; none is entered twice."""
    entered: set[int] = set()
    for start in edges:
        path, left = [start], [iter(edges[start] if start not in entered else ())]
        entered.add(start)
        while left:
            following = next(left[-1], None)
            if following is None:
                path.pop()
                left.pop()
            elif following in path:
                return path[path.index(following) :]
            elif following not in entered:
                entered.add(following)
                path.append(following)
                left.append(iter(edges[following]))
    return []


def chain(waits: Mapping[int, Wait], launch: ObservedLaunch) -> Iterator[str]:
    """Yield the cycle as numbered lines, then the waits that cannot end."""
    links = cycle(waits)
    if links:
        yield "The wait cycle:" if is_sure(links) else "What may be the wait cycle:"
    hidden = range(_LINKS - 1, len(links) - 1) if len(links) > _LINKS else range(0)
    for at, wait in enumerate(links):
        if at not in hidden:
            yield f"    {at + 1}. {_link(wait, links[(at + 1) % len(links)].kernel, launch)}" + (
                " (1.)" if at == len(links) - 1 else ""
            )
        elif at == hidden[0]:
            yield f"    … {len(hidden)} more (waits.dot of dump=FOLDER has all), up to"
    told = {wait.kernel for wait in links}
    reasons = ((wait, wait.never(waits, launch)) for index, wait in waits.items() if index not in told)
    yield from _several(
        [(wait.core(launch), f"{name(launch.kernels[wait.kernel])} {reason}") for wait, reason in reasons if reason]
    )


def _link(wait: Wait, following: int, launch: ObservedLaunch) -> str:
    at = f" at {wait.state.location}" if wait.state.location else ""
    known = following in wait.need.parties
    does = f"which {name(launch.kernels[following])} does" if known else _may(wait.need, launch, following)
    return f"{name(launch.kernels[wait.kernel])}{at} needs {wait.need.words}{', ' if known else '; '}{does}"


def _several(lines: list[tuple[CoreCoord, str]]) -> list[str]:
    told = list(folded(lines))
    more = [f"… and {len(told) - _SHOWN} more like these"] if len(told) > _SHOWN else []
    return told[:_SHOWN] + more


def graph(waits: Mapping[int, Wait], launch: ObservedLaunch) -> str:
    """Return the waits in Graphviz's language: an arrow leads to whom somebody waits for, dashed to whom it may."""
    lines = ["digraph waits {", "    node [shape=box];"]
    involved = {index for wait in waits.values() for index in (wait.kernel, *wait.others())}
    for index in sorted(involved):
        kernel = launch.kernels[index]
        doing = waits[index].state.state if index in waits else "ended"
        lines.append(f"    k{index} [label={_quoted(f'{name(kernel)} {kernel.name}: {doing}')}];")
    for wait in waits.values():
        label = _quoted(wait.need.words)
        lines += [f"    k{wait.kernel} -> k{party} [label={label}];" for party in wait.need.parties]
        for each in wait.need.candidates:
            may = _quoted(f"{wait.need.words}: {each.call} at {each.location}")
            lines.append(f"    k{wait.kernel} -> k{each.kernel} [style=dashed, label={may}];")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))
    return f'"{escaped}"'
