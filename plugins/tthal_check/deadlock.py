"""Why nobody can go on: what those who ended had pushed, popped and incremented, and what the others wait for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

import numpy as np
import numpy.typing as npt

from tthal.columns import counted, fitted
from tthal.coordinates import CoreCoord
from tthal.errors import DeadlockError, SourceLocation
from tthal.kit.core_groups import folded
from tthal.observer import SLOTS, ObservedLaunch

from .waits import Wait, chain, cycle, is_sure, name, waits_of, word_name
from .word_calls import WordCall, WordCalls

_NONE = 0xFFFFFFFF
_SHOWN = 12
_SEMAPHORE = re.compile(r"semaphore at L1 0x([0-9a-f]+)")
_PAGES = re.compile(r"(?:cb_wait_front|cb_pages_available_at_front)\(cb (\d+), (\d+) pages?\)")
_RING = re.compile(
    r"(cb_wait_front|cb_reserve_back|cb_pages_available_at_front|cb_pages_reservable_at_back)\(cb (\d+),"
)
_FOR_ROOM = ("cb_reserve_back", "cb_pages_reservable_at_back")

Rows = Mapping[int, npt.NDArray[np.void]]


def explain_deadlock(error: DeadlockError, launch: ObservedLaunch, buffers: Rows, calls: WordCalls) -> DeadlockError:
    """Return the error with what is known of the other parties.

    Args:
        buffers: per core, the compiled checks' circular buffers by index.
        calls: who set and raised which semaphore.
    """
    waiting = {(state.core, state.processor) for state in error.waiting}
    waits = waits_of(error.waiting, launch, buffers, calls)
    lines = [_with_ids(str(error), waits, launch)]
    lines += [f"    {line}" for line in chain(waits, launch)]
    lines += [f"    {line}" for line in [*_ended(launch, waiting), *_pages(launch, buffers), *_raised(launch, calls)]]
    lines += [f"    {line}" for line in _set(waits, launch, calls)]
    lines += [f"    {line}" for line in folded(_overwritten(waits, launch))]
    lines += [f"    {line}" for line in _hints(error, launch, calls)]
    lines += [f"    {line}" for line in _beginnings(waits)]
    lines += [f"    {line}" for line in _remainders(error, launch, buffers)]
    lines += [f"    {line}" for line in _forgotten(error, launch, buffers)]
    return DeadlockError(fitted("\n".join(lines)), error.waiting)


def _with_ids(text: str, waits: Mapping[int, Wait], launch: ObservedLaunch) -> str:
    """Name semaphores by their ids, too."""
    cores = {core.core: core for core in launch.cores.values()}
    for wait in waits.values():
        if match := _SEMAPHORE.search(wait.state.state):
            word = word_name(cores[wait.core(launch)], int(match[1], 16))
            text = re.sub(rf"\b{match[0]}\b", f"{word} at L1 0x{match[1]}" if "semaphore" in word else word, text)
    return text


def _beginnings(waits: Mapping[int, Wait]) -> Iterator[str]:
    """Several wait, and none of them for anything that was ever done."""
    if len(waits) < 2 or any(wait.need.parties or wait.need.impossible for wait in waits.values()):
        return
    links = cycle(waits)
    if links and is_sure(links):
        value = "" if all(wait.need.is_local for wait in links) else (
            ", or create the semaphore that the first waits for with the value that it needs"
        )  # fmt: skip
        yield (
            "Hint: nobody in the cycle has begun: each does what another waits for only after its own wait. Let one of "
            f"them do it before it waits{value}"
        )
    else:
        yield (
            "Hint: nobody has done yet what another waits for: does each wait for the other to begin, or does one name "
            "another circular buffer or semaphore?"
        )


def _ended(launch: ObservedLaunch, waiting: set[tuple[tuple[int, int], str]]) -> Iterator[str]:
    ended = [k for k in launch.kernels.values() if ((k.core.x, k.core.y), k.processor) not in waiting]
    for kernel in ended[:_SHOWN]:
        yield f"core ({kernel.core.x},{kernel.core.y}) {kernel.processor} {kernel.name} has ended"
    if len(ended) > _SHOWN:
        yield f"… and {len(ended) - _SHOWN} more have ended"


def _pages(launch: ObservedLaunch, buffers: Rows) -> Iterator[str]:
    yield from islice(folded(_each_pages(launch, buffers)), _SHOWN)


def _each_pages(launch: ObservedLaunch, buffers: Rows) -> Iterator[tuple[CoreCoord, str]]:
    for index, core in launch.cores.items():
        for buffer in core.circular_buffers:
            row = buffers[index][buffer.index]
            if row["pushed"] == row["popped"] == 0:
                continue
            text = f"core ({core.core.x},{core.core.y}) cb {buffer.index}: {counted(int(row['pushed']), 'page')} pushed"
            text += _by(launch, int(row["producer"]), int(row["producer_site"]))
            text += f", {row['popped']} popped" + _by(launch, int(row["consumer"]), int(row["consumer_site"]))
            yield core.core, text


def _forgotten(error: DeadlockError, launch: ObservedLaunch, buffers: Rows) -> Iterator[str]:
    """Pages that were waited for and none ever popped, or reserved and none ever pushed, while somebody needs that."""
    cores = {(core.core.x, core.core.y): index for index, core in launch.cores.items()}
    told = set()
    for state in error.waiting:
        match = _RING.search(state.state)
        if match is None or state.core not in cores:
            continue
        for_room, number = match[1] in _FOR_ROOM, int(match[2])
        row = buffers[cores[state.core]][number]
        unpopped = for_room and row["waited"].any() and not row["popped"]
        unpushed = not for_room and row["reserved"] and not row["pushed"]
        if (unpopped or unpushed) and (for_room, number) not in told:
            told.add((for_room, number))
            done, missing = ("waited for", "cb_pop_front") if unpopped else ("reserved", "cb_push_back")
            yield f"Fix: pages of circular buffer {number} were {done}: is {missing}({number}, …) missing behind that?"


def _raised(launch: ObservedLaunch, calls: WordCalls) -> Iterator[str]:
    for call in calls.increments()[:_SHOWN]:
        yield from (
            f"{_semaphore(launch, node, call.address)} was {_done(launch, call)}"
            for node in sorted(call.nodes)
            if node >= 0
        )


def _set(waits: Mapping[int, Wait], launch: ObservedLaunch, calls: WordCalls) -> Iterator[str]:
    """The words that are waited for: who set them, the last one at the end."""
    cores = {core.core: index for index, core in launch.cores.items()}
    awaited = {
        (cores[wait.core(launch)], int(match[1], 16)): None
        for wait in waits.values()
        if (match := _SEMAPHORE.search(wait.state.state))
    }
    several = (
        (launch.cores[node].core, f"{_semaphore(launch, node, address)} was {_done(launch, call)}")
        for node, address in awaited
        for call in calls.at(node, address)
        if call.is_set
    )
    yield from islice(folded(several), _SHOWN)


def _done(launch: ObservedLaunch, call: WordCall) -> str:
    """What a call did, who called it, and where."""
    function = f" ({call.call})" if call.call and not call.is_increment else ""
    return f"{call.done} {_by_whom(launch, call)}{function}"


def _by_whom(launch: ObservedLaunch, call: WordCall) -> str:
    at = f" at {call.location}" if call.location is not None else ""
    return f"by {name(launch.kernels[call.kernel])}{at}"


def _overwritten(waits: Mapping[int, Wait], launch: ObservedLaunch) -> Iterator[tuple[CoreCoord, str]]:
    """Flags that came and that their receiver overwrote."""
    for wait in waits.values():
        if (lost := wait.need.lost) is None:
            continue
        came, word = lost.came, _semaphore(launch, wait.kernel // SLOTS, lost.came.address)
        taken = f"waits there took {lost.taken}" if came.is_increment else f"{counted(lost.taken, 'wait')} there ended"
        text = (
            f"Hint: {name(launch.kernels[wait.kernel])} waits for what came already: {word} was {_done(launch, came)}, "
            f"{taken}, and the reset {_by_whom(launch, lost.reset)} overwrote the rest: send more only when the "
            "receiver says that it took what came before, or count on without a reset"
        )
        yield wait.core(launch), text


def _hints(error: DeadlockError, launch: ObservedLaunch, calls: WordCalls) -> Iterator[str]:
    """What was sent to the awaited semaphore's address on a core where nobody waits for it."""
    cores = {(core.core.x, core.core.y): index for index, core in launch.cores.items()}
    for state in error.waiting:
        match = _SEMAPHORE.search(state.state)
        if match is None:
            continue
        awaited, about = cores.get(state.core), calls.of(int(match[1], 16))
        sent = [call for call in about if len(call.nodes) == 1 and awaited not in call.nodes and _is_sent(call)]
        is_set = any(not call.is_wait and awaited in call.nodes for call in about)
        for call in (each for each in sent if each.is_increment or not is_set):
            what = "the increment" if call.is_increment else f"what {call.call} sent"
            yield (
                f"Hint: core ({state.core[0]},{state.core[1]}) waits for this semaphore, but {what} went to "
                f"core {_core(launch, min(call.nodes))}: are these the virtual coordinates of the right core?"
            )
            return


