"""Every transfer of the classic API moves what it says, where it says."""

# ruff: noqa: E501 - kernels stand here as strings, a statement or two to a line
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import tthal as ttnn

Check = Callable[..., list[int]]
Words = Callable[[ttnn.CoreCoord, int, int], list[int]]

CORE, OTHER = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(2, 1)
A, B = 0x40000, 0x41000

READS = {
    "noc_async_read": "noc_async_read(get_noc_addr(X, Y, A + 16), B, 32);",
    "noc_async_read, one packet by its template": "noc_async_read<64>(get_noc_addr(X, Y, A + 16), B, 32);",
    "noc_async_read_one_packet": "noc_async_read_one_packet(get_noc_addr(X, Y, A + 16), B, 32);",
    "one packet with state": (
        "noc_async_read_one_packet_set_state(get_noc_addr(X, Y, A), 32); noc_async_read_one_packet_with_state(A + 16, B);"
    ),
    "with state": "noc_async_read_set_state(get_noc_addr(X, Y, 0)); noc_async_read_with_state(A + 16, B, 32);",
    "with state and transaction id": (
        "noc_async_read_one_packet_set_state(get_noc_addr(X, Y, A), 32);"
        "noc_async_read_one_packet_with_state_with_trid(A, 16, B, 3); noc_async_read_barrier_with_trid(3);"
    ),
    "driver": "ncrisc_noc_fast_read_any_len<noc_mode>(noc_index, read_cmd_buf, get_noc_addr(X, Y, A + 16), B, 32);",
    "by xy": "noc_async_read(get_noc_addr_helper(NOC_XY_ENCODING(X, Y), A + 16), B, 32);",
    "by macro": "noc_async_read(NOC_XY_ADDR(DYNAMIC_NOC_X(0, X), DYNAMIC_NOC_Y(0, Y), A + 16), B, 32);",
    "other NoC": "noc_async_read(get_noc_addr(X, Y, A + 16, 1), B, 32, 1); noc_async_read_barrier(1);",
}


@pytest.mark.parametrize("name", READS)
def test_reads(check: Check, l1: Words, name: str) -> None:
    check(f"{READS[name]} noc_async_read_barrier();")
    assert l1(CORE, B, 9) == [*range(104, 112), 0]


WRITES = {
    "noc_async_write": "noc_async_write(A + 16, get_noc_addr(X, Y, B), 32);",
    "noc_async_write_one_packet": "noc_async_write_one_packet(A + 16, get_noc_addr(X, Y, B), 32);",
    "one packet with state": (
        "noc_async_write_one_packet_set_state(get_noc_addr(X, Y, 0), 32); noc_async_write_one_packet_with_state(A + 16, B);"
    ),
    "with state": "noc_async_write_set_state(get_noc_addr(X, Y, 0)); noc_async_write_with_state(A + 16, B, 32);",
    "posted": "noc_async_write_one_packet<true, true>(A + 16, get_noc_addr(X, Y, B), 32);",
    "driver": (
        "ncrisc_noc_fast_write_any_len<noc_mode>(noc_index, write_cmd_buf, A + 16, get_noc_addr(X, Y, B), 32, "
        "NOC_UNICAST_WRITE_VC, false, false, 1, true);"
    ),
    "driver, multicast": (
        "ncrisc_noc_fast_write_any_len<noc_mode>(noc_index, write_cmd_buf, A + 16, "
        "get_noc_multicast_addr(X, Y, X, Y, B), 32, NOC_MULTICAST_WRITE_VC, true, false, 1, true, true);"
    ),
    "multicast to one": "noc_async_write_multicast_one_packet(A + 16, get_noc_multicast_addr(X, Y, X, Y, B), 32, 1);",
}


@pytest.mark.parametrize("name", WRITES)
def test_writes(check: Check, l1: Words, name: str) -> None:
    check(f"{WRITES[name]} noc_async_write_barrier();")
    assert l1(OTHER, B, 9) == [*range(104, 112), 0]


GRID = "get_noc_multicast_addr(X - 2, Y - 1, X, Y, B)"
"""The 3x2 cores from the kernel's own to the other one."""
CORES = [ttnn.CoreCoord(x, y) for y in (0, 1) for x in (0, 1, 2)]
OTHERS = CORES[1:]


def first_words(device: ttnn.Device, l1: Words) -> list[int]:
    return [l1(core, B, 1)[0] for core in CORES]


@pytest.fixture
def clean_grid(device: ttnn.Device) -> None:
    for core in CORES:
        ttnn.WriteToDeviceL1(device, core, B, np.zeros(16, np.uint32))


