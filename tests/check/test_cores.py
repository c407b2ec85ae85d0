"""What is kept of a core grows with what it has: transfers under way, and circular buffers by high and few indices."""

from __future__ import annotations

import re

import pytest

import tthal as ttnn

READS = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint32_t place = get_write_ptr(get_arg_val<uint32_t>(0));
    noc_async_write(place, get_noc_addr(place + 4096), 32);
    noc_async_write_barrier();
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(1); i++)
        noc_async_read(get_noc_addr(place + 4096), place + 32 * i, 32);
    if (get_arg_val<uint32_t>(2)) noc_async_read_barrier();
}
"""


def read(indices: list[int], counts: list[int], has_barrier: bool) -> None:
    """Let a kernel on each of some cores read so many times into its circular buffer, which has an index of its own."""
    with ttnn.open_device(0, backend="emulator?findings=all") as device:
        program, cores = ttnn.CreateProgram(), [ttnn.CoreCoord(x, 0) for x in range(len(counts))]
        kernel = ttnn.CreateKernelFromString(
            program, READS, ttnn.CoreRange(cores[0], cores[-1]), ttnn.ReaderDataMovementConfig()
        )
        for core, index, count in zip(cores, indices, counts, strict=True):
            ring = ttnn.CircularBufferConfig(8192, {index: ttnn.DataFormat.UInt32}).set_page_size(index, 8192)
            ttnn.CreateCircularBuffer(program, core, ring)
            ttnn.SetRuntimeArgs(program, kernel, core, [index, count, int(has_barrier)])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


@pytest.mark.parametrize("count", [1, 4, 5, 36, 37, 100])
def test_all_reads_under_way_are_told(count: int) -> None:
    with pytest.raises(ttnn.KernelError) as caught:
        read([0], [count], has_barrier=False)
    told = re.search(r"ended with (\d+)\s+reads?\b", str(caught.value))
    assert "TT-END-001" in str(caught.value)
    assert told is not None
    assert int(told[1]) == count


def test_cores_with_buffers_and_transfers_of_their_own() -> None:
    indices = [31, 0, 7]
    for _ in range(2):
        read(indices, [3, 100, 40], has_barrier=True)
    with pytest.raises(ttnn.KernelError, match="TT-END-001"):
        read(indices, [3, 100, 40], has_barrier=False)
