"""C = A + B for 1024 x 1024 bfloat16 elements, split over all cores of the device.

Each core runs three kernels: a reader (NCRISC) streams its tiles of A and B from DRAM into circular buffers, a compute
kernel (TRISC) adds them in the matrix engine, a writer (BRISC) streams the sums back. Addition works element by
element, so the order of elements inside a tile does not matter and the arrays are used as they are.

Run it on the emulator (default) or anywhere else: ``TTHAL_BACKEND=emulator:p150 python vector_add.py``.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
TILE_ELEMENTS = 32 * 32
TILE_BYTES = TILE_ELEMENTS * 2
CB_A, CB_B, CB_C = 0, 1, 16
CB_PAGES = 8


def split_tiles(num_tiles: int, num_cores: int) -> list[tuple[int, int]]:
    """Return (first tile, number of tiles) for every core, as evenly as possible."""
    edges = [core * num_tiles // num_cores for core in range(num_cores + 1)]
    return [(first, last - first) for first, last in itertools.pairwise(edges)]


def create_buffer(device: ttnn.Device, num_tiles: int) -> ttnn.Buffer:
    """Create an interleaved DRAM buffer of tiles."""
    config = ttnn.InterleavedBufferConfig(
        device=device, size=num_tiles * TILE_BYTES, page_size=TILE_BYTES, buffer_type=ttnn.BufferType.DRAM
    )
    return ttnn.CreateBuffer(config)


def create_program(device: ttnn.Device, a: ttnn.Buffer, b: ttnn.Buffer, c: ttnn.Buffer) -> ttnn.Program:
    """Build the program: three kernels and three circular buffers on every core."""
    grid = device.properties.compute_grid
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(grid.x - 1, grid.y - 1))
    program = ttnn.CreateProgram()
    for index in (CB_A, CB_B, CB_C):
        config = ttnn.CircularBufferConfig(CB_PAGES * TILE_BYTES, {index: ttnn.DataFormat.Float16_b})
        ttnn.CreateCircularBuffer(program, cores, config.set_page_size(index, TILE_BYTES))

    accessors = {buffer: ttnn.TensorAccessorArgs(buffer).get_compile_time_args() for buffer in (a, b, c)}
    reader = ttnn.CreateKernel(
        program, str(KERNELS / "reader.cpp"), cores, ttnn.ReaderDataMovementConfig(accessors[a] + accessors[b])
    )
    compute = ttnn.CreateKernel(program, str(KERNELS / "compute.cpp"), cores, ttnn.ComputeConfig())
    writer = ttnn.CreateKernel(program, str(KERNELS / "writer.cpp"), cores, ttnn.WriterDataMovementConfig(accessors[c]))
    for core, (first, count) in zip(cores, split_tiles(a.num_pages(), cores.size()), strict=True):
        ttnn.SetRuntimeArgs(program, reader, core, [a.address(), b.address(), first, count])
        ttnn.SetRuntimeArgs(program, compute, core, [count])
        ttnn.SetRuntimeArgs(program, writer, core, [c.address(), first, count])
    return program


def main() -> int:
    """Run the example; return 0 when the device's result equals numpy's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1024, help="rows and columns of the matrices (default: 1024)")
    size = parser.parse_args().size
    if size <= 0 or size * size % TILE_ELEMENTS:
        parser.error(f"--size {size}: the number of elements must be a multiple of {TILE_ELEMENTS}")

    rng = np.random.default_rng(0)
    a = rng.standard_normal((size, size), np.float32).astype(ml_dtypes.bfloat16)
    b = rng.standard_normal((size, size), np.float32).astype(ml_dtypes.bfloat16)

    with ttnn.open_device(0) as device:
        queue = device.command_queue()
        buffers = [create_buffer(device, size * size // TILE_ELEMENTS) for _ in range(3)]
        program = create_program(device, *buffers)
        ttnn.EnqueueWriteBuffer(queue, buffers[0], a)
        ttnn.EnqueueWriteBuffer(queue, buffers[1], b)
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            ttnn.EnqueueProgram(queue, program, blocking=True)
            seconds.append(time.perf_counter() - start)
        c = ttnn.EnqueueReadBuffer(queue, buffers[2]).view(ml_dtypes.bfloat16).reshape(size, size)
        grid, board = device.properties.compute_grid, device.properties.board
        print(f"{size}x{size} bfloat16, {buffers[0].num_pages()} tiles on {grid.x}x{grid.y} cores of {board}")
    print(f"first launch, with compiling: {seconds[0]:.3f} s; second launch: {seconds[1]:.3f} s")
    return compare(c, a, b)


def compare(c: np.ndarray, a: np.ndarray, b: np.ndarray) -> int:
    """Compare with float32 arithmetic; the result may differ by one rounding to bfloat16, 2**-8 relative."""
    expected = a.astype(np.float32) + b.astype(np.float32)
    error = np.abs(c.astype(np.float32) - expected)
    # The matrix engine keeps 10 fraction bits of the larger operand, then DST keeps 7.
    allowed = 2**-8 * np.abs(expected) + 2**-10 * np.maximum(np.abs(a.astype(np.float32)), np.abs(b.astype(np.float32)))
    worst = float((error - allowed).max())
    exact = float((c == expected.astype(ml_dtypes.bfloat16)).mean())
    print(f"compared with numpy: {exact:.2%} of the elements equal, largest difference {error.max():.3g}")
    print("PASSED" if worst <= 0 else f"FAILED: {np.count_nonzero(error > allowed)} elements are too far off")
    return 0 if worst <= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
