"""The steps that most programs share, by the host API's own functions: buffers, circular buffers, launching."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import tthal as ttnn
from tthal.coordinates import CoreSpec
from tthal_conformance.run import POISON, Run

Array = npt.NDArray[Any]

CORE = ttnn.CoreCoord(0, 0)
PAGE = 64
"""Bytes of a page that every architecture can move between any two memories."""
WORDS = PAGE // 4


def output(run: Run, size: int, page_size: int = PAGE, where: ttnn.BufferType = ttnn.BufferType.DRAM) -> ttnn.Buffer:
    """Create an interleaved buffer for results, filled with what no program expects."""
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(run.device, size, page_size, where))
    poison(run, buffer)
    return buffer


def poison(run: Run, buffer: ttnn.Buffer) -> None:
    """Fill a buffer with what no program expects."""
    ttnn.EnqueueWriteBuffer(run.queue, buffer, np.full(buffer.size(), POISON, np.uint8), blocking=True)


def filled(run: Run, data: Array, page_size: int = PAGE, where: ttnn.BufferType = ttnn.BufferType.DRAM) -> ttnn.Buffer:
    """Create an interleaved buffer that holds an input."""
    run.note_input(data)
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(run.device, data.nbytes, page_size, where))
    ttnn.EnqueueWriteBuffer(run.queue, buffer, data)
    return buffer


def read(run: Run, buffer: ttnn.Buffer, dtype: npt.DTypeLike = np.uint32) -> Array:
    """Read a buffer and wait for it."""
    found: Array = ttnn.EnqueueReadBuffer(run.queue, buffer).view(dtype)
    return found


def accessor(buffer: ttnn.Buffer) -> list[int]:
    """Return the compile-time words by which kernels find a buffer's pages."""
    return list(ttnn.TensorAccessorArgs(buffer).get_compile_time_args())


def circular_buffer(
    program: ttnn.Program,
    cores: CoreSpec,
    index: int = 0,
    page_size: int = PAGE,
    pages: int = 1,
    data_format: ttnn.DataFormat = ttnn.DataFormat.UInt32,
) -> int:
    """Add a circular buffer with one index."""
    config = ttnn.CircularBufferConfig(pages * page_size, {index: data_format}).set_page_size(index, page_size)
    return ttnn.CreateCircularBuffer(program, cores, config)


def launch(run: Run, program: ttnn.Program) -> None:
    """Run a program and wait for it."""
    ttnn.EnqueueProgram(run.queue, program, blocking=True)


class Reporting:
    """A program whose kernels each write one page of words: page ``n`` of ``result`` is the ``n``-th core's.

    Kernels include ``report.h``; its accessor words come first among the compile-time arguments, the result's address
    and the page first among the runtime arguments.
    """

    def __init__(self, run: Run, cores: CoreSpec = CORE, pages: int | None = None) -> None:
        self.run = run
        self.cores = cores
        self.places = list(ttnn.CoreRangeSet.of(cores).cores())
        self.result = output(run, (pages or len(self.places)) * PAGE)
        self.program = ttnn.CreateProgram()
        circular_buffer(self.program, cores)

    @property
    def compile_args(self) -> list[int]:
        """The words that every kernel's compile-time arguments begin with."""
        return accessor(self.result)

    def place_arguments(self, kernel: int, *words: int, first_page: int = 0) -> None:
        """Give every core the result's address, its page, and the same further words."""
        for page, core in enumerate(self.places, first_page):
            ttnn.SetRuntimeArgs(self.program, kernel, core, [self.result.address(), page, *words])

    def launch(self) -> Array:
        """Run the program; return the result's words, one row per page."""
        launch(self.run, self.program)
        return read(self.run, self.result).reshape(-1, WORDS)
