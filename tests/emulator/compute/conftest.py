"""A bench for compute kernels: pages in, one kernel on one core, pages out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn

Pages = npt.NDArray[np.uint8]
CORE = ttnn.CoreCoord(0, 0)

READER = """
template <uint32_t OFFSET, uint32_t I, uint32_t N>
void read_inputs() {
    if constexpr (I < N) {
        constexpr auto layout = TensorAccessorArgs<OFFSET>();
        const uint32_t address = get_arg_val<uint32_t>(4 * I), pages = get_arg_val<uint32_t>(4 * I + 1);
        const uint32_t size = get_arg_val<uint32_t>(4 * I + 2), cb = get_arg_val<uint32_t>(4 * I + 3);
        const auto tensor = TensorAccessor(layout, address, size);
        cb_reserve_back(cb, pages);
        for (uint32_t page = 0; page < pages; page++)
            noc_async_read(tensor.get_noc_addr(page), get_write_ptr(cb) + page * size, size);
        noc_async_read_barrier();
        cb_push_back(cb, pages);
        read_inputs<layout.next_compile_time_args_offset(), I + 1, N>();
    }
}
void kernel_main() { read_inputs<1, 0, get_compile_time_arg_val(0)>(); }
"""

WRITER = """
template <uint32_t OFFSET, uint32_t I, uint32_t N>
void write_outputs() {
    if constexpr (I < N) {
        constexpr auto layout = TensorAccessorArgs<OFFSET>();
        const uint32_t address = get_arg_val<uint32_t>(4 * I), pages = get_arg_val<uint32_t>(4 * I + 1);
        const uint32_t size = get_arg_val<uint32_t>(4 * I + 2), cb = get_arg_val<uint32_t>(4 * I + 3);
        const auto tensor = TensorAccessor(layout, address, size);
        cb_wait_front(cb, pages);
        for (uint32_t page = 0; page < pages; page++)
            noc_async_write(get_read_ptr(cb) + page * size, tensor.get_noc_addr(page), size);
        noc_async_write_barrier();
        cb_pop_front(cb, pages);
        write_outputs<layout.next_compile_time_args_offset(), I + 1, N>();
    }
}
void kernel_main() { write_outputs<1, 0, get_compile_time_arg_val(0)>(); }
"""


@dataclass(frozen=True)
class Tensor:
    """Pages that lie in DRAM and go through one circular buffer."""

    cb: int
    format: ttnn.DataFormat
    pages: Pages
    tile: tuple[int, int] | None = None


class Bench:
    """Runs compute kernels on core (0, 0) of one device."""

    def __init__(self, device: ttnn.Device) -> None:
        self.device = device
        self.reader, self.writer = READER, WRITER

    def run(
        self,
        source: str,
        inputs: Sequence[Tensor],
        outputs: Sequence[Tensor],
        args: Sequence[int] = (),
        scratch: Mapping[int, tuple[ttnn.DataFormat, int, int]] | None = None,
        **config: Any,
    ) -> list[Pages]:
        """Return the pages of the outputs, whose own pages only give their number and size.

        ``scratch`` maps further buffer indices to (format, page bytes, pages).
        """
        queue = self.device.command_queue()
        program = ttnn.CreateProgram()
        buffers = [self._buffer(tensor) for tensor in (*inputs, *outputs)]
        for tensor in (*inputs, *outputs):
            self._circular_buffer(program, tensor)
        for index, (data_format, size, count) in (scratch or {}).items():
            plain = ttnn.CircularBufferConfig(size * count, {index: data_format})
            ttnn.CreateCircularBuffer(program, CORE, plain.set_page_size(index, size))
        sources, targets = buffers[: len(inputs)], buffers[len(inputs) :]
        self._mover(program, self.reader, inputs, sources, ttnn.ReaderDataMovementConfig)
        self._mover(program, self.writer, outputs, targets, ttnn.WriterDataMovementConfig)
        kernel = ttnn.CreateKernelFromString(program, source, CORE, ttnn.ComputeConfig(**config))
        ttnn.SetRuntimeArgs(program, kernel, CORE, list(args))
        for tensor, buffer in zip(inputs, sources, strict=True):
            ttnn.EnqueueWriteBuffer(queue, buffer, tensor.pages)
        for tensor, buffer in zip(outputs, targets, strict=True):
            ttnn.EnqueueWriteBuffer(queue, buffer, np.zeros_like(tensor.pages))
        ttnn.EnqueueProgram(queue, program, blocking=True)
        read = [ttnn.EnqueueReadBuffer(queue, buffer) for buffer in targets]
        results = [
            np.frombuffer(bytes(data), np.uint8).reshape(t.pages.shape) for data, t in zip(read, outputs, strict=True)
        ]
        for buffer in buffers:
            ttnn.DeallocateBuffer(buffer)
        return results

    def _buffer(self, tensor: Tensor) -> ttnn.Buffer:
        count, size = tensor.pages.shape
        return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(self.device, count * size, size, ttnn.BufferType.DRAM))

    def _circular_buffer(self, program: ttnn.Program, tensor: Tensor) -> None:
        count, size = tensor.pages.shape
        config = ttnn.CircularBufferConfig(count * size, {tensor.cb: tensor.format}).set_page_size(tensor.cb, size)
        if tensor.tile is not None:
            config = config.set_tile_dims(tensor.cb, ttnn.Tile(tensor.tile))
        ttnn.CreateCircularBuffer(program, CORE, config)

    def _mover(
        self, program: ttnn.Program, source: str, tensors: Sequence[Tensor], buffers: Sequence[ttnn.Buffer], config: Any
    ) -> None:
        layouts = [word for buffer in buffers for word in ttnn.TensorAccessorArgs(buffer).get_compile_time_args()]
        kernel = ttnn.CreateKernelFromString(program, source, CORE, config([len(tensors), *layouts]))
        words: list[int] = []
        for tensor, buffer in zip(tensors, buffers, strict=True):
            words += [buffer.address(), *tensor.pages.shape, tensor.cb]
        ttnn.SetRuntimeArgs(program, kernel, CORE, words)


@pytest.fixture(scope="session")
def benches() -> Iterator[Callable[[str], Bench]]:
    """Return a bench on a device of the given selection; devices stay open for the session."""
    with ExitStack() as stack:
        opened: dict[str, Bench] = {}

        def bench(selection: str) -> Bench:
            if selection not in opened:
                opened[selection] = Bench(stack.enter_context(ttnn.open_device(0, backend=selection)))
            return opened[selection]

        yield bench


@pytest.fixture
def tensor() -> type[Tensor]:
    """The class of what goes through a bench."""
    return Tensor
