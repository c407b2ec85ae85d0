"""What tile math costs: a 1024x1024x1024 bfloat16 matrix product on 64 cores against numpy's float32 product.

``python benchmarks/compute.py`` prints a table; times are the best of some runs, ratios are within one run.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
from rich.console import Console
from rich.table import Table

import tthal as ttnn
from tthal.tiles import tilize, untilize

KERNELS = Path(__file__).resolve().parent / "kernels"
TILE_BYTES = 2048
SIDE = 1024
TILES = SIDE // 32
GRID = 8
BLOCK = 4
"""Output tiles of one core, across and down."""
PAGES_AT_ONCE = 8
"""Tiles of each operand that the reader fetches at a time; the circular buffers hold twice as many."""


def best(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def create_buffer(device: ttnn.Device) -> ttnn.Buffer:
    """Create an interleaved DRAM buffer for one matrix."""
    size = SIDE * SIDE * 2
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, size, TILE_BYTES, ttnn.BufferType.DRAM))


def matmul_program(buffers: list[ttnn.Buffer], side: int) -> ttnn.Program:
    """Every core makes 4x4 output tiles, in steps of ``side`` x ``side`` tiles (1: matmul_tiles, 4: matmul_block)."""
    a, b, c = buffers
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(GRID - 1, GRID - 1))
    program = ttnn.CreateProgram()
    for index, pages in ((0, 2 * PAGES_AT_ONCE), (1, 2 * PAGES_AT_ONCE), (16, 2 * side * side)):
        config = ttnn.CircularBufferConfig(pages * TILE_BYTES, {index: ttnn.DataFormat.Float16_b})
        ttnn.CreateCircularBuffer(program, cores, config.set_page_size(index, TILE_BYTES))
    layout = ttnn.TensorAccessorArgs(a).get_compile_time_args()
    reader = ttnn.CreateKernel(
        program,
        str(KERNELS / "matmul_reader.cpp"),
        cores,
        ttnn.ReaderDataMovementConfig([TILES, TILES, side, side, PAGES_AT_ONCE // side, *layout, *layout]),
    )
    settings = ttnn.ComputeConfig(dst_full_sync_en=side > 1, compile_args=[TILES, side, side])
    compute = ttnn.CreateKernel(program, str(KERNELS / "matmul_compute.cpp"), cores, settings)
    writer = ttnn.CreateKernel(
        program,
        str(KERNELS / "matmul_writer.cpp"),
        cores,
        ttnn.WriterDataMovementConfig([TILES, side, side, *layout]),
    )
    blocks = BLOCK // side
    for core in cores:
        place = [core.y * BLOCK, core.x * BLOCK, blocks, blocks]
        ttnn.SetRuntimeArgs(program, reader, core, [a.address(), b.address(), *place])
        ttnn.SetRuntimeArgs(program, compute, core, [blocks * blocks])
        ttnn.SetRuntimeArgs(program, writer, core, [c.address(), *place])
    return program


def matmul(device: ttnn.Device, repeats: int) -> list[tuple[str, float, str]]:
    """Time both forms of the product against numpy's, and check them."""
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((SIDE, SIDE), np.float32).astype(ml_dtypes.bfloat16) for _ in range(2))
    wide_a, wide_b = a.astype(np.float32), b.astype(np.float32)
    expected = wide_a @ wide_b
    numpy = best(lambda: wide_a @ wide_b, 3 * repeats)
    queue = device.command_queue()
    buffers = [create_buffer(device) for _ in range(3)]
    ttnn.EnqueueWriteBuffer(queue, buffers[0], tilize(a))
    ttnn.EnqueueWriteBuffer(queue, buffers[1], tilize(b))
    rows = [("numpy float32 a @ b, 1024x1024x1024", numpy, "")]
    for side, name in ((1, "matmul_tiles, one tile per step"), (BLOCK, "matmul_block, 4x4 tiles per step")):
        program = matmul_program(buffers, side)
        seconds = best(lambda: ttnn.EnqueueProgram(queue, program, blocking=True), repeats)  # noqa: B023
        data = ttnn.EnqueueReadBuffer(queue, buffers[2]).view(ml_dtypes.bfloat16)
        got = untilize(data, (SIDE, SIDE)).astype(np.float32)
        error = np.linalg.norm(got - expected) / np.linalg.norm(expected)
        rows.append((f"{name}, 64 cores", seconds, f"{seconds / numpy:.2f} x numpy; relative error {error:.1e}"))
    return rows


def main() -> int:
    """Run the benchmarks and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--backend", default="emulator")
    options = parser.parse_args()
    table = Table("what", "seconds", "ratio")
    with ttnn.open_device(0, backend=options.backend) as device:
        for what, seconds, ratio in matmul(device, options.repeats):
            table.add_row(what, f"{seconds:.4f}", ratio)
    Console(width=140).print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
