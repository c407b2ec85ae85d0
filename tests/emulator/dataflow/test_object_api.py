"""The object API does what the classic one does: transfers between endpoints, buffers, semaphores, typed memory."""

# ruff: noqa: E501 - kernels stand here as strings, a statement or two to a line
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import CompileError, KernelError

Check = Callable[..., list[int]]
Words = Callable[[ttnn.CoreCoord, int, int], list[int]]

CORE, OTHER = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(2, 1)
A, B = 0x40000, 0x41000
THERE = "{.noc_x = X, .noc_y = Y, .addr = A + 16}"
TO = "{.noc_x = X, .noc_y = Y, .addr = B}"
SETUP = "Noc noc; UnicastEndpoint there; PrecomposedUnicastEndpoint anywhere; CoreLocalMem<uint32_t> a(A), b(B);"

READS = {
    "plain": f"noc.async_read(there, b, 32, {THERE}, {{}}); noc.async_read_barrier();",
    "with an offset": f"noc.async_read(there, b - 4, 32, {THERE}, {{.offset_bytes = 16}}); noc.async_read_barrier();",
    "one packet": f"noc.async_read<NocOptions::DEFAULT, 64>(there, b, 32, {THERE}, {{}}); noc.async_read_barrier();",
    "transaction id": (
        f"noc.async_read<NocOptions::TXN_ID>(there, b, 32, {THERE}, {{}}, {{.trid = 3}});"
        "noc.async_read_barrier<NocOptions::TXN_ID>({.trid = 3});"
    ),
    "channel": (
        f"noc.async_read<NocOptions::CUSTOM_VC>(there, b, 32, {THERE}, {{}}, {{.vc = 2}}); noc.async_read_barrier();"
    ),
    "with state": (
        f"noc.set_async_read_state(there, 32, {THERE}); noc.async_read_with_state(there, b, 32, {THERE}, {{}});"
        "noc.async_read_barrier();"
    ),
    "one packet with state": (
        f"noc.set_async_read_state<NocOptions::DEFAULT, 64>(there, 32, {THERE});"
        f"noc.async_read_with_state<NocOptions::DEFAULT, 64>(there, b, 32, {THERE}, {{}}); noc.async_read_barrier();"
    ),
    "with state and transaction id": (
        f"noc.set_async_read_state<NocOptions::TXN_ID, 64>(there, 32, {THERE}, {{.trid = 2}});"
        f"noc.async_read_with_state<NocOptions::TXN_ID, 64>(there, b, 32, {THERE}, {{}}, {{.trid = 2}});"
        "while (!noc.is_read_trid_flushed(2));"
    ),
    "complete address": (
        "noc.async_read(anywhere, b, 32, {.noc_addr = get_noc_addr(X, Y, A + 16)}, {}); noc.async_full_barrier();"
    ),
    "endpoint's own address": (
        "noc.async_read(anywhere, b, 32, {there.get_noc_unicast_addr(X, Y, A + 16, noc.get_noc_id())}, {});"
        "noc.async_read_barrier();"
    ),
    "other NoC": f"Noc one(1); one.async_read(there, b, 32, {THERE}, {{}}); one.async_read_barrier();",
}


@pytest.mark.parametrize("name", READS)
def test_reads(check: Check, l1: Words, name: str) -> None:
    check(f"{SETUP} {READS[name]}")
    assert l1(CORE, B, 9) == [*range(104, 112), 0]


