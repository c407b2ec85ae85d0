"""What kernels may ask the host: wait, hand over transfers, print, report misuse, tile math."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

from tthal.errors import SourceLocation
from tthal_emulator import abi
from tthal_emulator.diagnostics.kernel_prints import KernelPrints
from tthal_emulator.diagnostics.misuse import (
    PRINT_OUTSIDE_BUFFER,
    UNOBSERVED_RECORDS,
    KernelMisuse,
    explain,
    impossible_product,
    unknown_wait,
)
from tthal_emulator.diagnostics.odd_division import odd_division
from tthal_emulator.diagnostics.print_records import PrintError
from tthal_emulator.diagnostics.states import user_location
from tthal_emulator.engine import HostFunction, Module, Processor
from tthal_emulator.noc.transfers import Noc

from .compiled import CompiledLaunch
from .deadline import Deadline
from .running import RunningKernel

logger = logging.getLogger("tthal")

_PRINT = abi.PROCESSOR_BLOCK.offsets["print"]


class HostCalls:
    """The host functions of one device; ``processor.data`` is the kernel that runs there."""

    def __init__(self, noc: Noc, prints: KernelPrints, deadline: Deadline) -> None:
        self._look = deadline.look
        self._noc = noc
        self._prints = prints
        self._told: weakref.WeakKeyDictionary[Module, set[int | SourceLocation | None]] = weakref.WeakKeyDictionary()

    def functions(self, compiled: CompiledLaunch) -> tuple[HostFunction, ...]:
        """Return the functions as tthal/border/abi.h declares them; some have compiled code, which is asked first."""

        def first(name: str) -> partial[tuple[object, object]]:
            return partial(compiled.host_function, name)

        return (
            HostFunction("wait", "uuu>", _refuse_wait, blocking=True, compiled=first("wait")),
            HostFunction("noc", "u>", self._in_time(self._hand_over), compiled=first("noc")),
            HostFunction("matmul", "uuuuuu>", _refuse_matmul, compiled=first("matmul")),
            HostFunction("records", ">", _refuse_records, compiled=first("records")),
            HostFunction("print", "uu>", self._in_time(self._print)),
            HostFunction("misuse", "uuu>", _misuse),
            HostFunction("odd_division", "uu>", self._in_time(self._odd_division)),
            HostFunction("tile", "uuuuuuuu>", self._in_time(_tile)),
        )

    def _in_time(self, function: Callable[..., None]) -> Callable[..., None]:
        """Look at the deadline first: a turn may hold as many calls as it has fuel."""
        look = self._look

        def call(*arguments: Any) -> None:
            look()
            function(*arguments)

        return call

    def _hand_over(self, processor: Processor, reason: int) -> None:
        self._noc.hand_over(processor.data.port, reason)

    def _print(self, processor: Processor, offset: int, size: int) -> None:
        if offset + size > abi.PRINT_CAPACITY:
            raise KernelMisuse(PRINT_OUTSIDE_BUFFER)
        start = _PRINT + offset
        try:
            self._prints.take(processor.data, bytes(processor.block[start : start + size]))
        except PrintError as error:
            raise KernelMisuse(str(error)) from error

    def _odd_division(self, processor: Processor, what: int, site: int) -> None:
        """Say once per place what the kernel goes on with."""
        kernel: RunningKernel = processor.data
        told = self._told.setdefault(kernel.start.module, set())
        if site in told:
            return
        told.add(site)
        location = user_location(kernel.frames_of(site))
        if location not in told:
            told.add(location)
            logger.warning(odd_division(kernel, what, location))


def _misuse(processor: Processor, what: int, a: int, b: int) -> None:
    raise KernelMisuse(explain(processor.data, what, a, b))


def _tile(processor: Processor, operation: int, dst: int, a: int, b: int, c: int, d: int, e: int, f: int) -> None:
    kernel: RunningKernel = processor.data
    kernel.tile_unit(dst).run(operation, a, b, c, d, e, f)


def _refuse_wait(processor: Processor, kind: int, a: int, b: int) -> None:
    raise KernelMisuse(unknown_wait(kind, a, b))


def _refuse_matmul(processor: Processor, in0: int, stride0: int, in1: int, stride1: int, dst: int, shape: int) -> None:
    raise KernelMisuse(impossible_product(in0, in1))


def _refuse_records(processor: Processor) -> None:
    raise KernelMisuse(UNOBSERVED_RECORDS)
