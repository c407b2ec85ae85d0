"""Stacks for the fibers of processors, kept from one run to the next (Linux; elsewhere libwasmtime makes its own)."""

from __future__ import annotations

import mmap
import sys
from typing import Any

from tthal_emulator.engine.callbacks import Callbacks
from tthal_emulator.engine.libwasmtime import wasmtime_library


class Stacks:
    """All stacks of one device's engine.

    Attributes:
        handle: the ``wasmtime_stack_creator_t*`` for the engine; None where libwasmtime makes its own stacks.
    """

    def __init__(self, part: Any, callbacks: Callbacks) -> None:
        library = wasmtime_library()
        self._ffi = ffi = library.ffi
        self._made: list[tuple[Any, Any]] = []
        self.handle: Any = None
        if sys.platform != "linux":
            return
        self._libc = ffi.dlopen(None)
        self._stacks = ffi.new("tthal_stacks*")
        self._make_callback = callbacks.new("tthal_stack*(*)(size_t)", self._make, ("size",), ffi.NULL)
        self._stacks.make = self._make_callback
        pointer = ffi.addressof(library.c, "wasmtime_error_new")
        self._stacks.new_error = ffi.cast("void*(*)(const char*)", pointer)
        self.handle = ffi.new("wasmtime_stack_creator_t*")
        self.handle.env = self._stacks
        kind = ffi.typeof(self.handle.new_stack)
        self.handle.new_stack = ffi.cast(kind, ffi.addressof(part, "tthal_new_stack"))

    def _make(self, size: int) -> Any:
        """Map a stack with an inaccessible page below it; touched pages only cost memory."""
        ffi, guard = self._ffi, mmap.PAGESIZE
        size = -(-size // guard) * guard
        base = self._libc.mmap(
            ffi.NULL, size + guard, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0
        )
        if int(ffi.cast("intptr_t", base)) == -1:
            return ffi.NULL
        mapping = ffi.gc(base, lambda pointer, unmap=self._libc.munmap, length=size + guard: unmap(pointer, length))
        self._libc.mprotect(mapping, guard, 0)
        stack = ffi.new("tthal_stack*")
        stack.owner, stack.size, stack.top = self._stacks, size, ffi.cast("uint8_t*", mapping) + guard + size
        self._made.append((mapping, stack))
        return stack
