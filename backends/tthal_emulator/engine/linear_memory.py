"""Gives libwasmtime the address spaces of :mod:`.memories` as the linear memories of new instances (mapped model)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import memory_map as at
from .address_space import AddressSpace
from .c_api import CApi
from .callbacks import Callbacks
from .traps import EngineError


class MemoryCreator:
    """The callbacks of ``wasmtime_memory_creator_t``; ``handle`` goes into a configuration."""

    def __init__(self, api: CApi) -> None:
        self._api = api
        self._ffi = api.ffi
        self._spaces: dict[int, AddressSpace] = {}
        self._next: AddressSpace | None = None
        self._callbacks = callbacks = Callbacks(api.ffi)
        self.raise_pending = callbacks.raise_pending
        self._get = callbacks.new("wasmtime_memory_get_t", self._get_memory, ("env", "byte_size", "maximum"))
        self._free = callbacks.new("finalizer_t", self._free_memory, ("env",))
        self._grow = callbacks.new("wasmtime_memory_grow_t", self._grow_memory, ("env", "size"))
        self._new = self._ffi.callback("wasmtime_new_memory_t", self._new_memory, onerror=self._refuse)
        self.handle = self._ffi.new("wasmtime_memory_creator_t*")
        self.handle.new_memory = self._new

    @contextmanager
    def handing_out(self, space: AddressSpace) -> Iterator[None]:
        """While an instance is made, give it ``space``."""
        if space.in_use:
            raise EngineError("the processor's address space is in use")
        self._next = space
        try:
            yield
        except EngineError:
            self.raise_pending()
            raise
        finally:
            self._next = None
        self.raise_pending()

    def _address(self, env: Any) -> int:
        return int(self._ffi.cast("uintptr_t", env))

    def _new_memory(
        self, env: Any, kind: Any, minimum: int, maximum: int, reserved: int, guard: int, memory: Any
    ) -> Any:
        space = self._next
        if space is None or not at.PRIVATE_BASE + at.DATA_OFFSET <= minimum <= at.MEMORY_END:
            raise EngineError(f"the module's memory of {minimum} bytes does not follow the memory map")
        space.prepare(minimum, max(reserved, at.MEMORY_END) + guard)
        self._spaces[space.base] = space
        memory.env = self._ffi.cast("void*", space.base)
        memory.get_memory, memory.grow_memory, memory.finalizer = self._get, self._grow, self._free
        space.in_use = True
        return self._ffi.NULL

    def _refuse(self, exception: type, error: BaseException, traceback: Any) -> Any:
        self._callbacks.pending = error
        return self._api.c.wasmtime_error_new(b"no memory for the processor")

    def _get_memory(self, env: Any, byte_size: Any, maximum: Any) -> Any:
        byte_size[0] = maximum[0] = self._spaces[self._address(env)].size
        return self._ffi.cast("uint8_t*", env)

    def _grow_memory(self, env: Any, size: int) -> Any:
        return self._api.c.wasmtime_error_new(b"a processor's memory does not grow")

    def _free_memory(self, env: Any) -> None:
        self._spaces[self._address(env)].in_use = False
