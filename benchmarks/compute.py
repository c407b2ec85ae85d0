"""What tile math costs in both grades: matrix products on 64 cores against numpy's, and streams of tile operations.

``python benchmarks/compute.py`` prints tables: medians of some runs, and ratios within one run. ``--scaling`` prints
products with one CPU, two and so on. To compare with another checkout, run both side by side.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
from rich.console import Console
from rich.table import Table

import tthal as ttnn
from tthal.tiles import tilize, untilize

ROOT = Path(__file__).resolve().parent
KERNELS = ROOT / "kernels"
STREAM = ROOT.parent / "examples" / "vector_add" / "kernels"
TILE_BYTES = 2048
SIDE = 1024
TILES = SIDE // 32
GRID = 8
BLOCK = 4
"""Output tiles of one core, across and down."""
PAGES_AT_ONCE = 8
"""Tiles of each operand that the reader fetches at a time; the circular buffers hold twice as many."""
STREAMED = 2048
OPERATIONS = ("copy", "add", "mul", "sum of rows", "tilize", "copy, packed to Bfp8_b")
BFP8_BYTES = 1088


def median(work: Callable[[], object], repeats: int) -> float:
    """Return the median of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def create_buffer(device: ttnn.Device, size: int, page: int = TILE_BYTES) -> ttnn.Buffer:
    """Create an interleaved DRAM buffer."""
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, size, page, ttnn.BufferType.DRAM))


# ------------------------------------------------------------------------------------------------ products


def matmul_program(buffers: list[ttnn.Buffer], side: int, fidelity: ttnn.MathFidelity) -> ttnn.Program:
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
    settings = ttnn.ComputeConfig(math_fidelity=fidelity, dst_full_sync_en=side > 1, compile_args=[TILES, side, side])
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


class Product:
    """1024x1024x1024 of bfloat16, on a device and in numpy."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.a, self.b = (rng.standard_normal((SIDE, SIDE), np.float32).astype(ml_dtypes.bfloat16) for _ in range(2))
        self.wide = self.a.astype(np.float32), self.b.astype(np.float32)
        self.expected = self.wide[0] @ self.wide[1]

    def numpy_seconds(self, repeats: int) -> float:
        """Return what numpy's float32 product takes."""
        return median(lambda: self.wide[0] @ self.wide[1], repeats)

    def rows(self, backend: str, what: str, repeats: int) -> list[tuple[str, float, str]]:
        """Return a row per form of the product: name, seconds and the ratio to numpy's time in the same minute."""
        rows = []
        with ttnn.open_device(0, backend=backend) as device:
            queue = device.command_queue()
            buffers = [create_buffer(device, SIDE * SIDE * 2) for _ in range(3)]
            ttnn.EnqueueWriteBuffer(queue, buffers[0], tilize(self.a))
            ttnn.EnqueueWriteBuffer(queue, buffers[1], tilize(self.b))
            for fidelity, side in (("HiFi4", 1), ("LoFi", 1), ("HiFi4", BLOCK), ("LoFi", BLOCK)):
                program = matmul_program(buffers, side, ttnn.MathFidelity[fidelity])
                ttnn.EnqueueProgram(queue, program, blocking=True)
                numpy = self.numpy_seconds(repeats)
                seconds = median(lambda: ttnn.EnqueueProgram(queue, program, blocking=True), repeats)  # noqa: B023
                form = "one tile per step" if side == 1 else "4x4 tiles per step"
                error = self.relative_error(ttnn.EnqueueReadBuffer(queue, buffers[2]))
                ratio = f"{seconds / numpy:.1f} x numpy's {numpy:.3f} s; relative error {error:.1e}"
                rows.append((f"{what}, {fidelity}, {form}", seconds, ratio))
        return rows

    def relative_error(self, data: np.ndarray) -> float:
        """Return how far a result is from float32's."""
        got = untilize(data.view(ml_dtypes.bfloat16), (SIDE, SIDE)).astype(np.float32)
        return float(np.linalg.norm(got - self.expected) / np.linalg.norm(self.expected))


# ------------------------------------------------------------------------------------------------ streams


