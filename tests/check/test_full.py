"""``check=full``: the kernels' own loads and stores, and what nobody wrote; each mistake beside a correct twin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

import tthal as ttnn

CORE = ttnn.CoreCoord(0, 0)
HEAD = '#include "api/dataflow/dataflow_api.h"\n#include <cstring>\nusing word = volatile tt_l1_ptr uint32_t;\n'


@dataclass(frozen=True)
class Case:
    """The body of a kernel with circular buffers 0 and 1, and an L1 buffer's address as argument 1; ``id`` is empty
    where it is right.
    """

    name: str
    id: str
    body: str
    says: str = ""


STORE = "*reinterpret_cast<word*>({}) = 7;"
LOAD = "volatile uint32_t x = *reinterpret_cast<word*>({}); (void)x;"
FILL = "word* w = reinterpret_cast<word*>(get_write_ptr(0)); for (int i = 0; i < 512; i++) w[i] = i;\n"
WRITE_OUT = "noc_async_write(get_write_ptr(0), get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), 2048);\n"
CASES = [
    Case("its own buffer", "", STORE.format("get_write_ptr(0) + 2044")),
    Case("both buffers", "", STORE.format("get_write_ptr(0)") + STORE.format("get_read_ptr(1)")),
    Case("the neighbour's", "TT-PTR-004", STORE.format("get_write_ptr(0) + 2048"), "circular buffer 1"),
    Case("behind all", "TT-PTR-005", STORE.format("get_write_ptr(1) + 65536"), "a store of 4 B"),
    Case("read behind all", "TT-PTR-005", LOAD.format("get_write_ptr(1) + 65536"), "a load of 4 B"),
    Case("firmware", "TT-PTR-001", STORE.format("0x4000")),
    Case("arguments", "", LOAD.format("get_arg_addr(0)")),
    Case("past the arguments", "TT-PTR-002", LOAD.format("get_arg_addr(2)")),
    Case("a semaphore", "", LOAD.format("get_semaphore(0)")),
    Case("a buffer that was given", "", STORE.format("get_arg_val<uint32_t>(1) + 8")),
    Case("unwritten", "TT-INI-001", LOAD.format("get_write_ptr(0)"), "never written"),
    Case("written by itself", "", FILL + "volatile uint32_t x = w[100] + w[511]; (void)x;"),
    Case("one word too far", "TT-INI-001", FILL.replace("512", "511") + "volatile uint32_t x = w[511]; (void)x;"),
    Case(
        "set as a block", "",
        "memset(reinterpret_cast<void*>(get_write_ptr(0)), 0, 64);" + LOAD.format("get_write_ptr(0) + 60"),
    ),
    Case(
        "copied as a struct", "",
        "struct Block { uint32_t words[12]; }; Block block{}; block.words[11] = get_arg_val<uint32_t>(0);\n"
        "*reinterpret_cast<Block*>(get_write_ptr(0)) = block;" + LOAD.format("get_write_ptr(0) + 44"),
    ),
    Case(
        "a plain loop", "",
        "auto* p = reinterpret_cast<uint32_t*>(get_write_ptr(0)); for (int i = 0; i < 8; i++) p[i] = 0;\n"
        + LOAD.format("get_write_ptr(0) + 28"),
    ),
    Case(
        "read over the NoC", "",
        "cb_reserve_back(0, 1); noc_async_read(get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), "
        "get_write_ptr(0), 64); noc_async_read_barrier();" + LOAD.format("get_write_ptr(0) + 60"),
    ),
    Case(
        "stored before the write has left", "TT-NOC-001",
        FILL + WRITE_OUT
        + "w[3] = 9;\nnoc_async_write_barrier();", "the write: .*:6:",
    ),
    Case(
        "stored after the flush", "",
        FILL + WRITE_OUT
        + "noc_async_writes_flushed(); w[3] = 9; noc_async_write_barrier();",
    ),
]  # fmt: skip


@pytest.fixture(
    scope="module",
    params=["emulator?check=full", pytest.param("emulator:p150?check=full&seed=3", marks=pytest.mark.slow)],
)
def device(request: pytest.FixtureRequest) -> Iterator[ttnn.Device]:
    with ttnn.open_device(0, backend=request.param) as opened:
        yield opened


def rings(program: ttnn.Program, *indices: int) -> None:
    for index in indices:
        ring = ttnn.CircularBufferConfig(2048, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, 2048)
        ttnn.CreateCircularBuffer(program, CORE, ring)


def run(selection: str, body: str) -> None:
    with ttnn.open_device(0, backend=selection) as device:
        program = ttnn.CreateProgram()
        rings(program, 0, 1)
        ttnn.CreateSemaphore(program, ttnn.CoreRange(CORE, CORE), 0)
        dram = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 2048, 2048, ttnn.BufferType.DRAM))
        l1 = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 256 * 2048, 2048, ttnn.BufferType.L1))
        ttnn.EnqueueWriteBuffer(device.command_queue(), dram, np.ones(2048, np.uint8))
        text = HEAD + f"void kernel_main() {{\n{body}\n}}"
        kernel = ttnn.CreateKernelFromString(program, text, CORE, ttnn.WriterDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, CORE, [dram.address(), l1.address()])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


@pytest.mark.parametrize(
    "selection",
    ["emulator?check=full&warnings=error", pytest.param("emulator:p150?check=full&seed=3", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_loads_and_stores(selection: str, case: Case) -> None:
    if not case.id:
        run(selection, case.body)
        return
    with pytest.raises(ttnn.KernelError, match=case.id) as caught:
        run(selection, case.body)
    assert caught.value.line is not None
    assert caught.value.line >= 5
    assert "Fix: " in str(caught.value)
    caught.match(case.says)


UNALLOCATED = 0x130000  # where nothing lies, behind the address of the first DRAM buffer as a number


def at_the_same_number(device: ttnn.Device) -> tuple[ttnn.Buffer, ttnn.Buffer]:
    """A DRAM buffer, and an L1 buffer that lies on another core."""
    there = ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(1, 0), ttnn.CoreCoord(1, 0))])
    shard = ttnn.ShardSpecBuffer(there, (32, 32), ttnn.ShardOrientation.ROW_MAJOR, (32, 32), (1, 1))
    l1 = ttnn.ShardedBufferConfig(device, 2048, 2048, ttnn.BufferType.L1, shard_parameters=shard)
    dram = ttnn.InterleavedBufferConfig(device, 2048, 2048, ttnn.BufferType.DRAM)
    buffers = ttnn.CreateBuffer(dram, address=UNALLOCATED), ttnn.CreateBuffer(l1, address=UNALLOCATED)
    for buffer in buffers:
        ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.ones(2048, np.uint8), blocking=True)
    return buffers


@pytest.mark.parametrize("access", ["store", "load"])
@pytest.mark.parametrize(
    ("given", "id"),
    [("nothing", "TT-PTR-005"), ("a DRAM buffer", "TT-PTR-005"), ("an argument", ""), ("an L1 buffer", ""),
     ("the host", "")],
)  # fmt: skip
def test_what_nobody_allocated(given: str, id: str, access: str) -> None:
    with ttnn.open_device(0, backend="emulator?check=full&warnings=error") as device:
        kept = [ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 2048, 2048, ttnn.BufferType.DRAM))]
        assert kept[0].address() < UNALLOCATED
        arguments = {"a DRAM buffer": [kept[0].address()], "an argument": [UNALLOCATED]}.get(given, [])
        if given == "an L1 buffer":
            kept += at_the_same_number(device)
            arguments = [UNALLOCATED]
        if given == "the host":
            arguments = [kept[0].address()]
            ttnn.WriteToDeviceL1(device, CORE, UNALLOCATED, [7])
        body = (STORE if access == "store" or not id else "") + (LOAD if access == "load" else "")
        program = ttnn.CreateProgram()
        text = HEAD + f"void kernel_main() {{\n{body.replace('{}', hex(UNALLOCATED))}\n}}"
        kernel = ttnn.CreateKernelFromString(program, text, CORE, ttnn.WriterDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, CORE, arguments)
        if id:
            with pytest.raises(ttnn.KernelError, match=rf"(?s)a {access} of 4 B.*\[{id}\]"):
                ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        else:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


COMPUTE = """#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/tile_move_copy.h"
void kernel_main() {
    compute_kernel_hw_startup(0, 16); copy_init(0);
    cb_wait_front(0, 1); cb_reserve_back(16, 1);
    tile_regs_acquire(); copy_tile(0, 0, WRITTEN); tile_regs_commit();
    tile_regs_wait(); pack_tile(1, 16); tile_regs_release();
    cb_push_back(16, 1); cb_pop_front(0, 1);
}
"""
FEED = """void kernel_main() {
    cb_reserve_back(0, 1);
    PUT
    cb_push_back(0, 1); cb_wait_front(16, 1); cb_pop_front(16, 1);
}
"""
PUT = FILL


@pytest.mark.parametrize(
    ("put", "written", "id"), [(PUT, "1", ""), (PUT, "0", "TT-INI-003"), ("", "1", "TT-INI-002")],
    ids=["right", "another tile of DST", "a page that nobody wrote"],
)  # fmt: skip
def test_tiles_that_nobody_wrote(device: ttnn.Device, put: str, written: str, id: str) -> None:
    if id == "TT-INI-002":
        # On a device that has not run anything yet.
        with ttnn.open_device(1, backend="emulator?check=full") as fresh, pytest.raises(ttnn.KernelError, match=id):
            copy_one(fresh, put, written)
        return
    if not id:
        return copy_one(device, put, written)
    with pytest.raises(ttnn.KernelError, match=id):
        copy_one(device, put, written)


def copy_one(device: ttnn.Device, put: str, written: str) -> None:
    program = ttnn.CreateProgram()
    rings(program, 0, 16)
    feed = HEAD + FEED.replace("PUT", put)
    ttnn.CreateKernelFromString(program, feed, CORE, ttnn.ReaderDataMovementConfig())
    ttnn.CreateKernelFromString(program, COMPUTE.replace("WRITTEN", written), CORE, ttnn.ComputeConfig())
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