WRITES = {
    "plain": f"noc.async_write(a, there, 32, {{.offset_bytes = 16}}, {TO}); noc.async_write_barrier();",
    "one packet": f"noc.async_write<NocOptions::DEFAULT, 64>(a + 4, there, 32, {{}}, {TO}); noc.async_write_barrier();",
    "transaction id": (
        f"noc.async_write<NocOptions::TXN_ID>(a + 4, there, 32, {{}}, {TO}, {{.trid = 4}});"
        "noc.async_writes_flushed<NocOptions::TXN_ID>({.trid = 4}); word(A + 16) = 0;"
        "noc.async_write_barrier<NocOptions::TXN_ID>({.trid = 4});"
    ),
    "posted": (
        f"noc.async_write<NocOptions::POSTED>(a + 4, there, 32, {{}}, {TO});"
        "noc.async_writes_flushed<NocOptions::POSTED>(); word(A + 16) = 0;"
    ),
    "flushed": f"noc.async_write(a + 4, there, 32, {{}}, {TO}); noc.async_writes_flushed(); word(A + 16) = 0;",
    "with state": (
        f"noc.set_async_write_state(there, 32, {TO}); noc.async_write_with_state(a + 4, there, 32, {{}}, {TO});"
        "noc.async_write_barrier();"
    ),
    "one packet with state": (
        f"noc.set_async_write_state<NocOptions::DEFAULT, 64>(there, 32, {TO});"
        f"noc.async_write_with_state<NocOptions::DEFAULT, 64>(a + 4, there, 32, {{}}, {TO}); noc.async_write_barrier();"
    ),
    "multicast": (
        "noc.async_write_multicast(a + 4, MulticastEndpoint{}, 32, 1, {}, {.noc_x_start = X, .noc_y_start = Y, "
        ".noc_x_end = X, .noc_y_end = Y, .addr = B}); noc.async_write_barrier();"
    ),
    "multicast with the sender": (
        "noc.async_write_multicast<NocOptions::MCAST_INCL_SRC>(a + 4, MulticastEndpoint{}, 32, 6, {}, "
        "{.noc_x_start = my_x[0], .noc_y_start = my_y[0], .noc_x_end = X, .noc_y_end = Y, .addr = B});"
        "noc.async_write_barrier(); note(word(B) == 104);"
    ),
    "multicast endpoint's own address": (
        "noc_async_write_multicast(A + 16, MulticastEndpoint{}.get_noc_multicast_addr(X, Y, X, Y, B, 0), 32, 1);"
        "noc.async_write_barrier();"
    ),
}


@pytest.mark.parametrize("name", WRITES)
def test_writes(check: Check, l1: Words, name: str) -> None:
    check(f"{SETUP} {WRITES[name]}")
    assert l1(OTHER, B, 9) == [*range(104, 112), 0]


def test_words_and_places(check: Check, l1: Words) -> None:
    body = f"""{SETUP}
        noc.inline_dw_write(there, 0x12, {TO});
        noc.inline_dw_write<NocOptions::INLINE_L1 | NocOptions::POSTED>(there, 0x3456, {{.noc_x = X, .noc_y = Y, .addr = B + 4}}, 0x1);
        noc.async_full_barrier();
        note(noc.get_noc_id()); note(noc.is_local_bank(my_x[0], my_y[0])); note(noc.is_local_bank(X, Y));
        note(noc.is_local_addr(get_noc_addr(A))); note(noc.is_local_addr(get_noc_addr(X, Y, A)));
    """
    assert check(body, 5) == [0, 1, 0, 1, 0]
    assert l1(OTHER, B, 3) == [0x12, 0x56, 0]


def test_zeros(check: Check, device: ttnn.Device) -> None:
    page = 2048
    buffer = ttnn.CreateBuffer(
        ttnn.InterleavedBufferConfig(device=device, size=4 * page, page_size=page, buffer_type=ttnn.BufferType.DRAM)
    )
    ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.ones(page, np.uint32))
    body = f"""{SETUP}
        for (int i = 0; i < 1024; i++) word(B + 4 * i) = 7;
        noc.async_write_zeros(b, 1040, {{.offset_bytes = 16}}); note(word(B + 16)); noc.write_zeros_l1_barrier();
        note(word(B + 12)); note(word(B + 16)); note(word(B + 1052)); note(word(B + 1056));
        const auto tensor = TensorAccessor(TensorAccessorArgs<0>(), get_arg_val<uint32_t>(0));
        noc.async_write_zeros(tensor, 96, {{.page_id = 2, .offset_bytes = 64}}, CoreLocalMem<uint32_t>(B + 64));
        noc.write_zeros_dram_barrier();
    """
    words = ttnn.TensorAccessorArgs(buffer).get_compile_time_args()
    config = ttnn.DataMovementConfig(compile_args=words)
    assert check(body, 5, args=[buffer.address()], config=config) == [7, 7, 0, 0, 7]
    found = np.asarray(ttnn.EnqueueReadBuffer(device.command_queue(), buffer)).view(np.uint32).reshape(4, -1)
    assert np.flatnonzero(found[2] == 0).tolist() == list(range(16, 40))
    assert found[[0, 1, 3]].all()


