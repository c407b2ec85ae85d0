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
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from tthal.coordinates import CoreCoord
from tthal.device_data import Allocation, DeviceProperties, LaunchState, ProgramImage
from tthal.errors import Frame
from tthal.event_records import (
    ADDRESS_BITS,
    ALL_TRANSACTIONS,
    COMPUTE_SLOT,
    NODE_BITS,
    RECORD,
    SLOTS,
    VECTOR_FUNCTIONS,
    Awaited,
    DstCall,
    EventKind,
    FormatUnit,
    SetUp,
    TileOperation,
    TransferFlag,
    ZoneMark,
    name_hash,
)
from tthal.types import DataFormat

__all__ = [
    "ADDRESS_BITS",
    "ALL_TRANSACTIONS",
    "COMPUTE_SLOT",
    "NODE_BITS",
    "RECORD",
    "SLOTS",
    "VECTOR_FUNCTIONS",
    "Awaited",
    "CompiledListener",
    "DstCall",
    "EventKind",
    "EventObserver",
    "FormatUnit",
    "Monitor",
    "ObservedCircularBuffer",
    "ObservedCore",
    "ObservedKernel",
    "ObservedLaunch",
    "Observer",
    "Records",
    "SetUp",
    "TileOperation",
    "TransferFlag",
    "ZoneMark",
    "name_hash",
]

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
        sources: a folder with C++ sources, or several (freestanding: no C library, no exceptions), that the device
            builds for its machine when it is observed, several in one unit, so that names of all must differ;
            :meth:`built` then gets at the functions. They include ``tthal/observer.h``.
        compiled: called with records while a launch goes on; read anew for each launch.
        loads_and_stores: kernels are compiled so that they announce their own loads and stores in L1, neighbours in one
            record, which is slow; read when the device is observed.
        executed: kernels are compiled so that they count what their own code executes (EXECUTED); read when the device
            is observed. A compute kernel counts once what three processors execute.
        kinds: of events that it listens for, None for all; a device may leave out what no observer listens for. Read
        stepwise: the device hands on every record before it goes on; else :meth:`records` gets many at a time.
    """

    sources: Path | tuple[Path, ...] | None = None
    compiled: CompiledListener | None = None
    loads_and_stores: bool = False
    executed: ClassVar[bool] = False
    kinds: frozenset[EventKind] | None = None
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
        """The host waited for all that a queue was given."""

    def event_recorded(self, queue: int, event: int) -> None:
        """A queue was given an event: the point after all that it was given before."""

    def event_awaited(self, waiting: int | None, queue: int, event: int) -> None:
        """What queue ``waiting`` is given from now on, or None: whatever the host does, comes after a queue's event."""

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

    def launch_cut_short(self) -> None:
        """The launch was interrupted, as by Ctrl-C; that is all that is told of its end."""

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
        EventKind.DST_HANDED,
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
