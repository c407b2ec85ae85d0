"""Buffers: memories, page sizes, addresses, lifetime, raw access, and sharding."""

from __future__ import annotations

from typing import Any

import numpy as np

import tthal as ttnn
from tthal.device_interface import Capability
from tthal_conformance.declaration import program
from tthal_conformance.requirements import DATA_MOVEMENT
from tthal_conformance.run import Run
from tthal_conformance.workbench import CORE, PAGE, accessor, circular_buffer, filled, launch, output, poison, read

DRAM, L1 = ttnn.BufferType.DRAM, ttnn.BufferType.L1
RAW = {Capability.RAW_MEMORY_ACCESS}
SHARDED = DATA_MOVEMENT | {Capability.SHARDED_BUFFERS}


def reverse(run: Run, source: ttnn.Buffer, target: ttnn.Buffer) -> None:
    """Copy a buffer's pages to another one in reverse order, on one core."""
    page_size = source.page_size()
    work = ttnn.CreateProgram()
    circular_buffer(work, CORE, page_size=page_size)
    words = [source.num_pages(), page_size, *accessor(source), *accessor(target)]
    kernel = ttnn.CreateKernel(work, run.kernel("copy_reversed"), CORE, ttnn.DataMovementConfig(compile_args=words))
    ttnn.SetRuntimeArgs(work, kernel, CORE, [source.address(), target.address()])
    launch(run, work)


def reversed_pages(data: Any, page_size: int) -> Any:
    """Return data with its pages in reverse order."""
    return data.view(np.uint8).reshape(-1, page_size)[::-1].reshape(-1).view(data.dtype)