# ---- buffers

BUFFERS = {
    "CircularBuffer": "CircularBuffer buffer(3);",
    "DataflowBuffer": "DataflowBuffer buffer(3);",
    "DataflowBuffer by token": "DataflowBuffer buffer(DFBBindingToken<>(3));",
    "experimental CircularBuffer": "experimental::CircularBuffer buffer(3);",
}


@pytest.mark.parametrize("name", BUFFERS)
def test_buffers(check: Check, l1: Words, name: str) -> None:
    body = f"""{SETUP} {BUFFERS[name]}
        buffer.reserve_back(1);
        note(buffer.pages_reservable_at_back(3)); note(buffer.pages_available_at_front(1));
        const uint32_t first = buffer.get_write_ptr();
        noc.async_read(there, buffer, 32, {THERE}, {{.offset_bytes = 64}}); noc.async_read_barrier();
        note(word(first + 64)); buffer.push_back(1);
        note(buffer.get_write_ptr() - first); note(buffer.pages_reservable_at_back(3)); buffer.wait_front(1);
        noc.async_write(buffer, there, 32, {{.offset_bytes = 64}}, {TO});
        noc.async_write_multicast(buffer, buffer, 32, 1, {{.offset_bytes = 64}}, {{.noc_x_start = X, .noc_y_start = Y,
            .noc_x_end = X, .noc_y_end = Y, .offset_bytes = 128}});
        noc.async_write_barrier();
        note(buffer.get_read_ptr() == first); buffer.pop_front(1); note(buffer.get_read_ptr() - first);
        note(buffer.get_tile_size()); note(buffer.get_tile_hw()); note(buffer.get_dataformat() == DataFormat::Float16_b);
        buffer.reserve_back(2); buffer.push_back(2); note(buffer.get_write_ptr() == first);
        noc.async_write_zeros(buffer, 32, {{.offset_bytes = 64}}); noc.write_zeros_l1_barrier(); note(word(first + 64));
    """
    before = '#include "experimental/circular_buffer.h"' if "experimental" in name else ""
    found = check(body, 12, before=before, circular_buffers=[(3, 3)])
    assert found == [1, 0, 104, 2048, 0, 1, 2048, 2048, 1024, 1, 1, 0]
    assert l1(OTHER, B, 8) == list(range(104, 112))


def test_views_and_locks_of_a_circular_buffer(check: Check, l1: Words) -> None:
    body = f"""{SETUP} CircularBuffer buffer(3); note(buffer.get_cb_id());
        buffer.reserve_back(1); buffer.push_back(1);
        word(buffer.get_read_ptr()) = 11; word(buffer.get_write_ptr()) = 22;
        noc.async_write(use<CircularBuffer::AddrSelector::READ_PTR>(buffer), there, 16, {{}}, {TO});
        noc.async_write(use<CircularBuffer::AddrSelector::WRITE_PTR>(buffer), there, 16, {{}}, {{.noc_x = X, .noc_y = Y, .addr = B + 16}});
        noc.async_write_barrier(); {{ auto lock = buffer.scoped_lock(); note(1); }}
    """
    assert check(body, 2, circular_buffers=[(3, 3)]) == [3, 1]
    found = l1(OTHER, B, 5)
    assert [found[0], found[4]] == [11, 22]


