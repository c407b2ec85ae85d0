"""Whether a program can be on a device at all: cores that exist, kinds it runs, counts it takes, nothing used twice.

Whoever hands programs to a driver checks them here first, the frontend as well as what executes traces; drivers need
not do it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.device_interface import Capability, DeviceProperties, KernelImage, ProgramImage, SemaphoreImage
from tthal.errors import LimitExceeded, PlacementError, Unsupported
from tthal.types import CoreType, DispatchMode


def check_image(image: ProgramImage, properties: DeviceProperties) -> None:
    """Check a program's cores, kinds of kernels, counts and numbers against a device.

    Raises:
        PlacementError: it uses cores that the device does not have, or a number twice on one core.
        Unsupported: it has a kind of kernel or semaphore that the device cannot run.
        LimitExceeded: it has more arguments, circular buffers or semaphores than the device takes.
    """
    for kernel in image.kernels:
        _check_kind(kernel, properties)
        if kernel.ethernet is None:
            _check_grid(f"kernel {kernel.content.name!r}", kernel.core_ranges, properties)
        _check_argument_counts(kernel, properties)
    _check_circular_buffers(image, properties)
    _check_semaphores(image.semaphores, properties)


def _check_kind(kernel: KernelImage, properties: DeviceProperties) -> None:
    if kernel.ethernet is not None:
        needed = Capability.ETHERNET
    elif kernel.compute is not None:
        needed = Capability.COMPUTE_KERNELS
    else:
        needed = Capability.DATA_MOVEMENT_KERNELS
    _require(needed, f"kernel {kernel.content.name!r}", properties)


def _require(needed: Capability, what: str, properties: DeviceProperties) -> None:
    if needed not in properties.capabilities:
        raise Unsupported(
            f"{what} needs the capability {needed.value!r}, which this device ({properties.board}) does not declare; "
            "run it on another backend"
        )


def _check_grid(what: str, cores: CoreRangeSet, properties: DeviceProperties) -> None:
    grid = properties.compute_grid
    slower = " (slow dispatch leaves more)" if properties.dispatch_mode is DispatchMode.FAST else ""
    for core_range in cores:
        if core_range.end.x >= grid.x or core_range.end.y >= grid.y:
            raise PlacementError(
                f"{what} is placed on cores up to {core_range.end}, but {properties.board} has a grid of "
                f"{grid.x} x {grid.y} cores (0-0 to {grid.x - 1}-{grid.y - 1}) in {properties.dispatch_mode.value} "
                f"dispatch{slower}; place it inside, see device.compute_with_storage_grid_size()"
            )


def _check_argument_counts(kernel: KernelImage, properties: DeviceProperties) -> None:
    limit = properties.limits.runtime_args
    counts = [count for _, count in kernel.runtime_arg_counts]
    highest = max(counts, default=0) + kernel.common_runtime_arg_count
    if highest > limit:
        raise LimitExceeded(
            f"kernel {kernel.content.name!r} has {highest} runtime arguments on one core, common ones included; "
            f"{properties.board} takes {limit}"
        )


def _check_circular_buffers(image: ProgramImage, properties: DeviceProperties) -> None:
    limit = properties.limits.circular_buffers
    for number, buffer in enumerate(image.circular_buffers):
        _check_grid(f"circular buffer {number}", buffer.core_ranges, properties)
        highest = max((entry.index for entry in buffer.formats), default=-1)
        if highest >= limit:
            raise LimitExceeded(
                f"circular buffer {number} uses index {highest}; {properties.board} has indices 0 to {limit - 1}"
            )
    used = ((entry.index, buffer.core_ranges) for buffer in image.circular_buffers for entry in buffer.formats)
    _check_used_once("circular buffer index", used)


def _check_semaphores(semaphores: tuple[SemaphoreImage, ...], properties: DeviceProperties) -> None:
    limit = properties.limits.semaphores
    workers = [each for each in semaphores if each.core_type in (CoreType.WORKER, CoreType.TENSIX)]
    for semaphore in semaphores:
        if semaphore not in workers:
            _require(Capability.ETHERNET, f"semaphore {semaphore.id} on {semaphore.core_type.name} cores", properties)
    for semaphore in workers:
        _check_grid(f"semaphore {semaphore.id}", semaphore.core_ranges, properties)
    if len(workers) > limit:
        core, count = Counter(_cores(workers)).most_common(1)[0]
        if count > limit:
            raise LimitExceeded(f"core {core} has {count} semaphores; {properties.board} has {limit} per core")
    highest = max((semaphore.id for semaphore in workers), default=-1)
    if highest >= limit:
        raise LimitExceeded(f"there is a semaphore {highest}; {properties.board} has 0 to {limit - 1} on each core")
    _check_used_once("semaphore id", ((semaphore.id, semaphore.core_ranges) for semaphore in workers))


def _cores(semaphores: Iterable[SemaphoreImage]) -> Iterator[CoreCoord]:
    for semaphore in semaphores:
        yield from semaphore.core_ranges.cores()


def _check_used_once(what: str, used: Iterable[tuple[int, CoreRangeSet]]) -> None:
    taken: set[tuple[CoreCoord, int]] = set()
    for number, ranges in used:
        for core in ranges.cores():
            if (core, number) in taken:
                raise PlacementError(f"{what} {number} is already in use on core {core}; choose another one")
            taken.add((core, number))
