"""What differs between two calls, field by field, in words a reader of the program understands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any, Protocol

import msgspec

from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.device_interface import DEVICE_OPTIONS, KernelImage, LaunchState, ProgramImage
from tthal.errors import SelectionError
from tthal.kit.suggestions import did_you_mean, listing
from tthal.trace.elements import PageFormats, compare_data
from tthal.trace.schema import CallBase, Launch, Open, Write

IGNORABLE: dict[str, str] = {
    "addresses": "addresses asked for: of buffers placed explicitly and of raw memory access",
    "data": "the bytes written to buffers and raw memory",
    "kernel-source": "text of kernels and their headers",
    "runtime-args": "values of runtime and common arguments",
    "device-options": "options of the device, such as the number of queues",
    "queue-order": "the order between the commands of different queues",
}
"""What a replay can be told to overlook, by name."""


def parse_ignored(text: str) -> frozenset[str]:
    """Return the names in a comma-separated list of what to overlook.

    Raises:
        SelectionError: there is no such name.
    """
    ignored = frozenset(name.strip() for name in text.split(",") if name.strip())
    for name in sorted(ignored - IGNORABLE.keys()):
        raise SelectionError(
            f"a replay cannot ignore {name!r}.{did_you_mean(name, IGNORABLE)} It can ignore: {listing(IGNORABLE)}"
        )
    return ignored


_FOR_PEOPLE = (".content.name", ".content.source_name")
"""Where a kernel's file lay: programs write kernels into folders of random names, and what they mean is their text."""

_LONGEST_VALUE = 100
_MOST = 200


class Blobs(Protocol):
    """Where the blobs that calls name are found: a trace, or a running program's own values."""

    def image(self, digest: str) -> ProgramImage: ...
    def state(self, digest: str) -> LaunchState: ...
    def data(self, digest: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which two calls differ, values as text."""

    field: str
    recorded: str
    actual: str

    def __str__(self) -> str:
        return f"{self.field}: recorded {self.recorded}, got {self.actual}"


@dataclass(frozen=True, slots=True)
class Side:
    """One of two calls to compare, and what is needed to look inside it."""

    call: CallBase
    blobs: Blobs
    page_size: int = 1
    formats: PageFormats | None = None


def compare_calls(
    recorded: Side, actual: Side, ignore: frozenset[str] = frozenset(), with_results: bool = False
) -> list[Difference]:
    """Return the fields in which two calls differ; what devices answered only ``with_results``."""
    if recorded.call.op != actual.call.op:
        return [Difference("call", describe(recorded.call), describe(actual.call))]
    found: list[Difference] = []
    for name in _compared_fields(recorded.call, ignore, with_results):
        first, second = getattr(recorded.call, name), getattr(actual.call, name)
        if first != second:
            found += _Comparison(recorded, actual, ignore, with_results).field(name, first, second)
        if len(found) >= _MOST:
            break
    return found


def _compared_fields(call: CallBase, ignore: frozenset[str], with_results: bool) -> Iterator[str]:
    skipped = {"n", "device"} | (set() if with_results else call.results)
    if isinstance(call, Open) and not with_results:
        skipped |= {"backend", "selection", "argument"}
    if "addresses" in ignore:
        skipped.add("address")
    if "device-options" in ignore:
        skipped.add("options")
    if "data" in ignore and "data" not in call.results:
        skipped.add("data")
    return (name for name in call.__struct_fields__ if name not in skipped)


class _Comparison:
    """Compares the fields of one pair of calls."""

    def __init__(self, recorded: Side, actual: Side, ignore: frozenset[str], with_results: bool) -> None:
        self._recorded = recorded
        self._actual = actual
        self._ignore = ignore
        self._with_results = with_results

    def field(self, name: str, first: Any, second: Any) -> list[Difference]:
        if name == "program":
            return self._images(first, second)
        if name == "state":
            return self._states(first, second)
        if name == "data" and first and second:
            return self._data(first, second)
        if name == "options" and not self._with_results:
            first, second = (
                {key: options[key] for key in options if key in DEVICE_OPTIONS} for options in (first, second)
            )
        return [each for each in differences(first, second, name) if self._counts(each.field)]

    def _images(self, first: str, second: str) -> list[Difference]:
        images = self._recorded.blobs.image(first), self._actual.blobs.image(second)
        names = _kernel_names(images[0])
        found = [each for each in differences(*images, "image") if self._counts(each.field)]
        return [_named(each, names) for each in found]

    def _states(self, first: str, second: str) -> list[Difference]:
        states = self._recorded.blobs.state(first), self._actual.blobs.state(second)
        call = self._recorded.call
        names = _kernel_names(self._recorded.blobs.image(call.program)) if isinstance(call, Launch) else []
        found = [each for each in differences(*states, "state") if self._counts(each.field)]
        return [_named(each, names) for each in found]

    def _data(self, first: str, second: str) -> list[Difference]:
        page_size, formats = self._recorded.page_size, self._recorded.formats
        data_format = formats.of(page_size) if formats and isinstance(self._recorded.call, Write) else None
        contents = self._recorded.blobs.data(first), self._actual.blobs.data(second)
        difference = compare_data(*contents, page_size, data_format)
        if difference is None:
            return []
        where = f"data, page {difference.page}, {difference.unit} {difference.element}"
        rest = f"{difference.actual} ({difference.extent})"
        return [Difference(where, difference.recorded, rest)]

    def _counts(self, field: str) -> bool:
        if field.endswith(_FOR_PEOPLE):
            return False
        last = field.rsplit(".", 1)[-1]
        if "addresses" in self._ignore and last == "address":
            return False
        if "runtime-args" in self._ignore and field.startswith("state.kernels["):
            return False
        return not ("kernel-source" in self._ignore and ".content" in field)


def _kernel_names(image: ProgramImage) -> list[str]:
    return [_kernel_name(kernel) for kernel in image.kernels]


def _kernel_name(kernel: KernelImage) -> str:
    return kernel.content.name or kernel.content.source_name


_SPELT_OUT = (
    (re.compile(r"\.per_core\[([^]]+)\]\[(\d+)\]"), r" runtime argument \2 on core \1"),
    (re.compile(r"\.per_core\[([^]]+)\]"), r" runtime arguments on core \1"),
    (re.compile(r"\.common\[(\d+)\]"), r" common runtime argument \1"),
    (re.compile(r"\.named_compile_time_args\[([^]]+)\]"), r" compile-time argument \1"),
    (re.compile(r"\.compile_time_args\[(\d+)\]"), r" compile-time argument \1"),
    (re.compile(r"\.content\.headers\[(\d+)\]"), r" header \1"),
)


def _named(difference: Difference, names: Sequence[str]) -> Difference:
    """Put the kernel's name behind its index, and say what its parts are."""
    head, found, tail = difference.field.partition("kernels[")
    index, _, rest = tail.partition("]")
    if not found or not index.isdecimal() or int(index) >= len(names):
        return difference
    for pattern, words in _SPELT_OUT:
        rest = pattern.sub(words, rest)
    return Difference(f"{head}kernels[{index}] ({names[int(index)]}){rest}", difference.recorded, difference.actual)


# ---------------------------------------------------------------------------------------------- any two values


def differences(recorded: Any, actual: Any, path: str) -> Iterator[Difference]:
    """Yield where two values of the interface differ, innermost fields first found first."""
    if type(recorded) is type(actual) and recorded == actual:
        return
    parts = _parts(recorded, actual)
    if parts is None:
        yield Difference(path, *_shown_pair(recorded, actual))
        return
    for label, first, second in parts:
        yield from differences(first, second, path + label)


_ABSENT = object()


def _parts(recorded: Any, actual: Any) -> list[tuple[str, Any, Any]] | None:
    """Return (label, recorded, actual) of the parts of two values of one kind, None when they have none."""
    if isinstance(recorded, CoreCoord | CoreRangeSet | Enum) or type(recorded) is not type(actual):
        return None
    if is_dataclass(recorded):
        return [
            (f".{item.name}", getattr(recorded, item.name), getattr(actual, item.name)) for item in fields(recorded)
        ]
    if isinstance(recorded, msgspec.Struct):
        return [(f".{name}", getattr(recorded, name), getattr(actual, name)) for name in recorded.__struct_fields__]
    if isinstance(recorded, dict):
        return _keyed(recorded, actual)
    if isinstance(recorded, tuple | list):
        if _is_keyed(recorded) and _is_keyed(actual):
            return _keyed(dict(recorded), dict(actual))
        longest = max(len(recorded), len(actual))
        return [(f"[{i}]", *(_item(each, i) for each in (recorded, actual))) for i in range(longest)]
    return None


def _keyed(recorded: dict[Any, Any], actual: dict[Any, Any]) -> list[tuple[str, Any, Any]]:
    keys = [*recorded, *(key for key in actual if key not in recorded)]
    return [(f"[{key}]", recorded.get(key, _ABSENT), actual.get(key, _ABSENT)) for key in keys]


def _is_keyed(items: Sequence[Any]) -> bool:
    """Whether a sequence consists of (key, value) pairs with distinct keys, like runtime arguments by core."""
    pairs = all(isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str | CoreCoord) for item in items)
    return bool(items) and pairs and len({item[0] for item in items}) == len(items)


