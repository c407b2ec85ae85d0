"""What an argument of a call in a kernel's source comes to, where its text says so: numbers, arguments, addresses.

Not a compiler: a name counts that is declared once and never changed, calls whose value the host knows, and arithmetic.
What else there is, is unknown.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from tthal.observer import ObservedKernel, ObservedLaunch

from .sources import Source, everything
from .structures import SEMAPHORE_STRIDE

_CAST = re.compile(r"\b(?:reinterpret|static|const)_cast\s*<[^<>]*>")
_OLD_CAST = re.compile(r"\(\s*(?:(?:volatile|const|tt_l1_ptr)\s+)*u?int(?:\d+_t|ptr_t)?\s*\*?\s*\)")
_TEMPLATE = re.compile(r"(?<=[A-Za-z_])\s*<[^<>;]*>(?=\s*\()")
_SUFFIX = re.compile(r"\b(0x[0-9a-fA-F]+|\d+)[uUlL]+\b")
_BUFFER = re.compile(r"\b(?:\w+::)+c_(?:in|out|intermed)?(\d+)\b")
_FIRST_BUFFERS = {"c_out": 16, "c_intermed": 24}
_OPERATORS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_, ast.LShift: lambda a, b: a << min(b, 64),
    ast.RShift: operator.rshift,
}  # fmt: skip
_WORDS = {"INVALID": 0, "VALID": 1}
_DEPTH = 16
"""Declarations that lead to one another, at most."""
_LONGEST = 1000
"""Characters of an expression that is looked into, at most."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address on the NoC: corners of a rectangle of cores and an L1 address; None what is unknown."""

    corners: tuple[int | None, int | None, int | None, int | None]
    address: int | None


Value = int | Place | None


class Values:
    """What expressions of one kernel come to on one core."""

    def __init__(self, launch: ObservedLaunch, kernel: ObservedKernel, sources: Iterable[Source]) -> None:
        self._all = everything(sources)
        self._image, self._given = launch.image.kernels[kernel.kernel], launch.state.kernels[kernel.kernel]
        self._core = kernel.core
        self._semaphores = next(core.semaphores[0] for core in launch.cores.values() if core.core == kernel.core)

    @cached_property
    def arguments(self) -> tuple[int, ...]:
        """The runtime arguments."""
        return next((words for core, words in self._given.per_core if core == self._core), ())

    def lists(self) -> tuple[tuple[int, ...], ...]:
        """Return runtime, common and compile-time arguments."""
        return self.arguments, self._given.common, self._image.compile_time_args

    def of(self, text: str, source: str, depth: int = _DEPTH) -> Value:
        """Return the value of an expression, in a source as it is compiled."""
        if len(text) > _LONGEST:
            return None
        try:
            return self._value(ast.parse(_as_python(text), mode="eval").body, source, depth)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def number(self, text: str, source: str) -> int | None:
        """Return the value of an expression that is a number."""
        value = self.of(text, source)
        return value if isinstance(value, int) else None

    def _value(self, tree: ast.expr, source: str, depth: int) -> Value:
        if isinstance(tree, ast.Constant):
            return tree.value if isinstance(tree.value, int) else None
        if isinstance(tree, ast.Name):
            return self._named(tree.id, source, depth)
        if isinstance(tree, ast.BinOp) and type(tree.op) in _OPERATORS:
            left, right = (self._value(each, source, depth) for each in (tree.left, tree.right))
            both = isinstance(left, int) and isinstance(right, int)
            return _OPERATORS[type(tree.op)](left, right) if both else None  # type: ignore[arg-type]
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
            return self._called(tree.func.id, tree.args, source, depth)
        return None

    def _named(self, name: str, source: str, depth: int) -> Value:
        if name in _WORDS:
            return _WORDS[name]
        where = source if is_mentioned(name, source) else self._all
        text = dict(self._image.defines).get(name) or declared(name, where)
        return self.of(text, source, depth - 1) if text and depth else None

    def _called(self, name: str, given: list[ast.expr], source: str, depth: int) -> Value:
        if name == "get_named_compile_time_arg_val" and len(given) == 1 and isinstance(given[0], ast.Constant):
            return dict(self._image.named_compile_time_args).get(str(given[0].value))
        values = [self._value(each, source, depth) for each in given]
        if name in _PLACES:
            return _place(name, values)
        if len(values) != 1 or not isinstance(values[0], int):
            return values[0] if len(values) == 1 and name in _SAME else None
        if name == "get_semaphore":
            return self._semaphores + SEMAPHORE_STRIDE * values[0]
        if name in _SAME:
            return values[0]
        words = {
            "get_arg_val": self.arguments,
            "get_common_arg_val": self._given.common,
            "get_compile_time_arg_val": self._image.compile_time_args,
        }.get(name, ())
        return words[values[0]] if 0 <= values[0] < len(words) else None


_PLACES = {"get_noc_addr": 3, "get_noc_multicast_addr": 5}
"""Calls that make an address on the NoC, and how many arguments they have before the NoC's number."""
_SAME = frozenset({"uint32_t", "uint64_t", "int", "uintptr_t", "_same"})
"""Casts, as calls."""


_PARAMETER = r"\w[\s*&]+{word}\s*[,)]"


def is_mentioned(name: str, source: str) -> bool:
    """Whether a source says of a name what it is: a value, a macro, or a parameter."""
    word = re.escape(name)
    ways = (rf"(?<![\w.]){word}\s*=(?!=)", rf"#[ \t]*define[ \t]+{word}\b", _PARAMETER.format(word=word))
    return any(re.search(way, source) for way in ways)


def declared(name: str, source: str) -> str | None:
    """Return what a name is given, if that happens once; a parameter of that name may be anything."""
    word = re.escape(name)
    if macros := re.findall(rf"^[ \t]*#[ \t]*define[ \t]+{word}[ \t]+(.+)$", source, re.MULTILINE):
        return str(macros[0]).strip() if len(macros) == 1 else None
    values = re.findall(rf"(?<![\w.]){word}\s*=(?!=)\s*([^;]*)", source)
    changed = (
        rf"(?<![\w.]){word}\s*(?:[-+*/%&|^]|<<|>>)=", rf"(?:\+\+|--)\s*{word}\b", rf"\b{word}\s*(?:\+\+|--)",
        rf"[(,=]\s*&\s*{word}\b", _PARAMETER.format(word=word),
    )  # fmt: skip
    if len(values) != 1 or any(re.search(each, source) for each in changed):
        return None
    return parted(values[0])[0]


def parted(text: str) -> list[str]:
    """Part a list at its commas, but for those in parentheses."""
    parts, depth, begin = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth:
            parts.append(text[begin:at])
            begin = at + 1
    return [*parts, text[begin:]]


def _as_python(text: str) -> str:
    text = _BUFFER.sub(lambda found: _buffer(found[0], int(found[1])), text)
    text = _OLD_CAST.sub("", _CAST.sub("_same", text))
    text = _SUFFIX.sub(r"\1", _TEMPLATE.sub("", text))
    return " ".join(text.split())


def _buffer(word: str, number: int) -> str:
    return str(number + next((first for name, first in _FIRST_BUFFERS.items() if name in word), 0))


def _place(name: str, values: list[Value]) -> Place | None:
    count = _PLACES[name]
    if not count <= len(values) <= count + 1:
        return None
    numbers = [value if isinstance(value, int) else None for value in values[:count]]
    *corners, address = numbers
    first, last = corners[:2], corners[-2:]
    return Place((first[0], first[1], last[0], last[1]), address)
