"""Circular buffers: streaming, indices and formats, sizes that change, memory of the host's buffers."""

from __future__ import annotations

from typing import Any

import numpy as np

import tthal as ttnn
from tthal.device_interface import Capability
from tthal_conformance.declaration import program
from tthal_conformance.programs.buffers import reversed_pages
from tthal_conformance.requirements import DATA_MOVEMENT
from tthal_conformance.run import Run
from tthal_conformance.workbench import CORE, PAGE, Reporting, accessor, circular_buffer, filled, launch, output, read

TILE_BYTES = {
    ttnn.DataFormat.Float16_b: 2048,
    ttnn.DataFormat.Float32: 4096,
    ttnn.DataFormat.Bfp8_b: 1088,
    ttnn.DataFormat.Bfp4_b: 576,
    ttnn.DataFormat.UInt32: 4096,
    ttnn.DataFormat.UInt16: 2048,
    ttnn.DataFormat.UInt8: 1024,
}
"""Bytes of a tile of 1024 elements; block floats have 64 bytes of exponents besides (numerics.md)."""


def stream(
    run: Run, source: ttnn.Buffer, target: ttnn.Buffer, work: ttnn.Program, index: int, block: int = 1, ring: int = 0
) -> None:
    """Add a reader on NCRISC and a writer on BRISC that move a buffer's pages through a circular buffer."""
    page_size, pages = source.page_size(), source.num_pages()
    reader = ttnn.ReaderDataMovementConfig([index, page_size, block, *accessor(source)])
    more = [ring] if ring else []
    writer = ttnn.WriterDataMovementConfig([index, page_size, *more, *accessor(target)])
    first = ttnn.CreateKernel(work, run.kernel("stream_in"), CORE, reader)
    second = ttnn.CreateKernel(work, run.kernel("cumulative_wait" if ring else "stream_out"), CORE, writer)
    ttnn.SetRuntimeArgs(work, first, CORE, [source.address(), pages])
    ttnn.SetRuntimeArgs(work, second, CORE, [target.address(), pages])


def _streamed(run: Run, pages: int, ring: int, block: int = 1, index: int = 0, cumulative: bool = False) -> None:
    data = run.words(pages * 128 // 4)
    source, target = filled(run, data, 128), output(run, data.nbytes, 128)
    work = ttnn.CreateProgram()
    circular_buffer(work, CORE, index, 128, ring)
    stream(run, source, target, work, index, block, ring if cumulative else 0)
    launch(run, work)
    run.check(f"pages through index {index}", read(run, target), reversed_pages(data, 128))


@program(
    "cb.stream",
    covers=["CreateCircularBuffer", "cb_reserve_back", "cb_push_back", "cb_wait_front", "cb_pop_front"],
    needs=DATA_MOVEMENT,
)
def cb_stream(run: Run) -> None:
    """Pages stream through a ring that is shorter than the data, wrapping around."""
    _streamed(run, 25, 3)


@program("cb.single_page", covers=["CreateCircularBuffer"], needs=DATA_MOVEMENT)
def cb_single_page(run: Run) -> None:
    """A ring of one page makes producer and consumer take turns."""
    _streamed(run, 9, 1)


@program("cb.blocks", covers=["cb_push_back"], needs=DATA_MOVEMENT)
def cb_blocks(run: Run) -> None:
    """A producer publishes several pages at once, a consumer takes them one by one."""
    _streamed(run, 24, 8, block=4)


@program("cb.cumulative_wait", covers=["cb_wait_front"], needs=DATA_MOVEMENT)
def cb_cumulative_wait(run: Run) -> None:
    """Waiting for more pages step by step takes none of them."""
    _streamed(run, 12, 4, cumulative=True)


@program("cb.last_index", covers=["CBIndex", "NUM_CIRCULAR_BUFFERS"], needs=DATA_MOVEMENT)
def cb_last_index(run: Run) -> None:
    """Indices 1, 16 and 31 work as 0 does."""
    for index in (1, 16, 31):
        _streamed(run, 7, 2, index=index)


@program(
    "cb.formats", covers=["DataFormat", "get_tile_size", "get_dataformat"], needs=DATA_MOVEMENT, formats=TILE_BYTES
)
def cb_formats(run: Run) -> None:
    """Kernels know the format and tile size of each index."""
    work = Reporting(run)
    for index, (data_format, size) in enumerate(TILE_BYTES.items(), 1):
        circular_buffer(work.program, CORE, index, size, 1, data_format)
    config = ttnn.DataMovementConfig(compile_args=work.compile_args)
    work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("cb_formats"), CORE, config))
    expected = [*TILE_BYTES.values(), *(int(each) + 1 for each in TILE_BYTES)]
    run.check("sizes and formats", work.launch()[0, :14], np.array(expected, np.uint32))


