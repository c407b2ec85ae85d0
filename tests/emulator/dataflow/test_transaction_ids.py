"""What transaction ids and the NoC's counters mean (tt-isa-documentation, WormholeB0/NoC/Counters.md; dataflow_api.h).

An id is a register of the command buffer and stays. A barrier of an id looks at the counter of whatever will be answered
under it, reads and writes alike; a plain barrier compares the processor's own count of what it issued, which calls with
skip_ptr_update or update_counter = false leave alone.
"""

# ruff: noqa: E501 - kernels stand here as strings, a statement or two to a line
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import KernelError

Check = Callable[..., list[int]]
Words = Callable[[ttnn.CoreCoord, int, int], list[int]]

CORE, OTHER = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(2, 1)
B = 0x41000
BACK = "noc_async_read_set_trid(0); noc_async_write_set_trid(0);"
THERE = "get_noc_addr(X, Y, A)"
READ_1 = f"noc_async_read_set_trid(1); noc_async_read({THERE}, B, 16);"
READ_2 = f"noc_async_read_set_trid(2); noc_async_read({THERE}, B + 16, 16);"
PACKET = f"noc_async_read_one_packet_set_state({THERE}, 16);"


def test_a_barrier_of_an_id_waits_for_reads_and_writes_of_it(check: Check, l1: Words) -> None:
    """Both barriers poll one counter, NIU_MST_REQS_OUTSTANDING_ID."""
    body = f"""
        {READ_1} noc_async_write_one_packet_with_trid(A, get_noc_addr(B + 64), 16, 1);
        {READ_2} noc_async_write_one_packet_with_trid(A, get_noc_addr(B + 80), 16, 2);
        noc_async_write_barrier_with_trid(1); note(word(B)); note(word(B + 64)); note(word(B + 16)); note(word(B + 80));
        noc_async_read_barrier_with_trid(2); note(word(B + 16)); note(word(B + 80)); {BACK}
    """
    assert check(body, 6) == [100, 100, 0, 0, 100, 100]


def test_an_id_stays_with_the_command_buffer(check: Check) -> None:
    body = """
        noc_async_write_one_packet_with_trid(A, get_noc_addr(B), 16, 3);
        noc_async_write(A + 16, get_noc_addr(B + 16), 16);
        noc_async_write_barrier_with_trid(3); note(word(B)); note(word(B + 16));
        noc_async_write_set_trid(0); noc_async_write(A + 32, get_noc_addr(B + 32), 16);
        noc_async_write_barrier_with_trid(3); note(word(B + 32)); noc_async_write_barrier_with_trid(0); note(word(B + 32));
    """
    assert check(body, 4) == [100, 104, 0, 108]


def test_semaphores_have_a_command_buffer_of_their_own(check: Check) -> None:
    body = f"""
        noc_async_write_set_trid(3); noc_semaphore_set_remote(A, get_noc_addr(B));
        noc_semaphore_set_multicast_loopback_src(A, get_noc_multicast_addr(my_x[0], my_y[0], my_x[0], my_y[0], B + 16), 1);
        noc_async_write_barrier_with_trid(3); note(word(B)); note(word(B + 16));
        noc_async_write_barrier_with_trid(0); note(word(B)); note(word(B + 16)); {BACK}
    """
    assert check(body, 4) == [0, 0, 100, 100]


def test_the_id_of_a_read_with_state_is_the_one_that_was_set(check: Check) -> None:
    body = f"""
        {PACKET} noc_async_read_set_trid(4); noc_async_read_one_packet_with_state_with_trid(0, A, B, 5);
        noc_async_read_barrier_with_trid(5); note(word(B)); noc_async_read_barrier_with_trid(4); note(word(B)); {BACK}
    """
    assert check(body, 2) == [0, 100]


def test_what_is_not_counted_only_its_id_waits_for(check: Check, l1: Words) -> None:
    body = f"""
        {PACKET} noc_async_read_set_trid(4); noc_async_read_one_packet_with_state_with_trid<true>(0, A, B, 4);
        noc_async_read_barrier(); note(word(B)); noc_async_read_barrier_with_trid(4); note(word(B));
        noc_async_write_one_packet_with_trid<false>(A + 16, get_noc_addr(B + 16), 16, 6);
        noc_async_write_barrier(); note(word(B + 16)); noc_async_write_barrier_with_trid(6); note(word(B + 16));
        noc_async_write_one_packet_with_trid_set_state(get_noc_addr(B));
        noc_async_write_one_packet_with_trid_with_state<false>(A + 32, B + 32, 16, 7);
        noc_async_write_barrier(); note(word(B + 32)); reset_noc_trid_barrier_counter(1 << 7); note(word(B + 32)); {BACK}
    """
    assert check(body, 6) == [0, 100, 0, 104, 0, 108]


