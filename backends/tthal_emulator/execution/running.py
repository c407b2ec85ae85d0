"""A kernel on one processor while it runs: what scheduler, networks, host calls and words share about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tthal.errors import Frame
from tthal_emulator.engine import Module, Processor
from tthal_emulator.noc.ports import Port
from tthal_emulator.program.kernel_starts import KernelStart
from tthal_emulator.tensix.tile_unit import TileUnit


@dataclass(slots=True)
class RunningKernel:
    """One processor's runs of kernels, one after the other; a :class:`~tthal_emulator.diagnostics.view.KernelView`.

    Attributes:
        index: number of the processor in its device.
        start: which kernel it runs, and with what.
        registers: the core's registers as 32-bit words.
        make_tile_unit: makes the matrix path of a kernel, given the address of its DST.
        find_wait: tells what the processor with an index waits for.
        find_frames: from a module and a site to the calls that lead there.
    """

    index: int
    processor: Processor
    start: KernelStart
    port: Port
    registers: memoryview
    make_tile_unit: Callable[[KernelStart, int], TileUnit]
    find_wait: Callable[[int], tuple[int, int, int] | None]
    find_frames: Callable[[Module, int], tuple[Frame, ...]]
    _tile_unit: TileUnit | None = None

    @property
    def core(self) -> int:
        """The core's index in the compute grid."""
        return self.start.core

    @property
    def place(self) -> tuple[int, int]:
        """The logical core (x, y)."""
        return self.start.place

    @property
    def risc(self) -> str:
        """BRISC, NCRISC or TRISC."""
        return self.start.risc.name

    @property
    def kernel(self) -> str:
        """The kernel's source name."""
        return self.start.name

    @property
    def pages(self) -> tuple[int, ...]:
        """Number of pages of every circular buffer, by index; 0 = not configured."""
        return self.start.pages

    @property
    def waiting(self) -> tuple[int, int, int] | None:
        """(kind, a, b) while it waits."""
        return self.find_wait(self.index)

    @property
    def l1(self) -> memoryview:
        """The core's L1."""
        return self.port.l1

    @property
    def block(self) -> memoryview:
        """The processor's block."""
        return self.port.block

    def frames_of(self, site: int) -> tuple[Frame, ...]:
        """The calls that lead to a site of its module, innermost first; none when it is not known."""
        return self.find_frames(self.start.module, site) if site else ()

    def tile_unit(self, dst: int) -> TileUnit:
        """Return its matrix path; ``dst`` is where the kernel keeps DST."""
        if self._tile_unit is None:
            self._tile_unit = self.make_tile_unit(self.start, dst)
        return self._tile_unit

    def retire(self) -> bool:
        """End its processor's run; tell whether :meth:`renew` may follow. Safe at any moment outside a host call."""
        self._tile_unit = None
        processor = self.processor
        if processor.finished:
            processor.retire()
        else:
            processor.close()
        return processor.finished

    def renew(self, start: KernelStart) -> None:
        """Become as new, for another launch of the same module."""
        self.processor.renew(self)
        self.port.clear()
        self.start = start