def stream_program(buffers: list[ttnn.Buffer], operation: int) -> ttnn.Program:
    """One core reads two streams of tiles, computes, and writes one; circular buffers hold eight tiles."""
    core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
    bfp8 = operation == len(OPERATIONS) - 1
    formats = (ttnn.DataFormat.Float16_b,) * 2 + (ttnn.DataFormat.Bfp8_b if bfp8 else ttnn.DataFormat.Float16_b,)
    for index, data_format in zip((0, 1, 16), formats, strict=True):
        page = BFP8_BYTES if data_format is ttnn.DataFormat.Bfp8_b else TILE_BYTES
        config = ttnn.CircularBufferConfig(8 * page, {index: data_format}).set_page_size(index, page)
        ttnn.CreateCircularBuffer(program, core, config)
    words = [ttnn.TensorAccessorArgs(buffer).get_compile_time_args() for buffer in buffers]
    reader = ttnn.CreateKernel(
        program, str(STREAM / "reader.cpp"), core, ttnn.ReaderDataMovementConfig(words[0] + words[1])
    )
    compute = ttnn.CreateKernel(program, str(KERNELS / "stream_compute.cpp"), core, ttnn.ComputeConfig())
    writer = ttnn.CreateKernel(program, str(STREAM / "writer.cpp"), core, ttnn.WriterDataMovementConfig(words[2]))
    a, b, c = (buffer.address() for buffer in buffers)
    ttnn.SetRuntimeArgs(program, reader, core, [a, b, 0, STREAMED])
    ttnn.SetRuntimeArgs(program, compute, core, [STREAMED, 0 if bfp8 else operation])
    ttnn.SetRuntimeArgs(program, writer, core, [c, 0, STREAMED])
    return program


def scaler_tiles() -> np.ndarray:
    """Return tiles of numbers whose first rows of faces are all that is not zero, as scalers of reductions are."""
    faces = np.zeros((STREAMED, 4, 16, 16), np.float32)
    faces[:, :, 0] = np.random.default_rng(1).standard_normal((STREAMED, 4, 16))
    return faces.astype(ml_dtypes.bfloat16)


def streams(backends: list[str], repeats: int) -> list[tuple[str, float, str]]:
    """Time every operation per tile on all backends in turn; ratios are to the first one."""
    rng, rows = np.random.default_rng(0), []
    data = rng.standard_normal((STREAMED, 1024)).astype(ml_dtypes.bfloat16)
    for operation, name in enumerate(OPERATIONS):
        first = 0.0
        for backend in backends:
            with ttnn.open_device(0, backend=backend) as device:
                queue = device.command_queue()
                page = BFP8_BYTES if operation == len(OPERATIONS) - 1 else TILE_BYTES
                buffers = [create_buffer(device, STREAMED * size, size) for size in (TILE_BYTES, TILE_BYTES, page)]
                ttnn.EnqueueWriteBuffer(queue, buffers[0], data)
                ttnn.EnqueueWriteBuffer(
                    queue, buffers[1], scaler_tiles() if name == "sum of rows" else data[::-1].copy()
                )
                program = stream_program(buffers, operation)
                ttnn.EnqueueProgram(queue, program, blocking=True)
                tile = median(lambda: ttnn.EnqueueProgram(queue, program, blocking=True), repeats) / STREAMED  # noqa: B023
                first = first or tile
                rows.append((f"{name}, per tile, {backend}", tile, f"{tile / first:.2f} x {backends[0]}"))
    return rows


def main() -> int:
    """Run the benchmarks and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", choices=("products", "streams"))
    parser.add_argument("--scaling", action="store_true", help="products with 1, 2, ... CPUs")
    options = parser.parse_args()
    grades = ["emulator?numerics=fast", "emulator?numerics=exact"]
    if options.scaling:
        counts = [jobs for jobs in (1, 2, 4, 8, 16, 32) if jobs <= len(os.sched_getaffinity(0))]
        grades = [f"{backend}&jobs={jobs}" for backend in grades for jobs in counts]
    console = Console(width=150)
    if options.only != "streams":
        table, product = Table("1024x1024x1024 of bfloat16 on 64 cores", "seconds", "ratio"), Product()
        for backend in grades:
            for what, seconds, ratio in product.rows(backend, backend, options.repeats):
                table.add_row(what, f"{seconds:.3f}", ratio)
        console.print(table)
    if options.only != "products" and not options.scaling:
        table = Table("streams of bfloat16 tiles on one core", "microseconds", "ratio")
        for what, seconds, ratio in streams(grades, options.repeats):
            table.add_row(what, f"{seconds * 1e6:.2f}", ratio)
        console.print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