@program("cb.shared_indices", covers=["CircularBufferConfig"], needs=DATA_MOVEMENT)
def cb_shared_indices(run: Run) -> None:
    """Two indices of one circular buffer share its memory."""
    work = Reporting(run)
    formats = {1: ttnn.DataFormat.UInt32, 2: ttnn.DataFormat.UInt32}
    config = ttnn.CircularBufferConfig(256, formats).set_page_size(1, 64).set_page_size(2, 128)
    ttnn.CreateCircularBuffer(work.program, CORE, config)
    settings = ttnn.DataMovementConfig(compile_args=work.compile_args)
    work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("cb_shared"), CORE, settings), 900)
    run.check("words", work.launch()[0, :4], np.array([1800, 1802, 1804, 1806], np.uint32))


def _addresses(run: Run) -> tuple[Reporting, int]:
    """Return a program that reports where circular buffers lie, and the id of the one at index 1."""
    work = Reporting(run)
    first = circular_buffer(work.program, CORE, 1, 64, 4)
    circular_buffer(work.program, CORE, 2, 64, 1)
    config = ttnn.DataMovementConfig(compile_args=work.compile_args)
    work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("cb_addresses"), CORE, config))
    return work, first


@program(
    "cb.update_total_size", covers=["UpdateCircularBufferTotalSize", "GetCircularBufferConfig"], needs=DATA_MOVEMENT
)
def cb_update_total_size(run: Run) -> None:
    """A new total size moves what lies behind, from the next launch on."""
    work, first = _addresses(run)
    run.check("before", work.launch()[0, :3], np.array([256, 64, 64], np.uint32))
    ttnn.UpdateCircularBufferTotalSize(work.program, first, 640)
    run.check_host("config", ttnn.GetCircularBufferConfig(work.program, first).total_size, 640)
    run.check("after", work.launch()[0, :3], np.array([640, 64, 64], np.uint32))


@program("cb.update_page_size", covers=["UpdateCircularBufferPageSize", "GetCircularBufferConfig"], needs=DATA_MOVEMENT)
def cb_update_page_size(run: Run) -> None:
    """A new page size changes how far one page moves the pointers, from the next launch on."""
    work, first = _addresses(run)
    run.check("before", work.launch()[0, :3], np.array([256, 64, 64], np.uint32))
    ttnn.UpdateCircularBufferPageSize(work.program, first, 1, 128)
    run.check_host("config", ttnn.GetCircularBufferConfig(work.program, first).page_sizes[1], 128)
    run.check("after", work.launch()[0, :3], np.array([256, 128, 128], np.uint32))


def _in_l1(run: Run, data: Any, slots: int = 1) -> ttnn.Buffer:
    """Return a buffer that lies in core (0, 0)'s L1 with its data in it."""
    cores = ttnn.CoreRangeSet([ttnn.CoreRange(CORE, CORE)])
    spec = ttnn.ShardSpecBuffer(cores, (slots, 16), ttnn.ShardOrientation.ROW_MAJOR, (1, 16), (slots, 1))
    config = ttnn.ShardedBufferConfig(run.device, slots * PAGE, PAGE, ttnn.BufferType.L1, shard_parameters=spec)
    buffer = ttnn.CreateBuffer(config)
    run.note_input(data)
    ttnn.EnqueueWriteBuffer(run.queue, buffer, data)
    return buffer


SHARDED = DATA_MOVEMENT | {Capability.SHARDED_BUFFERS}