def test_sizes_and_locks_of_a_dataflow_buffer(check: Check) -> None:
    body = """DataflowBuffer buffer(3); Noc noc;
        note(buffer.get_id()); note(buffer.get_entry_size()); note(buffer.get_stride_size());
        note(buffer.get_total_num_entries()); note(buffer.get_total_size_bytes());
        note(buffer.get_local_num_entries()); note(buffer.get_local_size_bytes());
        note(buffer.get_ring_span_bytes()); note(buffer.get_ring_span_num_entries());
        note(buffer.get_tile_r_dim()); note(buffer.get_tile_c_dim()); note(buffer.get_tile_num_faces()); note(buffer.get_face_r_dim());
        const uint32_t first = buffer.get_write_ptr();
        { auto lock = buffer.scoped_write_lock(); lock.get_ptr<uint32_t>()[1] = 77; }
        { auto lock = buffer.scoped_read_lock(); note(lock.get_ptr()[1]); }
        buffer.evil_set_write_ptr(first + 16); buffer.evil_set_read_ptr(first + 32);
        note(buffer.get_write_ptr() - first); note(buffer.get_read_ptr() - first);
        buffer.write_barrier(noc); buffer.finish();
    """
    expected = [3, 2048, 2048, 3, 6144, 3, 6144, 6144, 3, 32, 32, 4, 16, 77, 16, 32]
    assert check(body, 16, circular_buffers=[(3, 3)]) == expected


# ---- typed memory


def test_core_local_memory_is_a_pointer(check: Check) -> None:
    body = """
        CoreLocalMem<uint32_t> p(A); CoreLocalMem<uint32_t> q(reinterpret_cast<uint32_t*>(A + 16));
        note(p[3]); note(*q); note(*(p + 2)); note(q - p); note(*(q - 1)); p += 2; note(*p); p -= 1; note(*p);
        note(*p++); note(*p); note(*p--); note(*++p); note(*--p);
        note(p < q); note(p <= q); note(q > p); note(q >= p); note(p == p); note(p != q); note(static_cast<bool>(p));
        note(p.get_address()); note(p.get_unsafe_ptr() == reinterpret_cast<uint32_t*>(A + 4));
        struct Pair { uint32_t first, second; }; note(CoreLocalMem<Pair>(A)->second);
        { auto lock = p.scoped_lock(2); *p = 5; } note(word(A + 4)); CoreLocalMem<uint32_t> nothing; (void)nothing;
    """
    assert check(body, 23) == [
        103, 104, 102, 4, 103, 102, 101, 101, 102, 102, 102, 101, 1, 1, 1, 1, 1, 1, 1, A + 4, 1, 101, 5,
    ]  # fmt: skip


def test_scratchpad(check: Check, run, device: ttnn.Device, make_program, head: str, l1: Words) -> None:
    source = f"""{head} void kernel_main() {{
        Scratchpad<uint32_t> pad(scratch::pad); Noc noc; UnicastEndpoint there;
        note(pad.size()); note(pad.size_in_bytes()); note(pad.get_base_address());
        uint32_t sum = 0; for (uint32_t value : pad) sum += value; note(sum);
        noc.async_read(there, pad, 16, {{my_x[0], my_y[0], A + 64}}, {{.offset_bytes = 16}}); noc.async_read_barrier();
        note(pad[4]); noc.async_write_zeros(pad, 16); noc.write_zeros_l1_barrier(); note(pad.local_mem()[0]);
        {{ auto lock = pad.scoped_lock(0, 8); }} noc.async_write(pad, there, 16, {{.offset_bytes = 16}}, {{my_x[0], my_y[0], B}});
        noc.async_write_barrier(); note(word(B)); note(pad.end() - pad.begin());
        note(pad[get_common_arg_val<uint32_t>(1)]);
    }}"""
    named = {"scratch::pad": 32, "scratch::pad.address": 0}
    for last, fails in ((7, False), (8, True)):
        ttnn.WriteToDeviceL1(device, CORE, A, np.arange(100, 200, dtype=np.uint32))
        program = make_program(source, config=ttnn.DataMovementConfig(named_compile_args=named))
        ttnn.SetCommonRuntimeArgs(program, 0, [A, last])
        if fails:
            with pytest.raises(KernelError, match="ASSERT failed"):
                run(program)
        else:
            run(program)
            assert l1(CORE, 0x42000, 9) == [8, 32, A, 828, 116, 0, 116, 8, 119]


