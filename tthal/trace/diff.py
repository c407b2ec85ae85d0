"""Compares two traces call by call, results included."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from tthal.trace.differences import Difference, Side, compare_calls, describe, differences
from tthal.trace.elements import PageFormats, compare_data, page_formats
from tthal.trace.reader import Trace
from tthal.trace.schema import UNMATCHED, Allocate, CallBase, Finish, Open, Read, ReadData

WINDOW = 100
"""How far ahead the two traces are searched for the place where they agree again."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """One place where two traces differ: the call in each (None where it has none) and the fields that differ."""

    first: CallBase | None
    second: CallBase | None
    found: tuple[Difference, ...] = ()

    def lines(self) -> list[str]:
        """Return the divergence as text."""
        if self.second is None and self.first is not None:
            return [f"only in A: call {self.first.n}: {describe(self.first)}"]
        if self.first is None and self.second is not None:
            return [f"only in B: call {self.second.n}: {describe(self.second)}"]
        if self.first is None or self.second is None:
            return []
        head = f"call {self.first.n} / {self.second.n}: {describe(self.first)}"
        return [head, *(f"    {each.field}: A {each.recorded}, B {each.actual}" for each in self.found)]


def diff(first: Trace, second: Trace, ignore: frozenset[str] = frozenset()) -> Iterator[Divergence]:
    """Yield where two traces differ; the position of what is freed is not compared."""
    formats = page_formats(first)
    sides = _Follower(first, formats), _Follower(second, formats)
    while True:
        a, b = sides[0].peek(0), sides[1].peek(0)
        if a is None and b is None:
            return
        if a is None or b is None or not _alike(a, b):
            yield from _resynchronised(*sides)
            continue
        found = _compare(sides, a, b, ignore)
        for side in sides:
            side.advance()
        if found:
            yield Divergence(a, b, tuple(found))


def _alike(a: CallBase, b: CallBase) -> bool:
    """Whether two calls may stand for each other: the same operation on the same device and queue."""
    return (a.op, a.device, getattr(a, "queue", None)) == (b.op, b.device, getattr(b, "queue", None))


def _resynchronised(a: _Follower, b: _Follower) -> Iterator[Divergence]:
    """Skip calls of either trace until they agree again, as few as possible."""
    skip_a, skip_b = next(_agreements(a, b), (1, 1))
    for _ in range(skip_a):
        if (call := a.advance()) is not None:
            yield Divergence(call, None)
    for _ in range(skip_b):
        if (call := b.advance()) is not None:
            yield Divergence(None, call)


def _agreements(a: _Follower, b: _Follower) -> Iterator[tuple[int, int]]:
    for total in range(1, WINDOW):
        for skip in range(total + 1):
            one, other = a.peek(skip), b.peek(total - skip)
            if one is not None and other is not None and _alike(one, other):
                yield skip, total - skip


def _compare(sides: tuple[_Follower, _Follower], a: CallBase, b: CallBase, ignore: frozenset[str]) -> list[Difference]:
    pair = [
        Side(call, side.trace, side.page_size(call), side.formats) for call, side in zip((a, b), sides, strict=True)
    ]
    found = compare_calls(pair[0], pair[1], ignore, with_results=True)
    if isinstance(a, Open) and isinstance(b, Open) and a.properties and b.properties and a.properties != b.properties:
        found = [each for each in found if each.field != "properties"]
        both = sides[0].trace.properties(a.properties), sides[1].trace.properties(b.properties)
        found += differences(*both, "properties")
    if isinstance(a, Finish) and isinstance(b, Finish):
        found = [each for each in found if not each.field.startswith("reads")]
        found += _reads(sides, a.reads, b.reads)
    return found


def _reads(
    sides: tuple[_Follower, _Follower], a: tuple[ReadData, ...], b: tuple[ReadData, ...]
) -> Iterator[Difference]:
    if len(a) != len(b):
        yield Difference("reads", f"{len(a)} reads", f"{len(b)} reads")
    for one, other in zip(a, b, strict=False):
        if one.data == other.data:
            continue
        name = f"data of read {one.call} / {other.call}"
        if one.data is None or other.data is None:
            yield Difference(name, *("nothing" if each.data is None else each.data[:12] for each in (one, other)))
            continue
        page_size = sides[0].read_page_size(one.call)
        contents = sides[0].trace.data(one.data), sides[1].trace.data(other.data)
        difference = compare_data(*contents, page_size, sides[0].formats.of(page_size))
        if difference is not None:
            where = f"{name}, page {difference.page}, {difference.unit} {difference.element}"
            yield Difference(where, difference.recorded, f"{difference.actual} ({difference.extent})")


@dataclass(slots=True)
class _Follower:
    """Walks one trace, knowing what its buffers are."""

    trace: Trace
    formats: PageFormats
    _ahead: deque[CallBase] = field(default_factory=deque)
    _unread: Iterator[CallBase] | None = None
    _buffers: dict[tuple[int, int], int] = field(default_factory=dict)
    _reads: dict[int, int] = field(default_factory=dict)

    def peek(self, index: int) -> CallBase | None:
        """Return a call that lies ahead, None behind the end."""
        if self._unread is None:
            self._unread = iter(self.trace.calls())
        while len(self._ahead) <= index:
            call = next(self._unread, None)
            if call is None:
                return None
            if call.op not in UNMATCHED:
                self._ahead.append(call)
        return self._ahead[index]

    def advance(self) -> CallBase | None:
        """Go past the next call and return it."""
        call = self.peek(0)
        if call is None:
            return None
        if isinstance(call, Allocate) and call.allocation is not None:
            self._buffers[call.device, call.allocation] = call.spec.page_size
        elif isinstance(call, Read):
            self._reads[call.n] = self.page_size(call)
        elif isinstance(call, Finish):
            for each in call.reads:
                self._reads.pop(each.call, None)
        return self._ahead.popleft()

    def page_size(self, call: CallBase) -> int:
        """Return the page size of the buffer that a call is about, 1 when it is about none."""
        return self._buffers.get((call.device, getattr(call, "allocation", None) or 0), 1)

    def read_page_size(self, number: int) -> int:
        """Return the page size of the buffer of a read that is under way."""
        return self._reads.get(number, 1)
