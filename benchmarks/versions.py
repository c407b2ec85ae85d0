"""Processor time of what every program does, to compare two versions: run it in each of two trees.

``python benchmarks/versions.py SELECTION`` prints milliseconds, the least of some repeats, with compilers' included;
``... SELECTION first`` only those of a new machine. It uses only what all versions have; older ones know no ``check=``,
and have ``numerics=fast`` as their default.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import tthal as ttnn

CORE = ttnn.CoreCoord(0, 0)
GRID = ttnn.CoreRangeSet([ttnn.CoreRange(CORE, ttnn.CoreCoord(7, 7))])
WRITER = ttnn.DataMovementConfig(processor=ttnn.DataMovementProcessor.RISCV_0, noc=ttnn.NOC.NOC_0)
READER = ttnn.DataMovementConfig(processor=ttnn.DataMovementProcessor.RISCV_1, noc=ttnn.NOC.NOC_1)
EMPTY = "void kernel_main() {}"
READS = """#include "dataflow_api.h"
void kernel_main() {
    InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    for (uint32_t i = 0; i < 1000; i++) {
        noc_async_read(get_noc_addr(i & 511, pages), get_write_ptr(0), 2048);
        noc_async_read_barrier();
    }
}"""
FEED = """#include "dataflow_api.h"
void kernel_main() {
    for (uint32_t i = 0; i < 2048; i++)
        for (uint32_t cb = 0; cb < 2; cb++) { cb_reserve_back(cb, 1); cb_push_back(cb, 1); }
}"""
DRAIN = """#include "dataflow_api.h"
void kernel_main() { for (uint32_t i = 0; i < 2048; i++) { cb_wait_front(16, 1); cb_pop_front(16, 1); } }"""
ADD = """#include "compute_kernel_api/eltwise_binary.h"
#include "compute_kernel_api/tile_move_copy.h"
namespace NAMESPACE {
void MAIN {
    binary_op_init_common(0, 1, 16);
    add_tiles_init(0, 1);
    for (uint32_t i = 0; i < 2048; i++) {
        cb_wait_front(0, 1); cb_wait_front(1, 1); cb_reserve_back(16, 1);
        tile_regs_acquire(); add_tiles(0, 1, 0, 0, 0); tile_regs_commit();
        tile_regs_wait(); pack_tile(0, 16); tile_regs_release();
        cb_push_back(16, 1); cb_pop_front(0, 1); cb_pop_front(1, 1);
    }
}
}"""


def processor_ms() -> float:
    """Processor time so far, of this process and of those that it has waited for."""
    return sum(os.times()[:4]) * 1e3


def least(work: Callable[[], object], repeats: int, clock: Callable[[], float]) -> float:
    """Return the least that ``work`` takes, after it ran twice."""
    taken = []
    for number in range(repeats + 2):
        began = clock()
        work()
        taken.append(clock() - began if number > 1 else float("inf"))
    return min(taken)


def program(*kernels: tuple[str, object], buffers: tuple[int, ...] = (), on: object = CORE) -> ttnn.Program:
    """A program of kernels, on one core unless ``on`` says otherwise."""
    made = ttnn.CreateProgram()
    for index in buffers:
        config = ttnn.CircularBufferConfig(4 * 2048, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, 2048)
        ttnn.CreateCircularBuffer(made, on, config)
    for source, config in kernels:
        ttnn.CreateKernelFromString(made, source, on, config)
    return made


def launches(device: ttnn.Device, ms: Callable[[], float]) -> Iterator[tuple[str, float]]:
    """Launches of what is compiled already."""
    queue = device.command_queue()

    def time_of(made: ttnn.Program, repeats: int) -> float:
        return least(lambda: ttnn.EnqueueProgram(queue, made, blocking=True), repeats, ms)

    yield "128 empty kernels", time_of(program((EMPTY, WRITER), (EMPTY, READER), on=GRID), 30)
    yield "1 empty kernel", time_of(program((EMPTY, WRITER)), 100)
    streaming = program((DRAIN, WRITER), (FEED, READER), (ADD, ttnn.ComputeConfig()), buffers=(0, 1, 16))
    yield "2048 tiles, streaming add", time_of(streaming, 15)
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 1 << 20, 2048, ttnn.BufferType.DRAM))
    data = np.arange(1 << 18, dtype=np.uint32)
    yield "1 MB write", least(lambda: ttnn.EnqueueWriteBuffer(queue, buffer, data, blocking=True), 50, ms)
    yield "1 MB read", least(lambda: (ttnn.EnqueueReadBuffer(queue, buffer), ttnn.Finish(queue)), 50, ms)
    reads = program((READS, WRITER), buffers=(0,))
    ttnn.SetRuntimeArgs(reads, 0, CORE, [buffer.address()])
    yield "1000 reads with barriers", time_of(reads, 30)


def new_kernel(device: ttnn.Device) -> None:
    """Launch a kernel that no cache has."""
    source = f'#include "dataflow_api.h"\nvoid kernel_main() {{ noc_async_read_barrier(); }}  // {secrets.token_hex()}'
    ttnn.EnqueueProgram(device.command_queue(), program((source, WRITER)), blocking=True)


def vector_add(selection: str) -> None:
    """Run the tree's example in a process of its own, with a new cache."""
    example = Path(ttnn.__file__).resolve().parents[1] / "examples" / "vector_add" / "vector_add.py"
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as cache:
        environment = kept | {"TTHAL_CACHE_DIR": cache, "TTHAL_BACKEND": selection}
        subprocess.run([sys.executable, str(example)], env=environment, stdout=subprocess.DEVNULL, check=True)


def first_vector_add(selection: str, repeats: int = 3) -> Iterator[tuple[str, float]]:
    """The whole process of a first vector_add on a machine, which compiles all that it needs."""
    taken = []
    for _ in range(repeats):
        began, ms = time.perf_counter(), processor_ms()
        vector_add(selection)
        taken.append((processor_ms() - ms, (time.perf_counter() - began) * 1e3))
    yield "first vector_add, new cache", min(processor for processor, _ in taken)
    yield "the same by the clock", min(clock for _, clock in taken)


def main() -> None:
    """Print what takes how long."""
    selection = sys.argv[1] if len(sys.argv) > 1 else "emulator"
    rows = list(first_vector_add(selection))
    if sys.argv[2:] != ["first"]:
        rows += in_one_process(selection)
    for name, taken in rows:
        print(f"{name:28}{taken:10.3f} ms")


def in_one_process(selection: str) -> list[tuple[str, float]]:
    """What takes how long in this process."""

    def open_and_close() -> None:
        with ttnn.open_device(0, backend=selection):
            pass

    def ms() -> float:
        return time.process_time() * 1e3

    began = ms()
    with ttnn.open_device(0, backend=selection) as device:
        rows = [("first open of a process", ms() - began)]
        rows += launches(device, ms)
        rows.append(("a new kernel", least(lambda: new_kernel(device), 4, processor_ms)))
    rows.append(("a further open, and close", least(open_and_close, 10, ms)))
    return rows


if __name__ == "__main__":
    main()