# ---- semaphores


def test_semaphores(device: ttnn.Device, run, head: str, l1: Words) -> None:
    grid = device.properties.compute_grid
    x, y = device.properties.worker_virtual[OTHER.y * grid.x + OTHER.x]
    me = f"""{head} constexpr uint32_t X = {x}, Y = {y}; void kernel_main() {{
        Noc noc; Semaphore mine(0), relay(1); Semaphore<> sum(SemaphoreBindingToken{{2}});
        mine.up(3); mine.down(1); note(mine.value()); mine.wait(2); mine.wait_min(1); mine.set(9);
        mine.relay_unicast(noc, relay, X, Y);
        noc.async_write_barrier();
        sum.up(noc, X, Y, 4); sum.inc_multicast(noc, X, Y, X, Y, 5, 1); noc.async_atomic_barrier();
        mine.set_multicast(noc, X, Y, X, Y, 1);
        mine.relay_multicast<NocOptions::MCAST_INCL_SRC>(noc, sum, my_x[0], my_y[0], my_x[0], my_y[0], 1);
        noc.async_write_barrier(); note(sum.value());
    }}"""
    other = f"""{head} void kernel_main() {{
        Semaphore(1).wait(9); note(Semaphore(1).value()); Semaphore(2).wait_min(9); note(Semaphore(2).value());
        Semaphore(0).wait(9); note(Semaphore(0).value());
    }}"""
    program = ttnn.CreateProgram()
    for _ in range(3):
        ttnn.CreateSemaphore(program, ttnn.CoreRange(CORE, OTHER), 0)
    for core, text in ((CORE, me), (OTHER, other)):
        ttnn.CreateKernelFromString(program, text, core, ttnn.DataMovementConfig())
    run(program)
    assert l1(CORE, 0x42000, 2) == [2, 9]
    assert l1(OTHER, 0x42000, 3) == [9, 9, 9]


# ---- tensors


def make_tensors(device: ttnn.Device) -> list[ttnn.Buffer]:
    """A DRAM tensor of 12 pages, and the same in L1 in shards of 4 pages on three cores of row 0; page p holds 1000 p."""
    page = 64
    words = np.arange(12, dtype=np.uint32).repeat(page // 4) * 1000
    plain = ttnn.InterleavedBufferConfig(
        device=device, size=12 * page, page_size=page, buffer_type=ttnn.BufferType.DRAM
    )
    shards = ttnn.ShardSpecBuffer(
        ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(2, 0))]),
        (4, 16), ttnn.ShardOrientation.ROW_MAJOR, (1, 16), (12, 1),
    )  # fmt: skip
    sharded = ttnn.ShardedBufferConfig(
        device=device, size=12 * page, page_size=page, buffer_type=ttnn.BufferType.L1,
        buffer_layout=ttnn.TensorMemoryLayout.HEIGHT_SHARDED, shard_parameters=shards,
    )  # fmt: skip
    buffers = [ttnn.CreateBuffer(config) for config in (plain, sharded)]
    for buffer in buffers:
        ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, words)
    return buffers


TENSORS = """
    constexpr auto args = make_tensor_accessor_args_tuple<2, 0>();
    auto tensors = make_tensor_accessor_tuple(args, 0);
    auto& plain = std::get<0>(tensors); auto& shards = std::get<1>(tensors); Noc noc; CoreLocalMem<uint32_t> b(B);
    auto see = [&](const auto& endpoint, const auto& place) {
        noc.async_read(endpoint, b, 16, place, {}); noc.async_read_barrier(); note(b[0]);
    };
"""


