"""What kernels may ask the host: wait, hand over transfers, print, report misuse, tile math."""

from __future__ import annotations

from collections.abc import Callable

from tthal_emulator import abi
from tthal_emulator.abi import Wait
from tthal_emulator.diagnostics.misuse import KernelMisuse, explain
from tthal_emulator.diagnostics.print_records import PrintError
from tthal_emulator.engine import HostFunction, Processor
from tthal_emulator.noc.transfers import Noc

from .compiled import CompiledLaunch
from .running import RunningKernel

Print = Callable[[RunningKernel, bytes], None]


class HostCalls:
    """The host functions of one device; ``processor.data`` is the kernel that runs there.

    Args:
        launch: has compiled code for some of them, which leaves to Python what it does not know.
    """

    def __init__(self, launch: CompiledLaunch) -> None:
        self._launch = launch
        self.noc: Noc | None = None
        self.print_sink: Print | None = None

    def functions(self) -> tuple[HostFunction, ...]:
        """Return the functions as include/tthal/abi.h declares them."""
        return (
            HostFunction("wait", "uuu>", _refuse_wait, blocking=True, compiled=self._launch.host_function("wait")),
            HostFunction("noc", "u>", self._noc, compiled=self._launch.host_function("noc")),
            HostFunction("matmul", "uuuuuu>", _refuse_matmul, compiled=self._launch.host_function("matmul")),
            HostFunction("print", "uu>", self._print),
            HostFunction("misuse", "uuu>", self._misuse),
            HostFunction("tile", "uuuuuuuu>", self._tile),
        )

    def close(self) -> None:
        """Let go of the device's memory; no kernel may run."""
        self.noc, self.print_sink = None, None

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


def _refuse_wait(processor: Processor, kind: int, a: int, b: int) -> None:
    raise KernelMisuse(
        f"the kernel waits for a semaphore at 0x{a:x}, which is not in L1"
        if kind in (Wait.SEMAPHORE_EQUAL, Wait.SEMAPHORE_AT_LEAST)
        else f"the kernel waits for something unknown ({kind}, {a}, {b})"
    )


def _refuse_matmul(processor: Processor, in0: int, stride0: int, in1: int, stride1: int, dst: int, shape: int) -> None:
    raise KernelMisuse(
        f"the kernel multiplies tiles at 0x{in0:x} and 0x{in1:x}: they reach past the end of L1, or its own memory was "
        "overwritten"
    )
