"""The lists that compiled code captures actions in, one for every processor and engine of the device."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Callable, Sequence
from typing import overload

import numpy as np

from .events import EventFile, StoredActions
from .layouts import ACTION, LIST, RUN, Actions, Table
from .solving import Growing, Runs

_NO_ACTIONS: Actions = np.zeros(0, ACTION)
_Forget = Callable[[int, int, int, bool], None]


class Lists:
    """Lists of a device, whose memory every launch uses again.

    Attributes:
        table: rows of dtype :data:`.layouts.LIST`.
    """

    def __init__(self, address_of: Callable[[str], int], count: int) -> None:
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_bool)
        self._forget = kind(address_of("tthal_time_capture_forget"))
        self.table: Table = np.zeros(count, LIST)
        weakref.finalize(self, _forget, self._forget, self.table, True)

    def empty(self) -> None:
        """For the next launch; nobody reads what the last one left any more."""
        _forget(self._forget, self.table, False)


def _forget(function: _Forget, table: Table, everything: bool) -> None:
    """Let go of memory that lists have outgrown, or of all."""
    release = ctypes.cast(ctypes.pythonapi.PyMem_RawFree, ctypes.c_void_p).value or 0
    function(table.ctypes.data, len(table), release, everything)


class Listed(Sequence[Actions | Runs]):
    """What some lists hold, and their part of the file; each is looked at when it is asked for."""

    def __init__(self, lists: Lists, places: Sequence[int], file: EventFile) -> None:
        self._lists, self._places, self._file = lists, places, file

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Actions | Runs: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Actions | Runs]: ...
    def __getitem__(self, index: int | slice) -> Actions | Runs | Sequence[Actions | Runs]:
        if isinstance(index, slice):
            return Listed(self._lists, self._places[index], self._file)
        place = self._places[index]
        row = self._lists.table[place]
        tail, count = actions_at(int(row["actions"]), int(row["size"])), int(row["run_count"])
        if not count:
            return tail
        addresses = (ctypes.c_uint64 * count).from_address(int(row["runs"]))
        return StoredActions(self._file, place, [actions_at(it, RUN) if it else None for it in addresses], tail)

    def growing(self) -> Growing:
        """The same, for a solver that keeps step with the launch."""
        return Growing(self._lists.table, np.array(self._places, np.uint32), self._file.read)


def actions_at(address: int, size: int) -> Actions:
    """Actions where they lie."""
    if not size:
        return _NO_ACTIONS
    raw = (ctypes.c_char * (size * ACTION.itemsize)).from_address(address)
    return np.frombuffer(memoryview(raw).cast("B"), ACTION)
