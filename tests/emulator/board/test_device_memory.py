"""Buffers between host and banks, against an oracle that moves one page at a time."""

from __future__ import annotations

import sys
from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthal.coordinates import CoreCoord, corerange_to_cores
from tthal.coordinates import CoreRange as Range
from tthal.device_interface import Allocation, BufferSpec, ShardLayout
from tthal.errors import InvalidArgument
from tthal.types import BufferType, DispatchMode, ShardDistributionStrategy, ShardOrientation, TensorMemoryLayout
from tthal_emulator.board.boards import find_board
from tthal_emulator.board.device_memory import DeviceMemory
from tthal_emulator.board.machine import Machine

ROW, COL = ShardOrientation.ROW_MAJOR, ShardOrientation.COL_MAJOR
L1_BASE = 120_000
DRAM_BASE = 1_048_704
FILLER = 0xEE


def device(board: str = "n150", dispatch: DispatchMode = DispatchMode.FAST) -> DeviceMemory:
    machine = Machine(find_board(board), dispatch)
    return DeviceMemory(machine, np.zeros((machine.num_cores, machine.chip.l1_size), np.uint8))


@pytest.fixture(scope="module")
def memory() -> DeviceMemory:
    return device()


def host_data(size: int) -> np.ndarray:
    return np.random.default_rng(size).integers(0, 256, size, np.uint8)


def place(spec: BufferSpec) -> Allocation:
    return Allocation(1, L1_BASE if spec.buffer_type.is_l1 else DRAM_BASE, spec)


def bank_bytes(memory: DeviceMemory, spec: BufferSpec, core: CoreCoord) -> np.ndarray:
    """The bank's memory from the buffer's address on; for DRAM the core's x is the bank."""
    if spec.buffer_type.is_l1:
        return memory.l1[core.y * memory.machine.grid.x + core.x][L1_BASE:]
    return memory.dram[core.x][DRAM_BASE:]


def check(memory: DeviceMemory, spec: BufferSpec, where: dict[int, tuple[CoreCoord, int]], extent: int) -> None:
    """Write, compare every page and every byte between pages, read back; ``where`` maps page to (bank, offset)."""
    allocation, data = place(spec), host_data(spec.size)
    banks = sorted({core for core, _ in where.values()})
    for core in banks:
        bank_bytes(memory, spec, core)[:extent] = FILLER
    memory.write_buffer(allocation, memoryview(data))
    expected = {core: np.full(extent, FILLER, np.uint8) for core in banks}
    for page, (core, offset) in where.items():
        expected[core][offset : offset + spec.page_size] = data[page * spec.page_size :][: spec.page_size]
    for core in banks:
        np.testing.assert_array_equal(bank_bytes(memory, spec, core)[:extent], expected[core])
    out = np.zeros_like(data)
    memory.read_buffer(allocation, memoryview(out))
    np.testing.assert_array_equal(out, data)


def stride_of(spec: BufferSpec, board: str) -> int:
    alignment = 16 if spec.buffer_type.is_l1 else (32 if board.startswith("n") else 64)
    return (spec.page_size + alignment - 1) // alignment * alignment


PAGE_SIZES = (2048, 1088, 20, 4, 1)
COUNTS = (1, 11, 12, 13, 64, 65, 150)


