"""Observing launches: what happens inside a device, event by event.

A device that declares :attr:`Capability.OBSERVABLE` takes observers (:meth:`DeviceDriver.observe`). They listen:
nothing that they do changes what a program computes. Checks, profiles and printers are observers.

Events are fixed-size records (:data:`RECORD`): ids and units, no words. Three ways to receive them:

- *compiled*: a C function is called with runs of records, in order, while the launch goes on
  (:class:`CompiledListener`). Its C++ finds the record and the numbers of this module in ``tthal/observer.h``, which
  :mod:`tthal.kit.observer_header` writes;
- *in bulk*: :meth:`Observer.records` gets numpy arrays of many records at a time;
- *one by one*: :class:`EventObserver` calls a method of a :class:`Monitor` for every event; the device then goes step
  by step and leaves no event behind when a method is called, which is slow and easy.

When nobody observes, a device writes no records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, unique
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from tthal.coordinates import CoreCoord
from tthal.device_data import Allocation, DeviceProperties, LaunchState, ProgramImage
from tthal.errors import Frame
from tthal.types import DataFormat


@unique
class EventKind(IntEnum):
    """What a record is about. The comment says what its fields hold; ``site`` is the kernel's place where there is one.

    QUEUED_x: a kernel asked for a transfer: ``noc``, ``flags`` (:class:`TransferFlag`), ``id`` (transaction id),
    ``local`` (L1 address), ``remote`` (NoC address), ``size`` (bytes), ``value`` (number of destinations, inline
    word or increment), ``extra`` (of a write of 4 bytes: the word that it sends). Barriers and flushes: ``extra`` =
    noc, ``id`` = transaction id or 255 for all.
    """

    QUEUED_READ = 0
    QUEUED_WRITE = 1
    QUEUED_WRITE_MULTICAST = 2
    QUEUED_WRITE_INLINE = 3
    QUEUED_INLINE_MULTICAST = 4
    QUEUED_ATOMIC_INCREMENT = 5
    QUEUED_ATOMIC_MULTICAST = 6
    READ_BARRIER = 16
    WRITE_BARRIER = 17
    WRITE_FLUSH = 18
    POSTED_FLUSH = 19
    ATOMIC_BARRIER = 20
    CB_RESERVED = 32  # id = circular buffer, value = pages, local = write pointer
    CB_PUSHED = 33  # the same, before the pages move
    CB_WAITED = 34  # id = circular buffer, value = pages, local = read pointer
    CB_POPPED = 35  # the same, before the pages move
    SEMAPHORE_SET = 36  # local = L1 address, value: stored by the core itself
    SEMAPHORE_REACHED = 37  # local = L1 address, value: a wait ended; id = 1 when more is enough
    DST_SECTION = 38  # id = :class:`DstCall`, local = where in its static data the kernel keeps DST
    TILE_OPERAND = 39  # the unpacker reads: id = circular buffer, local = address, size in bytes, value = operation:
    # :class:`TileOperation`, or one that it does not name
    TILE_RESULT = 40  # the packer writes: the same; remote = 1 when it adds to what is there
    TILE_OPERATION = 41  # value = operation, id = DST index
    PAGE_ADDRESS = 42  # of an interleaved buffer: id = in DRAM, local = base, size = stride, value = page, remote
    BANK_ADDRESS = 43  # a kernel named a bank that does not exist: id = in DRAM, value = bank, remote
    CB_MISSING = 44  # a kernel asked of a circular buffer that is not configured: id
    SET_UP_MISSING = 45  # an operation needs another set-up: value = needed, local = present (:class:`SetUp`)
    ODD_DIVISION = 46  # an integer division without a quotient: id = 0 by zero, 1 overflow
    LOAD = 48  # of the kernel's own code: local = L1 address, size; see Observer.loads_and_stores
    STORE = 49  # the same
    CB_ASKED = 50  # the kernel asked for a pointer into a circular buffer: id; only with loads_and_stores
    DST_UNWRITTEN = 51  # the packer takes a tile of DST that nothing was written to: id = DST index
    VECTOR_OPERATION = 52  # the vector unit works on DST: id = index, value = :func:`name_hash`, size in vectors
    SET_UP = 53  # an initialisation: value = :class:`SetUp`, local = :func:`name_hash` of a vector function or 0
    FORMAT_SET = 54  # a unit is set up for a format: id = :class:`FormatUnit`
    EXECUTED = 55  # by its own code since the last of these; see Observer.executed. value = instructions, local = loads
    # and size = stores through pointers, extra = divisions; remote = bytes of blocks, aligned alike | others << 32
    ZONE = 56  # the profiler's macros: id = :class:`ZoneMark`; value = :func:`name_hash`
    CLOCK = 57  # a look at the clock; value = cycles waited besides; a compiled listener may answer, in remote
    TURN = 64  # the processor gave way without waiting for anything
    WAIT = 65  # id = what for, local and value = its arguments
    WAKE = 66
    DEPARTED = 67  # a transfer's data left its source: as queued, but flags | operation << 4
    ARRIVED = 68  # a transfer took effect: the same
    ENDED = 69  # the kernel ended


class SetUp(IntEnum):
    """What the compute threads are set up for, in the lowest 8 bits; the details above them are four bits each.

    BINARY: operation (add, sub, mul), broadcast (none, row, col, scalar). REDUCE: pool (sum, avg, max), dimension (row,
    col, scalar). REUSE_DEST: operation. UNARY_BROADCAST: broadcast. VECTOR: :data:`VECTOR_FUNCTIONS`.
    """

    NONE = 0
    COPY = 1
    BINARY = 2
    REUSE_DEST = 3
    UNARY_BROADCAST = 4
    MATMUL = 5
    REDUCE = 6
    TRANSPOSE = 7
    TILIZE = 8
    STARTUP = 9
    VECTOR = 10
    ANY = 255


VECTOR_FUNCTIONS = ("nothing", "exp", "recip", "sqrt", "rsqrt", "log", "tanh", "gelu")
"""Functions whose initialisations load constants that only they can use."""


def name_hash(name: str) -> int:
    """What VECTOR_OPERATION calls a function, and ZONE a zone: FNV-1a of its name, 32 bits."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


