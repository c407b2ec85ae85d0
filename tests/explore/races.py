"""Programs with one race each: ``python races.py NAME`` prints what came out, which the order of events decides."""

from __future__ import annotations

import hashlib
import sys

import numpy as np

import tthal as ttnn

PAGE = 1024
PAGES = 4
CORES = [ttnn.CoreCoord(x, 0) for x in range(3)]
B, N = "BRISC", "NCRISC"
HEAD = """#include "api/dataflow/dataflow_api.h"
using word = volatile tt_l1_ptr uint32_t;
constexpr uint32_t PAGE = 1024, WORDS = PAGE / 4;
uint64_t core(uint32_t i, uint32_t at) {
    return get_noc_addr(get_arg_val<uint32_t>(2 * i), get_arg_val<uint32_t>(2 * i + 1), at);
}
uint64_t page(uint32_t i, bool out) {
    const InterleavedAddrGen<true> all = {.bank_base_address = get_arg_val<uint32_t>(out ? 7 : 6), .page_size = PAGE};
    return get_noc_addr(i, all);
}
void take(uint32_t i, uint32_t to) { noc_async_read(page(i, false), to, PAGE); noc_async_read_barrier(); }
void put(uint32_t from, uint32_t i) { noc_async_write(from, page(i, true), PAGE); noc_async_write_barrier(); }
void fill(uint32_t at, uint32_t what) {
    for (uint32_t i = 0; i < WORDS; i++) reinterpret_cast<word*>(at)[i] = what + i;
}
void look_up(uint64_t word) { noc_semaphore_inc(word, 1); noc_async_atomic_barrier(); }
void kernel_main() {
    const uint32_t a = get_write_ptr(0), b = a + PAGE, c = b + PAGE, sem = get_semaphore(0);
    word *s = reinterpret_cast<word*>(sem), *w = reinterpret_cast<word*>(a);
    (void)c; (void)s; (void)w;
"""

RACES: dict[str, dict[tuple[int, str], str]] = {
    # A core takes its neighbour's page without asking whether it is there.
    "unasked": {
        (0, B): "fill(a, 500);",
        (1, B): "noc_async_read(core(0, a), b, PAGE); noc_async_read_barrier(); put(b, 0);",
    },
    # Two processors count in one word; only the beginning and the end of the second one are ordered.
    "counting": {
        (0, B): "w[0] = 1; noc_semaphore_inc(core(0, sem), 1); noc_async_atomic_barrier();"
        "for (int i = 0; i < 8; i++) { w[0] = w[0] * 3 + 1; look_up(core(1, sem)); }"
        "noc_semaphore_wait(s, 2); noc_async_write(a, page(0, true), 32); noc_async_write_barrier();",
        (0, N): "noc_semaphore_wait_min(s, 1);"
        "for (int i = 0; i < 8; i++) { w[0] = w[0] + 7; look_up(core(1, sem)); }"
        "noc_semaphore_inc(core(0, sem), 1); noc_async_atomic_barrier();",
    },
    # Two cores write one page of DRAM.
    "one_page": {
        (0, B): "fill(b, 100); put(b, 2);",
        (1, B): "fill(b, 900); put(b, 2);",
    },
    # Data on one NoC and its announcement on the other.
    "two_networks": {
        (0, B): "take(1, b); noc_async_write(b, core(1, a), PAGE, 0); noc_semaphore_inc(core(1, sem), 1, 1);"
        "noc_async_write_barrier(0); noc_async_atomic_barrier(1);",
        (1, B): "noc_semaphore_wait(s, 1); put(a, 1);",
    },
    # The source of a write is filled again before the write has left.
    "reused_source": {
        (0, B): "for (uint32_t i = 0; i < 4; i++) { take(i, b); noc_async_write(b, page(i, true), PAGE); }"
        "noc_async_write_barrier();",
    },
    # Two cores announce their pages; the third waits for one of the two only.
    "one_of_two": {
        (0, B): "fill(b, 300); noc_async_write(b, core(2, a), PAGE); noc_async_write_barrier();"
        "noc_semaphore_inc(core(2, sem), 1); noc_async_atomic_barrier();",
        (1, B): "fill(c, 700); noc_async_write(c, core(2, b), PAGE); noc_async_write_barrier();"
        "noc_semaphore_inc(core(2, sem), 1); noc_async_atomic_barrier();",
        (2, B): "noc_semaphore_wait_min(s, 1); put(a, 0); put(b, 1);",
    },
    # The same, and it takes the first announcement for that of the first: the usual order is right.
    "either_of_two": {
        (0, B): "noc_semaphore_wait(s, 1); fill(b, 300); look_up(core(0, sem)); look_up(core(0, sem));"
        "noc_async_write(b, core(2, a), PAGE); noc_async_write_barrier();"
        "noc_semaphore_inc(core(2, sem), 1); noc_async_atomic_barrier();",
        (1, B): "noc_semaphore_wait(s, 1); fill(c, 700); look_up(core(1, sem)); look_up(core(1, sem));"
        "noc_async_write(c, core(2, b), PAGE); noc_async_write_barrier();"
        "noc_semaphore_inc(core(2, sem), 1); noc_async_atomic_barrier();",
        (2, B): "fill(a, 1); fill(b, 1);"
        "noc_semaphore_inc(core(0, sem), 1); noc_semaphore_inc(core(1, sem), 1); noc_async_atomic_barrier();"
        "noc_semaphore_wait_min(s, 1); put(a, 0); noc_semaphore_wait_min(s, 2); put(b, 1);",
    },
}  # fmt: skip


def run(name: str) -> bytes:
    """Run one of the programs; return what it wrote."""
    with ttnn.open_device() as device:
        config = ttnn.InterleavedBufferConfig(device, PAGES * PAGE, PAGE, ttnn.BufferType.DRAM)
        source, target = ttnn.CreateBuffer(config), ttnn.CreateBuffer(config)
        queue, program = device.command_queue(), ttnn.CreateProgram()
        ttnn.EnqueueWriteBuffer(queue, source, np.arange(PAGES * PAGE // 4, dtype=np.uint32))
        ttnn.EnqueueWriteBuffer(queue, target, np.zeros(PAGES * PAGE, np.uint8))
        everywhere = ttnn.CoreRange(CORES[0], CORES[-1])
        ring = ttnn.CircularBufferConfig(PAGES * PAGE, {0: ttnn.DataFormat.UInt32}).set_page_size(0, PAGE)
        ttnn.CreateCircularBuffer(program, everywhere, ring)
        ttnn.CreateSemaphore(program, everywhere, 0)
        virtual = [device.worker_core_from_logical_core(place) for place in CORES]
        words = [*(value for place in virtual for value in (place.x, place.y)), source.address(), target.address()]
        for (place, processor), body in RACES[name].items():
            mover = ttnn.WriterDataMovementConfig() if processor == B else ttnn.ReaderDataMovementConfig()
            kernel = ttnn.CreateKernelFromString(program, HEAD + body + "}", CORES[place], mover)
            ttnn.SetRuntimeArgs(program, kernel, CORES[place], words)
        ttnn.EnqueueProgram(queue, program, blocking=True)
        return ttnn.EnqueueReadBuffer(queue, target).tobytes()


if __name__ == "__main__":
    print(hashlib.sha256(run(sys.argv[1])).hexdigest()[:16])
