"""The memory of a device's cores, in the two ways a host can offer it (see :class:`MemoryModel`)."""

from __future__ import annotations

import mmap
import os
import weakref
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from . import memory_map as at
from .address_space import AddressSpace
from .c_api import Owned
from .engine import Engine
from .memory_map import MemoryModel
from .module import Module
from .traps import EngineError

Bytes = npt.NDArray[np.uint8]
_SHARED_MEMORY_KIND = 4


class Occupant(Protocol):
    """A processor, as the memory of its core sees it."""

    core: int
    slot: int

    def close(self) -> None:
        """End it."""
        ...


class CoreMemories(Protocol):
    """The memories of ``cores`` cores, with host views that stay valid as long as they are referenced.

    Attributes:
        l1: per core, ``l1_size`` bytes; index = wasm address. The null page's bytes exist here too.
        registers: per core, the 16 KB at ``REGISTERS_BASE``.
        l1_bytes, registers_bytes: the same as memoryviews of bytes, quicker to slice.
    """

    cores: int
    l1_size: int
    l1: Sequence[Bytes]
    registers: Sequence[Bytes]
    l1_bytes: Sequence[memoryview]
    registers_bytes: Sequence[memoryview]

    def block(self, core: int, slot: int) -> memoryview:
        """The 24 KB processor block of one processor, writable; zero when its instance is created."""
        ...

    def monitor(self, core: int, slot: int) -> memoryview:
        """The 8 KB after a processor's block, writable; the same ones for all where the host can map them so."""
        ...

    def private(self, core: int, slot: int, address: int, size: int) -> memoryview:
        """A writable part of a processor's static data, valid until its instance is closed.

        Raises:
            EngineError: it does not lie in the static data; addresses that kernels give are not to be trusted.
        """
        ...

    def static_data(self, core: int, slot: int) -> tuple[int, int, int]:
        """See :meth:`Processor.static_data`."""
        ...

    def image(self, core: int, slot: int) -> bytes:
        """The static data of a processor, without the zeros at its end."""
        ...

    def restore(self, core: int, slot: int, module: Module) -> None:
        """Make a processor's stack and static data what they are in a fresh instance; its block stays."""
        ...

    def occupy(self, processor: Occupant) -> None:
        """Make ``processor`` the one on its core and slot; a former one that is left there is closed."""
        ...

    def instantiating(self, module: Module, core: int, slot: int, context: Any) -> AbstractContextManager[Owned]:
        """Have the memory of a processor ready while an instance is made; gives the module, bound to it.

        Raises:
            EngineError: the module was compiled for another engine, or its imports do not exist.
        """
        ...

    def close(self) -> None:
        """Give the memory back as soon as nobody references its views; all processors must be closed."""
        ...


def check_l1_size(l1_size: int) -> None:
    """Refuse an L1 that does not fit the memory map."""
    if l1_size % at.HOST_PAGE or not at.NULL_PAGE_SIZE < l1_size <= at.L1_LIMIT:
        raise EngineError(f"an L1 of {l1_size} bytes is not a multiple of {at.HOST_PAGE} up to {at.L1_LIMIT}")


def check_place(memories: CoreMemories, core: int, slot: int) -> None:
    """Refuse a processor that does not exist."""
    if not (0 <= core < memories.cores and 0 <= slot < at.SLOTS):
        raise EngineError(f"there is no processor {slot} on core {core} of {memories.cores}")


def _check_engine(module: Module, engine: Engine) -> None:
    if module.engine is not engine:
        raise EngineError("the module was compiled for another engine than the cores' memory belongs to")


class Occupants:
    """Which processor exists on each core and slot."""

    def __init__(self) -> None:
        self._occupants: dict[tuple[int, int], weakref.ref[Occupant]] = {}

    def occupy(self, processor: Occupant) -> None:
        """See :class:`CoreMemories`."""
        place = (processor.core, processor.slot)
        known = self._occupants.get(place)
        former = known() if known is not None else None
        if former is not None:
            former.close()
        self._occupants[place] = weakref.ref(processor)