@pytest.fixture
def check_tensors(check: Check, device: ttnn.Device) -> Callable[..., list[int]]:
    buffers = make_tensors(device)

    def launch(body: str, count: int, *named: tuple[str, int]) -> list[int]:
        words = [word for buffer in buffers for word in ttnn.TensorAccessorArgs(buffer).get_compile_time_args()]
        config = ttnn.DataMovementConfig(compile_args=words, named_compile_args=dict(named))
        return check(TENSORS + body, count, args=[buffer.address() for buffer in buffers], config=config)

    launch.buffers = buffers  # type: ignore[attr-defined]
    return launch


def test_banks_are_endpoints(check_tensors: Callable[..., list[int]]) -> None:
    body = """
        AllocatorBank<AllocatorBankType::DRAM> dram; AllocatorBank<AllocatorBankType::L1> l1;
        using Place = noc_traits_t<decltype(dram)>::src_args_type;
        const uint32_t base = get_arg_val<uint32_t>(0);
        see(dram, Place{.bank_id = 3, .addr = base});
        noc.async_write(b, dram, 16, {}, {.bank_id = 4, .addr = base}); noc.async_write_barrier();
        see(dram, Place{.bank_id = 4, .addr = base});
        note(l1.get_noc_addr_from_bank_id(5, A, 0) == get_noc_addr_from_bank_id<false>(5, A));
        noc.async_write(b, l1, 16, {}, {.bank_id = 5, .addr = B + 64}); noc.async_write_barrier();
        see(l1, Place{.bank_id = 5, .addr = B + 64});
    """
    assert check_tensors(body, 4) == [3000, 3000, 1, 3000]


def test_views_of_tensors(check_tensors: Callable[..., list[int]]) -> None:
    body = """
        using Page = noc_traits_t<decltype(PageView(plain))>::src_args_type;
        using Shard = noc_traits_t<decltype(ShardView(shards))>::src_args_type;
        see(plain, Page{.page_id = 5}); see(PageView(shards), Page{.page_id = 6});
        see(ShardView(shards), Shard{.shard_id = 2, .offset_bytes = 64});
        auto wrappers = make_abstract_tensor_accessor_wrappers(tensors);
        see(wrappers[0], Page{.page_id = 7}); see(wrappers[1], Page{.page_id = 8});
        note(ShardView(shards).is_local_shard(0, 0)); note(shards.is_local_shard(1)); note(shards.is_local_page(3));
        note(shards.is_local_page(4)); note(shards.is_local_bank(my_x[0], my_y[0])); note(shards.is_local_addr(get_noc_addr(A)));
        noc.async_write(shards, plain, 16, {.page_id = 2}, {.page_id = 9}); noc.async_write_barrier(); see(plain, Page{9});
        note(plain.get_bank_base_address() == get_arg_val<uint32_t>(0)); note(shards.get_aligned_page_size());
        const auto place = shards.get_bank_and_offset(std::array<uint32_t, 1>{6}); note(place.bank_id); note(place.bank_page_offset);
        note(shards.get_shard_noc_addr(std::array<uint32_t, 1>{1}) == shards.get_noc_addr(4));
    """
    assert check_tensors(body, 17) == [
        5000, 6000, 9000, 7000, 8000, 1, 0, 1, 0, 1, 1, 2000, 1, 64, 1, 2, 1,
    ]  # fmt: skip


def test_a_page_elsewhere_is_no_memory_of_this_core(check_tensors: Callable[..., list[int]]) -> None:
    with pytest.raises(KernelError, match="leads elsewhere"):
        check_tensors("noc.async_write(shards, plain, 16, {.page_id = 5}, {.page_id = 9});", 1)


def test_a_page_that_does_not_exist(check_tensors: Callable[..., list[int]]) -> None:
    with pytest.raises(KernelError, match="page 12 does not exist: the sharded tensor has 12"):
        check_tensors("note(shards.get_noc_addr(12));", 1)


