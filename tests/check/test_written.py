"""Which bytes were written is known to the byte of L1, and to 32 bytes of DRAM, whatever their neighbours are."""

from __future__ import annotations

import numpy as np
import pytest

import tthal as ttnn
from tthal_check.written import DRAM_GRAIN, Written


def test_marks_end_where_the_memory_does() -> None:
    with ttnn.open_device(0, backend="emulator?check=off") as device:
        properties = device.properties
    core, bits, random = 11, 3 * 4096, np.random.default_rng(1)
    written = Written(properties, 64, np.zeros(12, np.int32))
    others = written.l1.copy()
    expected = np.zeros(bits, bool)
    for size in (512, bits):
        for _ in range(300):
            first = int(random.integers(0, size - 1))
            last = int(random.integers(first + 1, size))
            is_written = bool(random.integers(2))
            for is_l1, unit, place in ((True, 1, core), (False, DRAM_GRAIN, 0)):
                written._mark(is_l1, place, first * unit, last * unit, is_written)
            expected[first:last] = is_written
            l1 = written.l1[core // 8, :3, core % 8]
            for row in (l1, written.dram[0, : bits // 8]):
                assert np.array_equal(np.unpackbits(row, bitorder="little").astype(bool), expected)
    written.l1[core // 8, :, core % 8] = 0
    assert np.array_equal(written.l1, others), "bits of other cores"


def test_a_new_buffer_beside_a_written_one() -> None:
    text = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    noc_async_read(get_noc_addr(0, pages), get_write_ptr(0), 2048);
    noc_async_read_barrier();
}
"""
    with ttnn.open_device(0, backend="emulator?check=full") as device:
        config = ttnn.InterleavedBufferConfig(device, 2048, 2048, ttnn.BufferType.DRAM)
        before, new, after = (ttnn.CreateBuffer(config) for _ in range(3))
        for buffer in (before, after):
            ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.ones(2048, np.uint8))
        program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
        ring = ttnn.CircularBufferConfig(2048, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 2048)
        ttnn.CreateCircularBuffer(program, core, ring)
        kernel = ttnn.CreateKernelFromString(program, text, core, ttnn.ReaderDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, core, [before.address()])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        ttnn.SetRuntimeArgs(program, kernel, core, [new.address()])
        with pytest.raises(ttnn.KernelError, match="TT-INI-004"):
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
