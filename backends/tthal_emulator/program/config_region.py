"""The kernel configuration region: where a launch puts arguments, semaphores and circular buffer configurations.

Per core, from the region's base and 16-byte aligned: unique runtime arguments, common runtime arguments, semaphores,
configurations of the circular buffers (host-api.md §3, §1.6). Kernel text, which follows on the card, has no place
here. All offsets follow from the program's image alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from tthal.coordinates import CoreCoord
from tthal.device_interface import CircularBufferImage, KernelImage, ProgramImage
from tthal.errors import PlacementError, Unsupported
from tthal.types import DataMovementProcessor
from tthal_emulator.board.machine import SEMAPHORE_STRIDE, Machine, align_up

ALIGNMENT = 16
WORD = 4
MAX_OFFSET = 0xFFFF
"""Launch messages hold offsets in 16 bits; the vendor's library refuses larger ones."""
WORDS_PER_CIRCULAR_BUFFER = 4
"""Address, size, pages, page size."""


Group = tuple[int, ...]
"""The kernels of one core, ordered by processor; cores with the same kernels share a layout."""


class RiscType(IntEnum):
    """What a kernel runs on; a compute kernel takes three processors together. The order is that of the region."""

    BRISC = 0
    NCRISC = 1
    TRISC = 2


_DATA_MOVEMENT = {DataMovementProcessor.RISCV_0: RiscType.BRISC, DataMovementProcessor.RISCV_1: RiscType.NCRISC}


def risc_of(kernel: KernelImage) -> RiscType:
    """Return what a kernel runs on.

    Raises:
        Unsupported: it is an Ethernet kernel.
        PlacementError: Tensix cores do not have the processor.
    """
    if kernel.compute is not None:
        return RiscType.TRISC
    if kernel.data_movement is None:
        raise Unsupported(
            f"kernel {kernel.content.name} is for Ethernet cores, which the emulator does not have; run it on a card"
        )
    risc = _DATA_MOVEMENT.get(kernel.data_movement.processor)
    if risc is None:
        raise PlacementError(
            f"kernel {kernel.content.name} asks for {kernel.data_movement.processor.name}; data movement kernels run "
            f"on RISCV_0 or RISCV_1"
        )
    return risc


@dataclass(frozen=True, slots=True)
class ConfigRegion:
    """Byte offsets from the region's base.

    Attributes:
        unique: for each set of kernels that share cores, the offset of every kernel's unique arguments.
        common: the same for the common arguments.
        size: bytes in use, without kernel text.
    """

    unique: Mapping[Group, Mapping[int, int]]
    common: Mapping[Group, Mapping[int, int]]
    semaphores: int
    circular_buffers: int
    size: int


def kernels_by_core(image: ProgramImage) -> dict[CoreCoord, Group]:
    """Return the kernels on every core, ordered by processor.

    Raises:
        PlacementError: two kernels want one processor of a core.
    """
    on_core: dict[CoreCoord, dict[RiscType, int]] = {}
    for index, kernel in enumerate(image.kernels):
        risc = risc_of(kernel)
        for core in kernel.core_ranges.cores():
            taken = on_core.setdefault(core, {})
            if risc in taken:
                first = image.kernels[taken[risc]].content.name
                raise PlacementError(
                    f'Core Overlap Between ("{first}") and new kernel ("{kernel.content.name}") at {core}: both run '
                    f"on {risc.name}"
                )
            taken[risc] = index
    return {core: tuple(kernels[p] for p in sorted(kernels)) for core, kernels in on_core.items()}


def config_region(image: ProgramImage, machine: Machine, groups: Mapping[CoreCoord, Group]) -> ConfigRegion:
    """Lay out the region of a program; ``groups`` is what :func:`kernels_by_core` returned.

    Raises:
        PlacementError: it does not fit.
    """
    unique, common_base = _unique_offsets(image, groups)
    common, semaphores = _common_offsets(image, groups, common_base)
    num_semaphores = max((semaphore.id + 1 for semaphore in image.semaphores), default=0)
    circular_buffers = semaphores + num_semaphores * SEMAPHORE_STRIDE
    count = max(
        (f.index + 1 for cb in image.circular_buffers if _has_kernel(cb, groups) for f in cb.formats), default=0
    )
    size = circular_buffers + count * WORDS_PER_CIRCULAR_BUFFER * WORD
    if size >= machine.config_size:
        raise PlacementError(
            f"Program size ({size}) too large for kernel config buffer ({machine.config_size}) on TENSIX: runtime "
            f"arguments take {semaphores} B of it; use fewer of them or a smaller worker_l1_size"
        )
    _check_offsets(
        *(offset for group in common.values() for offset in group.values()),
        semaphores if num_semaphores else 0,
        circular_buffers if count else 0,
    )
    return ConfigRegion(unique, common, semaphores, circular_buffers, size)


def _check_offsets(*offsets: int) -> None:
    largest = max(offsets)
    if largest > MAX_OFFSET:
        raise PlacementError(
            f"the offset {largest} in the kernel config buffer overflows uint16_t; use fewer runtime arguments"
        )


def _unique_offsets(image: ProgramImage, groups: Mapping[CoreCoord, Group]) -> tuple[dict[Group, dict[int, int]], int]:
    """Give every group's kernels room for their longest argument list, one kernel right behind the other."""
    words = {group: dict.fromkeys(group, 0) for group in groups.values()}
    for index, kernel in enumerate(image.kernels):
        for core, count in kernel.runtime_arg_counts:
            longest = words.get(groups.get(core, ()), {})
            if index in longest:
                longest[index] = max(longest[index], count)
    offsets: dict[Group, dict[int, int]] = {}
    size = 0
    for group, longest in words.items():
        offset = 0
        offsets[group] = {}
        for index in group:
            offsets[group][index] = offset
            offset += longest[index] * WORD
        size = max(size, align_up(offset, ALIGNMENT))
    return offsets, size


def _common_offsets(
    image: ProgramImage, groups: Mapping[CoreCoord, Group], base: int
) -> tuple[dict[Group, dict[int, int]], int]:
    """Put the common arguments of every group behind all unique ones, each list aligned; return what comes after."""
    offsets: dict[Group, dict[int, int]] = {}
    size = base
    for group in set(groups.values()):
        offset = base
        offsets[group] = {}
        for index in group:
            offsets[group][index] = offset
            offset += align_up(image.kernels[index].common_runtime_arg_count * WORD, ALIGNMENT)
        size = max(size, offset)
    return offsets, size


def _has_kernel(buffer: CircularBufferImage, groups: Mapping[CoreCoord, Group]) -> bool:
    return any(core in groups for core in buffer.core_ranges.cores())