MULTICASTS = {
    "without the sender": (f"noc_async_write_multicast(A, {GRID}, 16, 5);", [0, *[100] * 5]),
    "with the sender": (f"noc_async_write_multicast_loopback_src(A, {GRID}, 16, 6);", [100] * 6),
    "without a corner that begins at (1, 1)": (
        f"noc_async_write_multicast_exclude_region(A, {GRID}, 16, 3, get_noc_exclude_region(X - 1, Y, 1, 1));",
        [0, 100, 100, 100, 0, 0],
    ),
    "without a corner towards lower coordinates": (
        f"noc_async_write_multicast_exclude_region(A, {GRID}, 16, 4, get_noc_exclude_region(X - 1, Y - 1, 0, 0));",
        [0, 0, 100, 100, 100, 100],
    ),
    "a column": ("noc_async_write_multicast(A, get_noc_multicast_addr(X, Y - 1, X, Y, B), 16, 2);", [0, 0, 100, 0, 0, 100]),
    "NoC 1, which walks down from the start": (
        "noc_async_write_multicast(A, get_noc_multicast_addr(X, Y, X - 1, Y - 1, B), 16, 4, false, 1);"
        "noc_async_write_barrier(1);", [0, 100, 100, 0, 100, 100],
    ),
    "round the torus": (
        "noc_async_write_multicast(A, get_noc_multicast_addr(X, Y - 1, X - 2, Y - 1, B), 16, 6);", [0, 0, 100, 0, 0, 0],
    ),
    "nobody but the sender": (
        "noc_async_write_multicast_loopback_src(A, get_noc_multicast_addr(my_x[0], my_y[0], my_x[0], my_y[0], B), 16, 1);",
        [100, 0, 0, 0, 0, 0],
    ),
    "semaphore": (f"noc_semaphore_set_multicast(A, {GRID}, 5);", [0, *[100] * 5]),
    "semaphore with the sender": (f"noc_semaphore_set_multicast_loopback_src(A, {GRID}, 6);", [100] * 6),
    "word": (f"noc_inline_mcast_dw_write({GRID}, 0x55, 0xF, 0, NOC_MULTICAST_WRITE_VC, 0, 5);", [0, *[0x55] * 5]),
    "increment": (
        f"noc_semaphore_inc_multicast({GRID}, 3, 5); noc_semaphore_inc_multicast({GRID}, 4, 5);", [0, *[7] * 5],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MULTICASTS)
def test_multicasts(check: Check, device: ttnn.Device, l1: Words, clean_grid: None, name: str) -> None:
    body, expected = MULTICASTS[name]
    check(f"{body} noc_async_full_barrier();")
    assert first_words(device, l1) == expected


@pytest.mark.parametrize(("noc", "way"), [(0, "up to the end"), (1, "down to the end")])
def test_corners_in_the_wrong_order_are_named(check: Check, clean_grid: None, noc: int, way: str) -> None:
    corners = ("X, Y, X - 1, Y - 1", "X - 1, Y - 1, X, Y")[noc]
    with pytest.raises(ttnn.KernelError, match=rf"num_dests is 4, but .* With start and end swapped .* {way}"):
        check(
            f"noc_async_write_multicast(A, get_noc_multicast_addr({corners}, B), 16, 4, false, {noc});"
            f"noc_async_write_barrier({noc});"
        )


def test_words_without_a_source(check: Check, l1: Words) -> None:
    check(
        "noc_inline_dw_write(get_noc_addr(X, Y, B), 0x11223344);"
        "noc_inline_dw_write(get_noc_addr(X, Y, B + 4), 0x11223344, 0x5);"
        "noc_inline_dw_write<InlineWriteDst::L1, true>(get_noc_addr(X, Y, B + 8), 0x99);"
        "noc_inline_dw_write_set_state<false, true>(get_noc_addr(X, Y, B + 12), 0x77);"
        "noc_inline_dw_write_with_state(0);"
        "noc_inline_dw_write_with_state<true, true, false, false, true>(0x78, B + 16);"
        "noc_inline_dw_write_with_state<false, true, false, true, true>(0x79, NOC_XY_ENCODING(my_x[0], my_y[0]));"
        "noc_async_full_barrier();"
    )
    assert l1(OTHER, B, 6) == [0x11223344, 0x00220044, 0x99, 0x77, 0x78, 0]
    assert l1(CORE, B + 16, 1) == [0x79]


def test_atomics_wrap(check: Check, l1: Words) -> None:
    check(
        "noc_semaphore_inc(get_noc_addr(X, Y, A), 0xFFFFFFFF);"
        "noc_semaphore_inc<true>(get_noc_addr(X, Y, A + 4), 9);"
        "word(B) = 14; noc_fast_atomic_increment<noc_mode>(noc_index, write_at_cmd_buf, get_noc_addr(B), "
        "NOC_UNICAST_WRITE_VC, 5, 3, false);"
        "noc_async_atomic_barrier();"
    )
    assert l1(OTHER, A, 2) == [99, 110]
    assert l1(CORE, B, 1) == [3]


def test_a_semaphore_is_set_on_another_core(check: Check, l1: Words) -> None:
    check(
        "noc_semaphore_set(&word(A), 42); noc_semaphore_set_remote(A, get_noc_addr(X, Y, B)); noc_async_write_barrier();"
    )
    assert l1(OTHER, B, 2) == [42, 0]


# ---- address generators


def dram(device: ttnn.Device, pages: int, page_size: int, kind: ttnn.BufferType = ttnn.BufferType.DRAM) -> ttnn.Buffer:
    buffer = ttnn.CreateBuffer(
        ttnn.InterleavedBufferConfig(device=device, size=pages * page_size, page_size=page_size, buffer_type=kind)
    )
    words = np.arange(pages, dtype=np.uint32).repeat(page_size // 4) * 1000
    ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, words)
    return buffer


GENERATORS = {
    "InterleavedAddrGen": "const InterleavedAddrGen<DRAM> s{.bank_base_address = base, .page_size = 2048};",
    "InterleavedAddrGenFast": (
        "const InterleavedAddrGenFast<DRAM> s{.bank_base_address = base, .page_size = 2048, "
        ".data_format = DataFormat::Float16_b};"
    ),
    "InterleavedPow2AddrGen": (
        "const InterleavedPow2AddrGen<DRAM> s{.bank_base_address = base, .log_base_2_of_page_size = 11};"
    ),
    "InterleavedPow2AddrGenFast": "const InterleavedPow2AddrGenFast<DRAM> s{base, 11};",
    "get_interleaved_addr_gen of a constant": "const auto s = get_interleaved_addr_gen<DRAM, 2048>(base);",
    "get_interleaved_addr_gen of a power": "const auto s = get_interleaved_addr_gen<DRAM, true>(base, 2048, 11);",
    "get_interleaved_addr_gen of a size": "const auto s = get_interleaved_addr_gen<DRAM, false>(base, 2048);",
}


@pytest.mark.parametrize("kind", ["DRAM", "L1"])
@pytest.mark.parametrize("name", GENERATORS)
def test_address_generators(check: Check, device: ttnn.Device, name: str, kind: str) -> None:
    buffer = dram(device, 150, 2048, ttnn.BufferType[kind])
    body = f"""
        constexpr bool DRAM = {str(kind == "DRAM").lower()};
        const uint32_t base = get_arg_val<uint32_t>(0);
        {GENERATORS[name]}
        static_assert(has_required_addrgen_traits_v<decltype(s)>);
        noc_async_read_page(77, s, B); noc_async_read_tile(140, s, B + 2048);
        noc_async_read_barrier(); note(word(B)); note(word(B + 4092));
        noc_async_read(get_noc_addr(78, s, 1024), B, 64); noc_async_read_barrier(); note(word(B));
        word(B) = 5; noc_async_write_page(3, s, B, 16); noc_async_write_barrier(); noc_async_write_tile(4, s, B);
        noc_async_write_barrier();
    """
    assert check(body, 3, args=[buffer.address()]) == [77000, 140000, 78000]
    words = np.asarray(ttnn.EnqueueReadBuffer(device.command_queue(), buffer)).view(np.uint32).reshape(150, 512)
    assert words[3, [0, 3, 4]].tolist() == [5, 78000, 3000]
    assert words[4, 0] == 5


def test_addresses_of_banks(check: Check, device: ttnn.Device) -> None:
    buffers = [dram(device, 80, 64, kind) for kind in (ttnn.BufferType.DRAM, ttnn.BufferType.L1)]
    body = """
        const uint32_t d = get_arg_val<uint32_t>(0), l = get_arg_val<uint32_t>(1);
        noc_async_read(get_noc_addr_from_bank_id<true>(7, d), B, 32);
        noc_async_read(get_noc_addr_from_bank_id<false>(9, l), B + 32, 32);
        noc_async_read(get_dram_noc_addr(13, 64, d), B + 64, 32); noc_async_read(get_l1_noc_addr(70, 64, l), B + 96, 32);
        noc_async_read_barrier();
        for (int i = 0; i < 4; i++) note(word(B + 32 * i));
        note(get_noc_addr_helper(dram_bank_to_noc_xy[0][7], d + bank_to_dram_offset[7]) == get_noc_addr_from_bank_id<true>(7, d));
        note(get_noc_addr_helper(l1_bank_to_noc_xy[0][9], l + bank_to_l1_offset[9]) == get_noc_addr_from_bank_id<false>(9, l));
        note(is_l1_address(get_noc_addr(X, Y, A)) && !is_l1_address(0x10000000));
    """
    assert check(body, 7, args=[buffer.address() for buffer in buffers]) == [7000, 9000, 13000, 70000, 1, 1, 1]
