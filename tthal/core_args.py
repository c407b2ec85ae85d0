"""Runtime arguments by core, before they belong to a kernel: the container, and every spelling it is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from tthal.coordinates import CoreCoord, CoreLike, as_core, is_pair_of_numbers
from tthal.errors import InvalidArgument
from tthal.values import Value, VectorUInt32
from tthal.words import integer, word, words

__all__ = ["RuntimeArgs", "RuntimeArgsColProxy"]


class RuntimeArgs(Value):
    """Runtime arguments by core: ``args[x][y] = [...]`` or ``args.append(core, [...])``."""

    def __init__(self, pairs: Iterable[tuple[CoreLike, Iterable[int]]] = ()) -> None:
        self._by_core: dict[CoreCoord, VectorUInt32] = {}
        for core, values in pairs:
            self.append(core, values)

    def append(self, coord: CoreLike, values: Iterable[int]) -> None:
        """Set a core's words.

        Raises:
            InvalidArgument: a value is not an unsigned 32-bit integer.
        """
        core = as_core(coord, "the core of runtime arguments")
        self._by_core[core] = VectorUInt32(words(values, f"core {core}: runtime argument"))

    def copied(self) -> RuntimeArgs:
        """Return an equal object that shares no list with this one."""
        twin = RuntimeArgs()
        twin._by_core.update((core, VectorUInt32(values)) for core, values in self._by_core.items())
        return twin

    def get(self, idx: int) -> tuple[CoreCoord, VectorUInt32]:
        """Return the ``idx``-th (core, words) in the order of setting."""
        return self.to_list()[idx]

    def to_list(self) -> list[tuple[CoreCoord, VectorUInt32]]:
        """Return (core, words) in the order of setting; the lists are the live ones."""
        return list(self._by_core.items())

    def clear(self) -> None:
        """Forget all."""
        self._by_core.clear()

    def __getitem__(self, x: int) -> RuntimeArgsColProxy:
        return RuntimeArgsColProxy(self, integer(x, "core x"))

    def __len__(self) -> int:
        return len(self._by_core)

    def __iter__(self) -> Iterator[tuple[CoreCoord, VectorUInt32]]:
        return iter(self.to_list())

    def __eq__(self, other: object) -> bool:
        return self._by_core == other._by_core if isinstance(other, RuntimeArgs) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"RuntimeArgs({self.to_list()})"


class RuntimeArgsColProxy:
    """One column of cores of a :class:`RuntimeArgs`, indexed by row."""

    __slots__ = ("_args", "_x")

    def __init__(self, args: RuntimeArgs, x: int) -> None:
        self._args = args
        self._x = x

    def __getitem__(self, y: int) -> VectorUInt32:
        """Return a core's live list; reading an unset one makes it empty."""
        return self._args._by_core.setdefault(CoreCoord(self._x, y), VectorUInt32())

    def __setitem__(self, y: int, values: Iterable[int]) -> None:
        self._args.append((self._x, y), values)

    def append(self, y: int, value: int) -> None:
        """Add one word to a core's list."""
        self[y].append(word(value, f"core {self._x}-{y}: runtime argument"))

    def extend(self, y: int, values: Iterable[int]) -> None:
        """Add words to a core's list."""
        self[y].extend(words(values, f"core {self._x}-{y}: runtime argument"))


def runtime_args_of(given: Any) -> RuntimeArgs | list[list[int]]:
    """Return runtime arguments in any spelling as :class:`RuntimeArgs`; lists of words, without cores, stay lists.

    Spellings: a RuntimeArgs, pairs of a core and its words, words nested as ``[x][y]`` (clients up to 2025).

    Raises:
        InvalidArgument: some items are pairs and others are not, or an item is no list.
    """
    if isinstance(given, RuntimeArgs):
        return given
    items = list(given)
    pairs = [_is_pair(item) for item in items]
    if all(pairs):
        return RuntimeArgs(items)
    for index, item in enumerate(items):
        if pairs[index] or not _is_list(item):
            raise InvalidArgument(
                f"runtime_args[{index}] is {item!r}, others are not of its kind; give (core, words) pairs, words "
                "nested as [x][y], or lists of words: one for all cores, or one for each"
            )
    if any(_is_list(inner) for item in items for inner in item):
        return RuntimeArgs(_nested(items))
    return [list(item) for item in items]


def _nested(columns: Sequence[Sequence[Sequence[int]]]) -> Iterator[tuple[CoreCoord, Sequence[int]]]:
    for x, column in enumerate(columns):
        for y, values in enumerate(column):
            if not _is_list(values):
                raise InvalidArgument(f"runtime_args[{x}][{y}] is {values!r}, not a list of words as others are")
            if len(values):
                yield CoreCoord(x, y), values


def _is_pair(item: Any) -> bool:
    """Whether this is a core with its words; of ``[[1, 2], [3]]`` nobody can tell, so there a core is a tuple."""
    if not isinstance(item, (tuple, list)) or len(item) != 2 or not isinstance(item[1], Iterable):
        return False
    core = item[0]
    return isinstance(core, CoreCoord) or (is_pair_of_numbers(core) and tuple in (type(core), type(item)))


def _is_list(item: Any) -> bool:
    return isinstance(item, (Sequence, np.ndarray)) and not isinstance(item, (str, bytes))
