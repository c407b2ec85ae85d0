"""What kernels print, from the records that device headers write (include/tthal/border/print_records.h) to text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from string import Formatter
from struct import Struct
from struct import error as StructError
from typing import Any

import ml_dtypes
import numpy as np

from tthal import tiles
from tthal.data_formats import Tile, tile_size
from tthal.errors import TthalError
from tthal.types import DataFormat
from tthal_emulator.abi import TILE_SLICE, PrintKind, PrintSetting

Value = int | float | str | bool
Emit = Callable[[str], None]

_DIGITS = re.compile(r"\d+")
_LENGTH = Struct("<H")
_ARRAY = Struct("<BH")
_TILE = TILE_SLICE.struct()
_MOST_DIGITS = 3
"""Of a width or precision in a format; more would fill the memory with spaces."""
LONGEST_LINE = 1 << 16
"""Characters; a longer line goes on in another."""
_NUMBERS = {
    PrintKind.BOOL: Struct("<?"),
    PrintKind.CHAR: Struct("<B"),
    PrintKind.INT8: Struct("<b"),
    PrintKind.UINT8: Struct("<B"),
    PrintKind.INT16: Struct("<h"),
    PrintKind.UINT16: Struct("<H"),
    PrintKind.INT32: Struct("<i"),
    PrintKind.UINT32: Struct("<I"),
    PrintKind.INT64: Struct("<q"),
    PrintKind.UINT64: Struct("<Q"),
    PrintKind.FLOAT: Struct("<f"),
    PrintKind.DOUBLE: Struct("<d"),
    PrintKind.BFLOAT16: Struct("<H"),
    PrintKind.POINTER: Struct("<I"),
}
"""Kinds whose record is one number."""


class PrintError(Exception):
    """What a kernel prints cannot be shown."""


@dataclass(frozen=True, slots=True)
class TileSlice:
    """The part of a tile that a kernel shows: where it is, its format, rows and columns as slices."""

    address: int
    format: int
    shape: tuple[int, int]
    rows: slice
    columns: slice
    end_rows: bool
    tiled: bool


@dataclass(slots=True)
class StreamState:
    """How values are shown until a setting changes it; a width is for the next value only."""

    base: str = "d"
    width: int = 0
    precision: int | None = None
    fixed: bool = False


class RecordReader:
    """Reads one processor's records in order.

    Args:
        l1: the core's L1, for tiles.
    """

    def __init__(self, l1: memoryview) -> None:
        self._l1 = l1
        self._state = StreamState()
        self._data = b""
        self._at = 0

    def text(self, data: bytes) -> str:
        """Return the text of a hand-over.

        Raises:
            PrintError: a format string does not fit its values, or the records make no sense.
        """
        self._data, self._at = data, 0
        try:
            return "".join(self._records())
        except (IndexError, ValueError, TypeError, OverflowError, StructError, TthalError) as error:
            raise PrintError(f"DPRINT: what the kernel prints cannot be shown: {error}") from error

    def _records(self) -> Iterator[str]:
        while self._at < len(self._data):
            kind = self._kind()
            if kind is PrintKind.SETTING:
                yield self._setting()
            elif kind is PrintKind.FORMAT:
                yield self._formatted()
            else:
                yield self._shown(kind, self._value(kind))

    # ---- the stream form

    def _setting(self) -> str:
        which, value = PrintSetting(self._byte()), self._byte()
        state = self._state
        if which is PrintSetting.NEWLINE:
            return "\n"
        if which in _BASES:
            state.base = _BASES[which]
        elif which is PrintSetting.WIDTH:
            state.width = value
        elif which is PrintSetting.PRECISION:
            state.precision = value
        else:
            state.fixed = which is PrintSetting.FIXED
        return ""

    def _shown(self, kind: PrintKind, value: Value) -> str:
        state = self._state
        if isinstance(value, bool):
            text = str(int(value))
        elif isinstance(value, int):
            text = f"0x{value:x}" if kind is PrintKind.POINTER else format(value, state.base)
        elif isinstance(value, float):
            text = _float_text(value, state)
        else:
            text = value
        width, state.width = state.width, 0
        return text.rjust(width)

    # ---- the format form

    def _formatted(self) -> str:
        form = self._text()
        values = []
        for _ in range(self._byte()):
            kind = self._kind()
            values.append(_Formattable(self._value(kind), kind))
        return _format(form, values)

    # ---- values

    def _kind(self) -> PrintKind:
        code = self._byte()
        try:
            return PrintKind(code)
        except ValueError:
            raise _unknown(code) from None

    def _value(self, kind: PrintKind) -> Value:
        if kind in _VALUES:
            return _VALUES[kind](self)
        if kind not in _NUMBERS:
            raise _unknown(kind)
        (number,) = self._take(_NUMBERS[kind])
        if kind is PrintKind.CHAR:
            return chr(number)
        if kind is PrintKind.BFLOAT16:
            return float(np.uint16(number).view(ml_dtypes.bfloat16))
        return number  # type: ignore[no-any-return]

    def _array(self) -> str:
        code, count = self._take(_ARRAY)
        raw = self._data[self._at : self._at + 4 * count]
        self._at += 4 * count
        return " ".join(map(_datum_text, tiles.decode(raw, DataFormat(code)).tolist()))

    def _tile(self) -> str:
        address, code, rows, columns, h0, h1, hs, w0, w1, ws, end_rows, tiled, _ = self._take(_TILE)
        part = TileSlice(
            address, code, (rows, columns), slice(h0, h1, hs or 1), slice(w0, w1, ws or 1), bool(end_rows), bool(tiled)
        )
        return tile_text(self._l1, part)

    def _text(self) -> str:
        (size,) = self._take(_LENGTH)
        raw = self._data[self._at : self._at + size]
        self._at += size
        return raw.decode("utf-8", "replace")

    def _byte(self) -> int:
        value = self._data[self._at]
        self._at += 1
        return value

    def _take(self, layout: Struct) -> tuple[Any, ...]:
        values = layout.unpack_from(self._data, self._at)
        self._at += layout.size
        return values


_VALUES: dict[PrintKind, Callable[[RecordReader], str]] = {
    PrintKind.TEXT: RecordReader._text,
    PrintKind.ARRAY: RecordReader._array,
    PrintKind.TILE: RecordReader._tile,
}
"""Kinds whose record is a value of several bytes or numbers."""
STRUCTURES = (PrintKind.FORMAT, PrintKind.SETTING)
"""Kinds that are no values: a line with its values, and what changes how values look."""


def _unknown(kind: int) -> PrintError:
    return PrintError(f"DPRINT: unknown record {chr(kind)!r}; was the print buffer overwritten?")


_BASES = {PrintSetting.DECIMAL: "d", PrintSetting.HEXADECIMAL: "x", PrintSetting.OCTAL: "o"}


class _Formattable:
    """A value as ``{}`` takes it in a kernel's format string: truth in words, pointers in hexadecimal."""

    def __init__(self, value: Value, kind: PrintKind) -> None:
        self._value = value
        self._kind = kind

    def __format__(self, form: str) -> str:
        value = self._value
        if isinstance(value, bool):
            value = int(value) if form and form[-1] in "dxXob" else str(value).lower()
        elif self._kind is PrintKind.POINTER:
            return f"{f'0x{value:x}':{form.rstrip('p')}}"
        elif self._kind is PrintKind.BFLOAT16 and not form:
            return _datum_text(value)
        elif isinstance(value, float) and not form:
            return _datum_text(np.float32(value) if self._kind is PrintKind.FLOAT else value)
        return format(value, form)


