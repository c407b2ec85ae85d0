"""What it costs to compile a program of many kernels that differ in compile-time arguments only.

``python benchmarks/compiling.py`` prints a table: code of their own (an argument is needed as a constant) on one
processor and on all, and code that they share. Each case starts with an empty cache, but for what one kernel needs.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time

from rich.console import Console
from rich.table import Table

import tthal as ttnn
from tthal.kit.cache import VARIABLE

KERNEL = """
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    constexpr uint32_t first = get_compile_time_arg_val(0);
    NEEDED
    constexpr auto layout = TensorAccessorArgs<1>();
    const auto source = TensorAccessor(layout, get_arg_val<uint32_t>(0), 2048);
    for (uint32_t page = first; page < first + 2; page++) {
        cb_reserve_back(0, 1);
        noc_async_read_page(page, source, get_write_ptr(0));
        noc_async_read_barrier();
        cb_push_back(0, 1);
        cb_wait_front(0, 1);
        cb_pop_front(0, 1);
    }
}
"""


def program(text: str, source: ttnn.Buffer, arguments: range) -> ttnn.Program:
    """Return a program of one kernel on a core for each argument."""
    made = ttnn.CreateProgram()
    layout = ttnn.TensorAccessorArgs(source).get_compile_time_args()
    for number, argument in enumerate(arguments):
        core = ttnn.CoreCoord(number % 8, number // 8)
        buffer = ttnn.CircularBufferConfig(4096, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, 2048)
        ttnn.CreateCircularBuffer(made, core, buffer)
        config = ttnn.ReaderDataMovementConfig(compile_args=[argument, *layout])
        kernel = ttnn.CreateKernelFromString(made, text, core, config)
        ttnn.SetRuntimeArgs(made, kernel, core, [source.address()])
    return made


def seconds(kernels: int, jobs: int, needed: bool) -> tuple[float, float]:
    """Return how long a program's first launch takes, and that of the same with other arguments."""
    text = KERNEL.replace("NEEDED", "static_assert(first < 1000);" if needed else "")
    with tempfile.TemporaryDirectory() as cache:
        os.environ[VARIABLE] = cache
        with ttnn.open_device(backend=f"emulator?jobs={jobs}") as device:
            source = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 256 * 2048, 2048, ttnn.BufferType.DRAM))
            times = []
            for arguments in (range(200, 201), range(kernels), range(100, 100 + kernels)):
                made, start = program(text, source, arguments), time.perf_counter()
                ttnn.EnqueueProgram(device.command_queue(), made, blocking=True)
                times.append(time.perf_counter() - start)
    return times[1], times[2]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernels", type=int, default=64, help="at most 64")
    given = parser.parse_args()
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    table = Table(f"{given.kernels} kernels", "first launch, s", "other arguments, s", "one processor = 1")
    base = 0.0
    for name, jobs, needed in (
        ("own code, one processor", 1, True),
        (f"own code, {cpus} processors", cpus, True),
        ("shared code", cpus, False),
    ):
        first, again = seconds(given.kernels, jobs, needed)
        base = base or first
        table.add_row(name, f"{first:.2f}", f"{again:.2f}", f"{first / base:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
