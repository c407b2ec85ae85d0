"""Buffer addresses: the measured ones, and any sequence of calls against a naive map of granules."""

from __future__ import annotations

import itertools
import re
from functools import partial

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from interrupting import interrupted

from tthal.coordinates import CoreCoord
from tthal.device_interface import BufferSpec, ShardLayout
from tthal.errors import InvalidArgument, OutOfMemory
from tthal.types import BufferType, TensorMemoryLayout
from tthal_emulator.board.allocator import BufferAllocator, Region
from tthal_emulator.board.boards import find_board
from tthal_emulator.board.machine import Machine

TILE = 2048


def allocator(board: str = "n150", **options: int) -> BufferAllocator:
    return BufferAllocator(Machine(find_board(board), **options))


def pages(count: int, buffer_type: BufferType = BufferType.DRAM, page_size: int = TILE) -> BufferSpec:
    return BufferSpec(count * page_size, page_size, buffer_type)


def small(size: int = TILE) -> BufferSpec:
    """A page on one core."""
    shards = ShardLayout((CoreCoord(0, 0),), (1, 1), (1, 1))
    return BufferSpec(size, size, BufferType.L1_SMALL, TensorMemoryLayout.HEIGHT_SHARDED, shards)


def test_measured_dram_addresses() -> None:
    memory = allocator()
    buffers = [memory.allocate(pages(count)) for count in (1, 12, 13, 24, 1)]
    assert [buffer.address for buffer in buffers] == [1048640, 1050688, 1052736, 1056832, 1060928]
    memory.free(buffers[1])
    memory.free(buffers[2])
    assert memory.allocate(pages(1)).address == 1050688


def test_measured_l1_addresses() -> None:
    memory = allocator()
    addresses = [memory.allocate(pages(count, BufferType.L1)).address for count in (1, 64, 65, 1)]
    assert addresses == [1497088, 1495040, 1490944, 1488896]
    assert memory.allocate(pages(3, BufferType.L1, page_size=20)).address == 1488864


def test_a_word_in_l1_takes_a_granule_of_the_dram_alignment() -> None:
    # The first global semaphore of a device (host-api.md §1.5).
    assert allocator().allocate(pages(1, BufferType.L1, page_size=4)).address == 1499104
    assert allocator("p150").allocate(pages(1, BufferType.L1, page_size=4)).address == 1572864 - 64


def test_blackhole_starts_at_its_own_base_and_rounds_to_64() -> None:
    memory = allocator("p150")
    assert [memory.allocate(pages(1, page_size=32)).address for _ in range(2)] == [1048704, 1048768]


def test_eight_shards_take_the_address_on_every_core() -> None:
    memory = allocator()
    shards = ShardLayout(tuple(CoreCoord(x, 0) for x in range(8)), (16, 2), (2, 2))
    spec = BufferSpec(32 * TILE, TILE, BufferType.L1, TensorMemoryLayout.HEIGHT_SHARDED, shards)
    assert memory.allocate(spec).address == 1499136 - 4 * TILE
    assert memory.allocate(pages(1, BufferType.L1)).address == 1499136 - 5 * TILE


def test_l1_small_lies_on_top_and_l1_just_below() -> None:
    memory = allocator(l1_small_size=32768)
    assert memory.allocate(pages(1, BufferType.L1)).address == 1499136 - 32768 - TILE
    assert memory.allocate(small()).address == 1499136 - TILE
    with pytest.raises(OutOfMemory, match="l1_small_size"):
        allocator().allocate(small())


@pytest.mark.parametrize(
    ("board", "l1_small_size", "address"),
    [("n150", 1000, 1496064), ("n150", 32768, 1464320), ("p150", 1000, 1569792), ("p150", 32768, 1538048)],
)
def test_measured_l1_addresses_below_l1_small(board: str, l1_small_size: int, address: int) -> None:
    # Read from the vendor's library 0.81.1 on its mock device.
    assert allocator(board, l1_small_size=l1_small_size).allocate(pages(1, BufferType.L1)).address == address


