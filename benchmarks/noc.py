"""What NoC transfers cost: queued page reads against the bare copies they amount to, and a DRAM copy against numpy's.

``python benchmarks/noc.py`` prints a table; times are the best of some runs, ratios are within one run.
"""

from __future__ import annotations

import argparse
import functools
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
PAGE = 2048
BATCH = 64
"""Reads between two barriers."""
BATCHES = 200
COPY_BYTES = 64 << 20
COPY_PAGES = (2048, 8192)


def best(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def create_buffer(device: ttnn.Device, pages: int, page: int = PAGE) -> ttnn.Buffer:
    """Create an interleaved DRAM buffer."""
    config = ttnn.InterleavedBufferConfig(
        device=device, size=pages * page, page_size=page, buffer_type=ttnn.BufferType.DRAM
    )
    return ttnn.CreateBuffer(config)


def accessor_words(*buffers: ttnn.Buffer) -> list[int]:
    """Return the compile-time words of several buffers."""
    return [word for buffer in buffers for word in ttnn.TensorAccessorArgs(buffer).get_compile_time_args()]


def read_program(device: ttnn.Device, buffer: ttnn.Buffer, batches: int) -> ttnn.Program:
    """One core reads pages in batches, one barrier each."""
    program = ttnn.CreateProgram()
    core = ttnn.CoreCoord(0, 0)
    config = ttnn.CircularBufferConfig(BATCH * PAGE, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, PAGE)
    ttnn.CreateCircularBuffer(program, core, config)
    kernel = ttnn.CreateKernel(
        program, str(KERNELS / "noc_read_batches.cpp"), core, ttnn.ReaderDataMovementConfig(accessor_words(buffer))
    )
    ttnn.SetRuntimeArgs(program, kernel, core, [buffer.address(), batches, BATCH])
    return program


def copy_program(device: ttnn.Device, source: ttnn.Buffer, target: ttnn.Buffer) -> ttnn.Program:
    """All cores copy their share through their L1."""
    program = ttnn.CreateProgram()
    grid = device.properties.compute_grid
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(grid.x - 1, grid.y - 1))
    page = source.page_size()
    batch = BATCH * PAGE // page
    config = ttnn.CircularBufferConfig(BATCH * PAGE, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, page)
    ttnn.CreateCircularBuffer(program, cores, config)
    words = accessor_words(source, target)
    kernel = ttnn.CreateKernel(program, str(KERNELS / "noc_loopback.cpp"), cores, ttnn.ReaderDataMovementConfig(words))
    share = source.num_pages() // cores.size()
    for place, core in enumerate(cores):
        ttnn.SetRuntimeArgs(program, kernel, core, [source.address(), target.address(), place * share, share, batch])
    return program


def bare_copies(count: int) -> None:
    """Copy pages between two pieces of memory, as the emulator's memories are: the least such a transfer can cost."""
    source, target = memoryview(bytearray(64 * PAGE)), memoryview(bytearray(64 * PAGE))
    starts = [place % 64 * PAGE for place in range(count)]
    for start in starts:
        target[start : start + PAGE] = source[start : start + PAGE]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    table = Table("what", "time", "compared with", "time", "ratio")
    with ttnn.open_device(0, backend="emulator") as device:
        queue = device.command_queue()
        small = create_buffer(device, BATCH)
        many, few = (read_program(device, small, count) for count in (BATCHES + 1, 1))

        def launch(program: ttnn.Program) -> None:
            ttnn.EnqueueProgram(queue, program, blocking=True)

        launch(many)
        launch(few)
        each = (best(lambda: launch(many), repeats) - best(lambda: launch(few), repeats)) / (BATCHES * BATCH)
        bare = best(lambda: bare_copies(BATCHES * BATCH), repeats) / (BATCHES * BATCH)
        table.add_row(
            f"read of 2 KB, {BATCH} a barrier", f"{each * 1e6:.3f} us", "copy of two slices", f"{bare * 1e6:.3f} us",
            f"{each / bare:.1f}",
        )  # fmt: skip

        data = np.random.default_rng(0).integers(0, 2**32, COPY_BYTES // 4, dtype=np.uint32)
        copied = np.empty_like(data)
        with_numpy = best(lambda: np.copyto(copied, data), repeats)
        for page in COPY_PAGES:
            source, target = (create_buffer(device, COPY_BYTES // page, page) for _ in range(2))
            ttnn.EnqueueWriteBuffer(queue, source, data)
            program = copy_program(device, source, target)
            launch(program)
            if not np.array_equal(np.asarray(ttnn.EnqueueReadBuffer(queue, target)).view(np.uint32), data):
                raise SystemExit("the copy is wrong")
            on_device = best(functools.partial(launch, program), repeats)
            table.add_row(
                f"DRAM copy of {COPY_BYTES >> 20} MB, pages of {page >> 10} KB, 64 cores", f"{on_device * 1e3:.1f} ms",
                "numpy's copy", f"{with_numpy * 1e3:.1f} ms", f"{on_device / with_numpy:.1f}",
            )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    main()
