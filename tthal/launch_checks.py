"""What the frontend checks of a program against a device before the backend compiles it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.device_interface import Capability, DeviceProperties, KernelImage, ProgramImage
from tthal.errors import LimitExceeded, PlacementError, Unsupported


def check_image(image: ProgramImage, properties: DeviceProperties) -> None:
    """Check a program's cores, kinds of kernels and counts against a device.

    Raises:
        PlacementError: it uses cores that the device does not have.
        Unsupported: it has a kind of kernel that the device cannot run.
        LimitExceeded: it has more arguments, circular buffers or semaphores than the device takes.
    """
    for kernel in image.kernels:
        _check_kind(kernel, properties)
        if kernel.ethernet is None:
            _check_grid(f"kernel {kernel.content.name!r}", kernel.core_ranges, properties)
        _check_argument_counts(kernel, properties)
    for number, circular_buffer in enumerate(image.circular_buffers):
        _check_grid(f"circular buffer {number}", circular_buffer.core_ranges, properties)
        highest = max((entry.index for entry in circular_buffer.formats), default=-1)
        if highest >= properties.limits.circular_buffers:
            raise LimitExceeded(
                f"circular buffer {number} uses index {highest}; {properties.board} has indices 0 to "
                f"{properties.limits.circular_buffers - 1}"
            )
    _check_semaphores(image, properties)


def _check_kind(kernel: KernelImage, properties: DeviceProperties) -> None:
    if kernel.ethernet is not None:
        needed = Capability.ETHERNET
    elif kernel.compute is not None:
        needed = Capability.COMPUTE_KERNELS
    else:
        needed = Capability.DATA_MOVEMENT_KERNELS
    if needed not in properties.capabilities:
        raise Unsupported(
            f"kernel {kernel.content.name!r} needs the capability {needed.value!r}, which this device "
            f"({properties.board}) does not declare; run it on another backend"
        )


def _check_grid(what: str, cores: CoreRangeSet, properties: DeviceProperties) -> None:
    grid = properties.compute_grid
    for core_range in cores:
        if core_range.end.x >= grid.x or core_range.end.y >= grid.y:
            raise PlacementError(
                f"{what} is placed on cores up to {core_range.end}, but {properties.board} has a grid of "
                f"{grid.x} x {grid.y} cores (0-0 to {grid.x - 1}-{grid.y - 1}) in {properties.dispatch_mode.value} "
                "dispatch; place it inside, see device.compute_with_storage_grid_size()"
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


def _check_semaphores(image: ProgramImage, properties: DeviceProperties) -> None:
    for number, semaphore in enumerate(image.semaphores):
        _check_grid(f"semaphore {number}", semaphore.core_ranges, properties)
    if len(image.semaphores) <= properties.limits.semaphores:
        return
    per_core = Counter(_semaphore_cores(image))
    core, count = per_core.most_common(1)[0]
    if count > properties.limits.semaphores:
        raise LimitExceeded(
            f"core {core} has {count} semaphores; {properties.board} has {properties.limits.semaphores} per core"
        )


def _semaphore_cores(image: ProgramImage) -> Iterator[CoreCoord]:
    for semaphore in image.semaphores:
        yield from semaphore.core_ranges.cores()
