"""What kernels may ask the host: wait, hand over transfers, print, report misuse, tile math."""

from __future__ import annotations

from collections.abc import Callable

from . import abi
from .abi import Wait
from .diagnostics.misuse import KernelMisuse, explain
from .diagnostics.print_records import PrintError
from .engine import HostFunction, Processor
from .noc import Noc
from .running import RunningKernel

WORD_LIMIT = 1 << 32
_LIMITS: dict[int, int] = {
    Wait.CB_PAGES: abi.MAX_CIRCULAR_BUFFERS,
    Wait.CB_SPACE: abi.MAX_CIRCULAR_BUFFERS,
    Wait.MAILBOX_WORD: abi.MAILBOX_THREADS,
    Wait.MAILBOX_ROOM: abi.MAILBOX_THREADS,
}
_SECOND_LIMITS: dict[int, int] = {Wait.MAILBOX_WORD: abi.MAILBOX_THREADS}

Print = Callable[[RunningKernel, bytes], None]


class HostCalls:
    """The host functions of one device; ``processor.data`` is the kernel that runs there."""

    def __init__(self) -> None:
        self.noc: Noc | None = None
        self.print_sink: Print | None = None

    def functions(self) -> tuple[HostFunction, ...]:
        """Return the functions as include/tthal/abi.h declares them."""
        return (
            HostFunction("wait", "uuu>", self._wait, blocking=True),
            HostFunction("noc", "u>", self._noc),
            HostFunction("print", "uu>", self._print),
            HostFunction("misuse", "uuu>", self._misuse),
            HostFunction("tile", "uuuuuuuu>", self._tile),
        )

    def _wait(self, processor: Processor, kind: int, a: int, b: int) -> None:
        kernel: RunningKernel = processor.data
        if kind > Wait.MAILBOX_ROOM or a >= _LIMITS.get(kind, WORD_LIMIT) or b >= _SECOND_LIMITS.get(kind, WORD_LIMIT):
            raise KernelMisuse(f"the kernel waits for something unknown ({kind}, {a}, {b})")
        if kind in (Wait.SEMAPHORE_EQUAL, Wait.SEMAPHORE_AT_LEAST) and a + 4 > len(kernel.port.l1):
            raise KernelMisuse(f"the kernel waits for a semaphore at 0x{a:x}, which is not in L1")
        kernel.waiting = (kind, a, b)

    def _noc(self, processor: Processor, reason: int) -> None:
        if self.noc is not None:
            self.noc.hand_over(processor.data.port, reason)

    def _print(self, processor: Processor, offset: int, size: int) -> None:
        if offset + size > abi.PRINT_CAPACITY:
            raise KernelMisuse("the kernel prints from outside its print buffer")
        if self.print_sink is not None:
            start = abi.PRINT + offset
            try:
                self.print_sink(processor.data, bytes(processor.block[start : start + size]))
            except PrintError as error:
                raise KernelMisuse(str(error)) from error

    def _misuse(self, processor: Processor, what: int, a: int, b: int) -> None:
        raise KernelMisuse(explain(processor.data, what, a, b))

    def _tile(
        self, processor: Processor, operation: int, dst: int, a: int, b: int, c: int, d: int, e: int, f: int
    ) -> None:
        kernel: RunningKernel = processor.data
        kernel.tile_unit(dst).run(operation, a, b, c, d, e, f)
