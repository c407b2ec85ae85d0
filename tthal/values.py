"""Descriptors as values: what one is made of is its own copy, as in ttnn, where C++ structures hold their parts.

A kernel descriptor that is changed after it went into a program descriptor leaves that program as it was (ttnn 0.81.1,
tests/metal/descriptor_expressions.txt); what the program descriptor itself holds can be changed in place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, SupportsIndex, TypeVar

from tthal.errors import InvalidArgument
from tthal.types import UnpackToDestMode
from tthal.words import member, word

__all__ = ["VectorUInt32", "VectorUnpackToDestMode"]

Element = TypeVar("Element")


class Value:
    """An object that owns its parts: an attribute that is set becomes a copy of what is given."""

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, owned(value))

    def copied(self) -> Any:
        """Return an equal object that shares no part with this one."""
        twin = object.__new__(type(self))
        for name, value in vars(self).items():
            object.__setattr__(twin, name, owned(value))
        return twin


def owned(part: Any) -> Any:
    """Return a part as a descriptor keeps it: a copy of whatever its giver could still change."""
    if isinstance(part, Value):
        return part.copied()
    if isinstance(part, _Vector):
        return type(part)(part)
    if type(part) in (list, tuple):
        return [owned(each) if isinstance(each, Value) else each for each in part]
    return dict(part) if isinstance(part, dict) else part


class _Vector(list[Element]):
    """A list whose elements are checked as they enter it."""

    def __init__(self, arg: Iterable[Any] = ()) -> None:
        super().__init__(self.checked(each) for each in _several(arg, type(self).__name__))

    @staticmethod
    def checked(value: Any) -> Element:
        """Return one element.

        Raises:
            InvalidArgument: it is none.
        """
        raise NotImplementedError

    def append(self, x: Any) -> None:
        """Add one element."""
        super().append(self.checked(x))

    def insert(self, arg0: SupportsIndex, arg1: Any) -> None:
        """Put an element before the one with this index."""
        super().insert(arg0, self.checked(arg1))

    def extend(self, arg: Iterable[Any]) -> None:
        """Add elements."""
        super().extend(self.checked(each) for each in _several(arg, type(self).__name__))

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(
            index, [self.checked(each) for each in value] if isinstance(index, slice) else self.checked(value)
        )

    def __iadd__(self, other: Iterable[Any]) -> Any:  # type: ignore[misc]  # as list's, which adds anything
        self.extend(other)
        return self


class VectorUInt32(_Vector[int]):
    """Unsigned 32-bit words: what compile-time and common runtime arguments are kept as; truth values are 1 and 0."""

    @staticmethod
    def checked(value: Any) -> int:
        """Return a word."""
        return word(value, "an argument")


class VectorUnpackToDestMode(_Vector[UnpackToDestMode]):
    """How each circular buffer, by its index, reaches DST."""

    @staticmethod
    def checked(value: Any) -> UnpackToDestMode:
        """Return a mode, given itself or its number."""
        return member(UnpackToDestMode, value, "unpack_to_dest_mode")


def _several(values: Iterable[Any], what: str) -> Iterable[Any]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidArgument(f"a {what} is made of a list, not of {values!r}")
    return values
