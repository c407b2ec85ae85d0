"""Addresses that belong to another buffer, another memory or nobody, each beside a correct twin."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

import tthal as ttnn
from tthal.columns import unfolded

PAGE, PAGES = 2048, 24
CORE = ttnn.CoreCoord(0, 0)
KERNEL = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint32_t base = get_arg_val<uint32_t>(0);
    const uint32_t there = get_write_ptr(0);
    ADDRESSES
}
"""
GENERATOR = "const InterleavedAddrGen<%s> pages = {.bank_base_address = %s, .page_size = %s};\n"
READ_ALL = """for (uint32_t i = %s; i < %s; i++) {
        noc_async_read(get_noc_addr(i, pages), there, 64);
        noc_async_read_barrier();
    }
"""


def every_page(memory: str = "true", base: str = "base", page: str = "2048", first: str = "0", end: str = "24") -> str:
    return GENERATOR % (memory, base, page) + READ_ALL % (first, end)


@dataclass(frozen=True)
class Case:
    """Kernel text that reads pages of a buffer of 24; ``id`` is empty where it is right."""

    name: str
    id: str
    text: str
    is_l1: bool = False
    says: str = ""


CASES = [
    Case("every page", "", every_page()),
    Case("every page of an L1 buffer", "", every_page("false"), is_l1=True),
    Case("an L1 buffer as DRAM", "TT-MEM-011", every_page("true"), is_l1=True),
    Case("a DRAM buffer as L1", "TT-MEM-012", every_page("false")),
    Case("larger pages", "TT-MEM-010", every_page(page="4096")),
    Case("smaller pages", "TT-MEM-010", every_page(page="1024")),
    Case("larger pages, no more than there are banks", "", every_page(page="4096", end="7")),
    Case("one page too many", "TT-MEM-009", every_page(end="25")),
    Case("one page early", "TT-MEM-009", every_page(first="~0u", end="0").replace("i <", "i !=")),
    Case(
        "an address by hand where nothing lies", "TT-MEM-001",
        "noc_async_read(get_noc_addr_from_bank_id<true>(0, base + 0x800000), there, 64); noc_async_read_barrier();",
    ),
    Case(
        "the firmware's zeros", "",
        "const Noc noc; CircularBuffer ring(0); noc.async_write_zeros(ring, 2048); noc.write_zeros_l1_barrier();\n"
        "noc_async_read(get_noc_addr(MEM_ZEROS_BASE), there, MEM_ZEROS_SIZE); noc_async_read_barrier();\n"
        "(void)reinterpret_cast<volatile uint32_t*>(MEM_ZEROS_BASE)[127]; (void)base;",
    ),
    Case(
        "more than the firmware's zeros", "TT-MEM-006",
        "noc_async_read(get_noc_addr(MEM_ZEROS_BASE + 64), there, MEM_ZEROS_SIZE); (void)base;\n"
        "noc_async_read_barrier();",
    ),
    Case(
        "into the firmware's zeros", "TT-MEM-006",
        "noc_async_read(get_noc_addr_from_bank_id<true>(0, base), MEM_ZEROS_BASE, 64); noc_async_read_barrier();",
    ),
    Case(
        "more than lies in the bank", "TT-MEM-003",
        "const uint32_t last = base + (24 / NUM_DRAM_BANKS - 1) * 2048;\n"
        "noc_async_read(get_noc_addr_from_bank_id<true>(7, last), there, 4096); noc_async_read_barrier();",
        says="reaches 2048 B past the end of a buffer",
    ),
    Case(
        "half of it behind the last page in the bank", "TT-MEM-003",
        "const uint32_t last = base + (24 / NUM_DRAM_BANKS - 1) * 2048;\n"
        "noc_async_read(get_noc_addr_from_bank_id<true>(7, last + 1024), there, 1536); noc_async_read_barrier();",
        says="reaches 512 B past the end of a buffer",
    ),
    Case(
        "the end of a circular buffer", "TT-MEM-004",
        "noc_async_read(get_noc_addr_from_bank_id<true>(0, base), there + 4096, 64); noc_async_read_barrier();",
        says="circular buffer 0 ends right there",
    ),
    Case(
        "behind the end of a circular buffer", "TT-MEM-004",
        "noc_async_read(get_noc_addr_from_bank_id<true>(0, base), there + 4160, 64); noc_async_read_barrier();",
        says="nothing lies there that this launch knows of",
    ),
    Case("no address", "TT-MEM-008", every_page(base="0")),
    Case(
        "an address of nothing that nobody uses", "",
        GENERATOR % ("true", "0", "2048") + "volatile uint64_t unused = get_noc_addr(3, pages); (void)unused;",
    ),
    Case("a place within a buffer as base", "", every_page(base="base + 2048", page="2048", end="6")),
    Case(
        "a bank that does not exist", "TT-MEM-013",
        "noc_async_read(get_noc_addr_from_bank_id<true>(NUM_DRAM_BANKS, base), there, 64); noc_async_read_barrier();",
    ),
    Case(
        "the last bank", "",
        "const uint64_t last = get_noc_addr_from_bank_id<true>(NUM_DRAM_BANKS - 1, base);\n"
        "noc_async_read(last, there, 64); noc_async_read_barrier();",
    ),
    Case(
        "the fast generator, one page too many", "TT-MEM-009",
        "const InterleavedAddrGenFast<true> pages = {base, 2048, DataFormat::Float16_b};\n" + READ_ALL % ("0", "25"),
    ),
]  # fmt: skip


