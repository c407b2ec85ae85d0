"""A backend's options as one table: the fields of a dataclass, each with its kind, its default and its help.

::

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(DeviceOptions):
        seed: int = option(integer(), 0, "which order of events; 0 is the fixed one")

    option_help = help_of(Options)                 # what `tthal backends` prints
    options = read(Options, texts, "emulator")     # the only place that parses

The field's name is the key of the selection string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from tthal.device_interface import DEVICE_OPTIONS
from tthal.errors import SelectionError
from tthal.kit.suggestions import did_you_mean, listing

T = TypeVar("T")
D = TypeVar("D")
E = TypeVar("E", bound=Enum)

_METADATA = "tthal option"


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """What values an option takes.

    Attributes:
        words: what they are, after "it is": ``an integer``.
        read: makes the value of a text; raises ValueError, with a reason or without.
        values: the texts it takes, when they can be listed.
    """

    words: str
    read: Callable[[str], T]
    values: Mapping[str, T] = field(default_factory=dict)


def choice(kind: type[E]) -> Kind[E]:
    """One of an enum's values."""
    return _listed({str(member.value): member for member in kind})


def one_of(*texts: str) -> Kind[str]:
    """One of these texts."""
    return _listed({text: text for text in texts})


def switch(on: str = "yes", off: str = "no") -> Kind[bool]:
    """True or false, by these two texts."""
    return _listed({on: True, off: False})


def _listed(values: Mapping[str, T]) -> Kind[T]:
    def read(text: str) -> T:
        if text not in values:
            raise ValueError(f"there is no such value.{did_you_mean(text, values)}")
        return values[text]

    return Kind(_alternatives(list(values)), read, values)


def _alternatives(texts: list[str]) -> str:
    return " or ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def integer(minimum: int | None = None, maximum: int | None = None) -> Kind[int]:
    """A whole number, decimal or with the prefix 0x, 0o or 0b."""

    def read(text: str) -> int:
        value = int(text, 0)
        _check_range(value, minimum, maximum)
        return value

    return Kind("an integer" + _range_words(minimum, maximum), read)


def number(minimum: float | None = None, maximum: float | None = None) -> Kind[float]:
    """A finite decimal number."""

    def read(text: str) -> float:
        value = float(text)
        if value - value != 0:
            raise ValueError("it is not finite")
        _check_range(value, minimum, maximum)
        return value

    return Kind("a number" + _range_words(minimum, maximum), read)


def path() -> Kind[Path]:
    """A file or folder; ``~`` is the home folder."""

    def read(text: str) -> Path:
        if not text or "\0" in text:
            raise ValueError("it is no path")
        return Path(text).expanduser()

    return Kind("a path", read)


def _check_range(value: float, minimum: float | None, maximum: float | None) -> None:
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        raise ValueError("it is out of range")


def _range_words(minimum: float | None, maximum: float | None) -> str:
    if minimum is None and maximum is None:
        return ""
    if maximum is None:
        return f" from {minimum:g}"
    return f" up to {maximum:g}" if minimum is None else f" from {minimum:g} to {maximum:g}"


@dataclass(frozen=True, slots=True)
class Option:
    """One row of a table of options.

    Attributes:
        unset: what the default means, in words, when the value itself does not say it.
        former: older keys that set this option, each with what its values are called today.
    """

    key: str
    kind: Kind[Any]
    default: object
    help: str
    unset: str = ""
    former: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """The help as ``tthal backends`` prints it."""
        return f"{self.words}: {self.help}"

    @property
    def words(self) -> str:
        """What values it takes, and which is the default."""
        values = self.kind.values
        if not values:
            default = f"{self.default:g}" if isinstance(self.default, float) else self.default
            return f"{self.kind.words} (default: {self.unset or default})"
        marked = [f"{text} (default)" if value == self.default else text for text, value in values.items()]
        return _alternatives(marked) + (f" (default: {self.unset})" if self.unset else "")


