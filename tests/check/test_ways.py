"""The calls that a fix names are those that wait for this transfer: its NoC, its transaction id, posted or not."""

from __future__ import annotations

import pytest

import tthal as ttnn
from tthal.columns import unfolded

CORE = ttnn.CoreCoord(0, 0)
HEAD = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const InterleavedAddrGen<true> place = {get_arg_val<uint32_t>(0), 64};
    constexpr uint8_t other = 1 - noc_index;
"""
POSTED = "noc_async_write<64, true, true>(get_read_ptr(0), get_noc_addr(0, place), 64);"
READ = "cb_reserve_back(0, 1); noc_async_read({0}, get_write_ptr(0), 64{1}); {2} cb_push_back(0, 1);"
SET = "noc_semaphore_set(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0)), {});"
NEXT = "noc_async_read(get_noc_addr(1, place), get_write_ptr(0), 64); noc_async_read_barrier();"
AT = "get_noc_addr(0, place)"
WRITE = "noc_async_write(get_write_ptr(0), {0}, 64{1});"
HERE = "get_noc_addr(my_x[noc_index], my_y[noc_index], get_semaphore(0))"


@pytest.mark.parametrize(
    ("body", "kind", "fix"),
    [
        (
            READ.format(AT, "", "noc_async_read_barrier(other);") + "noc_async_read_barrier();",
            "TT-CB-001",
            "call noc_async_read_barrier() of NoC 0 between the read and the push.",
        ),
        (
            READ.format("get_noc_addr(0, place, 0, other)", ", other", "noc_async_read_barrier();")
            + "noc_async_read_barrier(other);",
            "TT-CB-001",
            "call noc_async_read_barrier() of NoC 1 between the read and the push.",
        ),
        (
            "cb_reserve_back(0, 1); noc_async_read_set_trid(2);"
            "noc_async_read_one_packet(get_noc_addr(0, place), get_write_ptr(0), 64);"
            "noc_async_read_barrier_with_trid(1); cb_push_back(0, 1); noc_async_read_barrier();",
            "TT-CB-001",
            "call noc_async_read_barrier() or noc_async_read_barrier_with_trid(2) of NoC 0 between",
        ),
        (
            POSTED + "noc_async_writes_flushed();" + NEXT + "noc_async_posted_writes_flushed();",
            "TT-NOC-001",
            "wait with noc_async_posted_writes_flushed() of NoC 0 before the memory is used again.",
        ),
        (
            WRITE.format("get_noc_addr(0, place, 0, other)", ", other")
            + "noc_async_write_barrier();" + NEXT + "noc_async_write_barrier(other);",
            "TT-NOC-001",
            "wait with noc_async_writes_flushed() or noc_async_write_barrier() of NoC 1 before the memory",
        ),
        (
            SET.format(1) + f"noc_async_write(get_semaphore(0), {AT}, 4);"
            + SET.format(0) + "noc_async_write_barrier();",
            "TT-NOC-002",
            "wait with noc_async_writes_flushed() or noc_async_write_barrier() of NoC 0 before the word is set again.",
        ),
        (
            f"noc_async_read({AT}, get_write_ptr(0), 64);" + WRITE.format(AT, "")
            + "noc_async_write_barrier(); noc_async_read_barrier();",
            "TT-NOC-005",
            "call noc_async_read_barrier() of NoC 0 between the read and this write.",
        ),
        (
            "noc_async_read(get_noc_addr(0, place, 0, other), get_write_ptr(0), 64, other); noc_async_read_barrier();",
            "TT-END-001",
            "call noc_async_read_barrier() of NoC 1 before the end.",
        ),
        (WRITE.format(AT, ""), "TT-END-002", "call noc_async_write_barrier() of NoC 0 before the end."),
        (POSTED, "TT-END-002", "call noc_async_posted_writes_flushed() of NoC 0 before the end."),
        (f"noc_semaphore_inc({HERE}, 1);", "TT-END-003", "call noc_async_atomic_barrier() of NoC 0 before the end."),
        (
            WRITE.format(AT, "") + "noc_async_writes_flushed();",
            "TT-END-003",
            "call noc_async_write_barrier() of NoC 0 before the end.",
        ),
    ],
)  # fmt: skip
def test_fix_names_the_calls_of_this_transfer(body: str, kind: str, fix: str) -> None:
    with ttnn.open_device(0, backend="emulator?warnings=error") as device:
        program = ttnn.CreateProgram()
        buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 128, 64, ttnn.BufferType.DRAM))
        ring = ttnn.CircularBufferConfig(128, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 64)
        ttnn.CreateCircularBuffer(program, CORE, ring)
        ttnn.CreateSemaphore(program, CORE, 0)
        config = ttnn.DataMovementConfig(processor=ttnn.DataMovementProcessor.RISCV_0, noc=ttnn.NOC.NOC_0)
        kernel = ttnn.CreateKernelFromString(program, f"{HEAD}{body}}}\n", CORE, config)
        ttnn.SetRuntimeArgs(program, kernel, CORE, [buffer.address()])
        with pytest.raises(ttnn.KernelError) as caught:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    text = unfolded(str(caught.value))
    assert f"[{kind}]" in text
    assert f"Fix: {fix}" in text
