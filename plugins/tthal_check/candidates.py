"""Who may do what nobody has done yet: processors that still wait, whose sources have a call for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tthal.errors import SourceLocation
from tthal.observer import NODE_BITS, ObservedLaunch

from .expressions import Values
from .source_calls import Raising, moving, raising
from .sources import Source, sources_of

_COORDINATE = (1 << NODE_BITS) - 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A processor, by its kernel's index, and its call.

    Attributes:
        is_sure: what the call is about is known, and it is this; else that could not be found out.
    """

    kernel: int
    call: str
    location: SourceLocation
    is_sure: bool


class Candidates:
    """Looks for calls in the sources of kernels that wait."""

    def __init__(self, launch: ObservedLaunch, waiting: Iterable[int]) -> None:
        self._launch = launch
        self._waiting = tuple(waiting)
        self._sources: dict[int, tuple[Source, ...]] = {}
        self._values: dict[int, Values] = {}
        self._raising: dict[int, tuple[Raising, ...]] = {}

    def _read(self, index: int) -> tuple[tuple[Source, ...], Values]:
        """The sources of a kernel, and what they mean on its core."""
        kernel, image = self._launch.kernels[index], self._launch.image
        if kernel.kernel not in self._sources:
            self._sources[kernel.kernel] = sources_of(image, image.kernels[kernel.kernel])
        sources = self._sources[kernel.kernel]
        if index not in self._values:
            self._values[index] = Values(self._launch, kernel, sources)
        return sources, self._values[index]

    def raise_word(self, core: int, address: int, waiter: int) -> tuple[Candidate, ...]:
        """Return who may raise a word of a core's L1; sure ones alone when there are any.

        Of those whose calls do not tell, those are preferred that have the core's coordinates among their arguments.
        """
        found = []
        for index in self._waiting:
            judged = ((call, self._is_it(call, index, core, address)) for call in self._raised_by(index))
            told = [(call, verdict) for call, verdict in judged if verdict is not False]
            if told and index != waiter:
                call, verdict = next((each for each in told if each[1]), told[0])
                found.append(Candidate(index, call.call.name, call.call.location, verdict is True))
        if sure := [each for each in found if each.is_sure]:
            return tuple(sure)
        naming = [each for each in found if self._names(each.kernel, core)]
        return tuple(naming or found)

    def move_pages(self, function: str, circular_buffer: int, core: int, waiter: int) -> tuple[Candidate, ...]:
        """Return who may push or pop pages of a core's circular buffer; sure ones alone when there are any."""
        found = list(self._moving(function, circular_buffer, core, waiter))
        return tuple([each for each in found if each.is_sure] or found)

    def _moving(self, function: str, circular_buffer: int, core: int, waiter: int) -> Iterator[Candidate]:
        for index in self._waiting:
            kernel = self._launch.kernels[index]
            if index == waiter or kernel.core != self._launch.cores[core].core:
                continue
            told = [
                (call, number is not None and call.is_compiled)
                for call, number in moving(*self._read(index), function)
                if number in (circular_buffer, None)
            ]
            if told:
                call, is_sure = next((each for each in told if each[1]), told[0])
                yield Candidate(index, call.name, call.location, is_sure)

    def _raised_by(self, index: int) -> tuple[Raising, ...]:
        if index not in self._raising:
            self._raising[index] = tuple(raising(*self._read(index)))
        return self._raising[index]

    def _is_it(self, call: Raising, kernel: int, core: int, address: int) -> bool | None:
        """Whether a call raises the word; None when that is not known."""
        place = call.place
        if place.address not in (None, address):
            return False
        known = True if place.address is not None and call.call.is_compiled else None
        if call.is_local:
            return known if self._launch.kernels[kernel].core == self._launch.cores[core].core else False
        corners = [each for each in place.corners if each is not None]
        if len(corners) == len(place.corners):
            return known if self._reaches(corners, core) else False
        return None

    def _reaches(self, corners: list[int], core: int) -> bool:
        x0, y0, x1, y1 = (corner & _COORDINATE for corner in corners)
        rows, columns = range(min(y0, y1), max(y0, y1) + 1), range(min(x0, x1), max(x0, x1) + 1)
        places = [y << NODE_BITS | x for y in rows for x in columns]
        return bool((self._launch.nodes[:, places] == core).any())

    def _names(self, index: int, core: int) -> bool:
        """Whether a kernel's arguments have the coordinates of a core, one behind the other."""
        wanted = self._launch.properties.virtual_core(self._launch.cores[core].core)
        return any(pair == wanted for words in self._read(index)[1].lists() for pair in pairwise(words))
