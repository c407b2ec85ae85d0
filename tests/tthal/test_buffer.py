"""Buffers: validation, sizes, views, lifetimes, on the null device (12 DRAM banks, 64 L1 banks)."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

import tthal as ttnn
from tthal.errors import InvalidArgument, ObjectClosed, OutOfMemory, Unsupported

DRAM, L1 = ttnn.BufferType.DRAM, ttnn.BufferType.L1


@pytest.fixture
def device(null_backend: object) -> Iterator[ttnn.Device]:
    with ttnn.open_device(backend="null") as opened:
        yield opened


def interleaved(device: ttnn.Device, size: int = 8192, page: int = 2048, kind: ttnn.BufferType = DRAM) -> ttnn.Buffer:
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device=device, size=size, page_size=page, buffer_type=kind))


def shard_spec(cores: int = 4, pages: int = 2) -> ttnn.ShardSpecBuffer:
    grid = ttnn.CoreRangeSet(ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(cores - 1, 0)))
    return ttnn.ShardSpecBuffer(grid, (32 * pages, 32), ttnn.ShardOrientation.ROW_MAJOR, (32, 32), (cores * pages, 1))


def sharded(device: ttnn.Device, **changes: object) -> ttnn.ShardedBufferConfig:
    fields = {"size": 8 * 2048, "page_size": 2048, "shard_parameters": shard_spec(), **changes}
    return ttnn.ShardedBufferConfig(device=device, **fields)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------- interleaved


def test_sizes_of_an_interleaved_buffer(device: ttnn.Device) -> None:
    buffer = interleaved(device, 13 * 100, 100)
    assert (buffer.size(), buffer.page_size(), buffer.num_pages(), buffer.num_dev_pages()) == (1300, 100, 13, 13)
    assert (buffer.alignment(), buffer.aligned_page_size(), buffer.aligned_size()) == (32, 128, 13 * 128)
    assert buffer.aligned_size_per_bank() == 2 * 128  # 13 pages over 12 banks
    assert (buffer.is_dram(), buffer.is_l1(), buffer.buffer_type()) == (True, False, DRAM)
    assert buffer.buffer_layout() is ttnn.TensorMemoryLayout.INTERLEAVED


def test_sizes_of_an_l1_buffer(device: ttnn.Device) -> None:
    buffer = interleaved(device, 65 * 20, 20, L1)
    assert (buffer.alignment(), buffer.aligned_page_size(), buffer.aligned_size_per_bank()) == (16, 32, 64)
    assert (buffer.is_dram(), buffer.is_l1()) == (False, True)


def test_pages_go_round_the_banks(device: ttnn.Device) -> None:
    buffer = interleaved(device, 14 * 2048)
    assert buffer.page_mapping() == [(page % 12, page // 12) for page in range(14)]
    assert buffer.page_address(1, 13) == buffer.address() + 2048
    with pytest.raises(InvalidArgument, match=r"bank_id 12 is outside 0\.\.11"):
        buffer.page_address(12, 0)


def test_ids_are_unique(device: ttnn.Device) -> None:
    assert interleaved(device).unique_id() != interleaved(device).unique_id()


@pytest.mark.parametrize(
    ("size", "page", "message"),
    [
        (100, 32, "size 100 must be divisible by its page size 32"),
        (128, 0, "page_size .* at least 1"),
        (-4, 4, "0 or more"),
        (4.0, 4, "integer"),
        (4, None, "integer"),
    ],
)
def test_impossible_sizes_are_refused(device: ttnn.Device, size: object, page: object, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        interleaved(device, size, page)  # type: ignore[arg-type]


def test_impossible_configs_are_refused(device: ttnn.Device) -> None:
    with pytest.raises(InvalidArgument, match="device must not be None"):
        interleaved(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not dict"):
        ttnn.CreateBuffer({"size": 4})  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="buffer_type 9 is not a BufferType; choose one of DRAM, L1"):
        interleaved(device, kind=9)  # type: ignore[arg-type]
    with pytest.raises(Unsupported, match="SYSTEM_MEMORY"):
        interleaved(device, kind=ttnn.BufferType.SYSTEM_MEMORY)


def test_an_empty_buffer_takes_nothing(device: ttnn.Device) -> None:
    buffer = interleaved(device, 0, 0)
    assert (buffer.address(), buffer.num_pages(), buffer.is_allocated()) == (0, 0, True)
    assert ttnn.EnqueueReadBuffer(device.command_queue(), buffer).size == 0


def test_an_explicit_address_is_taken_as_it_is(device: ttnn.Device, null_backend) -> None:
    config = ttnn.InterleavedBufferConfig(device, 64, 32, DRAM)
    buffer = ttnn.CreateBuffer(config, address=0x1000)
    assert buffer.address() == 0x1000
    assert buffer.allocation.spec.address == 0x1000
    ttnn.DeallocateBuffer(buffer)
    assert buffer.is_allocated()
    with pytest.raises(InvalidArgument, match="address"):
        ttnn.CreateBuffer(config, address=-32)


# ---------------------------------------------------------------------------------------------- page size and views


def test_pages_of_another_size(device: ttnn.Device) -> None:
    buffer = interleaved(device, 24 * 64, 64)
    buffer.set_page_size(32)
    assert (buffer.num_pages(), buffer.allocation.spec.page_size) == (48, 32)
    with pytest.raises(InvalidArgument, match="divisible"):
        buffer.set_page_size(100)
    with pytest.raises(InvalidArgument, match=r"need .* reserved"):
        buffer.set_page_size(4)
    with pytest.raises(InvalidArgument, match="shard_parameters"):
        ttnn.CreateBuffer(sharded(device)).set_page_size(1024)


def test_a_view_is_a_run_of_pages(device: ttnn.Device) -> None:
    buffer = interleaved(device, 20 * 64, 64)
    view = buffer.view(ttnn.BufferRegion(offset=11 * 64, size=3 * 64))
    assert (view.size(), view.num_pages(), view.address()) == (192, 3, buffer.address())
    assert view.page_mapping() == [(11, 0), (0, 1), (1, 1)]
    inner = view.view(ttnn.BufferRegion(64, 64))
    assert (inner.root_buffer(), inner.root_buffer_offset()) == (buffer, 12 * 64)
    for region in (ttnn.BufferRegion(1, 64), ttnn.BufferRegion(0, 65), ttnn.BufferRegion(-64, 64)):
        with pytest.raises(InvalidArgument, match="multiples of the page size 64"):
            buffer.view(region)
    with pytest.raises(InvalidArgument, match="exceeds the buffer's 1280 bytes"):
        buffer.view(ttnn.BufferRegion(19 * 64, 128))
    ttnn.DeallocateBuffer(view)
    assert view.is_allocated()
    ttnn.DeallocateBuffer(buffer)
    assert not view.is_allocated()


# ---------------------------------------------------------------------------------------------- sharded


def test_sizes_of_a_sharded_buffer(device: ttnn.Device) -> None:
    buffer = ttnn.CreateBuffer(sharded(device))
    layout = buffer.shard_layout()
    assert layout is not None
    assert (buffer.buffer_type(), buffer.buffer_layout()) == (L1, ttnn.TensorMemoryLayout.HEIGHT_SHARDED)
    assert (buffer.num_dev_pages(), buffer.aligned_size_per_bank()) == (8, 4096)
    assert buffer.page_mapping() == [(page // 2, page % 2) for page in range(8)]
    assert buffer.allocation.spec.shards == layout


def test_padding_counts_on_the_device(device: ttnn.Device) -> None:
    grid = ttnn.CoreRangeSet(ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)))
    spec = ttnn.ShardSpecBuffer(grid, (64, 32), ttnn.ShardOrientation.ROW_MAJOR, (32, 32), (3, 1))
    buffer = ttnn.CreateBuffer(sharded(device, size=3 * 2048, shard_parameters=spec))
    assert (buffer.num_pages(), buffer.num_dev_pages(), buffer.aligned_size()) == (3, 4, 8192)


def test_sharding_needs_its_parameters(device: ttnn.Device) -> None:
    with pytest.raises(InvalidArgument, match="needs shard_parameters"):
        ttnn.CreateBuffer(sharded(device, shard_parameters=None))
    with pytest.raises(InvalidArgument, match="buffer_layout 1 is not a TensorMemoryLayout"):
        ttnn.CreateBuffer(sharded(device, buffer_layout=1))
    with pytest.raises(TypeError, match="ShardSpecBuffer, not dict"):
        ttnn.CreateBuffer(sharded(device, shard_parameters={}))
    with pytest.raises(InvalidArgument, match="8 pages, but size / page_size = 20480 / 2048 = 10"):
        ttnn.CreateBuffer(sharded(device, size=10 * 2048))
    with pytest.raises(InvalidArgument, match="HEIGHT_SHARDED, WIDTH_SHARDED or BLOCK_SHARDED"):
        ttnn.CreateBuffer(sharded(device, buffer_layout=ttnn.TensorMemoryLayout.INTERLEAVED))


def test_nd_sharding_takes_a_distribution(device: ttnn.Device) -> None:
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(2, 0))
    spec = ttnn.BufferDistributionSpec((2, 2, 3), (1, 2, 2), cores)
    nd = ttnn.TensorMemoryLayout.ND_SHARDED
    config = sharded(device, size=12 * 2048, buffer_layout=nd, shard_parameters=spec)
    buffer = ttnn.CreateBuffer(config)
    assert (buffer.buffer_layout(), buffer.shard_layout()) == (nd, spec.shard_layout())
    assert (buffer.num_pages(), buffer.num_dev_pages(), buffer.aligned_size_per_bank()) == (12, 24, 8 * 2048)
    assert buffer.page_mapping()[:5] == [(0, 0), (0, 1), (1, 0), (0, 2), (0, 3)]
    with pytest.raises(InvalidArgument, match=r"ND_SHARDED buffer needs shard_parameters=BufferDistributionSpec"):
        ttnn.CreateBuffer(sharded(device, buffer_layout=nd))
    with pytest.raises(InvalidArgument, match=r"HEIGHT_SHARDED buffer needs .*; buffer_layout=.*ND_SHARDED takes"):
        ttnn.CreateBuffer(sharded(device, size=12 * 2048, shard_parameters=spec))
    with pytest.raises(InvalidArgument, match="12 pages, but size / page_size"):
        ttnn.CreateBuffer(sharded(device, buffer_layout=nd, shard_parameters=spec))


def test_the_device_is_a_device() -> None:
    with pytest.raises(TypeError, match="device must be what open_device"):
        ttnn.CreateBuffer(ttnn.InterleavedBufferConfig("emulator", 64, 32, DRAM))  # type: ignore[arg-type]


def test_shard_cores_need_a_bank(device: ttnn.Device) -> None:
    with pytest.raises(InvalidArgument, match=r"shard core \(8, 0\) has no L1 bank on this device, which has 64"):
        ttnn.CreateBuffer(sharded(device, size=9 * 4096, shard_parameters=shard_spec(9)))
    ttnn.CreateBuffer(sharded(device, size=12 * 4096, shard_parameters=shard_spec(12), buffer_type=DRAM))
    with pytest.raises(InvalidArgument, match=r"shard core \(12, 0\) has no DRAM bank"):
        ttnn.CreateBuffer(sharded(device, size=13 * 4096, shard_parameters=shard_spec(13), buffer_type=DRAM))


def test_sub_devices_go_with_sharded_l1(device: ttnn.Device) -> None:
    assert ttnn.CreateBuffer(sharded(device), sub_device_id=0).size() == 8 * 2048
    with pytest.raises(InvalidArgument, match="no sub-device 1"):
        ttnn.CreateBuffer(sharded(device), sub_device_id=1)
    with pytest.raises(InvalidArgument, match="to be L1"):
        ttnn.CreateBuffer(sharded(device, buffer_type=DRAM), sub_device_id=0)
    with pytest.raises(InvalidArgument, match="to be sharded"):
        ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 64, 32, L1), sub_device_id=0)


# ---------------------------------------------------------------------------------------------- lifetimes


def live(null_backend, device: ttnn.Device) -> int:
    """How many buffers the driver holds when an allocation has made the device carry out what was queued."""
    ttnn.synchronize_device(device)
    interleaved(device, 64, 64)
    return len(null_backend.opened[-1].live)


def test_a_buffer_frees_itself_with_its_last_reference(device: ttnn.Device, null_backend) -> None:
    nothing = live(null_backend, device)
    buffer = interleaved(device)
    alias = buffer
    assert live(null_backend, device) == nothing + 1
    del buffer
    assert live(null_backend, device) == nothing + 1
    del alias
    assert live(null_backend, device) == nothing


def test_deallocating_twice_frees_once_and_forbids_commands(device: ttnn.Device, null_backend) -> None:
    nothing = live(null_backend, device)
    buffer = interleaved(device)
    address = buffer.address()
    ttnn.DeallocateBuffer(buffer)
    ttnn.DeallocateBuffer(buffer)
    assert live(null_backend, device) == nothing
    assert buffer.address() == address
    assert not buffer.is_allocated()
    with pytest.raises(ObjectClosed, match="deallocated"):
        _ = buffer.allocation
    with pytest.raises(ObjectClosed):
        ttnn.AssignGlobalBufferToProgram(buffer, ttnn.CreateProgram())


def test_a_program_keeps_its_buffers(device: ttnn.Device, null_backend) -> None:
    nothing = live(null_backend, device)
    buffer, program = interleaved(device), ttnn.CreateProgram()
    ttnn.AssignGlobalBufferToProgram(buffer, program)
    assert program.launch_state().allocations == (buffer.allocation,)
    del buffer
    assert live(null_backend, device) == nothing + 1
    ttnn.DeallocateBuffer(program.owned_buffers[0])
    assert live(null_backend, device) == nothing
    assert program.launch_state().allocations == ()


def test_a_program_gives_its_buffers_back_at_once(device: ttnn.Device, null_backend) -> None:
    nothing = live(null_backend, device)
    program = ttnn.CreateProgram()
    kernel = ttnn.CreateKernelFromString(program, "", ttnn.CoreCoord(0, 0))
    ttnn.SetRuntimeArgs(program, kernel, ttnn.CoreCoord(0, 0), [1])
    ttnn.AssignGlobalBufferToProgram(interleaved(device), program)
    gc.disable()
    try:
        assert live(null_backend, device) == nothing + 1
        del program
        assert live(null_backend, device) == nothing
    finally:
        gc.enable()


def test_a_view_keeps_its_buffer(device: ttnn.Device, null_backend) -> None:
    nothing = live(null_backend, device)
    view = interleaved(device).view(ttnn.BufferRegion(0, 2048))
    assert live(null_backend, device) == nothing + 1
    assert view.is_allocated()


def test_after_closing_there_is_nothing_left_to_use(null_backend: object) -> None:
    device = ttnn.open_device(backend="null")
    buffer = interleaved(device)
    device.close()
    with pytest.raises(ObjectClosed, match=r"device of .* is closed"):
        _ = buffer.allocation
    with pytest.raises(ObjectClosed):
        interleaved(device)
    ttnn.DeallocateBuffer(buffer)


def test_no_room_is_an_error(null_backend: object) -> None:
    with (
        ttnn.open_device(backend="null?memory=4096") as device,
        pytest.raises(OutOfMemory, match="4096 bytes left, 8192 are wanted"),
    ):
        interleaved(device)
