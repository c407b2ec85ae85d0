"""Whether a program can be on a machine at all: cores that exist, indices within the limits, nothing used twice."""

from __future__ import annotations

from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.device_interface import ProgramImage
from tthal.errors import PlacementError, Unsupported
from tthal.types import CoreType
from tthal_emulator.board.machine import Machine


def check_image(image: ProgramImage, machine: Machine) -> None:
    """Check cores and indices.

    Raises:
        PlacementError: something lies outside the compute grid, exceeds a limit or is used twice on a core.
        Unsupported: a semaphore is for other cores than workers.
    """
    _check_cores(image, machine)
    _check_limits(image, machine)


def _check_cores(image: ProgramImage, machine: Machine) -> None:
    for kernel in image.kernels:
        _check_ranges(f"kernel {kernel.content.name}", kernel.core_ranges, machine)
    for number, buffer in enumerate(image.circular_buffers):
        _check_ranges(f"circular buffer {number}", buffer.core_ranges, machine)
    for semaphore in image.semaphores:
        _check_ranges(f"semaphore {semaphore.id}", semaphore.core_ranges, machine)


def _check_ranges(what: str, ranges: CoreRangeSet, machine: Machine) -> None:
    grid, full = machine.grid, machine.board.grid
    where = f"the compute grid of {machine.board.name} with {machine.dispatch.value} dispatch is {grid.x}x{grid.y}"
    for core_range in ranges.ranges:
        end = core_range.end
        if end.x >= full[0] or end.y >= full[1]:
            raise PlacementError(
                f"No core coordinate found at location: ({end.x}, {end.y}, TENSIX, LOGICAL) for {what}; {where}, use "
                f"fewer cores"
            )
        if end.x >= grid.x or end.y >= grid.y:
            raise PlacementError(
                f"Illegal placement for {what} on {core_range}, {end} is one of the dispatch cores, which take no "
                f"program; {where}, use fewer cores or ?dispatch=slow"
            )


def _check_limits(image: ProgramImage, machine: Machine) -> None:
    limits = machine.limits()
    buffers: set[tuple[CoreCoord, int]] = set()
    for buffer in image.circular_buffers:
        for entry in buffer.formats:
            if entry.index >= limits.circular_buffers:
                raise PlacementError(
                    f"Buffer index ({entry.index}) exceeds max number of circular buffers per core "
                    f"({limits.circular_buffers}) of {machine.board.name}"
                )
            _claim(buffers, buffer.core_ranges, entry.index, "circular buffer index")
    semaphores: set[tuple[CoreCoord, int]] = set()
    for semaphore in image.semaphores:
        if semaphore.core_type not in (CoreType.WORKER, CoreType.TENSIX):
            raise Unsupported(f"semaphore {semaphore.id} is on {semaphore.core_type.name} cores; the emulator has none")
        if semaphore.id >= limits.semaphores:
            raise PlacementError(f"Semaphore id {semaphore.id} exceeds max value {limits.semaphores - 1}")
        _claim(semaphores, semaphore.core_ranges, semaphore.id, "semaphore id")


def _claim(taken: set[tuple[CoreCoord, int]], ranges: CoreRangeSet, number: int, what: str) -> None:
    for core in ranges.cores():
        if (core, number) in taken:
            raise PlacementError(f"{what} {number} already in use on core {core}; choose another one")
        taken.add((core, number))