@program("cb.in_buffer", covers=["CircularBufferConfig", "set_globally_allocated_address"], needs=SHARDED)
def cb_in_buffer(run: Run) -> None:
    """A circular buffer laid into an L1 buffer works on that buffer's own bytes."""
    data = run.words(16)
    buffer = _in_l1(run, data)
    work = ttnn.CreateProgram()
    config = ttnn.CircularBufferConfig(PAGE, {0: ttnn.DataFormat.UInt32}, buffer).set_page_size(0, PAGE)
    ttnn.CreateCircularBuffer(work, CORE, config)
    kernel = ttnn.CreateKernel(work, run.kernel("double_in_place"), CORE, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(work, kernel, CORE, [16])
    launch(run, work)
    run.check("doubled once", read(run, buffer), data * np.uint32(2))
    launch(run, work)
    run.check("doubled twice", read(run, buffer), data * np.uint32(4))


@program("cb.dynamic_address", covers=["UpdateDynamicCircularBufferAddress"], needs=SHARDED)
def cb_dynamic_address(run: Run) -> None:
    """A circular buffer moves to another L1 buffer between launches."""
    first, second = run.words(16), run.words(16)
    buffers = [_in_l1(run, first), _in_l1(run, second)]
    work = ttnn.CreateProgram()
    config = ttnn.CircularBufferConfig(PAGE, {0: ttnn.DataFormat.UInt32}, buffers[0]).set_page_size(0, PAGE)
    handle = ttnn.CreateCircularBuffer(work, CORE, config)
    kernel = ttnn.CreateKernel(work, run.kernel("double_in_place"), CORE, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(work, kernel, CORE, [16])
    launch(run, work)
    ttnn.UpdateDynamicCircularBufferAddress(work, handle, buffers[1])
    launch(run, work)
    run.check("first", read(run, buffers[0]), first * np.uint32(2))
    run.check("second", read(run, buffers[1]), second * np.uint32(2))


@program("cb.dynamic_address_and_size", covers=["UpdateDynamicCircularBufferAddressAndTotalSize"], needs=SHARDED)
def cb_dynamic_address_and_size(run: Run) -> None:
    """A circular buffer moves into the middle of an L1 buffer, with a new size."""
    data = run.words(64)
    buffer = _in_l1(run, data, 4)
    work = Reporting(run)
    config = ttnn.CircularBufferConfig(4 * PAGE, {1: ttnn.DataFormat.UInt32}, buffer).set_page_size(1, PAGE)
    handle = ttnn.CreateCircularBuffer(work.program, CORE, config)
    settings = ttnn.DataMovementConfig(compile_args=work.compile_args)
    work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("place_of_cb"), CORE, settings))
    run.check("at the start", work.launch()[0, :4], data[:4] + np.uint32(1))
    ttnn.UpdateDynamicCircularBufferAddressAndTotalSize(work.program, handle, buffer, 2 * PAGE, 2 * PAGE)
    run.check("in the middle", work.launch()[0, :4], data[32:36] + np.uint32(1))


@program("cb.without_index", covers=["CircularBufferConfig", "GetCircularBufferConfig"], needs=DATA_MOVEMENT)
def cb_without_index(run: Run) -> None:
    """A config that names no index gets the lowest one free on its cores."""
    data = run.words(6 * 16)
    source, target = filled(run, data), output(run, data.nbytes)
    work = ttnn.CreateProgram()
    circular_buffer(work, CORE, 0)
    circular_buffer(work, CORE, 2)
    config = ttnn.CircularBufferConfig(
        total_size=2 * PAGE, page_size=PAGE, data_format=ttnn.DataFormat.UInt32, buffer_type=ttnn.BufferType.L1
    )
    handle = ttnn.CreateCircularBuffer(work, CORE, config)
    run.check_host("handle", handle, 2)
    run.check_host("index", ttnn.GetCircularBufferConfig(work, handle).buffer_indices, (1,))
    stream(run, source, target, work, 1)
    launch(run, work)
    run.check("pages", read(run, target), reversed_pages(data, PAGE))


@program("cb.per_core", covers=["CreateCircularBuffer", "CoreRangeSet"], needs=DATA_MOVEMENT, grid=(2, 1))
def cb_per_core(run: Run) -> None:
    """Different cores have circular buffers of different sizes under one index."""
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0))
    work = Reporting(run, cores)
    for place, pages in zip(work.places, (2, 5), strict=True):
        circular_buffer(work.program, place, 1, 64, pages)
        circular_buffer(work.program, place, 2, 64, 1)
    settings = ttnn.DataMovementConfig(compile_args=work.compile_args)
    work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("cb_addresses"), cores, settings))
    run.check("their sizes", work.launch()[:, 0], np.array([128, 320], np.uint32))