class TransferFlag(IntEnum):
    """Bits of ``flags`` in records about transfers."""

    POSTED = 1
    INCLUDE_SOURCE = 2
    LINKED = 4
    EXCLUDE = 8  # extra is the region that a multicast leaves out
    UNCOUNTED = 16  # only a barrier of its transaction id waits for it


@unique
class DstCall(IntEnum):
    """``id`` of DST_SECTION."""

    ACQUIRE = 0
    COMMIT = 1
    WAIT = 2
    RELEASE = 3


@unique
class FormatUnit(IntEnum):
    """``id`` of FORMAT_SET: both unpackers, and the packer."""

    SRC_A = 0
    SRC_B = 1
    PACKER = 2


@unique
class ZoneMark(IntEnum):
    """``id`` of ZONE."""

    BEGIN = 0
    END = 1
    DATA = 2  # in remote


@unique
class TileOperation(IntEnum):
    """``value`` of TILE_OPERAND, TILE_RESULT and TILE_OPERATION, of the operations that listeners tell apart."""

    COPY = 0
    BINARY = 1
    MATMUL = 2
    TRANSPOSE = 4
    TILIZE = 5
    UNARY_BROADCAST = 6
    TRANSPOSE_DEST = 7
    BINARY_REUSE_DEST = 8
    REDUCE = 9
    PACK_UNTILIZE = 10
    TILIZE_REDUCE = 11
    SUM_DEST = 12


SLOTS = 5
"""Processors for which a core has a number; ``kernel`` of a record is ``core index * SLOTS + slot``."""
COMPUTE_SLOT = 2
"""The compute kernel's; BRISC is 0, NCRISC 1."""
ADDRESS_BITS = 36
"""``remote`` of a transfer: address, then x and y of the node; of a multicast also those of its start corner."""
NODE_BITS = 6
ALL_TRANSACTIONS = 0xFF
"""``id`` of a barrier that waits for all transaction ids."""


RECORD = np.dtype(
    [
        ("event", "u1"), ("noc", "u1"), ("flags", "u1"), ("id", "u1"), ("local", "<u4"), ("remote", "<u8"),
        ("size", "<u4"), ("value", "<u4"), ("extra", "<u4"), ("site", "<u4"), ("kernel", "<u4"), ("serial", "<u4"),
    ]
)  # fmt: skip
"""One event, 40 bytes: its fields, the index of the kernel that it is about, and its place in the launch's order."""

