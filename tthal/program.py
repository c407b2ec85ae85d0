"""The Program: kernels, circular buffers and semaphores, as plain data with validation; no device (host-api.md §1)."""

from __future__ import annotations

import itertools
from typing import Protocol

from tthal import notebook
from tthal.buffer import EMPTY_ALLOCATION_ID, Buffer
from tthal.circular_buffer import CircularBuffer, CircularBufferConfig, complete_config
from tthal.coordinates import CoreCoord, CoreRangeSet, CoreSpec, as_cores
from tthal.core_groups import CoreGroup, core_groups
from tthal.device_interface import (
    PORTABLE_LIMITS,
    Allocation,
    DataMovementSettings,
    KernelContent,
    LaunchState,
    Limits,
    ProgramImage,
)
from tthal.errors import InvalidArgument, LimitExceeded, ProgramFrozen, WrongType
from tthal.kernel import DataMovementConfig, Kernel, KernelConfig, ProcessorSlot
from tthal.runtime_args import ProgramPhase
from tthal.semaphore import Semaphore, place_semaphore
from tthal.types import NOC_MODE, CoreType
from tthal.words import integer

__all__ = ["Program"]

MAX_COORDINATE = 255
"""NoC coordinates have fewer than eight bits on every chip, so no grid is larger."""

_program_ids = itertools.count()

_OTHER_DATA_MOVEMENT = {ProcessorSlot.BRISC: ProcessorSlot.NCRISC, ProcessorSlot.NCRISC: ProcessorSlot.BRISC}


class ProgramParts(Protocol):
    """What a program can be filled with: a :class:`tthal.ProgramDescriptor`."""

    def add_to(self, program: Program) -> None: ...