def test_whole_shards(check_tensors: Callable[..., list[int]]) -> None:
    body = """
        noc_async_read_shard(1, shards, B); noc_async_read_barrier(); note(word(B)); note(word(B + 192));
        for (int i = 0; i < 64; i++) word(A + 4 * i) = 5 + i;
        noc_async_write_shard(2, shards, A); noc_async_write_barrier(); noc_async_read_page(9, shards, B);
        noc_async_read_barrier(); note(word(B));
        auto page = *(shards.pages().begin() + 5); note(page.page_id()); note(&page.accessor() == &shards);
        auto it = shards.shard_pages(1).begin(); it += 2; note(it->page_id()); note(it->shard_id()); note(it->page_in_shard());
        note((*it++).page_id()); note(it.page_id()); auto p = plain.pages(2, 9).begin(); note((*p++).page_id()); note(p.page_id());
        note(p < plain.pages(2, 9).end());
    """
    assert check_tensors(body, 13) == [4000, 7000, 21, 5, 1, 6, 1, 2, 6, 7, 2, 3, 1]


def test_layout_is_a_constant_expression(check_tensors: Callable[..., list[int]]) -> None:
    body = """
        auto& it = shards; using Layout = std::decay_t<decltype(shards.dspec())>;
        static_assert(Layout::is_static && !Layout::is_dram && Layout::rank_ct == 1 && Layout::num_banks_ct == 3);
        TensorAccessor local(std::get<1>(args), 0u);
        static_assert(local.dspec().tensor_volume() == 12 && local.dspec().shard_shape()[0] == 4);
        static_assert(local.dspec().num_shards() == 3 && local.dspec().shard_grid()[0] == 3 && local.dspec().num_banks() == 3);
        const auto made = TensorAccessor(tensor_accessor::make_interleaved_dspec<true>(), get_arg_val<uint32_t>(0), 64);
        using Page = noc_traits_t<decltype(PageView(plain))>::src_args_type;
        see(made, Page{.page_id = 3}); note(it.dspec().shard_volume());
    """
    assert check_tensors(body, 2) == [3000, 4]


def test_local_part_of_a_tensor(check_tensors: Callable[..., list[int]]) -> None:
    body = """
        LocalTensorAccessor<uint32_t> local(get_arg_val<uint32_t>(1)); UnicastEndpoint there;
        note(local[16]); note(local.get_bank_base_address() == get_arg_val<uint32_t>(1)); note(local.local_mem()[32]);
        { auto lock = local.scoped_lock(0, 4); local[0] = 17; }
        noc.async_write(local, there, 16, {.offset_bytes = 0}, {my_x[0], my_y[0], B}); noc.async_write_barrier(); note(word(B));
        noc.async_read(there, local, 16, {my_x[0], my_y[0], A}, {.offset_bytes = 16}); noc.async_read_barrier(); note(local[4]);
    """
    assert check_tensors(body, 5) == [1000, 1, 2000, 17, 100]


def test_what_is_no_endpoint_does_not_compile(check: Check) -> None:
    with pytest.raises(CompileError, match="no endpoint of NoC transfers"):
        check("Noc noc; int x = 0; noc.async_read(x, x, 16, {}, {});")


def test_kernels_may_define_endpoints(check: Check) -> None:
    before = """
        struct Row { uint32_t base; };
        template <> struct noc_traits_t<Row> {
            struct src_args_type { uint32_t index; };
            template <Noc::AddressType type>
            static uint64_t src_addr(const Row& row, const Noc& noc, const src_args_type& args) {
                return get_noc_addr(X, Y, row.base + 64 * args.index, noc.get_noc_id());
            }
        };"""
    body = "Noc noc; noc.async_read(Row{A}, CoreLocalMem<uint32_t>(B), 16, {.index = 2}, {}); noc.async_read_barrier(); note(word(B));"
    assert check(body, 1, before=before) == [132]
