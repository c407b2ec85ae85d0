"""Arguments that name a buffer which no longer exists, at an address that another buffer has by now."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tthal.device_interface import KernelArguments
from tthal.observer import ObservedLaunch

from .extents import Extents

REPLACED = np.dtype(
    [("begin", "<u8"), ("end", "<u8"), ("kernel", "<u4"), ("in_dram", "<u4"), ("place", "<u4"), ("padding", "<u4")]
)
"""Replaced of compiled/check.h."""


def replaced_buffers(launch: ObservedLaunch, extents: Extents) -> npt.NDArray[np.void]:
    """Return where buffers lie that kernels cannot mean: made after their arguments were written."""
    rows = [
        (begin, end, index, in_dram, place, 0)
        for number, arguments in enumerate(launch.state.kernels)
        for in_dram, place, begin, end in _places(arguments, extents)
        for index, kernel in launch.kernels.items()
        if kernel.kernel == number
    ]
    return np.array(rows, REPLACED)


def _places(arguments: KernelArguments, extents: Extents) -> Iterator[tuple[bool, int, int, int]]:
    written = getattr(arguments, "written", 0)
    found = extents.replaced(written) if written else {}
    if not found:
        return
    words = set(arguments.common).union(*(words for _, words in arguments.per_core))
    for address in words & found.keys():
        for allocation in found[address]:
            for place, begin, end in extents.pieces(allocation):
                yield not allocation.spec.buffer_type.is_l1, place, begin, end