@pytest.mark.parametrize("buffer_type", [BufferType.DRAM, BufferType.L1])
@pytest.mark.parametrize("board", ["n150", "p100"])
def test_interleaved_pages_go_round_the_banks(board: str, buffer_type: BufferType) -> None:
    memory = device(board)
    l1_cores = memory.machine.properties(frozenset(), ()).l1_banks
    banks = len(l1_cores) if buffer_type.is_l1 else len(memory.dram)
    for count, page_size in product(COUNTS, PAGE_SIZES):
        spec = BufferSpec(count * page_size, page_size, buffer_type)
        stride = stride_of(spec, board)
        where = {
            page: (l1_cores[page % banks] if buffer_type.is_l1 else CoreCoord(page % banks, 0), page // banks * stride)
            for page in range(count)
        }
        check(memory, spec, where, (count // banks + 1) * stride)


def test_odd_wormhole_banks_are_the_upper_halves_of_their_channels(memory: DeviceMemory) -> None:
    for bank in range(12):
        memory.write_dram(bank, DRAM_BASE, memoryview(bytes([100 + bank])))
    for channel in range(6):
        assert memory.channels[channel][DRAM_BASE] == 100 + 2 * channel
        assert memory.channels[channel][DRAM_BASE + (1 << 30)] == 101 + 2 * channel


def test_p100_has_no_channel_3() -> None:
    assert sorted(device("p100").channels) == [0, 1, 2, 4, 5, 6, 7]


def naive_shards(layout: ShardLayout, stride: int) -> tuple[dict[int, tuple[CoreCoord, int]], int]:
    """Find every page by dividing its coordinates; return where it is, and the bytes that every core sets apart."""
    counts = [-(-t // s) for t, s in zip(layout.tensor_shape, layout.shard_shape, strict=True)]
    volume, banks = prod(layout.shard_shape), len(layout.cores)
    where = {}
    for page, coordinate in enumerate(np.ndindex(*layout.tensor_shape)):
        shard, slot = 0, 0
        for c, size, count in zip(coordinate, layout.shard_shape, counts, strict=True):
            shard = shard * count + c // size
            slot = slot * size + c % size
        if layout.strategy is ShardDistributionStrategy.CONTIGUOUS_1D:
            per_bank = prod(counts) // banks
            bank, nth = shard // per_bank, shard % per_bank
        else:
            bank, nth = shard % banks, shard // banks
        where[page] = (layout.cores[bank], (nth * volume + slot) * stride)
    return where, -(-prod(counts) // banks) * volume * stride


def sharded(layout: ShardLayout, kind: TensorMemoryLayout, page_size: int, buffer_type: BufferType) -> BufferSpec:
    return BufferSpec(prod(layout.tensor_shape) * page_size, page_size, buffer_type, kind, layout)


def grid_cores(columns: int, rows: int, orientation: ShardOrientation = ROW) -> tuple[CoreCoord, ...]:
    box = Range(CoreCoord(1, 2), CoreCoord(columns, rows + 1))
    return tuple(corerange_to_cores(box, row_wise=orientation is ROW))


LEGACY = [
    (TensorMemoryLayout.HEIGHT_SHARDED, ShardLayout(grid_cores(3, 2), (11, 4), (2, 4))),
    (TensorMemoryLayout.HEIGHT_SHARDED, ShardLayout(grid_cores(3, 2, COL), (12, 1), (2, 1), COL)),
    (TensorMemoryLayout.WIDTH_SHARDED, ShardLayout(grid_cores(2, 2), (3, 7), (3, 2))),
    (TensorMemoryLayout.WIDTH_SHARDED, ShardLayout(grid_cores(2, 2, COL), (3, 8), (3, 2), COL)),
    (TensorMemoryLayout.BLOCK_SHARDED, ShardLayout(grid_cores(2, 2), (3, 3), (2, 2))),
    (TensorMemoryLayout.BLOCK_SHARDED, ShardLayout(grid_cores(2, 3, COL), (4, 5), (2, 2), COL)),
]
GRIDS = [
    ShardLayout(grid_cores(4, 3), (5, 6), (2, 2), ROW, ShardDistributionStrategy.GRID_2D),
    ShardLayout(grid_cores(4, 3, COL), (7, 5), (2, 2), COL, ShardDistributionStrategy.GRID_2D),
    ShardLayout(grid_cores(3, 3), (5, 6), (2, 2), ROW, ShardDistributionStrategy.GRID_2D),
]


@pytest.mark.parametrize(
    ("kind", "layout"), [*LEGACY, *((TensorMemoryLayout.BLOCK_SHARDED, layout) for layout in GRIDS)]
)
@pytest.mark.parametrize("page_size", [2048, 20])
def test_sharded_layouts(memory: DeviceMemory, kind: TensorMemoryLayout, layout: ShardLayout, page_size: int) -> None:
    spec = sharded(layout, kind, page_size, BufferType.L1)
    where, extent = naive_shards(layout, stride_of(spec, "n150"))
    check(memory, spec, where, extent)


def test_padding_slots_keep_their_place(memory: DeviceMemory) -> None:
    # 3x3 pages in 2x2 shards: the second core holds page 2 in slot 0 and page 5 in slot 2 (host-api.md §4).
    layout = ShardLayout(grid_cores(2, 2), (3, 3), (2, 2))
    spec = sharded(layout, TensorMemoryLayout.BLOCK_SHARDED, 16, BufferType.L1)
    data = np.repeat(np.arange(9, dtype=np.uint8), 16)
    core = bank_bytes(memory, spec, layout.cores[1])
    core[:64] = FILLER
    memory.write_buffer(place(spec), memoryview(data))
    assert core[:64:16].tolist() == [2, FILLER, 5, FILLER]


def test_round_robin_deals_shards_like_cards(memory: DeviceMemory) -> None:
    # Three shards on two cores: 0 and 2 on the first, 1 on the second (host-api.md §4).
    layout = ShardLayout(grid_cores(2, 1), (3, 1), (1, 1))
    spec = sharded(layout, TensorMemoryLayout.ND_SHARDED, 16, BufferType.L1)
    memory.write_buffer(place(spec), memoryview(np.repeat(np.array([10, 11, 12], np.uint8), 16)))
    assert bank_bytes(memory, spec, layout.cores[0])[:32:16].tolist() == [10, 12]
    assert bank_bytes(memory, spec, layout.cores[1])[0] == 11


@st.composite
def nd_layouts(draw: st.DrawFn) -> ShardLayout:
    rank = draw(st.integers(1, 4))
    shape = tuple(draw(st.integers(1, 5)) for _ in range(rank))
    shard = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    orientation = draw(st.sampled_from([ROW, COL]))
    cores = grid_cores(draw(st.integers(1, 3)), draw(st.integers(1, 3)), orientation)
    total = prod(-(-t // s) for t, s in zip(shape, shard, strict=True))
    divides = total % len(cores) == 0
    contiguous = divides and draw(st.booleans())
    strategy = ShardDistributionStrategy.CONTIGUOUS_1D if contiguous else ShardDistributionStrategy.ROUND_ROBIN_1D
    return ShardLayout(cores, shape, shard, orientation, strategy)


@settings(max_examples=120, deadline=None)
@given(layout=nd_layouts(), page_size=st.sampled_from([32, 20, 1, 2048]), in_l1=st.booleans())
def test_nd_sharding(memory: DeviceMemory, layout: ShardLayout, page_size: int, in_l1: bool) -> None:
    if not in_l1:
        banks = tuple(CoreCoord(bank, 0) for bank in range(len(layout.cores)))
        layout = ShardLayout(banks, layout.tensor_shape, layout.shard_shape, strategy=layout.strategy)
    spec = sharded(layout, TensorMemoryLayout.ND_SHARDED, page_size, BufferType.L1 if in_l1 else BufferType.DRAM)
    where, extent = naive_shards(layout, stride_of(spec, "n150"))
    check(memory, spec, where, extent)


TWO = (CoreCoord(0, 0), CoreCoord(1, 0))
GRID_2D, CONTIGUOUS = ShardDistributionStrategy.GRID_2D, ShardDistributionStrategy.CONTIGUOUS_1D
BAD_LAYOUTS = [
    (TensorMemoryLayout.HEIGHT_SHARDED, ShardLayout((CoreCoord(8, 0),), (1, 1), (1, 1)), r"\(8, 0\) has no L1 bank"),
    (TensorMemoryLayout.HEIGHT_SHARDED, ShardLayout(TWO, (3, 1), (1, 1)), "must not exceed number of cores 2"),
    (TensorMemoryLayout.HEIGHT_SHARDED, ShardLayout((), (3, 1), (1, 1)), "at least one core"),
    (TensorMemoryLayout.ND_SHARDED, ShardLayout(TWO, (3, 1), (1,)), "same rank"),
    (TensorMemoryLayout.ND_SHARDED, ShardLayout(TWO, (3, 1), (0, 1)), "positive"),
    (TensorMemoryLayout.ND_SHARDED, ShardLayout((*TWO, TWO[0]), (3,), (1,)), "listed twice"),
    (TensorMemoryLayout.ND_SHARDED, ShardLayout(TWO, (3,), (1,), strategy=CONTIGUOUS), "do not divide"),
    (TensorMemoryLayout.ND_SHARDED, ShardLayout(TWO, (3, 1), (1, 1), ROW, GRID_2D), "must not exceed number of cores"),
]


@pytest.mark.parametrize(("kind", "layout", "message"), BAD_LAYOUTS)
def test_impossible_shard_layouts(
    memory: DeviceMemory, kind: TensorMemoryLayout, layout: ShardLayout, message: str
) -> None:
    spec = sharded(layout, kind, 16, BufferType.L1)
    with pytest.raises(InvalidArgument, match=message):
        memory.write_buffer(place(spec), memoryview(bytes(spec.size)))


def test_shapes_must_hold_as_many_pages_as_the_buffer(memory: DeviceMemory) -> None:
    spec = BufferSpec(64, 16, BufferType.L1, TensorMemoryLayout.ND_SHARDED, ShardLayout(TWO, (3,), (1,)))
    with pytest.raises(InvalidArgument, match="3 pages, the buffer has 4"):
        memory.write_buffer(place(spec), memoryview(bytes(64)))


def test_dram_shards_live_in_banks_of_the_first_row(memory: DeviceMemory) -> None:
    layout = ShardLayout((CoreCoord(12, 0),), (1,), (1,))
    spec = sharded(layout, TensorMemoryLayout.ND_SHARDED, 16, BufferType.DRAM)
    with pytest.raises(InvalidArgument, match="has no DRAM bank on this device, which has 12"):
        memory.write_buffer(place(spec), memoryview(bytes(16)))


def test_explicit_addresses_are_checked_when_used(memory: DeviceMemory) -> None:
    spec = BufferSpec(65 * 32, 32, BufferType.L1, address=1_499_136 - 32)
    with pytest.raises(InvalidArgument, match="ends at 1499168 in its banks, which have 1499136"):
        memory.write_buffer(Allocation(1, 1_499_136 - 32, spec), memoryview(bytes(spec.size)))
    fits = BufferSpec(64 * 32, 32, BufferType.L1, address=1_499_136 - 32)
    memory.write_buffer(Allocation(1, 1_499_136 - 32, fits), memoryview(bytes(fits.size)))


def test_host_data_must_be_as_long_as_the_buffer(memory: DeviceMemory) -> None:
    spec = BufferSpec(64, 32, BufferType.DRAM)
    with pytest.raises(InvalidArgument, match="63 B of host data for a buffer of 64 B"):
        memory.write_buffer(place(spec), memoryview(bytes(63)))


def test_an_empty_buffer_moves_nothing(memory: DeviceMemory) -> None:
    memory.write_buffer(Allocation(1, 0, BufferSpec(0, 0, BufferType.L1)), memoryview(b""))


def test_raw_access(memory: DeviceMemory) -> None:
    core = CoreCoord(3, 5)
    memory.write_l1(core, 1_499_136 - 4, memoryview(b"last"))
    assert memory.read_l1(core, 1_499_136 - 4, 4) == b"last"
    assert memory.l1[5 * 8 + 3][1_499_136 - 4 :].tobytes() == b"last"
    memory.write_dram(7, 2_000_000, memoryview(b"bank seven"))
    assert memory.read_dram(7, 2_000_000, 10) == b"bank seven"
    assert memory.read_dram(0, 0, 4) == b"\0\0\0\0"


def test_raw_access_outside_is_refused(memory: DeviceMemory) -> None:
    with pytest.raises(InvalidArgument, match="past the end of L1 of core 0-0, which has 1499136"):
        memory.write_l1(CoreCoord(0, 0), 1_499_136 - 3, memoryview(b"last"))
    with pytest.raises(InvalidArgument, match="compute grid"):
        memory.read_l1(CoreCoord(0, 8), 0, 4)
    with pytest.raises(InvalidArgument, match="no DRAM bank 12"):
        memory.read_dram(12, 0, 4)
    with pytest.raises(InvalidArgument, match="past the end of DRAM bank 0"):
        memory.read_dram(0, 1 << 30, 1)
    with pytest.raises(InvalidArgument, match="past the end"):
        memory.read_dram(0, -4, 4)
    with pytest.raises(InvalidArgument, match="reserved DRAM region"):
        memory.write_dram(0, 1_048_636, memoryview(b"text"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_untouched_dram_costs_nothing() -> None:
    def resident() -> int:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * 4096

    before = resident()
    memory = device("p150")
    assert sum(len(bank) for bank in memory.dram) == 8 * 4080 << 20
    assert resident() - before < 64 << 20
    memory.close()


def test_one_l1_array_per_core_is_required() -> None:
    with pytest.raises(InvalidArgument, match="3 L1 arrays for 64 cores"):
        DeviceMemory(Machine(find_board("n150")), np.zeros((3, 16), np.uint8))