def _format(form: str, values: list[_Formattable]) -> str:
    """Fill a format string: numbered or successive values with a format, nothing else of what Python has."""
    parts, following = [], 0
    for literal, field, layout, _ in Formatter().parse(form):
        parts.append(literal)
        if field is None:
            continue
        if field and not field.isdecimal():
            raise PrintError(f"DPRINT: {{{field}}} is no value; use {{}} or a number")
        if max(map(len, _DIGITS.findall(layout or "")), default=0) > _MOST_DIGITS:
            raise PrintError(f"DPRINT: the format {{:{layout}}} is too wide")
        parts.append(format(values[int(field) if field else following], layout or ""))
        following += 1
    return "".join(parts)


def _float_text(value: float, state: StreamState) -> str:
    if state.fixed:
        return f"{value:.{6 if state.precision is None else state.precision}f}"
    return f"{value:.{6 if state.precision is None else max(state.precision, 1)}g}"


def _datum_text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float | np.floating) else str(value)


def tile_text(l1: memoryview, part: TileSlice) -> str:
    """Return the numbers of a tile's slice, each row on a line when the kernel wants that.

    Raises:
        PrintError: the circular buffer has no data format, or the tile is not in L1.
    """
    if part.format == int(DataFormat.Invalid):
        raise PrintError("DPRINT: the tile's circular buffer has no data format; give one in its CircularBufferConfig")
    data_format, shape = DataFormat(part.format), Tile(part.shape)
    size = tile_size(data_format, shape)
    if part.address + size > len(l1):
        raise PrintError(f"DPRINT: the tile at 0x{part.address:x} reaches past the end of L1 ({len(l1)} B)")
    raw = bytes(l1[part.address : part.address + size])
    values = tiles.unpack_tiles(raw, part.shape, data_format, shape)
    if not part.tiled:
        values = tiles.tilize(values, shape).reshape(part.shape)
    rows = [" ".join(map(_datum_text, row)) for row in values[part.rows, part.columns].astype(object).tolist()]
    return "".join(f"{row}\n" for row in rows) if part.end_rows else " ".join(rows)


class LinePrinter:
    """Cuts a processor's text into lines; what the kernel does not end, its end does.

    Attributes:
        printed: characters so far.
    """

    def __init__(self, reader: RecordReader, emit: Emit) -> None:
        self._reader = reader
        self._emit = emit
        self._rest = ""
        self.printed = 0

    def take(self, data: bytes) -> None:
        """Take a hand-over of records."""
        text = self._reader.text(data)
        self.printed += len(text)
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._emit(line)
        while len(self._rest) > LONGEST_LINE:
            self._emit(self._rest[:LONGEST_LINE])
            self._rest = self._rest[LONGEST_LINE:]

    def close(self) -> None:
        """Emit a line that was begun."""
        rest, self._rest = self._rest, ""
        if rest:
            self._emit(rest)
