"""Circular buffers: both spellings of the config, indices, sizes, updates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import tthal as ttnn
from tthal.device_interface import CircularBufferFormat, Limits
from tthal.errors import InvalidArgument, LimitExceeded, ObjectClosed, ProgramFrozen

CORE = ttnn.CoreCoord(0, 0)
BLOCK = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 3))
BF16, BFP8, FP32 = ttnn.DataFormat.Float16_b, ttnn.DataFormat.Bfp8_b, ttnn.DataFormat.Float32


@pytest.fixture
def program() -> ttnn.Program:
    return ttnn.CreateProgram()


@pytest.fixture
def device(null_backend: object) -> Iterator[ttnn.Device]:
    with ttnn.open_device(backend="null") as opened:
        yield opened


def l1_buffer(device: ttnn.Device, pages: int, page_size: int = 2048) -> ttnn.Buffer:
    config = ttnn.InterleavedBufferConfig(device, pages * page_size, page_size, ttnn.BufferType.L1)
    return ttnn.CreateBuffer(config)


def two_pages(index: int = 0) -> ttnn.CircularBufferConfig:
    return ttnn.CircularBufferConfig(4096, {index: BF16}).set_page_size(index, 2048)


# ---------------------------------------------------------------------------------------------- indices


def test_a_config_without_index_takes_the_lowest_free_one(program: ttnn.Program) -> None:
    config = ttnn.CircularBufferConfig(
        total_size=4096, page_size=2048, data_format=BF16, buffer_type=ttnn.BufferType.L1
    )
    ttnn.CreateCircularBuffer(program, CORE, two_pages(1))
    ids = [ttnn.CreateCircularBuffer(program, cores, config) for cores in (CORE, BLOCK, CORE)]
    assert ids == [1, 2, 3]
    assert [ttnn.GetCircularBufferConfig(program, each).buffer_indices for each in ids] == [(0,), (2,), (3,)]
    assert config.buffer_indices == ()
    assert (config.page_size, config.data_format, config.total_size) == (2048, BF16, 4096)


def test_indices_repeat_on_disjoint_cores_only(program: ttnn.Program) -> None:
    ttnn.CreateCircularBuffer(program, CORE, two_pages())
    ttnn.CreateCircularBuffer(program, ttnn.CoreCoord(1, 0), two_pages())
    with pytest.raises(InvalidArgument, match="index 0: core 0-0 already has one"):
        ttnn.CreateCircularBuffer(program, CORE, two_pages())
    assert len(program.circular_buffers) == 2


@pytest.mark.parametrize("limit", [32, 64])
def test_a_core_has_a_limited_number(limit: int) -> None:
    program = ttnn.CreateProgram(limits=Limits(circular_buffers=limit))
    config = ttnn.CircularBufferConfig(1024, 1024, BF16)
    for expected in range(limit):
        assert ttnn.CreateCircularBuffer(program, CORE, config) == expected
    with pytest.raises(LimitExceeded, match=f"index {limit} .*a core has {limit} circular buffers"):
        ttnn.CreateCircularBuffer(program, BLOCK, config)
    with pytest.raises((LimitExceeded, InvalidArgument), match=f"index {limit}"):
        ttnn.CreateCircularBuffer(program, CORE, two_pages(limit))


def test_the_portable_limit_is_the_default(program: ttnn.Program) -> None:
    assert ttnn.NUM_CIRCULAR_BUFFERS == 32
    ttnn.CreateCircularBuffer(program, CORE, two_pages(ttnn.CBIndex.c_31))
    with pytest.raises(LimitExceeded, match="index 32"):
        ttnn.CreateCircularBuffer(program, CORE, two_pages(ttnn.CBIndex.c_32))


@pytest.mark.parametrize("index", [64, -1, 1.0, "0"])
def test_indices_beyond_any_architecture_are_refused_at_once(index: object) -> None:
    with pytest.raises(InvalidArgument, match="circular buffer index"):
        ttnn.CircularBufferConfig(4096, {index: BF16})  # type: ignore[dict-item]


def test_several_indices_share_one_range(program: ttnn.Program) -> None:
    config = ttnn.CircularBufferConfig(4352, {24: BF16, 16: BFP8}).set_page_size(16, 1088).set_page_size(24, 2176)
    cb = ttnn.CreateCircularBuffer(program, CORE, config)
    assert program.image().circular_buffers[cb].formats == (
        CircularBufferFormat(16, BFP8),
        CircularBufferFormat(24, BF16),
    )
    assert program.launch_state().circular_buffers[cb].page_sizes == ((16, 1088), (24, 2176))


def test_the_builder_says_the_same(program: ttnn.Program) -> None:
    config = ttnn.CircularBufferConfig(64)
    config.index(3).set_total_size(2048).set_data_format(ttnn.DataType.BFLOAT16).set_page_size(1024).set_tile_dims(
        (16, 32)
    )
    ttnn.CreateCircularBuffer(program, CORE, config)
    assert program.image().circular_buffers[0].formats == (CircularBufferFormat(3, BF16, (16, 32)),)
    assert config.tiles[3] == (16, 32)
    assert config.page_sizes[3] == 1024
    assert config.data_formats[2:4] == (None, BF16)


# ---------------------------------------------------------------------------------------------- sizes and formats


@pytest.mark.parametrize(
    ("total", "page", "message"),
    [
        (3000, 2048, "3000 B must be divisible by page size 2048 B"),
        (4096, 0, "at least 1"),
        (4096, -16, "at least 1"),
        (65536 * 16, 16, "65536 is greater than 65535"),
        (1 << 32, 1 << 31, "32 bits"),
        (-1, 1, "0 or more"),
        (2048.0, 2048, "integer"),
        (2048, "2048", "integer"),
    ],
)
def test_impossible_sizes_are_refused_in_both_spellings(total: object, page: object, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        ttnn.CircularBufferConfig(total, page, BF16)  # type: ignore[call-overload]
    with pytest.raises(InvalidArgument, match=message):
        ttnn.CircularBufferConfig(total, {0: BF16}).set_page_size(0, page)  # type: ignore[call-overload]


@pytest.mark.parametrize(("total", "page"), [(100, 100), (65535 * 16, 16)])
def test_odd_but_legal_sizes_are_accepted(program: ttnn.Program, total: int, page: int) -> None:
    ttnn.CreateCircularBuffer(program, CORE, ttnn.CircularBufferConfig(total, page, BF16))


def test_a_circular_buffer_has_bytes(program: ttnn.Program) -> None:
    with pytest.raises(InvalidArgument, match="being created has no bytes"):
        ttnn.CreateCircularBuffer(program, CORE, ttnn.CircularBufferConfig(0, 2048, BF16))


def test_format_and_page_size_go_together(program: ttnn.Program) -> None:
    with pytest.raises(InvalidArgument, match=r"index 5 has no page size.*set_page_size\(5"):
        ttnn.CreateCircularBuffer(program, CORE, ttnn.CircularBufferConfig(4096, {5: BF16}))
    config = ttnn.CircularBufferConfig(4096)
    config.index(5).set_page_size(2048)
    with pytest.raises(InvalidArgument, match="index 5 has no data format"):
        ttnn.CreateCircularBuffer(program, CORE, config)
    with pytest.raises(InvalidArgument, match="both page_size and data_format"):
        ttnn.CircularBufferConfig(4096, 2048)  # type: ignore[call-overload]
    with pytest.raises(InvalidArgument, match=r"index 1 has no data format in this config \(declared: \[0\]\)"):
        two_pages().set_page_size(1, 2048)


@pytest.mark.parametrize("bad", [ttnn.DataFormat.Invalid, ttnn.DataType.INVALID, 5])
def test_unsupported_formats_are_refused(bad: object) -> None:
    with pytest.raises(InvalidArgument, match=r"unsupported data format|integer"):
        ttnn.CircularBufferConfig(4096, {0: bad})  # type: ignore[dict-item]


def test_circular_buffers_live_in_l1() -> None:
    with pytest.raises(InvalidArgument, match="live in L1"):
        ttnn.CircularBufferConfig(4096, 2048, BF16, ttnn.BufferType.DRAM)


def test_no_index_reserves_memory_only(program: ttnn.Program) -> None:
    ttnn.CreateCircularBuffer(program, CORE, ttnn.CircularBufferConfig(4096))
    assert program.image().circular_buffers[0].formats == ()
    assert program.launch_state().circular_buffers[0].total_size == 4096


# ---------------------------------------------------------------------------------------------- the created one


def test_the_config_is_copied_and_what_is_returned_is_live_and_read_only(program: ttnn.Program) -> None:
    config = two_pages()
    cb = ttnn.CreateCircularBuffer(program, CORE, config)
    config.set_total_size(8192)
    found = ttnn.GetCircularBufferConfig(program, cb)
    assert found.total_size == 4096
    ttnn.UpdateCircularBufferTotalSize(program, cb, 6144)
    assert found.total_size == 6144
    for change in (lambda: found.set_total_size(0), lambda: found.index(1).set_data_format(BF16)):
        with pytest.raises(InvalidArgument, match="read-only; use Update"):
            change()
    assert found.copy().set_total_size(2048).total_size == 2048


@pytest.mark.parametrize("handle", [1, -1, "0", None])
def test_unknown_handles_are_named(program: ttnn.Program, handle: object) -> None:
    ttnn.CreateCircularBuffer(program, CORE, two_pages())
    with pytest.raises(InvalidArgument, match=r"circular buffer (with )?id"):
        ttnn.GetCircularBufferConfig(program, handle)  # type: ignore[arg-type]


def test_sizes_change_between_launches_without_a_new_image(program: ttnn.Program) -> None:
    cb = ttnn.CreateCircularBuffer(program, CORE, two_pages())
    image = program.image()
    program.freeze()
    ttnn.UpdateCircularBufferTotalSize(program, cb, 3000)
    with pytest.raises(InvalidArgument, match=r"circular buffer 0, index 0: total .* 3000 B must be divisible"):
        program.launch_state()
    ttnn.UpdateCircularBufferPageSize(program, cb, 0, 1500)
    state = program.launch_state().circular_buffers[cb]
    assert (state.total_size, state.page_sizes) == (3000, ((0, 1500),))
    assert program.image() is image
    with pytest.raises(InvalidArgument, match="divisible"):
        ttnn.UpdateCircularBufferPageSize(program, cb, 0, 2048)
    with pytest.raises(InvalidArgument, match="does not use index 1"):
        ttnn.UpdateCircularBufferPageSize(program, cb, 1, 1500)
    with pytest.raises(ProgramFrozen, match="cannot add a circular buffer"):
        ttnn.CreateCircularBuffer(program, CORE, two_pages(1))


# ---------------------------------------------------------------------------------------------- in a buffer


def test_it_lies_in_a_buffer_and_has_a_format() -> None:
    with pytest.raises(TypeError, match="lies in a Buffer from CreateBuffer"):
        ttnn.CircularBufferConfig(2048).set_globally_allocated_address(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="unsupported data format 5"):
        ttnn.CircularBufferConfig(2048, 2048, 5)  # type: ignore[call-overload]


def test_one_can_lie_in_an_l1_buffer(program: ttnn.Program, device: ttnn.Device) -> None:
    buffer = l1_buffer(device, 128)
    config = ttnn.CircularBufferConfig(4096, {0: BF16}, buffer).set_page_size(0, 2048)
    cb = ttnn.CreateCircularBuffer(program, CORE, config)
    assert config.globally_allocated_address == buffer.address()
    state = program.launch_state()
    assert state.circular_buffers[cb].allocation == buffer.allocation
    assert state.allocations == (buffer.allocation,)


def test_it_must_fit_the_buffers_share_of_a_bank(program: ttnn.Program, device: ttnn.Device) -> None:
    buffer = l1_buffer(device, 65)  # 64 banks: two pages in each
    config = ttnn.CircularBufferConfig(6144, {0: BF16})
    with pytest.raises(InvalidArgument, match="6144 B at offset 0 is larger than its L1 buffer, which has 4096 B"):
        config.set_globally_allocated_address(buffer)
    two_pages().set_globally_allocated_address(buffer)
    for offset in (16, 8192):
        with pytest.raises(InvalidArgument, match=f"at offset {offset}"):
            two_pages().set_globally_allocated_address_and_total_size(buffer, 4096, offset)
    with pytest.raises(InvalidArgument, match="multiple of 16"):
        two_pages().set_globally_allocated_address_and_total_size(buffer, 2048, 8)
    shifted = two_pages().set_globally_allocated_address_and_total_size(buffer, 2048, 2048)
    assert shifted.globally_allocated_address == buffer.address() + 2048


def test_dram_buffers_hold_none(device: ttnn.Device, program: ttnn.Program) -> None:
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 4096, 2048, ttnn.BufferType.DRAM))
    with pytest.raises(InvalidArgument, match="only L1 buffers"):
        two_pages().set_globally_allocated_address(buffer)
    cb = ttnn.CreateCircularBuffer(program, CORE, two_pages())
    with pytest.raises(InvalidArgument, match="only L1 buffers"):
        ttnn.UpdateDynamicCircularBufferAddress(program, cb, buffer)
    with pytest.raises(TypeError, match="Buffer from CreateBuffer"):
        ttnn.UpdateDynamicCircularBufferAddress(program, cb, 4096)  # type: ignore[arg-type]


def test_the_buffer_changes_between_launches(device: ttnn.Device, program: ttnn.Program) -> None:
    cb = ttnn.CreateCircularBuffer(program, CORE, two_pages())
    first, second = l1_buffer(device, 128), l1_buffer(device, 256)
    program.freeze()
    ttnn.UpdateDynamicCircularBufferAddress(program, cb, first)
    assert program.launch_state().circular_buffers[cb].allocation == first.allocation
    with pytest.raises(InvalidArgument, match="larger than its L1 buffer"):
        ttnn.UpdateCircularBufferTotalSize(program, cb, 8192)
    ttnn.UpdateDynamicCircularBufferAddressAndTotalSize(program, cb, second, 6144, 2048)
    state = program.launch_state().circular_buffers[cb]
    assert (state.allocation, state.total_size, state.address_offset) == (second.allocation, 6144, 2048)


def test_a_deallocated_buffer_is_noticed_at_the_launch(device: ttnn.Device, program: ttnn.Program) -> None:
    buffer = l1_buffer(device, 128)
    config = ttnn.CircularBufferConfig(4096, {0: BF16}, buffer).set_page_size(0, 2048)
    ttnn.CreateCircularBuffer(program, CORE, config)
    program.launch_state()
    ttnn.DeallocateBuffer(buffer)
    with pytest.raises(ObjectClosed, match="was deallocated"):
        program.launch_state()


def test_the_config_must_be_one(program: ttnn.Program) -> None:
    with pytest.raises(TypeError, match="CircularBufferConfig, not dict"):
        ttnn.CreateCircularBuffer(program, CORE, {0: BF16})  # type: ignore[arg-type]