@pytest.fixture(scope="module", params=["emulator", pytest.param("emulator:p150", marks=pytest.mark.slow)])
def device(request: pytest.FixtureRequest) -> Iterator[ttnn.Device]:
    with ttnn.open_device(0, backend=request.param) as opened:
        yield opened


def buffer_of(device: ttnn.Device, is_l1: bool = False) -> ttnn.Buffer:
    kind = ttnn.BufferType.L1 if is_l1 else ttnn.BufferType.DRAM
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, PAGES * PAGE, PAGE, kind))


def program_with(text: str) -> tuple[ttnn.Program, int]:
    program = ttnn.CreateProgram()
    ring = ttnn.CircularBufferConfig(2 * PAGE, {0: ttnn.DataFormat.UInt32}).set_page_size(0, PAGE)
    ttnn.CreateCircularBuffer(program, CORE, ring)
    source = KERNEL.replace("ADDRESSES", text)
    return program, ttnn.CreateKernelFromString(program, source, CORE, ttnn.ReaderDataMovementConfig())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_addresses(device: ttnn.Device, case: Case) -> None:
    buffer, after = buffer_of(device, case.is_l1), buffer_of(device, case.is_l1)
    program, kernel = program_with(case.text)
    ttnn.SetRuntimeArgs(program, kernel, CORE, [buffer.address()])
    if not case.id:
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    else:
        with pytest.raises(ttnn.KernelError, match=case.id) as caught:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        assert "Fix: " in str(caught.value)
        assert case.says in unfolded(str(caught.value))
        assert caught.value.line is not None
    del after


@pytest.mark.parametrize("is_l1", [False, True], ids=["DRAM", "L1"])
@pytest.mark.parametrize("set_again", [False, True], ids=["stale", "set again"])
def test_a_freed_buffers_place_belongs_to_another(device: ttnn.Device, is_l1: bool, set_again: bool) -> None:
    gc.collect()  # Buffers of earlier tests that wait for it give their places back now, not in between.
    freed = buffer_of(device, is_l1)
    program, kernel = program_with(every_page("false" if is_l1 else "true"))
    ttnn.SetRuntimeArgs(program, kernel, CORE, [freed.address()])
    ttnn.DeallocateBuffer(freed)
    ttnn.Finish(device.command_queue())
    other = buffer_of(device, is_l1)
    assert other.address() == freed.address()
    if set_again:
        ttnn.SetRuntimeArgs(program, kernel, CORE, [other.address()])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        return
    with pytest.raises(ttnn.KernelError, match=r"deallocated\s\(freed\),\s+and\s+another\s+one\s+took"):
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def test_the_tile_size_of_a_circular_buffer_that_is_not_there() -> None:
    with ttnn.open_device(0, backend="emulator?check=default&warnings=error") as opened:
        for index, wrong in ((0, False), (5, True)):
            program, kernel = program_with(f"volatile uint32_t size = get_tile_size({index}); (void)size; (void)base;")
            ttnn.SetRuntimeArgs(program, kernel, CORE, [0])
            if wrong:
                with pytest.raises(ttnn.KernelError, match=r"(?s)circular\s+buffer 5.*TT-CB-013"):
                    ttnn.EnqueueProgram(opened.command_queue(), program, blocking=True)
            else:
                ttnn.EnqueueProgram(opened.command_queue(), program, blocking=True)