def _reverse_copy(run: Run, pages: int, page_size: int, source: ttnn.BufferType, target: ttnn.BufferType) -> None:
    data = run.words(pages * page_size // 4)
    from_, to = filled(run, data, page_size, source), output(run, data.nbytes, page_size, target)
    reverse(run, from_, to)
    run.check("pages", read(run, to), reversed_pages(data, page_size))


@program("buffer.dram", covers=["CreateBuffer", "InterleavedBufferConfig", "BufferType"], needs=DATA_MOVEMENT)
def buffer_dram(run: Run) -> None:
    """Pages of a DRAM buffer are found by kernels where the host put them, past all banks."""
    _reverse_copy(run, 3 * run.device.num_dram_channels() + 1, 128, DRAM, DRAM)


@program("buffer.l1", covers=["CreateBuffer", "InterleavedBufferConfig", "BufferType"], needs=DATA_MOVEMENT)
def buffer_l1(run: Run) -> None:
    """Pages of an interleaved L1 buffer lie on the cores in the order that kernels assume."""
    _reverse_copy(run, len(run.device.properties.l1_banks) + 5, 128, L1, L1)


@program("buffer.dram_to_l1", covers=["CreateBuffer"], needs=DATA_MOVEMENT)
def buffer_dram_to_l1(run: Run) -> None:
    """Pages move from DRAM to L1."""
    _reverse_copy(run, 40, 192, DRAM, L1)


@program("buffer.l1_to_dram", covers=["CreateBuffer"], needs=DATA_MOVEMENT)
def buffer_l1_to_dram(run: Run) -> None:
    """Pages move from L1 to DRAM."""
    _reverse_copy(run, 40, 256, L1, DRAM)


@program("buffer.page_sizes", covers=["InterleavedBufferConfig", "aligned_page_size"], needs=DATA_MOVEMENT)
def buffer_page_sizes(run: Run) -> None:
    """Pages of any multiple of 4 bytes are kept apart by their alignment."""
    for page_size in (4, 36, 100, 1028, 4096):
        data = run.words(30 * page_size // 4)
        source, target = filled(run, data, page_size), output(run, data.nbytes, page_size)
        reverse(run, source, target)
        run.check(f"pages of {page_size} bytes", read(run, target), reversed_pages(data, page_size))


@program("buffer.large_pages", covers=["noc_async_read_page", "noc_async_write_page"], needs=DATA_MOVEMENT)
def buffer_large_pages(run: Run) -> None:
    """Pages longer than one NoC transfer move whole."""
    _reverse_copy(run, 5, 2 * run.device.properties.max_noc_burst + PAGE, DRAM, DRAM)


@program("buffer.explicit_address", covers=["CreateBuffer"], needs=DATA_MOVEMENT | {Capability.EXPLICIT_ADDRESS})
def buffer_explicit_address(run: Run) -> None:
    """A buffer created at an address lies there and sees what another one holds there."""
    data = run.words(64)
    first = filled(run, data)
    config = ttnn.InterleavedBufferConfig(run.device, data.nbytes, PAGE, DRAM)
    second = ttnn.CreateBuffer(config, address=first.address())
    run.check_host("address", second.address(), first.address())
    target = output(run, data.nbytes)
    reverse(run, second, target)
    run.check("through the second buffer", read(run, target), reversed_pages(data, PAGE))
    ttnn.DeallocateBuffer(second)
    run.check_host("deallocating it has no effect", first.is_allocated(), True)


@program("buffer.deallocate", covers=["DeallocateBuffer"], needs=DATA_MOVEMENT)
def buffer_deallocate(run: Run) -> None:
    """A deallocated buffer's memory is given to the next one of its size, which works."""
    config = ttnn.InterleavedBufferConfig(run.device, 4096, PAGE, DRAM)
    first = ttnn.CreateBuffer(config)
    address = first.address()
    ttnn.DeallocateBuffer(first)
    ttnn.DeallocateBuffer(first)
    data = run.words(1024)
    second = filled(run, data)
    run.check_host("reused", second.address(), address)
    run.check_host("the old address stays known", first.address(), address)
    target = output(run, data.nbytes)
    reverse(run, second, target)
    run.check("pages", read(run, target), reversed_pages(data, PAGE))


@program("buffer.freed_with_last_reference", covers=["CreateBuffer"], needs=DATA_MOVEMENT)
def buffer_freed_with_last_reference(run: Run) -> None:
    """A buffer frees itself when nothing refers to it any more."""
    config = ttnn.InterleavedBufferConfig(run.device, 4096, PAGE, DRAM)
    address = ttnn.CreateBuffer(config).address()
    data = run.words(1024)
    again = filled(run, data)
    run.check_host("reused", again.address(), address)
    target = output(run, data.nbytes)
    reverse(run, again, target)
    run.check("pages", read(run, target), reversed_pages(data, PAGE))


@program("buffer.owned_by_program", covers=["AssignGlobalBufferToProgram"], needs=DATA_MOVEMENT)
def buffer_owned_by_program(run: Run) -> None:
    """A buffer that a program owns stays as long as the program, whoever else lets go of it."""
    data = run.words(256)
    source, target = filled(run, data), output(run, data.nbytes)
    work = ttnn.CreateProgram()
    circular_buffer(work, CORE)
    words = [source.num_pages(), PAGE, *accessor(source), *accessor(target)]
    kernel = ttnn.CreateKernel(work, run.kernel("copy_reversed"), CORE, ttnn.DataMovementConfig(compile_args=words))
    ttnn.SetRuntimeArgs(work, kernel, CORE, [source.address(), target.address()])
    ttnn.AssignGlobalBufferToProgram(source, work)
    address = source.address()
    del source
    other = filled(run, data ^ np.uint32(0xFFFFFFFF))
    run.check_host("its memory is not reused", other.address() != address, True)
    launch(run, work)
    run.check("pages", read(run, target), reversed_pages(data, PAGE))


@program("buffer.write_and_read", covers=["WriteToBuffer", "ReadFromBuffer"], needs=DATA_MOVEMENT)
def buffer_write_and_read(run: Run) -> None:
    """WriteToBuffer may write the first bytes only; ReadFromBuffer reads into memory given."""
    data = run.words(64)
    source, target = filled(run, data), output(run, data.nbytes)
    head = run.words(20)
    ttnn.WriteToBuffer(source, head)
    reverse(run, source, target)
    room = np.zeros(64, np.uint32)
    run.check_host("returns what it was given", ttnn.ReadFromBuffer(target, room) is room, True)
    run.check("pages", room, reversed_pages(np.concatenate([head, data[20:]]), PAGE))


@program("buffer.bank_layout", covers=["CreateBuffer", "ReadFromDeviceDRAMChannel", "page_mapping"], needs=RAW)
def buffer_bank_layout(run: Run) -> None:
    """Page i of a DRAM buffer lies in bank i mod n, one aligned page after the other."""
    banks = run.device.num_dram_channels()
    data = run.words((2 * banks + 3) * 24).reshape(-1, 24)
    buffer = filled(run, data, 96)
    ttnn.Finish(run.queue)
    step = buffer.aligned_page_size()
    found = []
    for page in range(len(data) - 1, -1, -1):
        address = buffer.address() + page // banks * step
        found.append(ttnn.ReadFromDeviceDRAMChannel(run.device, page % banks, address, 96).view(np.uint32))
    run.check("pages", np.array(found), data[::-1])


@program("buffer.raw_dram", covers=["WriteToDeviceDRAMChannel", "ReadFromDeviceDRAMChannel"], needs=RAW | DATA_MOVEMENT)
def buffer_raw_dram(run: Run) -> None:
    """Bytes written to a DRAM bank are what a kernel reads at that page."""
    banks = run.device.num_dram_channels()
    target = output(run, banks * PAGE)
    source = output(run, banks * PAGE)
    data = run.words(banks * PAGE // 4).reshape(banks, -1)
    for bank in range(banks):
        ttnn.WriteToDeviceDRAMChannel(run.device, bank, source.address(), data[bank])
    reverse(run, source, target)
    run.check("pages", read(run, target), reversed_pages(data.reshape(-1), PAGE))


@program("buffer.raw_l1", covers=["WriteToDeviceL1", "ReadFromDeviceL1"], needs=RAW | DATA_MOVEMENT, grid=(2, 1))
def buffer_raw_l1(run: Run) -> None:
    """Bytes written to a core's L1 are what a kernel on it reads, and the other way round."""
    core = ttnn.CoreCoord(1, 0)
    scratch = output(run, len(run.device.properties.l1_banks) * PAGE, PAGE, L1)
    data = run.words(8)
    ttnn.WriteToDeviceL1(run.device, core, scratch.address(), data)
    work = ttnn.CreateProgram()
    kernel = ttnn.CreateKernel(work, run.kernel("negate_l1"), core, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(work, kernel, core, [scratch.address(), 8])
    launch(run, work)
    found = ttnn.ReadFromDeviceL1(run.device, core, scratch.address(), 32).view(np.uint32)
    run.check("words", found, ~data)


# ---------------------------------------------------------------------------------------------- sharding


def _sharded(
    run: Run,
    layout: ttnn.TensorMemoryLayout,
    cores: ttnn.CoreRangeSet,
    shard: tuple[int, int],
    tensor: tuple[int, int],
    orientation: ttnn.ShardOrientation = ttnn.ShardOrientation.ROW_MAJOR,
) -> ttnn.Buffer:
    """Create a sharded L1 buffer of one-row pages of 16 words; shapes count pages."""
    spec = ttnn.ShardSpecBuffer(cores, (shard[0], shard[1] * 16), orientation, (1, 16), tensor)
    size = tensor[0] * tensor[1] * PAGE
    buffer = ttnn.CreateBuffer(ttnn.ShardedBufferConfig(run.device, size, PAGE, L1, layout, spec))
    poison(run, buffer)
    return buffer


def _through_shards(run: Run, buffer: ttnn.Buffer, places: list[tuple[ttnn.CoreCoord, int]]) -> None:
    """Move pages through a sharded buffer by kernels both ways, and look where the host's pages lie.

    ``places`` lists, for every page, the core it must lie on and its slot there.
    """
    data = run.words(buffer.size() // 4)
    source, target = filled(run, data), output(run, data.nbytes)
    reverse(run, source, buffer)
    run.check("read by the host", read(run, buffer), reversed_pages(data, PAGE))
    if Capability.RAW_MEMORY_ACCESS in run.device.properties.capabilities:
        found = [
            ttnn.ReadFromDeviceL1(run.device, core, buffer.address() + slot * PAGE, PAGE).view(np.uint32)
            for core, slot in places
        ]
        run.check("on the cores", np.concatenate(found), reversed_pages(data, PAGE))
    changed = data * np.uint32(3)
    run.note_input(changed)
    ttnn.EnqueueWriteBuffer(run.queue, buffer, changed)
    reverse(run, buffer, target)
    run.check("written by the host", read(run, target), reversed_pages(changed, PAGE))


def _line(count: int) -> ttnn.CoreRangeSet:
    return ttnn.CoreRangeSet([ttnn.CoreRange(CORE, ttnn.CoreCoord(count - 1, 0))])


def _block(columns: int, rows: int) -> ttnn.CoreRangeSet:
    return ttnn.CoreRangeSet([ttnn.CoreRange(CORE, ttnn.CoreCoord(columns - 1, rows - 1))])


@program(
    "shard.height", covers=["ShardedBufferConfig", "ShardSpecBuffer", "HEIGHT_SHARDED"], needs=SHARDED, grid=(4, 1)
)
def shard_height(run: Run) -> None:
    """Height sharding gives each core its rows of pages."""
    buffer = _sharded(run, ttnn.TensorMemoryLayout.HEIGHT_SHARDED, _line(4), (3, 2), (12, 2))
    places = [(ttnn.CoreCoord(row // 3, 0), row % 3 * 2 + column) for row in range(12) for column in range(2)]
    _through_shards(run, buffer, places)


@program("shard.width", covers=["ShardedBufferConfig", "WIDTH_SHARDED"], needs=SHARDED, grid=(4, 1))
def shard_width(run: Run) -> None:
    """Width sharding gives each core its columns of pages."""
    buffer = _sharded(run, ttnn.TensorMemoryLayout.WIDTH_SHARDED, _line(4), (3, 2), (3, 8))
    places = [(ttnn.CoreCoord(column // 2, 0), row * 2 + column % 2) for row in range(3) for column in range(8)]
    _through_shards(run, buffer, places)


@program("shard.block", covers=["ShardedBufferConfig", "BLOCK_SHARDED"], needs=SHARDED, grid=(3, 2))
def shard_block(run: Run) -> None:
    """Block sharding gives each core a block, rows of blocks along rows of cores."""
    buffer = _sharded(run, ttnn.TensorMemoryLayout.BLOCK_SHARDED, _block(3, 2), (2, 2), (4, 6))
    places = [
        (ttnn.CoreCoord(column // 2, row // 2), row % 2 * 2 + column % 2) for row in range(4) for column in range(6)
    ]
    _through_shards(run, buffer, places)


@program("shard.block_column_major", covers=["ShardOrientation", "BLOCK_SHARDED"], needs=SHARDED, grid=(2, 3))
def shard_block_column_major(run: Run) -> None:
    """With column-major orientation rows of blocks lie along columns of cores."""
    buffer = _sharded(
        run,
        ttnn.TensorMemoryLayout.BLOCK_SHARDED,
        _block(2, 3),
        (2, 2),
        (4, 6),
        ttnn.ShardOrientation.COL_MAJOR,
    )
    places = [
        (ttnn.CoreCoord(row // 2, column // 2), row % 2 * 2 + column % 2) for row in range(4) for column in range(6)
    ]
    _through_shards(run, buffer, places)


@program("shard.height_column_major", covers=["ShardOrientation", "HEIGHT_SHARDED"], needs=SHARDED, grid=(2, 2))
def shard_height_column_major(run: Run) -> None:
    """With column-major orientation the cores of a grid take shards down its columns."""
    buffer = _sharded(
        run,
        ttnn.TensorMemoryLayout.HEIGHT_SHARDED,
        _block(2, 2),
        (2, 1),
        (8, 1),
        ttnn.ShardOrientation.COL_MAJOR,
    )
    _through_shards(run, buffer, [(ttnn.CoreCoord(row // 4, row // 2 % 2), row % 2) for row in range(8)])


@program("shard.uneven", covers=["ShardSpecBuffer", "num_dev_pages"], needs=SHARDED, grid=(3, 1))
def shard_uneven(run: Run) -> None:
    """The last shard may be shorter: it keeps the room of its whole shape."""
    buffer = _sharded(run, ttnn.TensorMemoryLayout.HEIGHT_SHARDED, _line(3), (3, 1), (7, 1))
    run.check_host("pages on the device", buffer.num_dev_pages(), 9)
    _through_shards(run, buffer, [(ttnn.CoreCoord(row // 3, 0), row % 3) for row in range(7)])


@program("shard.sub_device", covers=["CreateBuffer", "sub_device_id"], needs=SHARDED, grid=(2, 1))
def shard_sub_device(run: Run) -> None:
    """Sub-device 0, the whole grid, takes sharded L1 buffers."""
    spec = ttnn.ShardSpecBuffer(_line(2), (2, 16), ttnn.ShardOrientation.ROW_MAJOR, (1, 16), (4, 1))
    config = ttnn.ShardedBufferConfig(run.device, 4 * PAGE, PAGE, L1, shard_parameters=spec)
    buffer = ttnn.CreateBuffer(config, sub_device_id=0)
    data = run.words(64)
    source = filled(run, data)
    reverse(run, source, buffer)
    run.check("pages", read(run, buffer), reversed_pages(data, PAGE))


@program("shard.dram", covers=["ShardedBufferConfig", "BufferType"], needs=SHARDED)
def shard_dram(run: Run) -> None:
    """A sharded DRAM buffer gives each bank its rows; bank b is the logical core (b, 0)."""
    spec = ttnn.ShardSpecBuffer(_line(3), (2, 32), ttnn.ShardOrientation.ROW_MAJOR, (1, 16), (6, 2))
    config = ttnn.ShardedBufferConfig(run.device, 12 * PAGE, PAGE, DRAM, ttnn.TensorMemoryLayout.HEIGHT_SHARDED, spec)
    buffer = ttnn.CreateBuffer(config)
    poison(run, buffer)
    data = run.words(12 * 16)
    source = filled(run, data)
    reverse(run, source, buffer)
    run.check("pages", read(run, buffer), reversed_pages(data, PAGE))


# ---------------------------------------------------------------------------------------------- N-D sharding


def _nd_sharded(run: Run, spec: ttnn.BufferDistributionSpec, pages: int) -> ttnn.Buffer:
    layout = ttnn.TensorMemoryLayout.ND_SHARDED
    buffer = ttnn.CreateBuffer(ttnn.ShardedBufferConfig(run.device, pages * PAGE, PAGE, L1, layout, spec))
    poison(run, buffer)
    return buffer


def _numbered(tensor: tuple[int, ...], shard: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return, page by page, the number of its shard, row by row, and its place in the shard."""
    counts = [-(-whole // part) for whole, part in zip(tensor, shard, strict=True)]
    found = []
    for page in np.ndindex(*tensor):
        number = inside = 0
        for axis, place in enumerate(page):
            number = number * counts[axis] + place // shard[axis]
            inside = inside * shard[axis] + place % shard[axis]
        found.append((number, inside))
    return found


@program("shard.nd_in_turn", covers=["BufferDistributionSpec", "ND_SHARDED"], needs=SHARDED, grid=(3, 1))
def shard_nd_in_turn(run: Run) -> None:
    """Shards of three dimensions go to the cores in turn; a core may hold several."""
    tensor, shard = (2, 4, 3), (1, 2, 2)
    buffer = _nd_sharded(run, ttnn.BufferDistributionSpec(tensor, shard, _line(3)), 24)
    places = [(ttnn.CoreCoord(number % 3, 0), number // 3 * 4 + inside) for number, inside in _numbered(tensor, shard)]
    _through_shards(run, buffer, places)


@program("shard.nd_in_runs", covers=["ShardDistributionStrategy", "ND_SHARDED"], needs=SHARDED, grid=(3, 1))
def shard_nd_in_runs(run: Run) -> None:
    """Dealt in runs, neighbouring shards stay on one core."""
    tensor, shard = (6, 2, 2), (1, 2, 1)
    strategy = ttnn.ShardDistributionStrategy.CONTIGUOUS_1D
    spec = ttnn.BufferDistributionSpec(tensor, shard, _line(3), ttnn.ShardOrientation.ROW_MAJOR, strategy)
    buffer = _nd_sharded(run, spec, 24)
    places = [(ttnn.CoreCoord(number // 4, 0), number % 4 * 2 + inside) for number, inside in _numbered(tensor, shard)]
    _through_shards(run, buffer, places)


@program("shard.nd_on_a_grid", covers=["ShardDistributionStrategy", "ND_SHARDED"], needs=SHARDED, grid=(3, 2))
def shard_nd_on_a_grid(run: Run) -> None:
    """Dealt onto a rectangle, rows of shards lie on rows of cores."""
    tensor, shard = (4, 6), (2, 2)
    strategy = ttnn.ShardDistributionStrategy.GRID_2D
    spec = ttnn.BufferDistributionSpec(tensor, shard, _block(3, 2), ttnn.ShardOrientation.ROW_MAJOR, strategy)
    buffer = _nd_sharded(run, spec, 24)
    places = [(ttnn.CoreCoord(number % 3, number // 3), inside) for number, inside in _numbered(tensor, shard)]
    _through_shards(run, buffer, places)
