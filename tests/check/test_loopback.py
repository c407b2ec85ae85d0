"""Loopback multicasts from outside of their rectangle, or to the sender alone: warnings."""

from __future__ import annotations

import pytest

import tthal as ttnn

SENDER = ttnn.CoreCoord(1, 1)
KERNEL = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint64_t there = get_noc_multicast_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1),
        get_arg_val<uint32_t>(2), get_arg_val<uint32_t>(3), get_write_ptr(0));
    noc_async_write_multicast_loopback_src(get_write_ptr(0), there, 64, get_arg_val<uint32_t>(4));
    noc_async_write_barrier();
}
"""
CASES = [((0, 0), (1, 1), 4, ""), ((2, 2), (3, 3), 4, "TT-NOC-003"), ((1, 1), (1, 1), 1, "TT-NOC-004")]


@pytest.mark.parametrize(("first", "last", "count", "id"), CASES)
@pytest.mark.parametrize("board", ["emulator", pytest.param("emulator:p150", marks=pytest.mark.slow)])
def test_loopback(board: str, first: tuple[int, int], last: tuple[int, int], count: int, id: str) -> None:
    with ttnn.open_device(0, backend=f"{board}?check=default&warnings=error") as device:
        program = ttnn.CreateProgram()
        ring = ttnn.CircularBufferConfig(64, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 64)
        everybody = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 3))
        ttnn.CreateCircularBuffer(program, everybody, ring)
        config = ttnn.DataMovementConfig(processor=ttnn.DataMovementProcessor.RISCV_0, noc=ttnn.NOC.RISCV_0_default)
        kernel = ttnn.CreateKernelFromString(program, KERNEL, SENDER, config)
        corners = [device.worker_core_from_logical_core(ttnn.CoreCoord(*place)) for place in (first, last)]
        words = [word for corner in corners for word in (corner.x, corner.y)]
        ttnn.SetRuntimeArgs(program, kernel, SENDER, [*words, count])
        if not id:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            return
        with pytest.raises(ttnn.KernelError, match=id) as caught:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        assert caught.value.line == 5
