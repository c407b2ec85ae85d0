"""The address space of one processor: every address and size that engine, linker and device headers share.

It exists in two models, see :class:`MemoryModel`; this is the one where every processor has its own:

::

    0x000000  null page           unmapped
    0x001000  L1                  the core's, shared by its processors and seen by the host
    L1_SIZE   hole                unmapped
    0x1C0000  SHARED REGISTERS    per core, shared by its processors and seen by the host (16 KB)
    0x1C4000  hole                unmapped
    0x1F0000  STACK               private, grows down from 0x200000 (64 KB)
    0x200000  PROCESSOR BLOCK     private to the processor, seen by the host (24 KB)
    0x206000  MONITOR             the device's, shared by all processors and seen by the host (8 KB)
    0x208000  DATA                the module's static data, private
    0x400000  end of memory

The shared model (no private mappings) repeats the last 2 MB once per slot; its monitors are the processors' own.
"""

from __future__ import annotations

import enum
import mmap
import sys
from dataclasses import dataclass

from .traps import EngineError

WASM_PAGE = 0x10000
HOST_PAGE = 0x1000
"""Mappings have this granularity; hosts with larger pages use the shared model."""

NULL_PAGE_SIZE = 0x1000
L1_LIMIT = 0x1C0000
"""No architecture's L1 may reach this address."""
REGISTERS_BASE = 0x1C0000
REGISTERS_SIZE = 0x4000
STACK_SIZE = 0x10000
PRIVATE_BASE = 0x200000
"""Top of the stack and start of the processor block."""
BLOCK_SIZE = 0x6000
MONITOR_SIZE = 0x2000
"""After the block: where observed kernels write down what happens. One processor runs at a time, and the host takes
what is there when it stops, so that all use the same pages, which stay in the caches."""
DATA_OFFSET = BLOCK_SIZE + MONITOR_SIZE
PRIVATE_STRIDE = 0x200000
SLOTS = 5
"""Processors per core: two data movement and three compute."""
MEMORY_END = PRIVATE_BASE + PRIVATE_STRIDE


@dataclass(frozen=True, slots=True)
class PrivateLayout:
    """Where one processor's private part lies in its address space; ``end`` is the limit of its static data."""

    stack_low: int
    block: int
    data: int
    end: int

    @classmethod
    def at(cls, base: int) -> PrivateLayout:
        return cls(base - STACK_SIZE, base, base + DATA_OFFSET, base + PRIVATE_STRIDE)


class MemoryModel(enum.Enum):
    """How processors of one core share memory.

    ``MAPPED`` (Linux, 4 KB pages): every processor has its own address space into which the core's L1 is mapped. Null
    page, past L1, a sibling's private memory and stack overflow trap exactly.

    ``SHARED`` (everywhere): one wasm shared memory per core, imported by all its processors. Accesses to holes, to the
    null page and to a sibling's private part succeed silently; only addresses past the last slot trap.
    """

    MAPPED = "mapped"
    SHARED = "shared"

    @classmethod
    def best(cls) -> MemoryModel:
        """The most isolating model that this host supports."""
        return cls.MAPPED if sys.platform == "linux" and mmap.PAGESIZE == HOST_PAGE else cls.SHARED

    def private_layout(self, slot: int) -> PrivateLayout:
        """Where the private part of the processor in ``slot`` lies in its address space."""
        if not 0 <= slot < SLOTS:
            raise EngineError(f"processor slot {slot} is not in 0..{SLOTS - 1}")
        if self is MemoryModel.MAPPED:
            return PrivateLayout.at(PRIVATE_BASE)
        layout = PrivateLayout.at(PRIVATE_BASE + slot * PRIVATE_STRIDE)
        return PrivateLayout(layout.stack_low, layout.block, layout.data, layout.end - STACK_SIZE)

    @property
    def memory_end(self) -> int:
        """The wasm memory's maximum in bytes."""
        return MEMORY_END if self is MemoryModel.MAPPED else PRIVATE_BASE + SLOTS * PRIVATE_STRIDE


_OVERFLOW = (
    "it overflows; a processor has no more than the board's local memory for stack and static data "
    f"(local_memory=unlimited: {STACK_SIZE // 1024} KB of stack)"
)


def describe(address: int, l1_size: int, private: PrivateLayout) -> str:
    """Name the region that an address lies in, for the message of a trap."""
    if address < NULL_PAGE_SIZE:
        return "the null page"
    if address < l1_size:
        return "L1"
    if address < REGISTERS_BASE:
        return f"past the end of L1 (0x{l1_size:x})"
    if address < REGISTERS_BASE + REGISTERS_SIZE:
        return "the core's registers"
    if address < private.stack_low:
        near = private.stack_low - address <= PRIVATE_STRIDE // 16
        return f"below the stack: {_OVERFLOW}" if near else "unmapped memory"
    if address < private.end:
        return "past the kernel's static data" if address >= private.data else "the processor's private memory"
    return "outside the address space"