Records = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class CompiledListener:
    """A C function ``bool listen(void*, const tthal::Record* records, uint32_t count)`` and its environment.

    It is called in the thread that runs the device; returning true ends the launch as soon as its processor stops.
    Whoever hands it over keeps both alive. Addresses, so that no library for C need be shared.
    """

    function: int
    environment: int


@dataclass(frozen=True, slots=True)
class ObservedKernel:
    """A kernel on one processor of one core, for one launch.

    Attributes:
        index: what records call it.
        core: logical.
        processor: BRISC, NCRISC or TRISC.
        kernel: its place in the image's kernels.
        name: its source's name.
    """

    index: int
    core: CoreCoord
    processor: str
    kernel: int
    name: str


@dataclass(frozen=True, slots=True)
class ObservedCircularBuffer:
    """A circular buffer where it lies on one core; sizes and address in bytes, ``tile`` is (height, width)."""

    index: int
    address: int
    total_size: int
    page_size: int
    in_buffer: bool
    data_format: DataFormat
    tile: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ObservedCore:
    """What a launch has put on one core.

    Attributes:
        index: the core's number in the compute grid, row by row; nodes name it so.
        semaphores: L1 address of semaphore 0 and how many there are, 16 bytes apart.
        arguments: begin and end of the arguments' region in L1.
    """

    index: int
    core: CoreCoord
    circular_buffers: tuple[ObservedCircularBuffer, ...]
    semaphores: tuple[int, int]
    arguments: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ObservedLaunch:
    """One launch, as it begins.

    Attributes:
        queue: the command queue that it runs on.
        properties: of the device.
        nodes: per NoC, what answers at ``y << 6 | x``: a core's index, ``-2 - channel`` for DRAM, -1 for nothing.
        frames: ``frames(kernel index, site)`` gives the calls that lead to a site, innermost first, device headers
            among them (their files begin with ``<``).
        l1: ``l1(core index)`` is that core's L1 as it is now; to be read, and only until the launch has ended.
    """

    device_id: int
    queue: int
    image: ProgramImage
    state: LaunchState
    kernels: Mapping[int, ObservedKernel]
    cores: Mapping[int, ObservedCore]
    properties: DeviceProperties
    nodes: npt.NDArray[np.int32]
    frames: Callable[[int, int], tuple[Frame, ...]] = field(repr=False)
    l1: Callable[[int], memoryview] = field(repr=False, default=lambda core: memoryview(b""))


class Observer:
    """Listens to a device; every method may be left out.

    Attributes:
        sources: a folder with C++ sources (freestanding: no C library, no exceptions) that the device builds for its
            machine when it is observed; :meth:`built` then gets at the functions. They include ``tthal/observer.h``.
        compiled: called with records while a launch goes on; read anew for each launch.
        loads_and_stores: kernels are compiled so that they announce their own loads and stores in L1, neighbours in one
            record, which is slow; read when the device is observed.
        executed: kernels that move data are compiled so that they count what their own code executes (EXECUTED); read
            when the device is observed.
        stepwise: the device hands on every record before it goes on; else :meth:`records` gets many at a time.
    """

    sources: ClassVar[Path | None] = None
    compiled: CompiledListener | None = None
    loads_and_stores: bool = False
    executed: ClassVar[bool] = False
    stepwise: ClassVar[bool] = False

    def built(self, address_of: Callable[[str], int]) -> None:
        """The sources were built; ``address_of`` returns the address of an ``extern "C"`` function."""

    def allocated(self, allocation: Allocation) -> None:
        """A buffer was placed."""

    def freed(self, allocation: Allocation) -> None:
        """A buffer's place was given back."""

    def accessed(self, queue: int, allocation: Allocation, is_write: bool) -> None:
        """The host wrote or read a whole buffer."""

    def finished(self, queue: int) -> None:
        """The host, or a command of another queue, waited for all that a queue was given."""

    def accessed_raw(self, where: str, index: int, address: int, size: int, is_write: bool) -> None:
        """The host wrote or read bytes of a core's L1 (``"l1"``, core index) or of a bank (``"dram"``, bank)."""

    def launch_began(self, launch: ObservedLaunch) -> None:
        """A launch is about to run."""

    def records(self, records: Records) -> None:
        """Events, in order; the array is valid during the call. Called only when a subclass overrides it."""

    def printed(self, core: CoreCoord, processor: str, text: str) -> None:
        """A kernel printed a line; an observer that hears nothing else of launches costs them nothing."""

    def stopped(self, memory: Callable[[int, int, int], bytes]) -> None:
        """Kernels have ended or were stopped, and their memory is still there.

        Args:
            memory: ``memory(kernel index, address, size)`` copies a part of a kernel's static data.
        """

    def launch_ended(self, failure: BaseException | None) -> BaseException | None:
        """The launch is over; return what it shall fail with in place of ``failure``, which may be None."""
        return failure


