"""Races between cores and between command queues (``check=full``), each beside a program that orders the two."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

import tthal as ttnn

FIRST, SECOND = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)
BOTH = ttnn.CoreRange(FIRST, SECOND)
HEAD = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint32_t x = get_arg_val<uint32_t>(1), y = get_arg_val<uint32_t>(2), page = get_arg_val<uint32_t>(3);
    const InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    for (int i = 0; i < 512; i++) words[i] = page + i;
    const uint32_t ready = get_semaphore(0);
"""
WRITE = "noc_async_write(get_write_ptr(0), get_noc_addr({page}, pages), 2048); noc_async_write_barrier();\n"
READ = "noc_async_read(get_noc_addr({page}, pages), get_write_ptr(0), 2048); noc_async_read_barrier();\n"
TELL = "noc_semaphore_inc(get_noc_addr(x, y, ready), 1); noc_async_atomic_barrier();\n"
AWAIT = "noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(ready), 1);\n"
CASES = [
    ("both write", WRITE, WRITE, "TT-RACE-001"),
    ("each its own page", WRITE.replace("{page}", "page"), WRITE.replace("{page}", "page"), ""),
    ("one tells the other", WRITE + TELL, AWAIT + WRITE, ""),
    ("told too early", TELL + WRITE, AWAIT + WRITE, "TT-RACE-001"),
    ("read what another writes", WRITE, READ, "TT-RACE-00[23]"),
    ("read after the word", WRITE + TELL, AWAIT + READ, ""),
    ("both read", READ, READ, ""),
    ("other halves of a page", WRITE.replace("2048", "1024"), WRITE.replace("2048", "1024").replace(
        "get_noc_addr({page}, pages)", "get_noc_addr({page}, pages, 1024)"), ""),
]  # fmt: skip


@pytest.mark.parametrize("options", ["", *(pytest.param(f"&seed={n}", marks=pytest.mark.slow) for n in (4, 5))])
@pytest.mark.parametrize(("name", "first", "second", "id"), CASES, ids=[case[0] for case in CASES])
def test_two_cores(name: str, first: str, second: str, id: str, options: str) -> None:
    with ttnn.open_device(0, backend=f"emulator?check=full{options}") as device:
        buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 2 * 2048, 2048, ttnn.BufferType.DRAM))
        ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.zeros(2 * 2048, np.uint8))
        program = ttnn.CreateProgram()
        ring = ttnn.CircularBufferConfig(2048, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 2048)
        ttnn.CreateCircularBuffer(program, BOTH, ring)
        ttnn.CreateSemaphore(program, BOTH, 0)
        for place, (core, body) in enumerate(((FIRST, first), (SECOND, second))):
            text = HEAD + body.replace("{page}", "0") + "}"
            kernel = ttnn.CreateKernelFromString(program, text, core, ttnn.WriterDataMovementConfig())
            other = device.worker_core_from_logical_core(SECOND if core == FIRST else FIRST)
            ttnn.SetRuntimeArgs(program, kernel, core, [buffer.address(), other.x, other.y, place])
        if not id:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            return
        with pytest.raises(ttnn.KernelError, match=id) as caught:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        message = str(caught.value)
        assert "core (0,0)" in message
        assert "core (1,0)" in message
        assert message.count("at Kernel_Source_Code:") >= 3, "the lines of both"


@pytest.mark.parametrize("how", ["nothing", "Finish", "an event", "one queue"])
def test_two_queues(how: str) -> None:
    device = ttnn.open_device(0, backend="emulator?check=full", num_command_queues=2)
    try:
        buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 4096, 2048, ttnn.BufferType.DRAM))
        program = ttnn.CreateProgram()
        text = '#include "api/dataflow/dataflow_api.h"\nvoid kernel_main() {}'
        kernel = ttnn.CreateKernelFromString(program, text, FIRST, ttnn.WriterDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, FIRST, [buffer.address()])
        first, second = device.command_queue(0), device.command_queue(0 if how == "one queue" else 1)
        ttnn.EnqueueWriteBuffer(first, buffer, np.ones(4096, np.uint8), blocking=False)
        if how == "Finish":
            ttnn.Finish(first)
        elif how == "an event":
            ttnn.wait_for_event(1, ttnn.record_event(device, 0))
        if how == "nothing":
            with pytest.raises(ttnn.LaunchError, match=r"queue 1 runs a program .* while queue 0, which writes it"):
                ttnn.EnqueueProgram(second, program, blocking=True)
        else:
            ttnn.EnqueueProgram(second, program, blocking=True)
    finally:
        ttnn.CloseDevice(device)


FAR = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 8 << 20};
    const uint32_t x = get_arg_val<uint32_t>(1), y = get_arg_val<uint32_t>(2), ready = get_semaphore(0);
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    for (uint32_t i = 0; i < 16384; i++) words[i] = i;
    auto write = [&](uint32_t page, uint32_t offset) {
        noc_async_write(get_write_ptr(0), get_noc_addr(page, pages, offset), 65536);
        noc_async_write_barrier();
    };
    BODY
}"""
FILL = "for (uint32_t i = 0; i < 34 * 128; i++) write(i / 128, i % 128 * 65536);\n"
LAST = "write(40, 65536);\n"


@pytest.mark.parametrize(
    ("body", "id"), [(TELL + LAST, "TT-RACE-001"), (LAST + TELL, "")], ids=["told too early", "told after"]
)
def test_after_much_other_memory(body: str, id: str) -> None:
    pages, page, size = 41, 8 << 20, 65536  # 272 MB are written before page 40
    with ttnn.open_device(0, backend="emulator?check=full") as device:
        buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, pages * page, page, ttnn.BufferType.DRAM))
        program = ttnn.CreateProgram()
        ring = ttnn.CircularBufferConfig(size, {0: ttnn.DataFormat.UInt32}).set_page_size(0, size)
        ttnn.CreateCircularBuffer(program, BOTH, ring)
        ttnn.CreateSemaphore(program, BOTH, 0)
        other = device.worker_core_from_logical_core(SECOND)
        for core, text in (FIRST, FILL + body), (SECOND, AWAIT + LAST):
            config = ttnn.WriterDataMovementConfig()
            kernel = ttnn.CreateKernelFromString(program, FAR.replace("BODY", text), core, config)
            ttnn.SetRuntimeArgs(program, kernel, core, [buffer.address(), other.x, other.y])
        with pytest.raises(ttnn.KernelError, match=id) if id else contextlib.nullcontext():
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