class MappedMemories(Occupants):
    """One memory file for all cores: L1s, then registers, then processor blocks, then the monitor."""

    def __init__(self, engine: Engine, cores: int, l1_size: int) -> None:
        super().__init__()
        check_l1_size(l1_size)
        self._engine = engine
        self.cores = cores
        self.l1_size = l1_size
        self._registers_offset = cores * l1_size
        self._blocks_offset = self._registers_offset + cores * at.REGISTERS_SIZE
        self._monitor_offset = self._blocks_offset + cores * at.SLOTS * at.BLOCK_SIZE
        total = self._monitor_offset + at.MONITOR_SIZE
        self._fd = os.memfd_create("tthal-cores", os.MFD_CLOEXEC)
        try:
            os.ftruncate(self._fd, total)
            self._view = memoryview(mmap.mmap(self._fd, total))
        except OSError as error:
            os.close(self._fd)
            raise EngineError(f"no memory for {cores} cores ({total} bytes): {error}") from error
        self._spaces: dict[tuple[int, int], AddressSpace] = {}
        self.l1_bytes: Sequence[memoryview] = self._slices(0, l1_size)
        self.registers_bytes: Sequence[memoryview] = self._slices(self._registers_offset, at.REGISTERS_SIZE)
        self.l1: Sequence[Bytes] = tuple(np.frombuffer(part, np.uint8) for part in self.l1_bytes)
        self.registers: Sequence[Bytes] = tuple(np.frombuffer(part, np.uint8) for part in self.registers_bytes)

    def _slices(self, offset: int, size: int) -> tuple[memoryview, ...]:
        return tuple(self._view[offset + core * size : offset + (core + 1) * size] for core in range(self.cores))

    def _block_offset(self, core: int, slot: int) -> int:
        return self._blocks_offset + (core * at.SLOTS + slot) * at.BLOCK_SIZE

    def block(self, core: int, slot: int) -> memoryview:
        """See :class:`CoreMemories`."""
        check_place(self, core, slot)
        offset = self._block_offset(core, slot)
        return self._view[offset : offset + at.BLOCK_SIZE]

    def monitor(self, core: int, slot: int) -> memoryview:
        """See :class:`CoreMemories`."""
        check_place(self, core, slot)
        return self._view[self._monitor_offset : self._monitor_offset + at.MONITOR_SIZE]

    def space(self, core: int, slot: int) -> AddressSpace:
        """The address space of one processor."""
        if self._fd < 0:
            raise EngineError("the cores' memory is closed")
        space = self._spaces.get((core, slot))
        if space is None:
            space = self._spaces[core, slot] = AddressSpace(self._fd, self._shared_parts(core, slot))
        return space

    def _shared_parts(self, core: int, slot: int) -> tuple[tuple[int, int, int], ...]:
        check_place(self, core, slot)
        null = at.NULL_PAGE_SIZE
        return (
            (null, core * self.l1_size + null, self.l1_size - null),
            (at.REGISTERS_BASE, self._registers_offset + core * at.REGISTERS_SIZE, at.REGISTERS_SIZE),
            (at.PRIVATE_BASE, self._block_offset(core, slot), at.BLOCK_SIZE),
            (at.PRIVATE_BASE + at.BLOCK_SIZE, self._monitor_offset, at.MONITOR_SIZE),
        )

    @contextmanager
    def instantiating(self, module: Module, core: int, slot: int, context: Any) -> Iterator[Owned]:
        """See :class:`CoreMemories`."""
        _check_engine(module, self._engine)
        bound, creator = module.bind(), self._engine.memory_creator
        if creator is None:
            raise EngineError("the engine maps no memory")
        with creator.handing_out(self.space(core, slot)):
            yield bound

    def private(self, core: int, slot: int, address: int, size: int) -> memoryview:
        """See :class:`CoreMemories`."""
        return self.space(core, slot).data(address, size)

    def static_data(self, core: int, slot: int) -> tuple[int, int, int]:
        """See :class:`CoreMemories`."""
        space = self.space(core, slot)
        return space.base, at.PRIVATE_BASE + at.DATA_OFFSET, space.size

    def image(self, core: int, slot: int) -> bytes:
        """See :class:`CoreMemories`."""
        return self.space(core, slot).image()

    def restore(self, core: int, slot: int, module: Module) -> None:
        """See :class:`CoreMemories`."""
        self.space(core, slot).restore(module.image or b"")

    def close(self) -> None:
        """See :class:`CoreMemories`."""
        if self._fd < 0:
            return
        busy = [key for key, space in self._spaces.items() if space.in_use]
        if busy:
            raise EngineError(f"{len(busy)} processors still use the cores' memory (first: core, slot {busy[0]})")
        for space in self._spaces.values():
            space.unmap()
        self._spaces.clear()
        # An interrupt in between leaves a descriptor open; a second close could hit somebody else's.
        descriptor, self._fd = self._fd, -1
        os.close(descriptor)
        self.l1 = self.registers = self.l1_bytes = self.registers_bytes = ()
        self._view = memoryview(b"")