def test_l1_small_takes_sharded_buffers_only() -> None:
    with pytest.raises(InvalidArgument, match="L1_SMALL only supports sharded allocations"):
        allocator(l1_small_size=32768).allocate(pages(1, BufferType.L1_SMALL))


def test_a_trace_region_shortens_dram_as_measured() -> None:
    assert allocator("p150", trace_region_size=1_000_000).statistics(BufferType.DRAM).size == 4277010304


def test_trace_buffers_have_their_own_region_at_the_end_of_dram() -> None:
    memory = allocator(trace_region_size=1_000_000)
    assert memory.allocate(pages(1, BufferType.TRACE, page_size=8192)).address == (1 << 30) - 90_112
    with pytest.raises(OutOfMemory, match="trace_region_size"):
        memory.allocate(pages(12 * 12, BufferType.TRACE, page_size=8192))


def test_direction_can_be_chosen() -> None:
    memory = allocator()
    spec = pages(1, BufferType.L1)
    upward = BufferSpec(spec.size, spec.page_size, spec.buffer_type, bottom_up=True)
    assert memory.allocate(upward).address == 105824


def test_all_of_l1_can_be_taken_and_no_more() -> None:
    memory = allocator()
    whole = pages(64, BufferType.L1, page_size=1_393_312)
    assert memory.allocate(whole).address == 105824
    with pytest.raises(OutOfMemory):
        memory.allocate(pages(1, BufferType.L1, page_size=4))


def test_out_of_memory_says_what_the_vendor_says() -> None:
    memory = allocator()
    memory.allocate(pages(64, BufferType.L1, page_size=1_000_000))
    expected = (
        "Out of Memory: Not enough space to allocate 128000000 B L1 buffer across 64 banks, where each bank needs to "
        "store 2000000 B, but bank size is 1393312 B (allocated: 1000000 B, free: 393312 B, largest free block: "
        "393312 B)"
    )
    with pytest.raises(OutOfMemory, match=re.escape(expected)):
        memory.allocate(pages(128, BufferType.L1, page_size=1_000_000))
    # Sizes count the padding between pages, but not the allocator's granule.
    with pytest.raises(OutOfMemory, match=re.escape("204800000 B L1 buffer across 64 banks, where each bank needs to")):
        memory.allocate(pages(6_400_000, BufferType.L1, page_size=20))
    with pytest.raises(OutOfMemory, match=re.escape("allocate 100800000 B L1 buffer across 64 banks")) as raised:
        memory.allocate(pages(6_300_000, BufferType.L1, page_size=4))
    assert "each bank needs to store 1575008 B" in str(raised.value)
    assert memory.statistics(BufferType.L1).allocated == 1_000_000


def test_freeing_twice_and_reuse_do_no_harm() -> None:
    memory = allocator()
    first = memory.allocate(pages(1))
    memory.free(first)
    second = memory.allocate(pages(1))
    memory.free(first)
    third = memory.allocate(pages(1))
    assert (second.address, third.address) == (1048640, 1050688)
    assert len({first.id, second.id, third.id}) == 3


def test_explicit_addresses_reserve_nothing() -> None:
    memory = allocator()
    placed = memory.allocate(BufferSpec(TILE, TILE, BufferType.DRAM, address=1048640))
    assert placed.address == 1048640
    assert memory.allocate(pages(1)).address == 1048640
    memory.free(placed)
    assert memory.allocate(pages(1)).address == 1050688
    with pytest.raises(InvalidArgument, match="32-bit"):
        memory.allocate(BufferSpec(TILE, TILE, BufferType.DRAM, address=1 << 32))


def test_an_empty_buffer_lies_at_0_and_takes_nothing() -> None:
    memory = allocator()
    assert memory.allocate(BufferSpec(0, 0, BufferType.L1)).address == 0
    assert memory.lowest_l1_address() is None


