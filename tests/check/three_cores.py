"""A program of three cores that share a semaphore or two: what tests of races let its kernels do to each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

import tthal as ttnn

CORES = [ttnn.CoreCoord(x, 0) for x in range(3)]
ALL = ttnn.CoreRange(CORES[0], CORES[2])
HEAD = """#include "api/dataflow/dataflow_api.h"
using word = volatile tt_l1_ptr uint32_t;
void kernel_main() {
    const uint32_t x = get_arg_val<uint32_t>(1), y = get_arg_val<uint32_t>(2), me = get_arg_val<uint32_t>(3);
    const InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    const uint32_t a = get_write_ptr(0), b = get_write_ptr(1), sem = get_semaphore(0), sem1 = get_semaphore(1);
    word *w = reinterpret_cast<word*>(a), *v = reinterpret_cast<word*>(b);
    word *s = reinterpret_cast<word*>(sem), *s1 = reinterpret_cast<word*>(sem1);
    (void)w; (void)v; (void)s; (void)s1; (void)pages; (void)x; (void)y; (void)me;
"""
B, N = "BRISC", "NCRISC"


Bodies = Mapping[tuple[int, str], str]


def run_on_three_cores(selection: str, kernels: Bodies, pages: int = 1, then: Bodies | None = None) -> None:
    """Run kernel bodies by (core, processor), each core with two circular buffers of that many pages, ``then`` others.

    Core 1 sees core 0 as its other core, the rest see core 1; there are four pages in DRAM.
    """
    with ttnn.open_device(0, backend=selection) as device:
        config = ttnn.InterleavedBufferConfig(device, 4 * 2048, 2048, ttnn.BufferType.DRAM)
        buffer = ttnn.CreateBuffer(config)
        ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.ones(4 * 2048, np.uint8))
        for bodies in (kernels, then):
            if bodies:
                program = program_of(device, buffer, bodies, pages)
                ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def program_of(device: ttnn.Device, buffer: ttnn.Buffer, bodies: Bodies, pages: int) -> ttnn.Program:
    program = ttnn.CreateProgram()
    for index in (0, 1):
        ring = ttnn.CircularBufferConfig(pages * 2048, {index: ttnn.DataFormat.UInt32}).set_page_size(index, 2048)
        ttnn.CreateCircularBuffer(program, ALL, ring)
        ttnn.CreateSemaphore(program, ALL, 0)
    for (place, processor), body in bodies.items():
        mover = ttnn.WriterDataMovementConfig() if processor == B else ttnn.ReaderDataMovementConfig()
        kernel = ttnn.CreateKernelFromString(program, HEAD + body + "}", CORES[place], mover)
        other = device.worker_core_from_logical_core(CORES[0 if place == 1 else 1])
        ttnn.SetRuntimeArgs(program, kernel, CORES[place], [buffer.address(), other.x, other.y, place])
    return program