class Monitor(Protocol):
    """What :class:`EventObserver` calls, one method per kind of event; ids and units only."""

    def launch_began(self, launch: ObservedLaunch) -> None: ...
    def launch_ended(self) -> None: ...
    def turn(self, kernel: int, ended: bool) -> None: ...
    def wait(self, kernel: int, what: int, a: int, b: int) -> None: ...
    def wake(self, kernel: int, what: int) -> None: ...
    def transfer(self, kernel: int, stage: EventKind, transfer: Mapping[str, int]) -> None:
        """``stage`` is the kind of a queued transfer, DEPARTED or ARRIVED; ``transfer`` the record's fields."""

    def barrier(self, kernel: int, kind: EventKind, noc: int, transaction_id: int, site: int) -> None: ...
    def pages(
        self, kernel: int, kind: EventKind, circular_buffer: int, pages: int, pointer: int, site: int
    ) -> None: ...
    def semaphore(self, kernel: int, kind: EventKind, address: int, value: int, site: int) -> None: ...
    def tile(self, kernel: int, kind: EventKind, fields: Mapping[str, int]) -> None: ...
    def printed(self, core: CoreCoord, processor: str, text: str) -> None: ...


_PAGES = frozenset({EventKind.CB_RESERVED, EventKind.CB_PUSHED, EventKind.CB_WAITED, EventKind.CB_POPPED})
_SEMAPHORES = frozenset({EventKind.SEMAPHORE_SET, EventKind.SEMAPHORE_REACHED})
_TILES = frozenset(
    {
        EventKind.DST_SECTION,
        EventKind.TILE_OPERAND,
        EventKind.TILE_RESULT,
        EventKind.TILE_OPERATION,
    }
)


class EventObserver(Observer):
    """Hands every event to a method of a :class:`Monitor`."""

    stepwise = True

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def launch_began(self, launch: ObservedLaunch) -> None:
        """See :class:`Observer`."""
        self._monitor.launch_began(launch)

    def launch_ended(self, failure: BaseException | None) -> BaseException | None:
        """See :class:`Observer`."""
        self._monitor.launch_ended()
        return failure

    def printed(self, core: CoreCoord, processor: str, text: str) -> None:
        """See :class:`Observer`."""
        self._monitor.printed(core, processor, text)

    def records(self, records: Records) -> None:
        """See :class:`Observer`."""
        for row in records:
            self._dispatch(dict(zip(RECORD.names or (), row.tolist(), strict=True)))

    def _dispatch(self, event: dict[str, Any]) -> None:
        kind, kernel, site = EventKind(event["event"]), event["kernel"], event["site"]
        monitor = self._monitor
        if kind <= EventKind.QUEUED_ATOMIC_MULTICAST or kind in (EventKind.DEPARTED, EventKind.ARRIVED):
            monitor.transfer(kernel, kind, event)
        elif kind <= EventKind.ATOMIC_BARRIER:
            monitor.barrier(kernel, kind, event["extra"], event["id"], site)
        elif kind in _PAGES:
            monitor.pages(kernel, kind, event["id"], event["value"], event["local"], site)
        elif kind in _SEMAPHORES:
            monitor.semaphore(kernel, kind, event["local"], event["value"], site)
        elif kind in _TILES:
            monitor.tile(kernel, kind, event)
        elif kind is EventKind.WAIT:
            monitor.wait(kernel, event["id"], event["local"], event["value"])
        elif kind is EventKind.WAKE:
            monitor.wake(kernel, event["id"])
        elif kind in (EventKind.TURN, EventKind.ENDED):
            monitor.turn(kernel, kind is EventKind.ENDED)
