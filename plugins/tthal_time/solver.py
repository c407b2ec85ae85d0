"""The compiled solver from Python: actions of processors and engines in, start and end out."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

from tthal.observer import Observer

from .constants import Chip
from .layouts import LAYOUTS, Spans
from .solving import Functions, Growing, Solution, Solving, Workload


class Solver(Observer):
    """The compiled solver; a device that it observes builds it, and tells it nothing else."""

    sources: Path | tuple[Path, ...] | None = Path(__file__).resolve().parent / "compiled"

    def __init__(self) -> None:
        self._functions: Functions | None = None

    def built(self, address_of: Callable[[str], int]) -> None:
        """See :class:`Observer`."""
        size_of = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint32)(address_of("tthal_time_size"))
        if [int(size_of(which)) for which in range(len(LAYOUTS))] != [layout.itemsize for layout in LAYOUTS]:
            raise RuntimeError("the compiled solver has another layout than Python expects")
        self._functions = Functions(
            solve=ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p)(address_of("tthal_time_solve")),
            progress=ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint32)(address_of("tthal_time_progress")),
        )

    def solve(self, chip: Chip, workload: Workload, *, keep: Callable[[Spans], None] | None = None) -> Solution:
        """Carry a workload out on a chip.

        Args:
            keep: is told of everything that happens, many spans at a time; the array is valid during the call. Spans
                come in the order in which they end, but for those of a thread that nobody else sees, which may come
                before others' that end sooner.

        Raises:
            RuntimeError: no device has built the solver.
        """
        solving = self.solving(chip, workload, keep=keep)
        solving.run()
        return solving.solution()

    def solving(
        self,
        chip: Chip,
        workload: Workload,
        *,
        keep: Callable[[Spans], None] | None = None,
        growing: Growing | None = None,
    ) -> Solving:
        """Lay a workload out; what grows is to be solved in another thread than the one that lets it grow.

        Raises:
            RuntimeError: no device has built the solver.
        """
        if self._functions is None:
            raise RuntimeError("the solver is built by the device that it observes; there is none")
        return Solving(self._functions, chip, workload, keep, growing)
