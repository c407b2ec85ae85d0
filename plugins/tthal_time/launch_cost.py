"""What a launch costs besides its kernels: the time from one program of a trace to the next when kernels are empty."""

from __future__ import annotations

from dataclasses import dataclass

from .constants import Chip


@dataclass(frozen=True, slots=True)
class LaunchContent:
    """What a program has that its launch takes to the cores.

    Attributes:
        cores: that take part.
        computes: whether there are compute kernels.
        kernel_bytes: of all kernels of one core together.
        configures: circular buffers, semaphores or common arguments, which all cores get at once.
        groups: of cores with the same kernels and configuration.
        words: of arguments of a core's own.
    """

    cores: int = 1
    computes: bool = False
    kernel_bytes: int = 0
    configures: bool = False
    groups: int = 1
    words: int = 0


def launch_nanoseconds(chip: Chip, content: LaunchContent) -> float:
    """Return the cost of one launch, in a trace, with empty kernels."""
    ns = chip.launch.value + content.kernel_bytes * chip.launch_byte.value
    if content.computes:
        ns += chip.launch_compute.value
    if content.configures:
        ns += chip.launch_configuration.value
    if content.words:
        ns += content.cores * (chip.launch_arguments.value + content.words * chip.launch_word.value)
    return ns + (content.groups - 1) * chip.launch_group.value
