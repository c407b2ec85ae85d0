"""Where a program's argument words go in the configuration regions of its cores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tthal.coordinates import CoreCoord
from tthal.device_interface import KernelArguments, ProgramImage
from tthal.errors import InvalidArgument, PlacementError

from .config_region import WORD, ConfigRegion, Group

Words = NDArray[np.uint32]


class ArgumentSlots:
    """Where argument words go in the rows of the configuration region, worked out once per program.

    The rows are those of the cores that run something, side by side in one array, so that a word's place is a single
    number and a launch writes all arguments at once. What :meth:`fill` gets must be in the order in which the places
    were collected here: kernel by kernel, within it core by core as the image lists them.
    """

    def __init__(
        self,
        image: ProgramImage,
        region: ConfigRegion,
        groups: Mapping[CoreCoord, Group],
        cores: Sequence[CoreCoord],
    ) -> None:
        width = region.size // WORD  # of a row, in words; offsets in the region are in bytes
        rows = {core: row for row, core in enumerate(cores)}
        positions: list[range] = []
        self._image = image
        self._counts = [dict(kernel.runtime_arg_counts) for kernel in image.kernels]
        self._common: list[NDArray[np.intp]] = []
        for index, kernel in enumerate(image.kernels):
            for core, count in kernel.runtime_arg_counts:
                if index not in groups.get(core, ()):
                    raise PlacementError(f"kernel {kernel.content.name} has runtime args for {core}, where it is not")
                # Kernels that share a core share its row: the group of all of them decides where each one's begin.
                start = rows[core] * width + region.unique[groups[core]][index] // WORD
                positions.append(range(start, start + count))
            starts = [
                rows[core] * width + region.common[groups[core]][index] // WORD for core in kernel.core_ranges.cores()
            ]
            # The same words on every core, which may lie elsewhere on each: (cores, words).
            offsets = np.arange(kernel.common_runtime_arg_count, dtype=np.intp)
            self._common.append(np.array(starts, dtype=np.intp)[:, None] + offsets)
        self._positions = np.fromiter(chain.from_iterable(positions), dtype=np.intp)

    def count(self, kernel: int, core: CoreCoord) -> int:
        """Return the number of unique arguments of a kernel on a core."""
        return self._counts[kernel].get(core, 0)

    def fill(self, words: Words, arguments: Sequence[KernelArguments]) -> None:
        """Write the values of one launch into the rows."""
        self._check(arguments)
        values = chain.from_iterable(values for kernel in arguments for _, values in kernel.per_core)
        flat = words.reshape(-1)
        flat[self._positions] = np.fromiter(values, dtype=np.uint32, count=len(self._positions))
        for kernel, positions in zip(arguments, self._common, strict=True):
            if kernel.common:
                flat[positions] = np.array(kernel.common, dtype=np.uint32)

    def _check(self, arguments: Sequence[KernelArguments]) -> None:
        kernels = self._image.kernels
        if len(arguments) != len(kernels):
            raise InvalidArgument(f"the launch state has arguments for {len(arguments)} kernels of {len(kernels)}")
        for kernel, given in zip(kernels, arguments, strict=True):
            counts = tuple((core, len(values)) for core, values in given.per_core)
            if counts != kernel.runtime_arg_counts or len(given.common) != kernel.common_runtime_arg_count:
                raise InvalidArgument(
                    f"the arguments of kernel {kernel.content.name} are not as many, or not on the cores, that its "
                    f"program was compiled for"
                )
