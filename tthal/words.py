"""Checks of the values that cross the host API: unsigned 32-bit words, byte counts, indices, enumerations."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from enum import IntEnum
from typing import Any, TypeVar

from tthal.errors import InvalidArgument

WORD_MAX = 0xFFFF_FFFF
"""The largest runtime or compile-time argument: kernels see unsigned 32-bit words (host-api.md §1.6)."""

_PLAIN_INT = {int}

_BOOLS = ("bool", "bool_")
"""Python's and numpy's truth values, which are integers only where a word is meant."""

E = TypeVar("E", bound=IntEnum)


class Extents(tuple[int, ...]):
    """Numbers such as (height, width), equal to a list of the same numbers: where ttnn gives a list, this is given."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return tuple.__eq__(self, tuple(other) if isinstance(other, list) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = tuple.__hash__


def integer(value: Any, what: str) -> int:
    """Return an int or a numpy integer as an int.

    Raises:
        InvalidArgument: ``value`` is a bool, a Buffer or anything else that is not an integer.
    """
    if type(value) is int:
        return value
    if type(value).__name__ not in _BOOLS:
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise InvalidArgument(f"{what} must be an integer, not {_describe(value)}")


def word(value: Any, what: str) -> int:
    """Return an unsigned 32-bit integer; True and False are 1 and 0, as in a kernel.

    Raises:
        InvalidArgument: it is not an integer, or it is negative or above 0xFFFFFFFF.
    """
    number = int(value) if type(value).__name__ in _BOOLS else integer(value, what)
    if not 0 <= number <= WORD_MAX:
        hint = "kernels read it as an unsigned 32-bit word; pass value & 0xFFFFFFFF if the bit pattern is meant"
        raise InvalidArgument(f"{what} is {number}, outside 0..0xFFFFFFFF: {hint}")
    return number


def bounded(value: Any, what: str, largest: int = WORD_MAX) -> int:
    """Return an unsigned integer up to ``largest``.

    Raises:
        InvalidArgument: it is none.
    """
    number = integer(value, what)
    if not 0 <= number <= largest:
        raise InvalidArgument(f"{what} is {number}, outside 0..{largest}")
    return number


def words(values: Iterable[Any], what: str) -> tuple[int, ...]:
    """Return a sequence of unsigned 32-bit integers as a tuple; ``what`` names one of them in errors.

    Raises:
        InvalidArgument: it is not a sequence of such integers.
    """
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise InvalidArgument(f"{what}s must be a list of integers, not {_describe(values)}")
    found = tuple(values)
    if found and set(map(type, found)) == _PLAIN_INT and min(found) >= 0 and max(found) <= WORD_MAX:
        return found
    return tuple(word(value, f"{what} {index}") for index, value in enumerate(found))


def byte_count(value: Any, what: str, *, positive: bool = False) -> int:
    """Return a size in bytes, at least 0, or at least 1 with ``positive``."""
    number = integer(value, what)
    if number < 0 or (positive and number == 0):
        raise InvalidArgument(f"{what} is {number} bytes; it must be {'at least 1' if positive else '0 or more'}")
    return number


def member(kind: type[E], value: Any, what: str) -> E:
    """Return a member of an enumeration, given itself or its number.

    Raises:
        InvalidArgument: there is none.
    """
    try:
        return kind(value)
    except ValueError:
        names = ", ".join(each.name for each in kind)
        raise InvalidArgument(f"{what} {value!r} is not a {kind.__name__}; choose one of {names}") from None


def _describe(value: Any) -> str:
    name = type(value).__name__
    if callable(getattr(value, "address", None)):
        return f"a {name}; kernels take its address: pass .address()"
    return f"{name} ({value!r})" if isinstance(value, (bool, float, str)) else name
