"""The contract between the frontend and a backend: all that crosses the border is imported from here.

The calls and events stand in this file, the data that they carry in :mod:`tthal.device_data`. A backend implements
:class:`Backend` (one per plugin; cheap, touches no hardware) and :class:`DeviceDriver` (one open device). Two snapshots
cross the border, both frozen, serialisable and free of live objects: :class:`ProgramImage`, all that compiling depends
on, and :class:`LaunchState`, all that may change between two launches of one image.

Units: addresses and sizes are bytes, coordinates are logical unless a name says otherwise, arguments are unsigned
32-bit words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

from tthal.coordinates import CoreCoord
from tthal.device_data import (
    PORTABLE_LIMITS,
    Alignments,
    Allocation,
    BufferSpec,
    Capability,
    CircularBufferFormat,
    CircularBufferImage,
    CircularBufferState,
    ComputeSettings,
    DataMovementSettings,
    DeviceProperties,
    DramBank,
    EthernetSettings,
    Header,
    KernelArguments,
    KernelContent,
    KernelImage,
    LaunchState,
    Limits,
    ProgramImage,
    SemaphoreImage,
    ShardLayout,
    Written,
)
from tthal.errors import Finding, Unsupported

if TYPE_CHECKING:
    from tthal.observer import Observer

__all__ = [
    "DEVICE_OPTIONS",
    "INTERFACE_VERSION",
    "PORTABLE_LIMITS",
    "Alignments",
    "Allocation",
    "Availability",
    "Backend",
    "BufferSpec",
    "Capability",
    "CircularBufferFormat",
    "CircularBufferImage",
    "CircularBufferState",
    "ComputeSettings",
    "DataMovementSettings",
    "DeviceDriver",
    "DeviceProperties",
    "DramBank",
    "EthernetSettings",
    "Event",
    "EventSink",
    "FindingReported",
    "Header",
    "KernelArguments",
    "KernelContent",
    "KernelImage",
    "KernelPrint",
    "LaunchFinished",
    "LaunchState",
    "Limits",
    "LoadedProgram",
    "ProgramImage",
    "Progress",
    "SemaphoreImage",
    "ShardLayout",
    "Written",
]

INTERFACE_VERSION = 1
"""Raised when a backend written for an older contract would no longer work."""


# ---------------------------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened inside a device; subclasses say what. ``device_id`` is the id given to ``open``."""

    device_id: int


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """Long work advances: ``done`` of ``total`` units of ``activity`` (for instance kernels compiled)."""

    activity: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class KernelPrint(Event):
    """A kernel printed a line (DPRINT)."""

    core: CoreCoord
    processor: str
    text: str


@dataclass(frozen=True, slots=True)
class LaunchFinished(Event):
    """A program ran; times in seconds; ``compile_seconds`` is 0 when the program was already loaded."""

    fingerprint: str
    compile_seconds: float
    run_seconds: float


@dataclass(frozen=True, slots=True)
class FindingReported(Event):
    """A check found something in a launch, error or warning."""

    finding: Finding


EventSink = Callable[[Event], None]
"""Receives events in the thread that runs the device; it must be quick and must not raise."""


# ---------------------------------------------------------------------------------------------- the two classes


