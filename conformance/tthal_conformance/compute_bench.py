"""A bench for compute kernels: pages go in by way of a reader, a kernel works on them, a writer brings pages out.

It asks nothing of a device but the host API, so that it serves the suite's programs, the tests of a backend, and
comparisons of one backend with another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import tthal as ttnn
from tthal.coordinates import CoreSpec
from tthal_conformance.run import KERNELS
from tthal_conformance.workbench import CORE, accessor

Pages = npt.NDArray[np.uint8]
Source = str | Path
"""A kernel's text, or where its file lies."""
Scratch = Mapping[int, tuple[ttnn.DataFormat, int, int]]
"""Circular buffers of the compute kernel's own: by index their format, bytes of a page, and pages."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Pages that lie in DRAM and go through one circular buffer.

    Attributes:
        pages: uint8, (pages, bytes of one); those of an output only give their number and size.
        tile: (height, width), when it is not (32, 32).
        depth: pages that the circular buffer holds; all by default.
    """

    cb: int
    data_format: ttnn.DataFormat
    pages: Pages
    tile: tuple[int, int] | None = None
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Movers:
    """The kernels beside the one that computes, and semaphores between all three.

    Compile-time arguments are the number of tensors and their accessors. Runtime arguments are four per input (address,
    pages, bytes of a page, circular buffer) and five per output (the same, and the first page that the core writes).
    """

    reader: Source = KERNELS / "tiles_in.cpp"
    writer: Source = KERNELS / "tiles_out.cpp"
    semaphores: int = 0


class Prepared:
    """A program with its buffers, to be run any number of times."""

    def __init__(
        self, device: ttnn.Device, cores: ttnn.CoreRangeSet, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
    ) -> None:
        self.program = ttnn.CreateProgram()
        self._device = device
        self._cores = cores
        self._inputs, self._outputs = inputs, outputs
        self._sources = [self._buffer(each, 1) for each in inputs]
        self._targets = [self._buffer(each, cores.num_cores()) for each in outputs]

    def run(self, before: int = 0) -> list[Pages]:
        """Return the pages of the outputs; each of their bytes is ``before`` when the launch begins."""
        queue = self._device.command_queue()
        for tensor, buffer in zip(self._inputs, self._sources, strict=True):
            ttnn.EnqueueWriteBuffer(queue, buffer, tensor.pages)
        for buffer in self._targets:
            ttnn.EnqueueWriteBuffer(queue, buffer, np.full(buffer.size(), before, np.uint8))
        ttnn.EnqueueProgram(queue, self.program, blocking=True)
        read = [ttnn.EnqueueReadBuffer(queue, buffer) for buffer in self._targets]
        return [
            np.frombuffer(bytes(data), np.uint8).reshape(-1, each.pages.shape[1])
            for data, each in zip(read, self._outputs, strict=True)
        ]

    def free(self) -> None:
        """Free the buffers."""
        for buffer in (*self._sources, *self._targets):
            ttnn.DeallocateBuffer(buffer)

    def add_circular_buffers(self, scratch: Scratch) -> None:
        """Add one per tensor, and those of the compute kernel's own."""
        for tensor in (*self._inputs, *self._outputs):
            count, size = tensor.pages.shape
            self._circular_buffer(tensor.cb, tensor.data_format, size, tensor.depth or count, tensor.tile)
        for index, (data_format, size, count) in scratch.items():
            self._circular_buffer(index, data_format, size, count, None)

    def add_movers(self, movers: Movers) -> None:
        """Add the kernels that fill and empty the circular buffers."""
        for _ in range(movers.semaphores):
            ttnn.CreateSemaphore(self.program, self._cores, 0)
        self._mover(movers.reader, self._inputs, self._sources, ttnn.ReaderDataMovementConfig, placed=False)
        self._mover(movers.writer, self._outputs, self._targets, ttnn.WriterDataMovementConfig, placed=True)

    def add_kernel(self, source: Source, config: Any) -> int:
        """Add a kernel."""
        create = ttnn.CreateKernel if isinstance(source, Path) else ttnn.CreateKernelFromString
        return create(self.program, str(source), self._cores, config)

    def _buffer(self, tensor: Tensor, cores: int) -> ttnn.Buffer:
        count, size = tensor.pages.shape
        config = ttnn.InterleavedBufferConfig(self._device, cores * count * size, size, ttnn.BufferType.DRAM)
        return ttnn.CreateBuffer(config)

    def _circular_buffer(
        self, index: int, data_format: ttnn.DataFormat, size: int, pages: int, tile: tuple[int, int] | None
    ) -> None:
        config = ttnn.CircularBufferConfig(pages * size, {index: data_format}).set_page_size(index, size)
        if tile is not None:
            config = config.set_tile_dims(index, ttnn.Tile(tile))
        ttnn.CreateCircularBuffer(self.program, self._cores, config)

    def _mover(
        self, source: Source, tensors: Sequence[Tensor], buffers: Sequence[ttnn.Buffer], config: Any, placed: bool
    ) -> None:
        layouts = [word for buffer in buffers for word in accessor(buffer)]
        kernel = self.add_kernel(source, config([len(tensors), *layouts]))
        for place, core in enumerate(self._cores.cores()):
            words: list[int] = []
            for tensor, buffer in zip(tensors, buffers, strict=True):
                count, size = tensor.pages.shape
                words += [buffer.address(), count, size, tensor.cb, *([place * count] if placed else [])]
            ttnn.SetRuntimeArgs(self.program, kernel, core, words)


class ComputeBench:
    """Runs compute kernels on some cores of one device.

    Every core reads all pages of the inputs; an output has so many pages for each core, in the order of the cores.
    """

    def __init__(self, device: ttnn.Device, cores: CoreSpec = CORE) -> None:
        self.device = device
        self._cores = ttnn.CoreRangeSet.of(cores)

    def run(
        self, source: Source, inputs: Sequence[Tensor], outputs: Sequence[Tensor], *args: Any, **more: Any
    ) -> list[Pages]:
        """Run a kernel once and free its buffers; arguments as for :meth:`prepare`."""
        prepared = self.prepare(source, inputs, outputs, *args, **more)
        found = prepared.run()
        prepared.free()
        return found

    def prepare(
        self,
        source: Source,
        inputs: Sequence[Tensor],
        outputs: Sequence[Tensor],
        args: Sequence[int] = (),
        scratch: Scratch | None = None,
        common_args: Sequence[int] = (),
        movers: Movers = Movers(),
        **config: Any,
    ) -> Prepared:
        """Make a program of a compute kernel, whose runtime arguments are ``args`` on every core.

        ``config`` goes to ComputeConfig.
        """
        prepared = Prepared(self.device, self._cores, inputs, outputs)
        prepared.add_circular_buffers(scratch or {})
        prepared.add_movers(movers)
        kernel = prepared.add_kernel(source, ttnn.ComputeConfig(**config))
        ttnn.SetRuntimeArgs(prepared.program, kernel, self._cores, list(args))
        if common_args:
            ttnn.SetCommonRuntimeArgs(prepared.program, kernel, list(common_args))
        return prepared
