"""Right programs that look after pages by themselves: by questions instead of waits, and by an object's pointers."""

from __future__ import annotations

import numpy as np
import pytest

import tthal as ttnn

PAGE, PAGES = 64, 6
HEAD = """#include "api/dataflow/dataflow_api.h"
#include "api/dataflow/circular_buffer.h"
#include "api/dataflow/dataflow_buffer.h"
void kernel_main() {
    [[maybe_unused]] const InterleavedAddrGen<true> place = {get_arg_val<uint32_t>(0), 64};
"""
FILL = """
    for (uint32_t i = 0; i < 6; i++) {
        while (!cb_pages_reservable_at_back(0, 1)) {}
        noc_async_read(get_noc_addr(i, place), get_write_ptr(0), 64);
        noc_async_read_barrier();
        cb_push_back(0, 1);
    }
"""
DRAIN = """
    for (uint32_t i = 0; i < 6; i++) {
        while (!cb_pages_available_at_front(0, 1)) {}
        noc_async_write(get_read_ptr(0), get_noc_addr(i, place), 64);
        noc_async_write_barrier();
        cb_pop_front(0, 1);
    }
"""
STORE = """
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(%s);
    for (uint32_t i = 0; i < 16; i++) words[i] = 42;
"""


def run(selection: str, reader: str, writer: str = "") -> bool:
    """Launch both on one core; return whether the pages went through."""
    with ttnn.open_device(0, backend=selection) as device:
        core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
        pages = ttnn.InterleavedBufferConfig(device, PAGES * PAGE, PAGE, ttnn.BufferType.DRAM)
        buffers = [ttnn.CreateBuffer(pages) for _ in range(2)]
        given = np.arange(PAGES * PAGE, dtype=np.uint32).astype(np.uint8)
        ttnn.EnqueueWriteBuffer(device.command_queue(), buffers[0], given, blocking=True)
        for index in range(2):
            ring = ttnn.CircularBufferConfig(2 * PAGE, {index: ttnn.DataFormat.UInt32}).set_page_size(index, PAGE)
            ttnn.CreateCircularBuffer(program, core, ring)
        configs = (ttnn.ReaderDataMovementConfig(), ttnn.WriterDataMovementConfig())
        for text, buffer, config in zip((reader, writer), buffers, configs, strict=True):
            kernel = ttnn.CreateKernelFromString(program, f"{HEAD}{text}}}\n", core, config)
            ttnn.SetRuntimeArgs(program, kernel, core, [buffer.address()])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        return bool((ttnn.EnqueueReadBuffer(device.command_queue(), buffers[1]) == given).all())


@pytest.mark.parametrize("check", ["default", "full"])
@pytest.mark.parametrize("board", ["", ":p150"])
def test_who_asks_until_pages_are_there_has_waited(check: str, board: str) -> None:
    assert run(f"emulator{board}?check={check}&warnings=error", FILL, DRAIN)


@pytest.mark.parametrize("asked", [0, 3])
def test_who_asks_and_goes_on_all_the_same_has_not(asked: int) -> None:
    drain = DRAIN.replace("while (!cb_pages_available_at_front(0, 1)) {}", f"cb_pages_available_at_front(0, {asked});")
    with pytest.raises(ttnn.KernelError, match="TT-CB-003"):
        run("emulator?check=default", FILL, drain)


@pytest.mark.parametrize("pointer", ["CircularBuffer(1).get_write_ptr()", "DataflowBuffer(1).get_read_ptr()"])
def test_memory_that_an_object_was_asked_for_may_be_used(pointer: str) -> None:
    run("emulator?check=full&warnings=error", STORE % pointer)