def test_a_flush_of_an_id_fixes_its_writes_posted_or_not(check: Check, l1: Words) -> None:
    body = f"""
        noc_async_write_one_packet_with_trid<true, true>(A, get_noc_addr(X, Y, B), 16, 5);
        noc_async_write_one_packet_with_trid(A + 16, get_noc_addr(X, Y, B + 16), 16, 5);
        noc_async_write_one_packet_with_trid(A + 32, get_noc_addr(X, Y, B + 32), 16, 6);
        noc_async_write_flushed_with_trid(5); word(A) = 1; word(A + 16) = 2; word(A + 32) = 3; {BACK}
    """
    check(body)
    assert l1(OTHER, B, 9)[::4] == [100, 104, 3]


def test_departed_is_for_every_write(check: Check, l1: Words) -> None:
    body = """
        noc_async_write(A, get_noc_addr(X, Y, B), 16);
        noc_async_write<NOC_MAX_BURST_SIZE + 1, true, true>(A + 16, get_noc_addr(X, Y, B + 16), 16);
        noc_async_writes_departed(); word(A) = 1; word(A + 16) = 2;
        noc_async_write(A + 32, get_noc_addr(X, Y, B + 32), 16, 1); noc_async_writes_departed(0); word(A + 32) = 3;
    """
    check(body)
    assert l1(OTHER, B, 9)[::4] == [100, 104, 3]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_polls_of_an_id_find_that_id_alone(seed: int, head: str) -> None:
    """A poll in vain lets time pass; when it succeeds, the bytes of its id are there, whatever others do."""
    body = f"""
        constexpr uint32_t X = {{x}}, Y = {{y}};
        uint32_t ready = 0;
        for (uint32_t round = 0; round < 20; round++) {{{{
            word(B) = word(B + 16) = 0;
            {READ_1} {READ_2}
            while (!ncrisc_noc_read_with_transaction_id_flushed(0, 1));
            ready += word(B) == 100;
            noc_async_read_barrier_with_trid(2);
            note(word(B + 16) == 100);
        }}}}
        note(ready); {BACK}
    """
    with ttnn.open_device(0, backend=f"emulator?seed={seed}") as device:
        grid = device.properties.compute_grid
        x, y = device.properties.worker_virtual[OTHER.y * grid.x + OTHER.x]
        ttnn.WriteToDeviceL1(device, OTHER, 0x40000, np.arange(100, 164, dtype=np.uint32))
        program = ttnn.CreateProgram()
        source = f"{head} void kernel_main() {{ {body.format(x=x, y=y)} }}"
        ttnn.CreateKernelFromString(program, source, CORE, ttnn.DataMovementConfig())
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        found = np.asarray(ttnn.ReadFromDeviceL1(device, CORE, 0x42000, 4 * 21)).view(np.uint32).tolist()
    assert found == [1] * 20 + [20]


POLLS = {
    "reads": (f"noc_async_read({THERE}, B, 16);", "ncrisc_noc_reads_flushed"),
    "dynamic reads": (f"noc_async_read({THERE}, B, 16);", "ncrisc_dynamic_noc_reads_flushed"),
    "writes": ("noc_async_write(A, get_noc_addr(B), 16);", "ncrisc_noc_nonposted_writes_flushed"),
    "dynamic writes": ("noc_async_write(A, get_noc_addr(B), 16);", "ncrisc_dynamic_noc_nonposted_writes_flushed"),
    "writes sent": ("noc_async_write(A, get_noc_addr(B), 16);", "ncrisc_noc_nonposted_writes_sent"),
    "dynamic writes sent": ("noc_async_write(A, get_noc_addr(B), 16);", "ncrisc_dynamic_noc_nonposted_writes_sent"),
    "posted writes sent": ("noc_async_write_one_packet<true, true>(A, get_noc_addr(B), 16);", "ncrisc_noc_posted_writes_sent"),
    "dynamic posted writes sent": (
        "noc_async_write_one_packet<true, true>(A, get_noc_addr(B), 16);", "ncrisc_dynamic_noc_posted_writes_sent",
    ),
    "atomics": ("noc_semaphore_inc(get_noc_addr(B), 100);", "ncrisc_noc_nonposted_atomics_flushed"),
    "dynamic atomics": ("noc_semaphore_inc(get_noc_addr(B), 100);", "ncrisc_dynamic_noc_nonposted_atomics_flushed"),
}  # fmt: skip


@pytest.mark.parametrize("name", POLLS)
def test_polls_wait_for_what_they_name(check: Check, name: str) -> None:
    start, poll = POLLS[name]
    assert check(f"{start} while (!{poll}(0)); note(word(B)); note({poll}(1));", 2) == [100, 1]


def test_polls_of_writes_with_an_id(check: Check) -> None:
    body = f"""
        noc_async_write_one_packet_with_trid(A, get_noc_addr(B), 16, 3);
        while (!ncrisc_noc_nonposted_write_with_transaction_id_sent(0, 3)); word(A) = 1;
        while (!ncrisc_noc_nonposted_write_with_transaction_id_flushed(0, 3)); note(word(B));
        note(ncrisc_noc_nonposted_write_with_transaction_id_sent(0, 4)); {BACK}
    """
    assert check(body, 2) == [100, 1]