def _item(items: Sequence[Any], index: int) -> Any:
    return items[index] if index < len(items) else _ABSENT


def _shown_pair(recorded: Any, actual: Any) -> tuple[str, str]:
    if isinstance(recorded, str) and isinstance(actual, str) and "\n" in recorded + actual:
        return _first_line(recorded, actual)
    return shown(recorded), shown(actual)


def _first_line(recorded: str, actual: str) -> tuple[str, str]:
    first, second = recorded.splitlines(), actual.splitlines()
    common = min(len(first), len(second))
    number = next((i for i in range(common) if first[i] != second[i]), common)
    lines = (each[number].strip() if number < len(each) else "the end of the text" for each in (first, second))
    one, other = (f"line {number + 1} {line!r}" for line in lines)
    return one, other


def shown(value: Any) -> str:
    """Return a value as short text: integers in both notations, long values cut."""
    if value is _ABSENT:
        return "nothing"
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, int) and not isinstance(value, bool) and value > 9:
        return f"{value} ({value:#x})"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def describe(call: CallBase) -> str:
    """Return a call as one line without its number."""
    items = []
    for name in call.__struct_fields__:
        value = getattr(call, name)
        if name in ("n", "device", "error") or value is None or value == () or value == {}:
            continue
        items.append(f"{name}={_brief(name, value)}")
    failed = f" -> {call.error.kind}" if call.error else ""
    return f"{call.op}({', '.join(items)}){failed}"


def _brief(name: str, value: Any) -> str:
    if name in ("program", "state", "data", "properties"):
        return str(value)[:12]
    if name == "spec":
        shown_fields = ((item.name, getattr(value, item.name)) for item in fields(value))
        given = [f"{key} {shown(item)}" for key, item in shown_fields if item is not None]
        return "[" + ", ".join(given[:4]) + "]"
    if name == "reads":
        return str(len(value))
    return shown(value)
