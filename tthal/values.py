"""Descriptors as values: what one is made of is its own copy, as in ttnn, where C++ structures hold their parts.

A kernel descriptor that is changed after it went into a program descriptor leaves that program as it was (ttnn 0.81.1,
tests/metal/descriptor_expressions.txt); what the program descriptor itself holds can be changed in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, SupportsIndex, TypeVar

from tthal.errors import InvalidArgument, WrongType
from tthal.types import UnpackToDestMode
from tthal.words import member, word

__all__ = ["VectorUInt32", "VectorUnpackToDestMode"]

Element = TypeVar("Element")
Checks = Mapping[str, Callable[[Any], Any]]


class Value:
    """An object that owns its parts: an attribute that is set becomes a copy of what is given.

    Attributes:
        checks: by attribute, what an assigned value becomes; raises when it cannot be one.
    """

    checks: ClassVar[Checks] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        check = self.checks.get(name)
        object.__setattr__(self, name, owned(value if check is None else check(value)))

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
    if isinstance(part, Parts):
        return Parts(owned(each) for each in part)
    if type(part) in (list, tuple):
        return [owned(each) if isinstance(each, Value) else each for each in part]
    return dict(part) if isinstance(part, dict) else part


class Parts(list[Any]):
    """The descriptors that a descriptor is made of: they can be changed where they are, the list only as a whole.

    ttnn hands out a copy of such a list, whose elements are the descriptor's: what is appended to it is lost there
    without a word (ttnn 0.81.1, tests/metal/descriptor_questions.txt). Here it is an error.
    """

    @staticmethod
    def of(kind: type, what: str) -> Callable[[Any], Parts]:
        """Return a check that makes Parts of a sequence of objects of a kind."""

        def check(given: Any) -> Parts:
            if isinstance(given, (kind, str, bytes)) or not isinstance(given, Iterable):
                raise WrongType(f"{what} is a list of {kind.__name__} objects, not {type(given).__name__}")
            parts = Parts(given)
            for part in parts:
                if not isinstance(part, kind):
                    raise WrongType(f"{what} holds {kind.__name__} objects, not {type(part).__name__}")
            return parts

        return check

    def _refused(self, *_: Any, **__: Any) -> Any:
        raise InvalidArgument(
            "this list is a copy on a card, where the change would be lost without a word; assign the attribute anew: "
            "descriptor.kernels = [*descriptor.kernels, kernel]"
        )

    append = clear = extend = insert = pop = remove = reverse = sort = _refused
    __setitem__ = __delitem__ = _refused

    def __iadd__(self, other: Iterable[Any]) -> Any:  # type: ignore[misc]  # as the copy that ttnn hands out
        return [*self, *other]


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
