"""What the emulator's tests share: open devices, small programs, and a bench for compute kernels."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn

sys.path.append(str(Path(__file__).resolve().parent))
from program_bench import Bench

CORE = ttnn.CoreCoord(0, 0)
TILE_BYTES = 2048

MakeProgram = Callable[..., ttnn.Program]
Pages = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def device() -> Iterator[ttnn.Device]:
    """An n150 that gives up on endless loops early."""
    with ttnn.open_device(0, backend="emulator?watchdog=200000000") as opened:
        yield opened


@pytest.fixture
def run(device: ttnn.Device) -> Callable[[ttnn.Program], None]:
    """Run a program to its end on the module's device."""

    def launch(program: ttnn.Program) -> None:
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)

    return launch


@pytest.fixture
def make_program() -> MakeProgram:
    """Make a program of one kernel from its source."""

    def make(
        source: str,
        *,
        args: Sequence[int] = (),
        config: object = None,
        circular_buffers: Sequence[tuple[int, int]] = (),
        cores: ttnn.CoreCoord | ttnn.CoreRange = CORE,
    ) -> ttnn.Program:
        program = ttnn.CreateProgram()
        for index, pages in circular_buffers:
            buffer = ttnn.CircularBufferConfig(pages * TILE_BYTES, {index: ttnn.DataFormat.Float16_b})
            ttnn.CreateCircularBuffer(program, cores, buffer.set_page_size(index, TILE_BYTES))
        kernel = ttnn.CreateKernelFromString(program, source, cores, config or ttnn.DataMovementConfig())
        if args:
            ttnn.SetRuntimeArgs(program, kernel, cores, list(args))
        return program

    return make


# ---- whole programs; the kernels lie in the folder of that name beside a test


@pytest.fixture
def bench(device: ttnn.Device, request: pytest.FixtureRequest) -> Bench:
    """A bench on the module's device."""
    return Bench(device, request.path.parent / "kernels")


@pytest.fixture
def open_bench(request: pytest.FixtureRequest) -> Iterator[Callable[..., Bench]]:
    """Open a device of its own for a bench; closed at the end of the test."""
    with ExitStack() as stack:
        yield lambda backend, **options: Bench(
            stack.enter_context(ttnn.open_device(0, backend=backend, **options)), request.path.parent / "kernels"
        )


@pytest.fixture(params=["emulator", "emulator:p150", "emulator?seed=1", "emulator:p100?seed=2", "emulator?seed=3"])
def any_bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A bench on both chips, and under several orders of events."""
    with ttnn.open_device(0, backend=request.param) as device:
        yield Bench(device, request.path.parent / "kernels")


# ---- compute kernels: pages in, one kernel on one core, pages out

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

# The same a page at a time, through buffers that need not hold all of a tensor.
STREAM = """
template <uint32_t OFFSET, uint32_t I, uint32_t N>
bool move_page(uint32_t page) {
    if constexpr (I < N) {
        constexpr auto layout = TensorAccessorArgs<OFFSET>();
        const uint32_t address = get_arg_val<uint32_t>(4 * I), pages = get_arg_val<uint32_t>(4 * I + 1);
        const uint32_t size = get_arg_val<uint32_t>(4 * I + 2), cb = get_arg_val<uint32_t>(4 * I + 3);
        const auto tensor = TensorAccessor(layout, address, size);
        if (page < pages) { @ }
        return move_page<layout.next_compile_time_args_offset(), I + 1, N>(page) | (page + 1 < pages);
    }
    return false;
}
void kernel_main() { for (uint32_t page = 0; move_page<1, 0, get_compile_time_arg_val(0)>(page); page++) {} }
"""
STREAM_READER = STREAM.replace(
    "@",
    """
            cb_reserve_back(cb, 1);
            noc_async_read(tensor.get_noc_addr(page), get_write_ptr(cb), size);
            noc_async_read_barrier();
            cb_push_back(cb, 1);""",
)
STREAM_WRITER = STREAM.replace(
    "@",
    """
            cb_wait_front(cb, 1);
            noc_async_write(get_read_ptr(cb), tensor.get_noc_addr(page), size);
            noc_async_write_barrier();
            cb_pop_front(cb, 1);""",
)


@dataclass(frozen=True)
class Tensor:
    """Pages that lie in DRAM and go through one circular buffer, which holds ``depth`` of them, or all."""

    cb: int
    format: ttnn.DataFormat
    pages: Pages
    tile: tuple[int, int] | None = None
    depth: int | None = None


class ComputeBench:
    """Runs compute kernels on core (0, 0) of one device."""

    def __init__(self, device: ttnn.Device) -> None:
        self.device = device

    def run(
        self,
        source: str | Path,
        inputs: Sequence[Tensor],
        outputs: Sequence[Tensor],
        args: Sequence[int] = (),
        scratch: Mapping[int, tuple[ttnn.DataFormat, int, int]] | None = None,
        common_args: Sequence[int] = (),
        **config: Any,
    ) -> list[Pages]:
        """Return the pages of the outputs, whose own pages only give their number and size.

        ``source`` is a kernel's text, or the path of its file; ``scratch`` maps further buffer indices to (format,
        page bytes, pages).
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
        streaming = any(tensor.depth for tensor in (*inputs, *outputs))
        reader, writer = (STREAM_READER, STREAM_WRITER) if streaming else (READER, WRITER)
        self._mover(program, reader, inputs, sources, ttnn.ReaderDataMovementConfig)
        self._mover(program, writer, outputs, targets, ttnn.WriterDataMovementConfig)
        create = ttnn.CreateKernel if isinstance(source, Path) else ttnn.CreateKernelFromString
        kernel = create(program, str(source), CORE, ttnn.ComputeConfig(**config))
        ttnn.SetRuntimeArgs(program, kernel, CORE, list(args))
        if common_args:
            ttnn.SetCommonRuntimeArgs(program, kernel, list(common_args))
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
        held = (tensor.depth or count) * size
        config = ttnn.CircularBufferConfig(held, {tensor.cb: tensor.format}).set_page_size(tensor.cb, size)
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
def benches() -> Iterator[Callable[[str], ComputeBench]]:
    """Return a bench on a device of the given selection; devices stay open for the session."""
    with ExitStack() as stack:
        opened: dict[str, ComputeBench] = {}

        def bench(selection: str) -> ComputeBench:
            if selection not in opened:
                opened[selection] = ComputeBench(stack.enter_context(ttnn.open_device(0, backend=selection)))
            return opened[selection]

        yield bench


@pytest.fixture
def tensor() -> type[Tensor]:
    """The class of what goes through a bench."""
    return Tensor