class LoadedProgram(Protocol):
    """What :meth:`DeviceDriver.load` returns: opaque, but it names its image."""

    @property
    def image(self) -> ProgramImage: ...


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a backend can be used here; ``reason`` and ``fix`` are empty when it can."""

    available: bool
    reason: str = ""
    fix: str = ""
    details: dict[str, str] = field(default_factory=dict)


class Backend(ABC):
    """One way to run programs; constructing it costs nothing and touches no hardware."""

    name: str
    summary: str
    option_help: Mapping[str, str]
    """The keys that ``open`` understands in ``options``, each with one line of help."""
    argument_help: str = ""
    """What ARGUMENT of the selection string means to this backend; empty: it takes none."""
    interface_version: int = INTERFACE_VERSION
    """The version of this file that the backend is written for: third parties state it as a number."""

    @abstractmethod
    def probe(self) -> Availability:
        """Say whether ``open`` can work here, without opening anything."""

    @abstractmethod
    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> DeviceDriver:
        """Open a device.

        Args:
            device_id: which device, from 0.
            argument: the selection string's ARGUMENT, "" when absent.
            options: the selection string's KEY=VALUE pairs; keys as in ``option_help`` and ``DEVICE_OPTIONS``.
            events: where the device publishes what happens inside it.

        Raises:
            BackendUnavailable: a part is missing.
            SelectionError: the argument or an option's value is not understood.
        """

    def doctor(self) -> list[tuple[str, str]]:
        """Return (what, finding) rows for ``tthal doctor``."""
        return []


DEVICE_OPTIONS: Mapping[str, str] = {
    "num_command_queues": "number of hardware command queues, 1 or 2",
    "l1_small_size": "bytes of every L1 bank set apart for L1_SMALL buffers",
    "trace_region_size": "bytes of DRAM set apart for device traces",
    "worker_l1_size": "bytes of L1 available to buffers and circular buffers",
}
"""Options that come from ``CreateDevice`` arguments; every backend gets them, as decimal strings, when they are set."""


class DeviceDriver(ABC):
    """One open device. Calls come from one thread at a time.

    Queues are in order and may be asynchronous. When a command fails, the driver ignores the queue's further commands
    until :meth:`finish` has raised the failure, whole; then the device runs the next program as if nothing happened.
    """

    takes_strided_memory: ClassVar[bool] = False
    """Whether :meth:`write` and :meth:`read` also take memory of several dimensions and any strides, whose bytes in C
    order are the buffer's; tensors then reach tiles without a copy on the way."""

    @property
    @abstractmethod
    def properties(self) -> DeviceProperties:
        """What the device is; constant while it is open."""

    @abstractmethod
    def allocate(self, spec: BufferSpec) -> Allocation:
        """Place a buffer.

        Raises:
            OutOfMemory: no bank has room.
            InvalidArgument: the shard grid has cores without a bank, or the address is not usable.
        """

    @abstractmethod
    def free(self, allocation: Allocation) -> None:
        """Give a buffer's memory back; unknown or explicitly addressed allocations are ignored."""

    @abstractmethod
    def write(self, queue: int, allocation: Allocation, data: memoryview) -> None:
        """Write a whole buffer, host page order; ``data`` (bytes, ``spec.size`` long) is copied before returning."""

    @abstractmethod
    def read(self, queue: int, allocation: Allocation, out: memoryview) -> None:
        """Read a whole buffer, host page order, into ``out``; it is filled when ``finish(queue)`` returns."""

    @abstractmethod
    def load(self, image: ProgramImage) -> LoadedProgram:
        """Compile a program, or return the one already loaded for this fingerprint.

        The caller has compared the image with :attr:`properties` (``tthal.kit.image_checks``): its cores exist, its
        kinds of kernels and its counts are those that the device declares.

        Raises:
            CompileError: a kernel does not compile.
        """

    @abstractmethod
    def unload(self, loaded: LoadedProgram) -> None:
        """Forget a loaded program."""

    @abstractmethod
    def launch(self, queue: int, loaded: LoadedProgram, state: LaunchState) -> None:
        """Place the program, check for clashes, and run it after the queue's earlier commands.

        Raises:
            PlacementError: it does not fit. (Failures while it runs are raised by :meth:`finish`.)
        """

    @abstractmethod
    def finish(self, queue: int) -> None:
        """Wait for the queue; raise what went wrong on it since the last call, whole, once."""

    def record_event(self, queue: int) -> int:
        """Mark a point in a queue: all that it was given until now. A driver without events of its own needs none."""
        return 0

    def wait_for_event(self, waiting: int | None, queue: int, event: int) -> None:
        """Let the later commands of queue ``waiting``, or with None the host, wait for an event of ``queue``.

        It raises and fills what :meth:`finish` of ``queue`` does; a driver may wait for more than it is asked to.
        """
        self.finish(queue)

    @abstractmethod
    def write_l1(self, core: CoreCoord, address: int, data: memoryview) -> None:
        """Write raw bytes into a logical core's L1 after draining the queues."""

    @abstractmethod
    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        """Read raw bytes from a logical core's L1 after draining the queues."""

    @abstractmethod
    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        """Write raw bytes into a DRAM bank after draining the queues."""

    @abstractmethod
    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        """Read raw bytes from a DRAM bank after draining the queues."""

    def observe(self, observer: Observer) -> None:
        """Let an observer hear of all that happens from now on; see :mod:`tthal.observer`.

        Raises:
            Unsupported: the device does not declare ``Capability.OBSERVABLE``.
        """
        raise Unsupported(f"{self.properties.board} cannot be observed; the emulator can")

    @abstractmethod
    def close(self) -> None:
        """Release everything; further calls are not made. Closing twice does nothing."""
