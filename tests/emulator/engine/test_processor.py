"""What a processor computes, shares and keeps to itself."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from tthal_emulator.engine import EngineError, Processor, Trap, core_memories
from tthal_emulator.engine import memory_map as at


def test_stores_reach_the_l1_of_its_own_core_only(any_bench: Any) -> None:
    any_bench.run("void kernel_main() { L1(uint32_t, 0x2000) = 7; }", core=1)
    assert [any_bench.word(0x2000, core) for core in range(3)] == [0, 7, 0]


def test_the_last_word_of_l1_is_usable(any_bench: Any) -> None:
    last = any_bench.memories.l1_size - 4
    any_bench.run(f"void kernel_main() {{ L1(uint32_t, {last}) = 9; L1(uint32_t, 0x1000) = L1(uint32_t, {last}); }}")
    assert any_bench.word(0x1000) == 9


def test_host_data_is_what_the_kernel_reads(any_bench: Any) -> None:
    any_bench.memories.l1[2][0x3000:0x3008] = np.frombuffer(struct.pack("<d", 2.5), np.uint8)
    any_bench.memories.registers_bytes[2][:4] = (123).to_bytes(4, "little")
    any_bench.run(
        """void kernel_main() {
            *reinterpret_cast<double*>(0x3000) *= 3;
            L1(uint32_t, 0x4000) = L1(uint32_t, TTHAL_REGISTERS_BASE) + 1;
        }""",
        core=2,
    )
    assert any_bench.memories.l1[2][0x3000:0x3008].tobytes() == struct.pack("<d", 7.5)
    assert any_bench.word(0x4000, core=2) == 124


def test_processor_block_carries_parameters_in_and_results_out(any_bench: Any) -> None:
    source = """void kernel_main() {
        auto* block = reinterpret_cast<volatile uint32_t*>(TTHAL_BLOCK_BASE);
        block[1] = block[0] * 2;
        block[TTHAL_BLOCK_SIZE / 4 - 1] = 5;
    }"""
    for slot in (0, 3):
        processor = any_bench.start(source, slot=slot)
        processor.block[:4] = (21).to_bytes(4, "little")
        assert processor.poll()
        assert struct.unpack_from("<2I", processor.block) == (21, 42)
        assert struct.unpack_from("<I", processor.block, at.BLOCK_SIZE - 4) == (5,)


def test_what_a_kernel_writes_into_its_monitor_reaches_the_host_and_no_block(any_bench: Any) -> None:
    source = """void kernel_main() {
        auto* monitor = reinterpret_cast<volatile uint32_t*>(TTHAL_BLOCK_BASE + TTHAL_BLOCK_SIZE);
        monitor[0] += 7;
        monitor[TTHAL_MONITOR_SIZE / 4 - 1] = 5;
    }"""
    is_one = any_bench.engine.options.memory_model is at.MemoryModel.MAPPED
    for core, slot, count in ((0, 0, 7), (0, 3, 14 if is_one else 7), (1, 0, 21 if is_one else 7)):
        processor = any_bench.start(source, core=core, slot=slot)
        assert processor.poll()
        assert struct.unpack_from("<I", processor.monitor) == (count,)
        assert struct.unpack_from("<I", processor.monitor, at.MONITOR_SIZE - 4) == (5,)
        assert not any(processor.block)


def test_a_new_processor_starts_with_zero_block_zero_stack_and_fresh_data(any_bench: Any) -> None:
    source = """static uint32_t counted = 5; static uint32_t zero[100];
    void kernel_main() {
        uint32_t local[64];
        asm volatile("" : : "r"(local) : "memory");
        uint32_t stale = 0;
        for (uint32_t word : local) stale |= word;
        L1(uint32_t, 0x2000) = ++counted;
        L1(uint32_t, 0x2004) = ++zero[50];
        L1(uint32_t, 0x2008) = stale | *reinterpret_cast<volatile uint32_t*>(TTHAL_BLOCK_BASE + 64);
        for (uint32_t& word : local) word = 0xffffffff;
        asm volatile("" : : "r"(local) : "memory");
        *reinterpret_cast<volatile uint32_t*>(TTHAL_BLOCK_BASE + 64) = 1;
    }"""
    for _ in range(3):
        any_bench.run(source)
        assert [any_bench.word(address) for address in (0x2000, 0x2004, 0x2008)] == [6, 1, 0]


def test_larger_static_data_after_smaller_on_the_same_processor(any_bench: Any) -> None:
    small = "static uint32_t few[4] = {1, 2, 3, 4}; void kernel_main() { L1(uint32_t, 0x2000) = ++few[3]; }"
    large = """static uint32_t many[100000];
    void kernel_main() {
        for (uint32_t i = 0; i < 100000; ++i) many[i] += i;
        L1(uint32_t, 0x2000) = many[99999];
    }"""
    for source, expected in ((small, 5), (large, 99999), (large, 99999), (small, 5)):
        any_bench.run(source)
        assert any_bench.word(0x2000) == expected


def test_constructors_run_before_the_entry(any_bench: Any) -> None:
    any_bench.run(
        """struct Table {
            uint32_t value;
            Table() : value(L1(uint32_t, 0x3000) + 1) {}
            ~Table() { L1(uint32_t, 0x2000) = 0; }
        };
        static Table table;
        void kernel_main() { L1(uint32_t, 0x2000) = table.value; }"""
    )
    assert any_bench.word(0x2000) == 1


def test_processors_of_one_core_talk_over_volatile_memory(any_bench: Any) -> None:
    """Neither calls the host: only fuel lets them take turns."""
    ping = """void kernel_main() {
        for (uint32_t i = 1; i <= 20; ++i) {
            L1(uint32_t, 0x2000) = i;
            while (L1(uint32_t, 0x2004) != i) {}
        }
    }"""
    pong = """void kernel_main() {
        for (uint32_t i = 1; i <= 20; ++i) {
            while (L1(uint32_t, 0x2000) != i) {}
            L1(uint32_t, 0x2004) = i;
        }
    }"""
    waiting = [any_bench.start(ping, slot=0), any_bench.start(pong, slot=1)]
    for _ in range(1000):
        waiting = [processor for processor in waiting if not processor.poll()]
    assert waiting == []
    assert (any_bench.word(0x2000), any_bench.word(0x2004)) == (20, 20)


def test_static_data_of_two_processors_is_apart(any_bench: Any) -> None:
    source = """static volatile uint32_t mine;
    void kernel_main() {
        mine = *reinterpret_cast<volatile uint32_t*>(TTHAL_BLOCK_BASE);
        block(0);
        *reinterpret_cast<volatile uint32_t*>(TTHAL_BLOCK_BASE + 4) = mine;
    }"""
    pair = [any_bench.start(source, slot=slot) for slot in (0, 1)]
    for number, processor in enumerate(pair, 1):
        processor.block[0] = number
        assert not processor.poll()
    for number, processor in enumerate(pair, 1):
        processor.parked = False
        assert processor.poll()
        assert processor.block[4] == number


COUNT = "void kernel_main() { for (uint32_t i = 0;; ++i) L1(uint32_t, 0x2000) = i; }"


@pytest.mark.parametrize("interval", [5_000, 50_000])
def test_an_endless_loop_gives_way_after_its_interval(bench: Any, interval: int) -> None:
    processor = bench.start(COUNT)
    processor.set_yield_interval(interval)
    counts = [0]
    for _ in range(3):
        assert not processor.poll()
        assert not processor.parked
        counts.append(bench.word(0x2000))
    turns = np.diff(counts)
    assert np.ptp(turns) <= 1, "a turn is as long as the other, but for the fuel that the last one left"
    assert interval / 20 < turns[0] < interval / 2, "a turn of the loop is a handful of instructions"


def test_turns_are_as_long_in_every_run(bench: Any) -> None:
    counts = []
    for _ in range(2):
        processor = bench.start(COUNT)
        assert not processor.poll()
        counts.append(bench.word(0x2000))
        processor.close()
    assert counts[0] == counts[1] > bench.engine.options.yield_interval / 20


def test_a_new_processor_ends_what_was_left_in_its_place(any_bench: Any) -> None:
    """So nothing that an interrupted launch leaves behind can spoil the next one."""
    left = any_bench.start("void kernel_main() { block(1); L1(uint32_t, 0x2000) = 1; }")
    sibling = any_bench.start("void kernel_main() { block(2); L1(uint32_t, 0x2004) = 2; }", slot=1)
    assert (left.poll(), sibling.poll()) == (False, False)
    assert any_bench.run("void kernel_main() { L1(uint32_t, 0x2008) = 3; }").finished
    left.parked = sibling.parked = False
    with pytest.raises(EngineError, match="not started"):
        left.poll()
    assert sibling.poll()
    assert [any_bench.word(address) for address in (0x2000, 0x2004, 0x2008)] == [0, 2, 3]


def test_static_data_seen_by_the_host(any_bench: Any) -> None:
    processor = any_bench.start(
        """static uint32_t table[4] = {1, 2, 3, 4};
        void kernel_main() {
            L1(uint32_t, 0x2000) = reinterpret_cast<uint32_t>(table);
            block(0);
            L1(uint32_t, 0x2004) = table[3];
        }"""
    )
    assert not processor.poll()
    address = any_bench.word(0x2000)
    view = any_bench.memories.private(0, 0, address, 16).cast("I")
    assert view.tolist() == [1, 2, 3, 4]
    view[3] = 40
    processor.parked = False
    assert processor.poll()
    assert any_bench.word(0x2004) == 40


@pytest.mark.parametrize("address", [0, 0x2000, at.PRIVATE_BASE - 16, at.PRIVATE_BASE, 0x3FFFF8, 0xFFFFFFF0])
def test_the_host_does_not_follow_a_kernels_bad_pointer(any_bench: Any, address: int) -> None:
    any_bench.start("void kernel_main() {}")
    with pytest.raises(EngineError, match="not static data"):
        any_bench.memories.private(0, 0, address, 16)


def test_a_processor_runs_one_entry_in_its_life(bench: Any) -> None:
    processor = bench.start("void kernel_main() {}")
    with pytest.raises(EngineError, match="one entry"):
        processor.start("kernel_main")
    assert processor.poll()
    with pytest.raises(EngineError, match="not started"):
        processor.poll()
    with pytest.raises(EngineError, match="one entry"):
        processor.start("kernel_main")
    other = Processor(bench.module("void kernel_main() {}"), bench.memories, 1, 0)
    with pytest.raises(EngineError, match="exports no other_main"):
        other.start("other_main")
    other.close()


def test_only_a_processor_that_returned_can_be_renewed(any_bench: Any) -> None:
    processor = any_bench.start("void kernel_main() { raise_on_host(0); }")
    with pytest.raises(Trap):
        processor.poll()
    processor.end_turn()
    assert processor.ended
    assert not processor.finished
    with pytest.raises(EngineError, match="returned"):
        processor.renew()


@pytest.mark.parametrize(("core", "slot"), [(3, 0), (-1, 0), (0, at.SLOTS), (0, -1)])
def test_processors_that_do_not_exist(any_bench: Any, core: int, slot: int) -> None:
    module = any_bench.module("void kernel_main() {}")
    with pytest.raises(EngineError, match="no processor"):
        Processor(module, any_bench.memories, core, slot)


def test_host_views_outlive_processor_and_memory(new_bench: Any) -> None:
    bench = new_bench()
    processor = bench.run("void kernel_main() { *reinterpret_cast<volatile uint32_t*>(TTHAL_BLOCK_BASE) = 77; }")
    l1 = bench.memories.l1[0]
    other = bench.start("static uint32_t table[4] = {5}; void kernel_main() { block((uint32_t)table); }", slot=1)
    other.poll()
    static = bench.memories.private(0, 1, bench.blocked[-1][1], 4)
    bench.close()
    bench.memories.close()
    assert processor.block[0] == 77
    assert static[0] == 5
    l1[0x2000] = 1
    assert l1[0x2000] == 1


def test_memory_is_not_closed_under_a_processor(new_bench: Any) -> None:
    bench = new_bench()
    processor = bench.start("void kernel_main() { block(0); }")
    processor.poll()
    with pytest.raises(EngineError, match="still use"):
        bench.memories.close()
    processor.close()
    bench.memories.close()
    with pytest.raises(EngineError, match="closed"):
        bench.start("void kernel_main() {}")


@pytest.mark.parametrize("size", [0, 1, 0x1000, 0x16E001, 0x1C1000])
def test_l1_sizes_that_do_not_fit_the_map(mapped_bench: Any, size: int) -> None:
    with pytest.raises(EngineError, match="L1 of"):
        core_memories(mapped_bench.engine, 1, size)