@pytest.mark.parametrize("freed", [0, 1, 2])
def test_an_interrupt_at_any_line_loses_no_memory(freed: int) -> None:
    """Of three buffers one is given back, and another made: both are what they were, or what they were to be."""
    for line in itertools.count(1):
        memory = allocator()
        buffers = [memory.allocate(pages(12 * count)) for count in (1, 2, 3)]
        size = memory.statistics(BufferType.DRAM).free
        one_of_both = interrupted(partial(memory.free, buffers[freed]), "board", line)
        memory.free(buffers[freed])
        assert memory.statistics(BufferType.DRAM).free == size + (freed + 1) * TILE
        one_of_both |= interrupted(partial(memory.allocate, pages(12)), "board", line)
        assert memory.statistics(BufferType.DRAM).free in (size + freed * TILE, size + (freed + 1) * TILE)
        assert memory.allocate(pages(24)).address >= buffers[0].address
        if not one_of_both:
            break
    assert line > 10


def test_lowest_l1_address_follows_both_l1_regions() -> None:
    memory = allocator(l1_small_size=32768)
    upper = memory.allocate(small())
    assert memory.lowest_l1_address() == upper.address
    large = memory.allocate(pages(1, BufferType.L1))
    assert memory.lowest_l1_address() == large.address
    memory.free(large)
    assert memory.lowest_l1_address() == upper.address


BAD_SPECS = [
    (BufferSpec(100, 64, BufferType.DRAM), "not a multiple"),
    (BufferSpec(100, 0, BufferType.DRAM), "needs a page size"),
    (BufferSpec(-4, 4, BufferType.DRAM), "negative"),
    (BufferSpec(64, 64, BufferType.SYSTEM_MEMORY), "SYSTEM_MEMORY"),
    (BufferSpec(64, 64, BufferType.L1, TensorMemoryLayout.HEIGHT_SHARDED), "needs a shard layout"),
    (BufferSpec(64, 64, BufferType.L1, shards=ShardLayout((CoreCoord(0, 0),), (1,), (1,))), "takes no shard layout"),
]


@pytest.mark.parametrize(("spec", "message"), BAD_SPECS)
def test_inconsistent_specifications(spec: BufferSpec, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        allocator().allocate(spec)


GRANULE = 32
SLOTS = 40
BASE = 1000 * GRANULE


class RegionAgainstBitmap(RuleBasedStateMachine):
    """First fit over a plain list of granules, searched from either end."""

    blocks = Bundle("blocks")

    @initialize()
    def begin(self) -> None:
        self.region = Region(BASE, BASE + SLOTS * GRANULE, GRANULE)
        self.taken = [False] * SLOTS
        self.sizes: dict[int, int] = {}

    def find(self, need: int, bottom_up: bool) -> int | None:
        starts = range(SLOTS - need + 1)
        for start in starts if bottom_up else reversed(starts):
            if not any(self.taken[start : start + need]):
                return start
        return None

    def mark(self, address: int, need: int, value: bool) -> None:
        start = (address - BASE) // GRANULE
        self.taken[start : start + need] = [value] * need

    @rule(target=blocks, size=st.integers(1, 12 * GRANULE), bottom_up=st.booleans())
    def allocate(self, size: int, bottom_up: bool) -> int:
        need = (size + GRANULE - 1) // GRANULE
        slot = self.find(need, bottom_up)
        address = self.region.allocate(size, bottom_up)
        if slot is None:
            assert address is None
            return 0
        assert address == BASE + slot * GRANULE
        self.mark(address, need, True)
        self.sizes[address] = need
        return address

    @rule(address=consumes(blocks))
    def free(self, address: int) -> None:
        need = self.sizes.pop(address, None)
        self.region.free(address)
        if need is not None:
            self.mark(address, need, False)

    @invariant()
    def counts_agree(self) -> None:
        runs = "".join("x" if taken else "." for taken in self.taken).split("x")
        found = self.region.statistics()
        assert found.size == SLOTS * GRANULE
        assert found.allocated == sum(self.taken) * GRANULE
        assert found.free == found.size - found.allocated
        assert found.largest_free_block == max(map(len, runs)) * GRANULE
        assert self.region.lowest_used == min(self.sizes, default=None)


RegionAgainstBitmap.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestRegionAgainstBitmap = RegionAgainstBitmap.TestCase