def option(
    kind: Kind[T],
    default: D,
    help: str,
    *,
    unset: str = "",
    former: Mapping[str, Mapping[str, str]] | None = None,
) -> T | D:
    """Declare a field of a table of options; see :class:`Option`."""
    row = Option("", kind, default, help, unset, former or {})
    return cast("T | D", field(default=default, metadata={_METADATA: row}))


def computed_option(kind: Kind[T], compute: Callable[[], D], help: str, *, unset: str) -> T | D:
    """Declare a field whose default is worked out when the options are read, from the environment say."""
    row = Option("", kind, None, help, unset)
    return cast("T | D", field(default_factory=compute, metadata={_METADATA: row}))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceOptions:
    """The options of every backend, which come from ``CreateDevice``'s arguments; sizes in bytes."""

    num_command_queues: int = option(integer(1, 2), 1, DEVICE_OPTIONS["num_command_queues"])
    l1_small_size: int = option(integer(0), 0, DEVICE_OPTIONS["l1_small_size"])
    trace_region_size: int = option(integer(0), 0, DEVICE_OPTIONS["trace_region_size"])
    worker_l1_size: int = option(integer(0), 0, DEVICE_OPTIONS["worker_l1_size"], unset="all of it")


def rows(table: type[object]) -> Iterator[Option]:
    """Yield a table's rows in order."""
    for each in fields(cast(Any, table)):
        row = each.metadata.get(_METADATA)
        if row is not None:
            yield Option(each.name, row.kind, row.default, row.help, row.unset, row.former)


def help_of(table: type[object]) -> dict[str, str]:
    """Return the keys of a table with their help, former ones last; without those of every backend."""
    own = [row for row in rows(table) if row.key not in DEVICE_OPTIONS]
    former = {
        key: f"former name of {row.key}: " + ", ".join(f"{old} is {row.key}={new}" for old, new in values.items())
        for row in own
        for key, values in row.former.items()
    }
    return {row.key: row.line for row in own} | former


def read(table: type[T], texts: Mapping[str, str], backend: str) -> T:
    """Make a table's values of the texts of a selection string.

    Args:
        table: the dataclass; what is not given gets its default.
        texts: by key.
        backend: whose options they are, for messages.

    Raises:
        SelectionError: a key is not in the table, or its text is not understood.
    """
    known = {row.key: row for row in rows(table)}
    current = _in_present_terms(known, texts, backend)
    values: dict[str, object] = {}
    for key, text in current.items():
        if key not in known:
            raise unknown_key(key, known, f"backend {backend!r}")
        values[key] = _value(known[key], text, backend)
    return table(**values)


def _value(row: Option, text: str, backend: str) -> object:
    try:
        return row.kind.read(text)
    except SelectionError:
        raise
    except ValueError as error:
        reason = str(error) if str(error).startswith(("it ", "there ")) else "it is not understood"
        ended = reason if reason.endswith("?") else reason.rstrip(".") + "."
        raise SelectionError(f"{backend} option {row.key}={text!r}: {ended} It takes {row.line}") from None


def _in_present_terms(known: Mapping[str, Option], texts: Mapping[str, str], backend: str) -> dict[str, str]:
    """Replace former keys by what they mean today."""
    current = dict(texts)
    for row in known.values():
        for key, values in row.former.items():
            if key not in current:
                continue
            text = current.pop(key)
            if text not in values:
                raise SelectionError(
                    f"{backend} option {key}={text!r}: {key} is the former name of {row.key}, and took "
                    f"{listing(values)}. Today: {row.key}={row.line}"
                )
            if current.setdefault(row.key, values[text]) != values[text]:
                raise SelectionError(
                    f"{backend} option {key}={text} means {row.key}={values[text]}, but {row.key}={current[row.key]} "
                    f"is given too; leave out {key}, the former name"
                )
    return current


def unknown_key(key: str, known: Mapping[str, object], owner: str) -> SelectionError:
    """Return the error for an option that ``owner`` does not have."""
    return SelectionError(f"{owner} has no option {key!r}.{did_you_mean(key, known)} It takes: {listing(known)}")
