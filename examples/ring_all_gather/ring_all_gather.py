"""Every core of a ring ends up with the pages of all: each passes on what it got, and semaphores say what has arrived.

In step s a core sends the page it got in step s - 1 (at first its own) to its neighbour, straight into the neighbour's
L1, and increments the neighbour's semaphore. After n - 1 steps all n pages are everywhere. Nobody waits for everybody.
"""

import argparse
import time
from pathlib import Path

import numpy as np

import tthal as ttnn

KERNEL = Path(__file__).resolve().parent / "kernels" / "ring.cpp"
PAGE_BYTES = 1024


def create_program(device: ttnn.Device, source: ttnn.Tensor, result: ttnn.Tensor, size: int) -> ttnn.Program:
    """Build the program: the first ``size`` cores of the first row are the ring."""
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(size - 1, 0))
    program = ttnn.CreateProgram()
    config = ttnn.CircularBufferConfig(size * PAGE_BYTES, {0: ttnn.uint32}).set_page_size(0, PAGE_BYTES)
    ttnn.CreateCircularBuffer(program, cores, config)
    arrived = ttnn.CreateSemaphore(program, cores, 0)
    words = [word for each in (source, result) for word in ttnn.TensorAccessorArgs(each).get_compile_time_args()]
    kernel_config = ttnn.DataMovementConfig(compile_args=[size, PAGE_BYTES, arrived, *words])
    kernel = ttnn.CreateKernel(program, str(KERNEL), cores, kernel_config)
    for core in cores:
        neighbour = device.worker_core_from_logical_core(ttnn.CoreCoord((core.x + 1) % size, 0))
        addresses = [source.buffer_address(), result.buffer_address()]
        ttnn.SetRuntimeArgs(program, kernel, core, [*addresses, core.x, neighbour.x, neighbour.y])
    return program


def main() -> int:
    """Run the example; return 0 when every core has every page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=8, help="cores of the ring, at least 2 (default: 8)")
    size = parser.parse_args().cores

    with ttnn.open_device(0) as device:
        columns = device.compute_with_storage_grid_size().x
        if not 2 <= size <= columns:
            parser.error(f"--cores is from 2 to {columns} on {device.properties.board}")
        pages = np.random.default_rng(0).integers(0, 2**32, (size, PAGE_BYTES // 4), np.uint32)
        source = ttnn.from_numpy(pages, device=device)  # row-major: one row is one page
        result = ttnn.empty((size * size, PAGE_BYTES // 4), ttnn.uint32, ttnn.ROW_MAJOR_LAYOUT, device)
        program = create_program(device, source, result, size)
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            seconds.append(time.perf_counter() - start)
        gathered = ttnn.to_numpy(result).reshape(size, *pages.shape)
    print(f"{size} cores, {size - 1} steps; first launch: {seconds[0]:.3f} s, second: {seconds[1]:.3f} s")

    incomplete = [core for core in range(size) if not np.array_equal(gathered[core], pages)]
    print("PASSED: every core has all pages" if not incomplete else f"FAILED: cores {incomplete} miss pages")
    return 1 if incomplete else 0


if __name__ == "__main__":
    raise SystemExit(main())