def _is_sent(call: WordCall) -> bool:
    return not (call.is_wait or call.is_own) and min(call.nodes) >= 0


def _remainders(error: DeadlockError, launch: ObservedLaunch, buffers: Rows) -> Iterator[str]:
    """Waits for so many pages at a time that those that were pushed in all do not come out even."""
    cores = {(core.core.x, core.core.y): index for index, core in launch.cores.items()}
    told = set()
    for state in error.waiting:
        match = _PAGES.search(state.state)
        if match is None or state.core not in cores:
            continue
        number, pages = int(match[1]), int(match[2])
        row = buffers[cores[state.core]][number]
        pushed, fits = int(row["pushed"]), pages * int(row["page_size"]) <= int(row["size"])
        if fits and pages > 1 and pushed % pages and (number, pages) not in told:
            told.add((number, pages))
            were = "was" if pushed == 1 else "were"
            yield (
                f"Hint: core ({state.core[0]},{state.core[1]}) {state.processor} waits for {pages} pages of circular "
                f"buffer {number} at a time, and {pushed} {were} pushed in all: {pages} does not divide {pushed}"
            )


def _by(launch: ObservedLaunch, index: int, site: int) -> str:
    kernel = launch.kernels.get(index)
    if kernel is None or index == _NONE:
        return ""
    location = _location(launch, index, site)
    at = f" at {location}" if location else ""
    return f" by core ({kernel.core.x},{kernel.core.y}) {kernel.processor}{at}"


def _location(launch: ObservedLaunch, index: int, site: int) -> SourceLocation | None:
    for frame in launch.frames(index, site):
        if frame.location is not None and not frame.location.file.startswith("<"):
            return frame.location
    return None


def _core(launch: ObservedLaunch, index: int) -> str:
    width = launch.properties.compute_grid.x
    return f"({index % width},{index // width})"


def _semaphore(launch: ObservedLaunch, index: int, address: int) -> str:
    core = launch.cores.get(index)
    word = word_name(core, address) if core is not None else f"the word at L1 0x{address:x}"
    return f"core {_core(launch, index)} {word}"