def test_writing_and_freeing_gives_the_place_back() -> None:
    with ttnn.open_device(0, backend="emulator") as opened:
        first = buffer_of(opened)
        ttnn.EnqueueWriteBuffer(opened.command_queue(), first, np.zeros(PAGES * PAGE, np.uint8))
        ttnn.DeallocateBuffer(first)
        assert buffer_of(opened).address() == first.address()


SPELLINGS = [
    "noc_async_read(get_noc_addr(24, pages), there, 64);",
    "noc_async_read_page(24, pages, there);",
    "noc_async_read_tile(24, fast, there);",
    "noc_async_write_page(24, pages, there);",
    "noc_async_write_tile(24, fast, there);",
    "noc_async_write(there, get_noc_addr(24, pages), 64);",
    "noc.async_read(accessor, ring, 64, {.page_id = 24}, {});",
    "noc.async_write(ring, accessor, 64, {}, {.page_id = 24});",
]


@pytest.mark.parametrize("call", SPELLINGS)
def test_every_spelling_of_a_transfer_has_the_kernels_line(device: ttnn.Device, call: str) -> None:
    made = (
        "const InterleavedAddrGen<true> pages = {.bank_base_address = base, .page_size = 2048};\n"
        "const InterleavedAddrGenFast<true> fast = {base, 2048, DataFormat::UInt32};\n"
        "const auto accessor = TensorAccessor(TensorAccessorArgs<0>(), base, 2048);\n"
        "const Noc noc; CircularBuffer ring(0); (void)there;\n"
    )
    buffer = buffer_of(device)
    program = ttnn.CreateProgram()
    config = ttnn.CircularBufferConfig(2 * PAGE, {0: ttnn.DataFormat.UInt32}).set_page_size(0, PAGE)
    ttnn.CreateCircularBuffer(program, CORE, config)
    source = KERNEL.replace("ADDRESSES", made + call)
    words = ttnn.TensorAccessorArgs(buffer).get_compile_time_args()
    kernel = ttnn.CreateKernelFromString(program, source, CORE, ttnn.ReaderDataMovementConfig(words))
    ttnn.SetRuntimeArgs(program, kernel, CORE, [buffer.address()])
    with pytest.raises(ttnn.KernelError, match="TT-MEM-009") as caught:
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    assert caught.value.line == source[: source.index(call)].count("\n") + 1


def test_a_page_of_l1_is_kept_on_every_core() -> None:
    """One page lies in one bank; the same addresses are the buffer's on all cores, and programs use them there."""
    source = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint32_t room = get_arg_val<uint32_t>(0);
    noc_async_read(get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(1)), room + OFFSET, 64);
    noc_async_read_barrier();
}
"""
    cores = ttnn.CoreRange((0, 0), (3, 1))
    with ttnn.open_device(0, backend="emulator?check=default&warnings=error") as device:
        config = ttnn.InterleavedBufferConfig(device, PAGE, PAGE, ttnn.BufferType.L1)
        room = ttnn.CreateBuffer(config)
        pages = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 2 * PAGE, 2 * PAGE, ttnn.BufferType.DRAM))
        for offset, legal in ((0, True), (PAGE, False)):
            program = ttnn.CreateProgram()
            kernel = ttnn.CreateKernelFromString(program, source.replace("OFFSET", str(offset)), cores)
            for core in cores:
                ttnn.SetRuntimeArgs(program, kernel, core, [room.address(), pages.address()])
            queue = device.command_queue()
            if legal:
                ttnn.EnqueueProgram(queue, program, blocking=True)
            else:
                with pytest.raises(ttnn.KernelError, match=r"(?s)\(\d,\d\): nothing\s+lies\s+there\s.*TT-MEM-004"):
                    ttnn.EnqueueProgram(queue, program, blocking=True)
