"""From a program to addresses: what every core of a launch gets, as pure functions of image, state and machine.

:class:`ProgramPlacer` is made once per loaded program, and places it anew only when circular buffers change: a launch
fills in argument words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from tthal.coordinates import CoreCoord
from tthal.device_interface import (
    CircularBufferImage,
    CircularBufferState,
    LaunchState,
    ProgramImage,
)
from tthal.errors import InvalidArgument
from tthal.types import DataFormat
from tthal_emulator.board.machine import SEMAPHORE_STRIDE, Machine

from .argument_slots import ArgumentSlots, Words
from .cb_regions import CircularBufferRegions
from .config_region import (
    WORD,
    WORDS_PER_CIRCULAR_BUFFER,
    ConfigRegion,
    Group,
    RiscType,
    config_region,
    kernels_by_core,
    risc_of,
)


@dataclass(frozen=True, slots=True)
class KernelPlacement:
    """One kernel on one core: its index in the image, and where its arguments lie; counts are words."""

    kernel: int
    risc: RiscType
    runtime_args: int
    runtime_arg_count: int
    common_args: int
    common_arg_count: int


@dataclass(frozen=True, slots=True)
class SemaphorePlacement:
    """One semaphore on one core; ``value`` is written at every launch."""

    id: int
    address: int
    value: int


@dataclass(frozen=True, slots=True)
class CircularBufferPlacement:
    """One circular buffer index on one core; sizes in bytes, ``tile`` is (height, width).

    ``in_buffer`` ones lie in the memory of a buffer, which may hold pages that no kernel has pushed.
    """

    index: int
    address: int
    total_size: int
    page_size: int
    num_pages: int
    data_format: DataFormat
    tile: tuple[int, int]
    in_buffer: bool = False


@dataclass(frozen=True, slots=True)
class CorePlacement:
    """All that one core gets at a launch; ``semaphore_base`` is where semaphore 0 is or would be."""

    core: CoreCoord
    kernels: tuple[KernelPlacement, ...]
    semaphores: tuple[SemaphorePlacement, ...]
    circular_buffers: tuple[CircularBufferPlacement, ...]
    semaphore_base: int


@dataclass(frozen=True, slots=True)
class Placement:
    """A placed program: its cores row by row, and the configuration region's template for each of them.

    ``template`` has one row of words per core, complete but for the arguments.
    """

    cores: tuple[CorePlacement, ...]
    regions: CircularBufferRegions
    template: Words


_DEFAULT_TILE = (32, 32)


class ProgramPlacer:
    """Places one program, which suits the device, on one machine, launch after launch.

    Raises:
        PlacementError: a processor used twice, a region that is too small.
        Unsupported: an Ethernet kernel.
    """

    def __init__(self, image: ProgramImage, machine: Machine) -> None:
        self.image = image
        self.machine = machine
        self._groups = kernels_by_core(image)
        self.region: ConfigRegion = config_region(image, machine, self._groups)
        self.cores: tuple[CoreCoord, ...] = tuple(sorted(_used_cores(image, self._groups), key=machine.core_index))
        self.core_indices: tuple[int, ...] = tuple(machine.core_index(core) for core in self.cores)
        self._arguments = ArgumentSlots(image, self.region, self._groups, self.cores)
        self._buffers_on_core = _circular_buffers_by_core(image)

    def place(self, states: Sequence[CircularBufferState]) -> Placement:
        """Return the addresses of launches with these circular buffers.

        Raises:
            PlacementError: circular buffers do not fit together.
        """
        if len(states) != len(self.image.circular_buffers):
            raise InvalidArgument(
                f"the launch state has {len(states)} circular buffers, the program {len(self.image.circular_buffers)}"
            )
        regions = CircularBufferRegions(self.image.circular_buffers, states, self.machine)
        buffers = [
            _indices_of(image, state, address)
            for image, state, address in zip(self.image.circular_buffers, states, regions.addresses, strict=True)
        ]
        shared: dict[tuple[int, ...], tuple[CircularBufferPlacement, ...]] = {}
        cores = []
        for core in self.cores:
            mine = self._buffers_on_core.get(core, ()) if core in self._groups else ()
            if mine not in shared:
                shared[mine] = tuple(sorted(chain.from_iterable(buffers[i] for i in mine), key=lambda b: b.index))
            cores.append(self._core(core, shared[mine]))
        return Placement(tuple(cores), regions, self._template(cores))

    def config_words(self, placement: Placement, state: LaunchState) -> Words:
        """Return the configuration region of every core, one row each, to be written from ``config_base`` on.

        Raises:
            InvalidArgument: the number of argument words is not the image's.
        """
        words: Words = placement.template.copy()
        self._arguments.fill(words, state.kernels)
        return words

    def _core(self, core: CoreCoord, buffers: tuple[CircularBufferPlacement, ...]) -> CorePlacement:
        base = self.machine.chip.config_base
        semaphore_base = base + self.region.semaphores
        semaphores = tuple(
            SemaphorePlacement(s.id, semaphore_base + s.id * SEMAPHORE_STRIDE, s.initial_value)
            for s in self.image.semaphores
            if s.core_ranges.contains(core)
        )
        group = self._groups.get(core, ())
        kernels = tuple(self._kernel(index, core, group) for index in group)
        return CorePlacement(core, kernels, semaphores, buffers, semaphore_base)

    def _kernel(self, index: int, core: CoreCoord, group: Group) -> KernelPlacement:
        kernel = self.image.kernels[index]
        base = self.machine.chip.config_base
        return KernelPlacement(
            kernel=index,
            risc=risc_of(kernel),
            runtime_args=base + self.region.unique[group][index],
            runtime_arg_count=self._arguments.count(index, core),
            common_args=base + self.region.common[group][index],
            common_arg_count=kernel.common_runtime_arg_count,
        )

    def _template(self, cores: Sequence[CorePlacement]) -> Words:
        base = self.machine.chip.config_base
        words = np.zeros((len(cores), self.region.size // WORD), dtype=np.uint32)
        for row, core in zip(words, cores, strict=True):
            for semaphore in core.semaphores:
                row[(semaphore.address - base) // WORD] = semaphore.value
            for buffer in core.circular_buffers:
                at = self.region.circular_buffers // WORD + buffer.index * WORDS_PER_CIRCULAR_BUFFER
                row[at : at + 4] = (buffer.address, buffer.total_size, buffer.num_pages, buffer.page_size)
        return words


def _used_cores(image: ProgramImage, groups: Mapping[CoreCoord, Group]) -> set[CoreCoord]:
    return set(groups).union(*(semaphore.core_ranges.cores() for semaphore in image.semaphores))


def _circular_buffers_by_core(image: ProgramImage) -> dict[CoreCoord, tuple[int, ...]]:
    on_core: dict[CoreCoord, tuple[int, ...]] = {}
    for number, buffer in enumerate(image.circular_buffers):
        for core in buffer.core_ranges.cores():
            on_core[core] = (*on_core.get(core, ()), number)
    return on_core


def _indices_of(
    image: CircularBufferImage, state: CircularBufferState, address: int
) -> tuple[CircularBufferPlacement, ...]:
    page_sizes = dict(state.page_sizes)
    return tuple(
        CircularBufferPlacement(
            index=entry.index,
            address=address,
            total_size=state.total_size,
            page_size=page_sizes[entry.index],
            num_pages=state.total_size // page_sizes[entry.index],
            data_format=entry.data_format,
            tile=entry.unpacked or entry.tile or _DEFAULT_TILE,
            in_buffer=state.allocation is not None,
        )
        for entry in image.formats
    )
