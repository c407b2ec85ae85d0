"""The selection string ``NAME[:ARGUMENT][?KEY=VALUE&KEY=VALUE]``: its grammar, its precedence, its checks.

NAME is a backend, ARGUMENT what that backend makes of it (a board, a file, a library), the rest are options. A ``%``
and a character that would end its part are written percent-encoded: ``?`` in ARGUMENT, ``&`` in a VALUE.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote

from tthal.errors import SelectionError
from tthal.kit.options import unknown_key

__all__ = ["Selection"]

BACKEND_VARIABLE = "TTHAL_BACKEND"
DEFAULT_BACKEND = "emulator"
AUTO = "auto"
AUTO_PREFERENCE = ("metal", "emulator")
"""What ``auto`` tries, best first: a card if there is one, else the emulator."""

GRAMMAR = "NAME[:ARGUMENT][?KEY=VALUE&KEY=VALUE]"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Selection:
    """A parsed selection string; ``str()`` prints it back so that it parses to an equal value.

    Raises:
        SelectionError: a name or key holds characters that the grammar has no place for, or a key comes twice.
    """

    backend: str
    argument: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.backend):
            raise SelectionError(f"{self.backend!r} is not a backend name; a selection is {GRAMMAR}")
        seen: set[str] = set()
        for key, _ in self.options:
            if not _KEY.fullmatch(key):
                raise SelectionError(f"{key!r} is not an option key; a selection is {GRAMMAR}")
            if key in seen:
                raise SelectionError(f"option {key!r} is given twice in one selection; keep one of the two")
            seen.add(key)

    @classmethod
    def parse(cls, text: str) -> Selection:
        """Parse a selection string.

        Raises:
            SelectionError: the text does not follow the grammar.
        """
        head, _, tail = text.partition("?")
        name, _, argument = head.partition(":")
        try:
            options = tuple(_parse_option(item) for item in tail.split("&")) if tail else ()
            return cls(name, _decode(argument), options)
        except SelectionError as error:
            raise SelectionError(f"cannot read the selection {text!r}: {error}") from None

    def __str__(self) -> str:
        argument = ":" + _encode(self.argument, "?") if self.argument else ""
        options = "&".join(f"{key}={_encode(value, '&')}" for key, value in self.options)
        return self.backend + argument + ("?" + options if options else "")

    @property
    def option_values(self) -> dict[str, str]:
        """The options as a dictionary."""
        return dict(self.options)

    def without(self, keys: Collection[str]) -> Selection:
        """Return a selection that lacks some option keys."""
        return replace(self, options=tuple(option for option in self.options if option[0] not in keys))

    def with_options(self, extra: Mapping[str, str]) -> Selection:
        """Return a selection that also has ``extra``.

        Raises:
            SelectionError: a key is already there with another value.
        """
        mine = self.option_values
        for key, value in extra.items():
            if mine.get(key, value) != value:
                raise SelectionError(
                    f"option {key!r} is {mine[key]!r} in the selection {str(self)!r} and {value!r} in the call that "
                    "opens the device; leave it out of one of them"
                )
        return replace(self, options=self.options + tuple((k, v) for k, v in extra.items() if k not in mine))


def _parse_option(item: str) -> tuple[str, str]:
    key, equals, value = item.partition("=")
    if not equals:
        raise SelectionError(f"option {item!r} has no value; write KEY=VALUE")
    return key, _decode(value)


def _encode(text: str, reserved: str) -> str:
    return "".join(f"%{ord(char):02X}" if char == "%" or char in reserved else char for char in text)


def _decode(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise SelectionError(f"{text!r} holds percent-encoded bytes that are not UTF-8; write % as %25") from None


@dataclass(frozen=True, slots=True)
class Choice:
    """A selection and where it came from, for instance ``TTHAL_BACKEND``."""

    selection: Selection
    source: str


def choose(argument: str | Selection | None = None) -> Choice:
    """Return what is selected: the argument, else ``TTHAL_BACKEND``, else the default.

    Raises:
        SelectionError: the selected string does not parse; the message says where it came from.
    """
    if isinstance(argument, Selection):
        return Choice(argument, "the backend argument")
    if argument is not None:
        return _parsed(argument, "the backend argument")
    variable = os.environ.get(BACKEND_VARIABLE, "")
    if variable:
        return _parsed(variable, f"the environment variable {BACKEND_VARIABLE}")
    return Choice(Selection(DEFAULT_BACKEND), "the default")


def _parsed(text: str, source: str) -> Choice:
    try:
        return Choice(Selection.parse(text), source)
    except SelectionError as error:
        raise SelectionError(f"{error} (it comes from {source})") from None


def check_understood(selection: Selection, option_help: Mapping[str, str], argument_help: str) -> None:
    """Check that a backend takes the selection's argument and option keys.

    Raises:
        SelectionError: it does not; the message lists what it takes.
    """
    if selection.argument and not argument_help:
        raise SelectionError(
            f"backend {selection.backend!r} takes no argument, but the selection {str(selection)!r} gives it "
            f"{selection.argument!r}; options come after a '?'"
        )
    for key, _ in selection.options:
        if key not in option_help:
            raise unknown_key(key, option_help, f"backend {selection.backend!r}")
