"""The host programs that run pairs: each returns what the program computed and what a right one computes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

import tthal as ttnn
from tthal_conformance.racebench.expected import EXPECTED
from tthal_conformance.racebench.pair import Pair, Variant

Tiles = npt.NDArray[Any]
Result = tuple[Tiles, Tiles]

PAGE = 2048
"""Bytes of a page: a tile of bfloat16."""
IN, IN2, SCRATCH, OUT = 0, 1, 2, 16
_DEFAULTS = Path(__file__).resolve().parent / "parts"
_SCRATCH_PAGES = 4
_SEMAPHORES = 4
_ORIGIN = ttnn.CoreCoord(0, 0)
_MOVERS: dict[str, Any] = {"READER": ttnn.ReaderDataMovementConfig, "WRITER": ttnn.WriterDataMovementConfig}
"""Which processor and NoC a part has; others have the first of both."""


class Bench:
    """One program of a pair on an open device: its data, and its kernels."""

    def __init__(self, device: ttnn.Device, pair: Pair, variant: Variant) -> None:
        self.device = device
        self.pair = pair
        self.variant = variant
        self.cores = pair.number("cores", 4) if pair.host == "cores" else 1
        self.pages = pair.number("pages", 1 if pair.host == "cores" else 8)
        self._random = np.random.default_rng(zlib.crc32(pair.name.encode()))

    @property
    def faulty(self) -> bool:
        """Whether it is the pair's faulty program."""
        return self.variant is Variant.FAULTY

    def values(self, pages: int) -> Tiles:
        """Return tiles of small whole numbers, none of them zero."""
        most = self.pair.number("values", 8)
        found: Tiles = self._random.integers(1, most + 1, (pages, PAGE // 2)).astype(ml_dtypes.bfloat16)
        return found

    def buffer(self, pages: int, where: str = "dram") -> ttnn.Buffer:
        """Create an interleaved buffer."""
        kind = ttnn.BufferType.L1 if where == "l1" else ttnn.BufferType.DRAM
        return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(self.device, pages * PAGE, PAGE, kind))

    def holding(self, data: Tiles, where: str = "dram") -> ttnn.Buffer:
        """Create a buffer that holds tiles."""
        buffer = self.buffer(len(data), where)
        ttnn.EnqueueWriteBuffer(self.device.command_queue(), buffer, data.view(np.uint8).reshape(-1), blocking=True)
        return buffer

    def read(self, buffer: ttnn.Buffer, queue: int = 0) -> Tiles:
        """Read a buffer's tiles."""
        raw = ttnn.EnqueueReadBuffer(self.device.command_queue(queue), buffer)
        found: Tiles = raw.view(ml_dtypes.bfloat16).reshape(-1, PAGE // 2)
        return found

    # ------------------------------------------------------------------------------------------ the program

    def program(self) -> ttnn.Program:
        """Create a program with the circular buffers and semaphores that every pair may use."""
        program, cores = ttnn.CreateProgram(), self._all_cores()
        depth = self.pair.number("depth", 2)
        out_format = self.pair.text("out_format", "Float16_b", self.variant)
        for index, pages, page, data_format in (
            (IN, depth, self.pair.number("in_page", PAGE, self.variant), "Float16_b"),
            (IN2, depth, self.pair.number("in2_page", PAGE, self.variant), "Float16_b"),
            (SCRATCH, _SCRATCH_PAGES, PAGE, "Float16_b"),
            (OUT, depth, self.pair.number("out_page", PAGE, self.variant), out_format),
        ):
            config = ttnn.CircularBufferConfig(pages * page, {index: getattr(ttnn.DataFormat, data_format)})
            ttnn.CreateCircularBuffer(program, cores, config.set_page_size(index, page))
        for _ in range(_SEMAPHORES):
            ttnn.CreateSemaphore(program, cores, 0)
        return program

    def kernel(self, program: ttnn.Program, part: str, core: ttnn.CoreCoord, arguments: Sequence[int]) -> None:
        """Add a kernel: the pair's, or where the pair has none, the default one."""
        defines = {part: "1", "PAGE": str(PAGE), "RESULT": "OUT" if "COMPUTE" in self.pair.parts else "IN"}
        if self.faulty:
            defines["FAULTY_VARIANT"] = "1"
        if self.pair.number("inputs", 1) == 2:
            defines["TWO_INPUTS"] = "1"
        if self.pair.number("first_only", 0):
            defines["FIRST_ONLY"] = "1"
        path = self.pair.path if part in self.pair.parts else _DEFAULTS / f"{part.lower()}.cpp"
        if part == "COMPUTE":
            config: Any = ttnn.ComputeConfig(defines=defines)
        else:
            config = _MOVERS.get(part, ttnn.DataMovementConfig)(defines=defines)
        ttnn.SetRuntimeArgs(program, ttnn.CreateKernel(program, str(path), core, config), core, list(arguments))

    def streaming(self, source: ttnn.Buffer, target: ttnn.Buffer, second: ttnn.Buffer | None = None) -> ttnn.Program:
        """Create the program of one core: reader, perhaps compute, writer."""
        program = self.program()
        parts = self.pair.parts if self.pair.host == "core" else {"READER", "WRITER", *self.pair.parts}
        for part in sorted(parts):
            pages = self.pair.number("out_pages", self.pages) if part == "WRITER" else self.pages
            where = second.address() if second is not None else 0
            self.kernel(program, part, _ORIGIN, [source.address(), target.address(), pages, 0, 1, where])
        return program

    def run(self, program: ttnn.Program, queue: int = 0, blocking: bool = True) -> None:
        """Run a program."""
        ttnn.EnqueueProgram(self.device.command_queue(queue), program, blocking=blocking)

    def expected(self, first: Tiles, second: Tiles | None = None) -> Tiles:
        """Return what a right program computes."""
        rule = EXPECTED[self.pair.text("expects", "copy")]
        found = rule(first, second if second is not None else first, self.pages, self.cores)
        return np.asarray(found, ml_dtypes.bfloat16) if found.dtype != np.uint32 else found.view(ml_dtypes.bfloat16)

    def _all_cores(self) -> ttnn.CoreRange:
        return ttnn.CoreRange(_ORIGIN, ttnn.CoreCoord(self.cores - 1, 0))

    def neighbours(self, source: ttnn.Buffer, target: ttnn.Buffer) -> ttnn.Program:
        """Create the program of several cores in a row: core 0 is the sender, the others are receivers."""
        program = self.program()
        places = [ttnn.CoreCoord(x, 0) for x in range(self.cores)]
        virtual = [self.device.worker_core_from_logical_core(place) for place in places]
        corners = [word for core in virtual for word in (core.x, core.y)]
        for index, place in enumerate(places):
            arguments = [source.address(), target.address(), self.pages, index, self.cores, 0, *corners]
            self.kernel(program, "RECEIVER" if index else "SENDER", place, arguments)
        return program


# ---------------------------------------------------------------------------------------------- the host programs


def _stream(bench: Bench) -> Result:
    """One core: data comes in by pages, is perhaps computed with, and goes out."""
    first, second = bench.values(bench.pages), bench.values(bench.pages)
    source, other = bench.holding(first, bench.pair.text("in", "dram")), bench.holding(second)
    target = bench.holding(-bench.values(bench.pair.number("out_pages", bench.pages)))
    bench.run(bench.streaming(source, target, other))
    return bench.read(target), bench.expected(first, second)


def _cores(bench: Bench) -> Result:
    """Several cores that signal to one another."""
    data = bench.values(bench.pages * bench.cores)
    source, target = bench.holding(data), bench.holding(-data)
    bench.run(bench.neighbours(source, target))
    return bench.read(target), bench.expected(data)


def _freed(bench: Bench) -> Result:
    """As ``stream``, but the faulty program runs after one of its buffers was freed, which another may have then."""
    data = bench.values(bench.pages)
    source, target = bench.holding(data, bench.pair.text("in", "dram")), bench.holding(-data)
    program = bench.streaming(source, target)
    if not bench.faulty:
        bench.run(program)
        return bench.read(target), data
    into = bench.pair.text("which", "in") == "out"
    ttnn.DeallocateBuffer(target if into else source)
    other = bench.holding(-data) if bench.pair.number("reuse", 0) else None
    bench.run(program)
    del other
    return (data if into else bench.read(target)), data


def _queues(bench: Bench) -> Result:
    """Two command queues, of which the second waits for the first in the fixed program only."""
    data = bench.values(bench.pages)
    source, middle, target = bench.holding(data), bench.holding(-data), bench.holding(-data)
    first, second = bench.pair.text("first", "run"), bench.pair.text("second", "run")
    chain = first == second == "run"
    programs = [bench.streaming(source, middle if chain else target)]
    if chain:
        programs.append(bench.streaming(middle, target))
    if first == "write":
        data = bench.values(bench.pages)
        _write(bench, 0, source, data)
    else:
        bench.run(programs[0], blocking=False)
    if not bench.faulty:
        event = ttnn.EnqueueRecordEvent(bench.device.command_queue(0))
        ttnn.EnqueueWaitForEvent(bench.device.command_queue(1), event)
    if second == "read":
        return bench.read(target, queue=1), data
    if second == "write":
        _write(bench, 1, source, -data)
    else:
        bench.run(programs[-1], queue=1, blocking=False)
    for queue in (0, 1):
        ttnn.Finish(bench.device.command_queue(queue))
    return bench.read(target), data


def _write(bench: Bench, queue: int, buffer: ttnn.Buffer, data: Tiles) -> None:
    words = np.ascontiguousarray(data).view(np.uint8).reshape(-1)
    ttnn.EnqueueWriteBuffer(bench.device.command_queue(queue), buffer, words, blocking=False)


HOSTS: dict[str, Callable[[Bench], Result]] = {
    "stream": _stream,
    "core": _stream,
    "cores": _cores,
    "freed": _freed,
    "queues": _queues,
}
"""``core`` is ``stream`` with no other kernels than the pair's."""
