"""Calls in a kernel's source that raise a semaphore, push or pop pages, and what each of them is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tthal.errors import SourceLocation

from .expressions import Place, Values, parted
from .sources import Source

OWN = (None, None, None, None)
_RAISING = {
    "noc_semaphore_inc": 0, "noc_semaphore_inc_multicast": 0, "noc_semaphore_set_remote": 1,
    "noc_semaphore_set_multicast": 1, "noc_semaphore_set_multicast_loopback_src": 1, "noc_semaphore_set": 0,
}  # fmt: skip
"""Functions that raise a semaphore, and which argument says where it is."""
_LOCAL = "noc_semaphore_set"
_METHODS = {
    "up": 1, "set": 0, "set_multicast": 1, "inc_multicast": 1, "relay_unicast": 2, "relay_multicast": 2,
}  # fmt: skip
"""Methods of a Semaphore that raise one, and where coordinates begin in the arguments."""
_RINGS = {"cb_push_back": "push_back", "cb_pop_front": "pop_front"}
_OBJECTS = {"semaphore": r"Semaphore", "ring": r"(?:CircularBuffer|DataflowBuffer)"}


@dataclass(frozen=True, slots=True)
class SourceCall:
    """A call where it stands, with the texts of its arguments.

    Attributes:
        receiver: the object that it is a method of.
        source: the text that it stands in.
        is_compiled: whether it is known to be.
    """

    name: str
    receiver: str
    arguments: tuple[str, ...]
    location: SourceLocation
    source: str
    is_compiled: bool


def calls(sources: Sequence[Source], names: tuple[str, ...]) -> Iterator[SourceCall]:
    """Yield the calls of some functions and methods."""
    call = re.compile(rf"(?:\b(\w+)\s*(?:\.|->)\s*)?\b({'|'.join(names)})\s*(?:<[^;(){{}}]*>\s*)?\(")
    for source in sources:
        text = source.text
        for found in call.finditer(text):
            at = found.start(2)
            line = text.count("\n", 0, at) + 1
            arguments = tuple(map(str.strip, parted(_inside(text, found.end()))))
            location = SourceLocation(source.name, line, at - text.rfind("\n", 0, at))
            yield SourceCall(found[2], found[1] or "", arguments, location, text, line not in source.doubtful)


def _inside(source: str, begin: int) -> str:
    """The text up to the parenthesis that closes one before ``begin``."""
    depth = 1
    for at in range(begin, len(source)):
        depth += (source[at] == "(") - (source[at] == ")")
        if not depth:
            return source[begin:at]
    return source[begin:]


@dataclass(frozen=True, slots=True)
class Raising:
    """A call that raises a semaphore: of one here, or at a place as far as that is known."""

    call: SourceCall
    place: Place
    is_local: bool


def raising(sources: Sequence[Source], values: Values) -> Iterator[Raising]:
    """Yield the calls of a kernel that raise a semaphore."""
    for call in calls(sources, (*_RAISING, *_METHODS)):
        if _is_reset(call, values):
            continue
        if call.name in _RAISING:
            yield _by_function(call, values)
        elif call.receiver and _is_object(call, "semaphore"):
            yield _by_method(call, values)


def _is_reset(call: SourceCall, values: Values) -> bool:
    """Whether a call sets a semaphore to zero."""
    return call.name in (_LOCAL, "set") and values.number(call.arguments[-1], call.source) == 0


def _by_function(call: SourceCall, values: Values) -> Raising:
    at = _RAISING[call.name]
    value = values.of(call.arguments[at], call.source) if at < len(call.arguments) else None
    if call.name == _LOCAL:
        return Raising(call, Place(OWN, value if isinstance(value, int) else None), True)
    return Raising(call, value if isinstance(value, Place) else Place(OWN, None), False)


def _by_method(call: SourceCall, values: Values) -> Raising:
    first, count = _METHODS[call.name], len(call.arguments)
    if call.name == "set" or (call.name == "up" and count == 1):
        return Raising(call, Place(OWN, _address(call, call.receiver, values)), True)
    target = call.arguments[1] if first == 2 and count > 1 else call.receiver
    numbers = [values.number(text, call.source) for text in call.arguments[first : first + 4]]
    several = call.name.endswith("multicast") and len(numbers) == 4
    x0, y0, x1, y1 = numbers if several else (numbers * 2)[:4] if len(numbers) == 2 else _pair(numbers)
    return Raising(call, Place((x0, y0, x1, y1), _address(call, target, values)), False)


def _pair(numbers: list[int | None]) -> list[int | None]:
    """One core as a rectangle."""
    x, y = [*numbers, None, None][:2]
    return [x, y, x, y]


def _address(call: SourceCall, semaphore: str, values: Values) -> int | None:
    text = _made_of(semaphore, "semaphore", call.source)
    return values.number(f"get_semaphore({text})", call.source) if text is not None else None


def _is_object(call: SourceCall, kind: str) -> bool:
    return re.search(rf"\b{_OBJECTS[kind]}\s*(?:<[^;(){{}}]*>)?\s*&?\s*{call.receiver}\b", call.source) is not None


def _made_of(name: str, kind: str, source: str) -> str | None:
    """What an object is made of, if one object has that name."""
    made = re.findall(
        rf"\b{_OBJECTS[kind]}\s*(?:<[^;(){{}}]*>)?\s*&?\s*{re.escape(name)}\s*(?:[({{]([^;]*)[)}}]\s*;)?", source
    )
    return str(made[0]) if len(made) == 1 and made[0] else None


def moving(sources: Sequence[Source], values: Values, function: str) -> Iterator[tuple[SourceCall, int | None]]:
    """Yield calls of ``cb_push_back`` or ``cb_pop_front``, and of which circular buffer, None where it is unknown."""
    for call in calls(sources, (function, _RINGS[function])):
        if call.name == function:
            yield call, values.number(call.arguments[0], call.source)
        elif call.receiver and _is_object(call, "ring"):
            text = _made_of(call.receiver, "ring", call.source)
            yield call, values.number(text, call.source) if text is not None else None