def test_how_many_may_still_leave(check: Check) -> None:
    body = f"""
        note(noc_available_transactions(0, 1)); {READ_1} {READ_1} {READ_2} note(noc_available_transactions(0, 1));
        note(noc_available_transactions(0, 2)); noc_async_read_barrier_with_trid(1);
        note(noc_available_transactions(0, 1)); noc_async_read_barrier(); {BACK}
        noc_async_read_set_trid(3);
        for (uint32_t i = 0; i < 300; i++) {{
            while (noc_available_transactions(0, 3) < (NOC_MAX_TRANSACTION_ID_COUNT + 1) / 2);
            noc_async_read({THERE}, B + 16 * (i % 64), 16);
        }}
        noc_async_read_barrier_with_trid(3); note(word(B + 16 * 63)); {BACK}
    """
    assert check(body, 5) == [255, 253, 254, 255, 100]


def test_the_driver_sets_ids_of_command_buffers(check: Check) -> None:
    body = f"""
        ncrisc_noc_set_transaction_id(0, read_cmd_buf, 4); {PACKET}
        ncrisc_noc_fast_read_with_transaction_id(0, read_cmd_buf, A, 16, B, 4);
        ncrisc_noc_set_transaction_id(0, write_cmd_buf, 5);
        ncrisc_noc_fast_write_any_len<DM_DEDICATED_NOC, true>(0, write_cmd_buf, A, get_noc_addr(B + 16), 16, 1, false, false, 1, true, false, 6);
        noc_async_read_barrier_with_trid(5); note(word(B + 16)); noc_async_read_barrier_with_trid(4); note(word(B));
        noc_async_write_barrier_with_trid(6); note(word(B + 16)); {BACK}
    """
    assert check(body, 3) == [0, 104, 100]


@pytest.mark.parametrize(
    "call",
    [
        "noc_async_read_barrier_with_trid(16);",
        "ncrisc_noc_read_with_transaction_id_flushed(0, 16);",
        "noc_available_transactions(0, 16);",
    ],
)
def test_ids_that_do_not_exist(check: Check, call: str) -> None:
    with pytest.raises(KernelError, match="transaction ids are 0 to 15"):
        check(call)


def test_a_bank_of_sharded_dram_in_packets(check: Check, device: ttnn.Device) -> None:
    """The calls of 2024 and 2025; the first returns the base to which the others' offsets are added."""
    words = np.arange(1000, 1000 + 64 * 8, dtype=np.uint32)
    config = ttnn.InterleavedBufferConfig(device=device, size=2048, page_size=256, buffer_type=ttnn.BufferType.DRAM)
    buffer = ttnn.CreateBuffer(config)
    ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, words)
    body = f"""
        const uint32_t base = noc_async_read_tile_dram_sharded_set_state<true>(get_arg_val<uint32_t>(0), 64, 3, 1);
        noc_async_read_tile_dram_sharded_with_state(base, 64, B);
        noc_async_read_barrier(); note(word(B));
        noc_async_read_tile_dram_sharded_set_trid(2);
        noc_async_read_tile_dram_sharded_with_state_with_trid(base, 128, B + 64, 2);
        noc_async_read_barrier_with_trid(2); note(word(B + 64)); {BACK}
    """
    assert check(body, 2, args=[buffer.address()]) == [1000 + 3 * 64 + 16, 1000 + 3 * 64 + 32]


def test_generators_that_move_pages_themselves(check: Check, device: ttnn.Device) -> None:
    words = np.arange(1000, 1000 + 512 * 4, dtype=np.uint32)
    config = ttnn.InterleavedBufferConfig(device=device, size=8192, page_size=2048, buffer_type=ttnn.BufferType.DRAM)
    buffer = ttnn.CreateBuffer(config)
    ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, words)
    body = """
        const uint32_t base = get_arg_val<uint32_t>(0);
        const InterleavedAddrGen<true> plain = {.bank_base_address = base, .page_size = 2048};
        const InterleavedAddrGenFast<true> fast = {.bank_base_address = base, .page_size = 2048, .data_format = DataFormat::Float16_b};
        const InterleavedPow2AddrGenFast<true> power = {base, 11};
        const auto read = [](auto start) { start(); noc_async_read_barrier(); note(word(B)); };
        read([&] { plain.noc_async_read_page(1, B); }); read([&] { fast.noc_async_read_tile(2, B); });
        read([&] { power.noc_async_read_page(3, B); }); read([&] { power.noc_async_read_partial_page(1, B, 64, 128); });
        fast.noc_async_write_tile(0, A); power.noc_async_write_page(1, A, 64, 64); noc_async_write_barrier();
    """
    assert check(body, 4, args=[buffer.address()]) == [1512, 2024, 2536, 1544]
    found = np.asarray(ttnn.EnqueueReadBuffer(device.command_queue(), buffer)).view(np.uint32).reshape(4, -1)
    assert found[0].tolist() == list(range(100, 612))
    assert (found[1, 15], found[1, 16], found[1, 31], found[1, 32]) == (1527, 100, 115, 1544)