class SharedMemories(Occupants):
    """One wasm shared memory per core; the imports of a core's processors."""

    def __init__(self, engine: Engine, cores: int, l1_size: int) -> None:
        super().__init__()
        check_l1_size(l1_size)
        self._engine = engine
        self.cores = cores
        self.l1_size = l1_size
        self._handles = [_new_shared_memory(engine) for _ in range(cores)]
        self._views = [_view(engine, handle) for handle in self._handles]
        registers = slice(at.REGISTERS_BASE, at.REGISTERS_BASE + at.REGISTERS_SIZE)
        self.l1_bytes: Sequence[memoryview] = tuple(view[:l1_size] for view in self._views)
        self.registers_bytes: Sequence[memoryview] = tuple(view[registers] for view in self._views)
        self.l1: Sequence[Bytes] = tuple(np.frombuffer(part, np.uint8) for part in self.l1_bytes)
        self.registers: Sequence[Bytes] = tuple(np.frombuffer(part, np.uint8) for part in self.registers_bytes)
        self._linkers: dict[int, Owned] = {}

    def block(self, core: int, slot: int) -> memoryview:
        """See :class:`CoreMemories`."""
        check_place(self, core, slot)
        start = MemoryModel.SHARED.private_layout(slot).block
        return self._views[core][start : start + at.BLOCK_SIZE]

    def monitor(self, core: int, slot: int) -> memoryview:
        """See :class:`CoreMemories`."""
        check_place(self, core, slot)
        layout = MemoryModel.SHARED.private_layout(slot)
        return self._views[core][layout.block + at.BLOCK_SIZE : layout.data]

    @contextmanager
    def instantiating(self, module: Module, core: int, slot: int, context: Any) -> Iterator[Owned]:
        """See :class:`CoreMemories`."""
        _check_engine(module, self._engine)
        check_place(self, core, slot)
        self._clear_private(core, slot, module.memory_minimum)
        if core not in self._linkers:
            self._linkers[core] = self._new_linker(core, context)
        yield self._engine.bind(module.handle, self._linkers[core])

    def _new_linker(self, core: int, context: Any) -> Owned:
        """A linker that offers a core's memory as ``env.memory``, besides the host functions."""
        api, linker = self._engine.api, self._engine.new_linker()
        extern = api.ffi.new("wasmtime_extern_t*")
        extern.kind = _SHARED_MEMORY_KIND
        extern.of.sharedmemory = self._handles[core].pointer
        api.check(api.c.wasmtime_linker_define(linker.pointer, context, b"env", 3, b"memory", 6, extern))
        return linker

    def private(self, core: int, slot: int, address: int, size: int) -> memoryview:
        """See :class:`CoreMemories`."""
        layout = MemoryModel.SHARED.private_layout(slot)
        if address < layout.data or address + size > layout.end:
            raise EngineError(f"0x{address:x} and {size} bytes from there are not static data of the processor")
        return self._views[core][address : address + size]

    def static_data(self, core: int, slot: int) -> tuple[int, int, int]:
        """See :class:`CoreMemories`."""
        layout = MemoryModel.SHARED.private_layout(slot)
        return np.frombuffer(self._views[core], np.uint8).ctypes.data, layout.data, layout.end

    def image(self, core: int, slot: int) -> bytes:
        """See :class:`CoreMemories`."""
        layout = MemoryModel.SHARED.private_layout(slot)
        return bytes(self._views[core][layout.data : layout.end]).rstrip(b"\0")

    def restore(self, core: int, slot: int, module: Module) -> None:
        """See :class:`CoreMemories`."""
        data, image = MemoryModel.SHARED.private_layout(slot).data, module.image or b""
        self._clear_private(core, slot, module.memory_minimum)
        self._views[core][data : data + len(image)] = image

    def _clear_private(self, core: int, slot: int, end: int) -> None:
        """Zero a processor's stack, block and the static data up to ``end``."""
        low = MemoryModel.SHARED.private_layout(slot).stack_low
        np.frombuffer(self._views[core], np.uint8)[low:end] = 0

    def close(self) -> None:
        """See :class:`CoreMemories`."""
        self._linkers.clear()
        self._handles.clear()
        self.l1 = self.registers = self.l1_bytes = self.registers_bytes = ()
        self._views.clear()


def _new_shared_memory(engine: Engine) -> Owned:
    ffi, c = engine.api.ffi, engine.api.c
    pages = engine.options.memory_model.memory_end // at.WASM_PAGE
    kind, memory = ffi.new("wasm_memorytype_t**"), ffi.new("wasmtime_sharedmemory_t**")
    engine.api.check(c.wasmtime_memorytype_new(pages, True, pages, False, True, 16, kind))
    try:
        engine.api.check(c.wasmtime_sharedmemory_new(engine.handle.pointer, kind[0], memory))
    finally:
        c.wasm_memorytype_delete(kind[0])
    return engine.api.own(memory[0], c.wasmtime_sharedmemory_delete)


def _view(engine: Engine, memory: Owned) -> memoryview:
    """The bytes of a shared memory; they keep it alive."""
    ffi, c = engine.api.ffi, engine.api.c
    data = ffi.gc(c.wasmtime_sharedmemory_data(memory.pointer), lambda pointer, keep=memory: None)
    return memoryview(ffi.buffer(data, engine.options.memory_model.memory_end))


def core_memories(engine: Engine, cores: int, l1_size: int) -> CoreMemories:
    """Memory for ``cores`` cores with ``l1_size`` bytes of L1 each, all zero."""
    if engine.options.memory_model is MemoryModel.MAPPED:
        return MappedMemories(engine, cores, l1_size)
    return SharedMemories(engine, cores, l1_size)