class Program:
    """Kernels, circular buffers and semaphores that run together on a device.

    Args:
        descriptor: what to fill it with; empty without.
        limits: what its cores may not exceed; the portable limits without.

    Attributes:
        id: unique in this process.
        runtime_id: a number of the user's own, for tools; 0 at first.
        limits: what its cores may not exceed.
        owned_buffers: buffers that live as long as the program.
    """

    def __init__(self, descriptor: ProgramParts | None = None, limits: Limits | None = None) -> None:
        self.id = next(_program_ids)
        self.runtime_id = 0
        self.limits = PORTABLE_LIMITS if limits is None else limits
        self.owned_buffers: list[Buffer] = []
        self._phase = ProgramPhase()
        self._kernels: list[Kernel] = []
        self._slots: dict[tuple[ProcessorSlot, CoreCoord], Kernel] = {}
        self._circular_buffers: list[CircularBuffer] = []
        self._indices: dict[CoreCoord, set[int]] = {}
        self._semaphores: list[Semaphore] = []
        self._image: tuple[int, ProgramImage] | None = None
        self._state: tuple[int, LaunchState] | None = None
        if descriptor is not None:
            descriptor.add_to(self)

    # ------------------------------------------------------------------ parts

    @property
    def kernels(self) -> tuple[Kernel, ...]:
        """The kernels; a kernel's id is its index."""
        return tuple(self._kernels)

    @property
    def circular_buffers(self) -> tuple[CircularBuffer, ...]:
        """The circular buffers; a circular buffer's id is its index."""
        return tuple(self._circular_buffers)

    @property
    def semaphores(self) -> tuple[Semaphore, ...]:
        """The semaphores in creation order; their ids repeat on disjoint cores."""
        return tuple(self._semaphores)

    @property
    def is_frozen(self) -> bool:
        """Whether the structure is fixed because the program was launched."""
        return self._phase.frozen

    def num_kernels(self) -> int:
        """Return the number of kernels."""
        return len(self._kernels)

    def kernel(self, kernel_id: int) -> Kernel:
        """Return the kernel with this id.

        Raises:
            InvalidArgument: there is none.
        """
        number = integer(kernel_id, "kernel id")
        if 0 <= number < len(self._kernels):
            return self._kernels[number]
        raise InvalidArgument(f"program {self.id} has no kernel with id {number}; {_ids(self._kernels)}")

    def circular_buffer(self, cb_id: int) -> CircularBuffer:
        """Return the circular buffer with this id.

        Raises:
            InvalidArgument: there is none.
        """
        number = integer(cb_id, "circular buffer id")
        if 0 <= number < len(self._circular_buffers):
            return self._circular_buffers[number]
        raise InvalidArgument(
            f"program {self.id} has no circular buffer with id {number}; {_ids(self._circular_buffers)}"
        )

    # ------------------------------------------------------------------ adding parts

    def add_kernel(self, content: KernelContent, core_spec: CoreSpec, config: KernelConfig | None = None) -> Kernel:
        """Add a kernel; without a config it moves data on BRISC over NoC 0.

        Raises:
            InvalidArgument: the config is not valid, a core's processor is taken, or both data-movement processors of
                a core would share one dedicated NoC or differ in NoC mode.
            ProgramFrozen: the program was launched.
        """
        self._require_open("kernel")
        config = DataMovementConfig() if config is None else config
        core_ranges = core_ranges_of(core_spec)
        kernel = Kernel(len(self._kernels), content, core_ranges, config, self.limits.runtime_args, self._phase)
        for core in sorted(kernel.cores):
            self._check_slot(kernel, core)
            self._check_noc(kernel, core)
        self._kernels.append(kernel)
        self._slots.update(((kernel.slot, core), kernel) for core in kernel.cores)
        self._phase.structure_changed()
        return kernel

    def add_circular_buffer(self, core_spec: CoreSpec, config: CircularBufferConfig) -> CircularBuffer:
        """Add a circular buffer; the config is copied.

        Raises:
            InvalidArgument: the config is incomplete, or an index is taken on a core.
            LimitExceeded: an index is past the limit, or none is free.
            ProgramFrozen: the program was launched.
        """
        self._require_open("circular buffer")
        if not isinstance(config, CircularBufferConfig):
            raise WrongType(f"config must be a CircularBufferConfig, not {type(config).__name__}")
        core_ranges = core_ranges_of(core_spec)
        taken = {index: core for core in core_ranges.cores() for index in self._indices.get(core, ())}
        free = next((index for index in range(self.limits.circular_buffers) if index not in taken), None)
        final = complete_config(config, self.limits.circular_buffers if free is None else free)
        self._check_indices(final.buffer_indices, taken, core_ranges)
        circular_buffer = CircularBuffer(len(self._circular_buffers), core_ranges, final)
        self._circular_buffers.append(circular_buffer)
        for core in circular_buffer.cores:
            self._indices.setdefault(core, set()).update(final.buffer_indices)
        self._phase.structure_changed()
        return circular_buffer

    def add_semaphore(
        self,
        core_spec: CoreSpec,
        initial_value: int,
        core_type: CoreType = CoreType.WORKER,
        semaphore_id: int | None = None,
    ) -> Semaphore:
        """Add a semaphore with the given id, or the smallest one free on all its cores.

        Raises:
            InvalidArgument: there is no core, the value is not a word, or the id is taken.
            LimitExceeded: no id is left.
            ProgramFrozen: the program was launched.
        """
        self._require_open("semaphore")
        core_ranges = core_ranges_of(core_spec)
        limit = self.limits.semaphores
        semaphore = place_semaphore(self._semaphores, core_ranges, initial_value, core_type, limit, semaphore_id)
        self._semaphores.append(semaphore)
        self._phase.structure_changed()
        return semaphore

    def own(self, buffer: Buffer) -> None:
        """Keep a buffer alive as long as this program.

        Raises:
            ObjectClosed: it was deallocated.
        """
        if not isinstance(buffer, Buffer):
            raise WrongType(f"a program owns Buffer objects, not {type(buffer).__name__}")
        _ = buffer.allocation
        self.owned_buffers.append(buffer)

    # ------------------------------------------------------------------ changing what may change

    def set_circular_buffer_total_size(self, cb_id: int, total_size: int) -> None:
        """Change a circular buffer's size in bytes; page sizes must divide it by the next launch."""
        self.circular_buffer(cb_id).set_total_size(total_size)
        self._phase.values_changed()

    def set_circular_buffer_page_size(self, cb_id: int, buffer_index: int, page_size: int) -> None:
        """Change the page size in bytes of one index of a circular buffer."""
        self.circular_buffer(cb_id).set_page_size(buffer_index, page_size)
        self._phase.values_changed()

    def bind_circular_buffer(
        self, cb_id: int, buffer: Buffer, total_size: int | None = None, address_offset: int = 0
    ) -> None:
        """Lay a circular buffer into an L1 buffer, optionally with a new size in bytes."""
        self.circular_buffer(cb_id).bind(buffer, total_size, address_offset)
        self._phase.values_changed()

    # ------------------------------------------------------------------ what crosses the border

    def freeze(self) -> None:
        """Fix the structure; called at the first launch."""
        self._phase.frozen = True

    def image(self) -> ProgramImage:
        """Return all that compiling depends on; the same object until the structure changes."""
        version = self._phase.structure_version
        if self._image is None or self._image[0] != version:
            image = ProgramImage(
                kernels=tuple(kernel.image() for kernel in self._kernels),
                circular_buffers=tuple(each.image() for each in self._circular_buffers),
                semaphores=tuple(each.image() for each in self._semaphores),
            )
            self._image = (version, image)
        return self._image[1]

    def launch_state(self) -> LaunchState:
        """Return the present argument values and circular buffer sizes and places; the same object until one changes.

        Raises:
            InvalidArgument: a circular buffer's page size does not divide its total size.
            ObjectClosed: a buffer that holds a circular buffer was deallocated.
        """
        allocations = self._allocations()
        version = self._phase.values_version
        if self._state is None or self._state[0] != version or self._state[1].allocations != allocations:
            state = LaunchState(
                kernels=tuple(kernel.arguments.snapshot() for kernel in self._kernels),
                circular_buffers=tuple(each.state() for each in self._circular_buffers),
                allocations=allocations,
            )
            self._state = (version, state)
        return self._state[1]

    def core_groups(self) -> list[CoreGroup]:
        """Return the cores that are alike, with their kernels, circular buffers and semaphores; most cores first."""
        return core_groups(self._kernels, self._circular_buffers, self._semaphores)

    def _repr_html_(self) -> str:
        return notebook.groups(f"program {self.id}", [(each.places(), each.lines()) for each in self.core_groups()])

    def __repr__(self) -> str:
        state = "frozen" if self.is_frozen else "open"
        parts = (len(self._kernels), len(self._circular_buffers), len(self._semaphores))
        return "<Program {} {}: {} kernels, {} circular buffers, {} semaphores>".format(self.id, state, *parts)

    # ------------------------------------------------------------------ checks

    def _allocations(self) -> tuple[Allocation, ...]:
        bound = [each.config.buffer.allocation for each in self._circular_buffers if each.config.buffer is not None]
        owned = [buffer.allocation for buffer in self.owned_buffers if buffer.is_allocated()]
        return tuple({each.id: each for each in owned + bound if each.id != EMPTY_ALLOCATION_ID}.values())

    def _require_open(self, what: str) -> None:
        if self._phase.frozen:
            raise ProgramFrozen(
                f"cannot add a {what} to program {self.id}, which was already launched: its structure is fixed; "
                "add everything before the first launch, or create a new program"
            )

    def _check_slot(self, kernel: Kernel, core: CoreCoord) -> None:
        other = self._slots.get((kernel.slot, core))
        if other is not None:
            raise InvalidArgument(
                f"core overlap between kernel {other.id} ({other.content.source_name}) and new kernel "
                f"({kernel.content.source_name}) at {core}: both run on {kernel.slot.value}, which takes one kernel "
                "per core; choose another processor or other cores"
            )

    def _check_noc(self, kernel: Kernel, core: CoreCoord) -> None:
        mine = kernel.settings
        other = self._slots.get((_OTHER_DATA_MOVEMENT.get(kernel.slot, kernel.slot), core))
        if other is None or not isinstance(mine, DataMovementSettings):
            return
        theirs = other.settings
        if not isinstance(theirs, DataMovementSettings):
            return
        names = (
            f"kernel {other.id} ({other.content.source_name}) and new kernel ({kernel.content.source_name}) at {core}"
        )
        if mine.noc_mode != theirs.noc_mode:
            raise InvalidArgument(
                f"{names} have NoC modes {theirs.noc_mode.name} and {mine.noc_mode.name}; all data-movement kernels "
                "of a core must have the same noc_mode"
            )
        if mine.noc_mode == NOC_MODE.DM_DEDICATED_NOC and mine.noc == theirs.noc:
            raise InvalidArgument(
                f"illegal NoC usage: {names} both use NoC {mine.noc.value} as their dedicated NoC, which hangs the "
                "hardware; give them different noc= values (ReaderDataMovementConfig and WriterDataMovementConfig do), "
                "or noc_mode=NOC_MODE.DM_DYNAMIC_NOC to both"
            )

    def _check_indices(self, indices: tuple[int, ...], taken: dict[int, CoreCoord], core_ranges: CoreRangeSet) -> None:
        limit = self.limits.circular_buffers
        for index in indices:
            if index >= limit:
                raise LimitExceeded(
                    f"circular buffer index {index} on {core_ranges} is past the last one, {limit - 1}: a core has "
                    f"{limit} circular buffers. Share indices on disjoint cores, or use "
                    "CreateProgram(limits=device.properties.limits)"
                )
            if index in taken:
                raise InvalidArgument(
                    f"cannot add circular buffer at index {index}: core {taken[index]} already has one; "
                    "choose another index"
                )


def core_ranges_of(core_spec: CoreSpec) -> CoreRangeSet:
    """Return any core specification as a set.

    Raises:
        TypeError: it is no CoreCoord, CoreRange or CoreRangeSet.
        InvalidArgument: a core lies outside every grid there is.
    """
    core_ranges = CoreRangeSet.of(as_cores(core_spec, "core_spec"))
    for each in core_ranges.ranges:
        if max(each.end.x, each.end.y) > MAX_COORDINATE:
            raise InvalidArgument(f"core {each.end} lies outside every grid there is (0..{MAX_COORDINATE} in x and y)")
    return core_ranges


def _ids(parts: list[Kernel] | list[CircularBuffer]) -> str:
    return f"its ids go from 0 to {len(parts) - 1}" if parts else "it has none at all"
