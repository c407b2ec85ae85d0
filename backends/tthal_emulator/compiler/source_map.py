"""From a position in a kernel's code to the source lines that it comes from, inlined calls included.

wasmtime's reports of traps name inlined calls too (engine/traps.py), but only for the place of a trap. This reads the
same DWARF for any place.
"""

from __future__ import annotations

import io
import posixpath
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from tthal.errors import Frame, SourceLocation

from .wasm_binary import custom_sections

_SECTIONS = (
    "debug_info", "debug_aranges", "debug_abbrev", "debug_frame", "eh_frame", "debug_str", "debug_loc", "debug_ranges",
    "debug_line", "debug_pubtypes", "debug_pubnames", "debug_addr", "debug_str_offsets", "debug_line_str",
    "debug_loclists", "debug_rnglists", "debug_sup", "gnu_debugaltlink", "debug_types",
)  # fmt: skip
UNNAMED = "a function"
_CODE_LIMIT = 1 << 31
"""Code that the linker dropped has addresses beyond it."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """A function or an inlined call of it: its code, its name, and for an inlined one the place of the call."""

    ranges: tuple[tuple[int, int], ...]
    name: str
    call: SourceLocation | None
    depth: int

    def covers(self, address: int) -> bool:
        return any(low <= address < high for low, high in self.ranges)


class SourceMap:
    """The line table of one linked module; read when it is first asked."""

    def __init__(self, wasm: bytes) -> None:
        self._wasm = wasm
        self._read = False
        self._addresses: list[int] = []
        self._lines: list[SourceLocation | None] = []
        self._scopes: list[_Scope] = []
        self._known: dict[int, tuple[Frame, ...]] = {}

    def frames(self, address: int) -> tuple[Frame, ...]:
        """Return the calls that lead to a position, innermost first; empty when nothing is known of it.

        Args:
            address: bytes from the start of the code section, such as a call site.
        """
        if address not in self._known:
            self._known[address] = self._found(address)
        return self._known[address]

    def _found(self, address: int) -> tuple[Frame, ...]:
        if not self._read:
            self._read_lines()
        place = bisect_right(self._addresses, address) - 1
        location = self._lines[place] if place >= 0 else None
        scopes = sorted((scope for scope in self._scopes if scope.covers(address)), key=lambda scope: -scope.depth)
        frames = []
        for scope in scopes:
            frames.append(Frame(scope.name, location))
            location = scope.call
        # Of a function into which nothing was inlined, the compiler writes no more than its lines.
        return tuple(frames) or ((Frame(UNNAMED, location),) if location else ())

    def _read_lines(self) -> None:
        self._read = True
        rows: list[tuple[int, SourceLocation | None]] = []
        info = _dwarf(self._wasm)
        for unit in info.iter_CUs():
            files = _FileNames(info, unit)
            rows += files.rows()
            ranges = info.range_lists()
            top = unit.get_top_DIE()
            base = top.attributes["DW_AT_low_pc"].value if "DW_AT_low_pc" in top.attributes else 0
            self._scopes += _scopes(top, files, ranges, base, 0)
        rows.sort(key=lambda row: row[0])
        self._addresses = [address for address, _ in rows]
        self._lines = [location for _, location in rows]


class _FileNames:
    """The files and rows of one unit's line program."""

    def __init__(self, info: Any, unit: Any) -> None:
        self._program = info.line_program_for_CU(unit)
        self._first = 0 if self._program is not None and self._program["version"] >= 5 else 1

    def location(self, file: int, line: int, column: int) -> SourceLocation:
        header = self._program.header
        entry = header["file_entry"][file - self._first]
        directory = entry["dir_index"]
        name = _text(entry["name"])
        folders = header["include_directory"]
        if directory >= self._first and folders:
            name = posixpath.join(_text(folders[directory - self._first]), name)
        return SourceLocation(posixpath.normpath(name), line, column)

    def rows(self) -> list[tuple[int, SourceLocation | None]]:
        """(address, place) for every row; None ends a sequence."""
        if self._program is None:
            return []
        rows: list[tuple[int, SourceLocation | None]] = []
        for entry in self._program.get_entries():
            state = entry.state
            if state is None or state.address >= _CODE_LIMIT:
                continue
            if state.end_sequence:
                rows.append((state.address, None))
            elif state.line:  # line 0: the compiler merged several places
                rows.append((state.address, self.location(state.file, state.line, state.column)))
        return rows


def _scopes(entry: Any, files: _FileNames, lists: Any, base: int, depth: int) -> list[_Scope]:
    found = []
    if entry.tag in ("DW_TAG_subprogram", "DW_TAG_inlined_subroutine"):
        ranges = _ranges(entry, lists, base)
        if ranges:
            found.append(_Scope(ranges, _name(entry), _call(entry, files), depth))
    for child in entry.iter_children():
        found += _scopes(child, files, lists, base, depth + 1)
    return found


def _ranges(entry: Any, lists: Any, base: int) -> tuple[tuple[int, int], ...]:
    attributes = entry.attributes
    if "DW_AT_ranges" in attributes:
        found = lists.get_range_list_at_offset(attributes["DW_AT_ranges"].value)
        pairs = [(base + item.begin_offset, base + item.end_offset) for item in found if hasattr(item, "begin_offset")]
        return tuple(pair for pair in pairs if pair[0] < _CODE_LIMIT)
    if "DW_AT_low_pc" not in attributes or "DW_AT_high_pc" not in attributes:
        return ()
    low, high = attributes["DW_AT_low_pc"].value, attributes["DW_AT_high_pc"]
    end = high.value if high.form == "DW_FORM_addr" else low + high.value
    return ((low, end),) if low < _CODE_LIMIT else ()


def _name(entry: Any) -> str:
    while "DW_AT_name" not in entry.attributes and "DW_AT_abstract_origin" in entry.attributes:
        entry = entry.get_DIE_from_attribute("DW_AT_abstract_origin")
    return _text(entry.attributes["DW_AT_name"].value) if "DW_AT_name" in entry.attributes else "?"


def _call(entry: Any, files: _FileNames) -> SourceLocation | None:
    attributes = entry.attributes
    if "DW_AT_call_file" not in attributes or "DW_AT_call_line" not in attributes:
        return None
    column = attributes["DW_AT_call_column"].value if "DW_AT_call_column" in attributes else 0
    return files.location(attributes["DW_AT_call_file"].value, attributes["DW_AT_call_line"].value, column)


def _dwarf(wasm: bytes) -> Any:
    # Few devices are asked, and each would wait for the import when it opens.
    from elftools.dwarf.dwarfinfo import DebugSectionDescriptor, DwarfConfig, DWARFInfo

    sections = custom_sections(wasm)

    def descriptor(name: str) -> Any:
        data = sections.get(f".{name}")
        return None if data is None else DebugSectionDescriptor(io.BytesIO(data), name, None, len(data), 0)

    config = DwarfConfig(little_endian=True, machine_arch="wasm32", default_address_size=4)
    return DWARFInfo(config, *(descriptor(name) for name in _SECTIONS))


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
