"""C = A @ B in bfloat16 on one core, tile by tile, with float32 accumulation in DST.

Run it: ``python matmul_single_core.py --m 256 --k 128 --n 192``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
TILE_SIDE = 32
TILE_BYTES = TILE_SIDE * TILE_SIDE * 2
CB_A, CB_B, CB_C = 0, 1, 16


def create_buffer(device: ttnn.Device, rows: int, columns: int) -> ttnn.Buffer:
    """Create an interleaved DRAM buffer of bfloat16 tiles."""
    size = rows * columns * 2
    config = ttnn.InterleavedBufferConfig(
        device=device, size=size, page_size=TILE_BYTES, buffer_type=ttnn.BufferType.DRAM
    )
    return ttnn.CreateBuffer(config)


def create_program(a: ttnn.Buffer, b: ttnn.Buffer, c: ttnn.Buffer, tiles: tuple[int, int, int]) -> ttnn.Program:
    """Build the program on core (0,0); ``tiles`` is (Mt, Kt, Nt)."""
    core = ttnn.CoreCoord(0, 0)
    program = ttnn.CreateProgram()
    for index in (CB_A, CB_B, CB_C):
        config = ttnn.CircularBufferConfig(4 * TILE_BYTES, {index: ttnn.DataFormat.Float16_b})
        ttnn.CreateCircularBuffer(program, core, config.set_page_size(index, TILE_BYTES))

    accessors = {buffer: ttnn.TensorAccessorArgs(buffer).get_compile_time_args() for buffer in (a, b, c)}
    reader_args = [*tiles, *accessors[a], *accessors[b]]
    writer_args = [tiles[0] * tiles[2], *accessors[c]]
    reader = ttnn.CreateKernel(program, str(KERNELS / "reader.cpp"), core, ttnn.ReaderDataMovementConfig(reader_args))
    ttnn.CreateKernel(
        program,
        str(KERNELS / "compute.cpp"),
        core,
        ttnn.ComputeConfig(math_fidelity=ttnn.MathFidelity.HiFi4, fp32_dest_acc_en=True, compile_args=list(tiles)),
    )
    writer = ttnn.CreateKernel(program, str(KERNELS / "writer.cpp"), core, ttnn.WriterDataMovementConfig(writer_args))
    ttnn.SetRuntimeArgs(program, reader, core, [a.address(), b.address()])
    ttnn.SetRuntimeArgs(program, writer, core, [c.address()])
    return program


def main() -> int:
    """Run the example; return 0 when the device's result agrees with numpy's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("m", 256), ("k", 256), ("n", 256)):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"multiple of 32 (default: {default})")
    shape = parser.parse_args()
    for name in ("m", "k", "n"):
        value = getattr(shape, name)
        if value <= 0 or value % TILE_SIDE:
            parser.error(f"--{name} {value}: must be a positive multiple of {TILE_SIDE}")

    rng = np.random.default_rng(0)
    a = rng.standard_normal((shape.m, shape.k), np.float32).astype(ml_dtypes.bfloat16)
    b = rng.standard_normal((shape.k, shape.n), np.float32).astype(ml_dtypes.bfloat16)
    tiles = (shape.m // TILE_SIDE, shape.k // TILE_SIDE, shape.n // TILE_SIDE)

    with ttnn.open_device(0) as device:
        queue = device.command_queue()
        buffers = [create_buffer(device, *matrix) for matrix in (a.shape, b.shape, (shape.m, shape.n))]
        program = create_program(*buffers, tiles)
        ttnn.EnqueueWriteBuffer(queue, buffers[0], ttnn.tilize(a))
        ttnn.EnqueueWriteBuffer(queue, buffers[1], ttnn.tilize(b))
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            ttnn.EnqueueProgram(queue, program, blocking=True)
            seconds.append(time.perf_counter() - start)
        out = ttnn.EnqueueReadBuffer(queue, buffers[2]).view(ml_dtypes.bfloat16)
        c = ttnn.untilize(out, (shape.m, shape.n)).astype(np.float64)

    products = tiles[0] * tiles[1] * tiles[2]
    print(f"{shape.m}x{shape.k} @ {shape.k}x{shape.n} bfloat16, {products} tile products on one core")
    print(f"first launch, with compiling: {seconds[0]:.3f} s; second launch: {seconds[1]:.3f} s")
    return compare(c, a.astype(np.float64), b.astype(np.float64))


def compare(c: np.ndarray, a: np.ndarray, b: np.ndarray) -> int:
    """Compare with float64: one rounding to bfloat16, and 2**-10 per product for the sums of the matrix unit."""
    expected = a @ b
    allowed = 2**-8 * np.abs(expected) + 2**-10 * (np.abs(a) @ np.abs(b))
    error = np.abs(c - expected)
    wrong = int(np.count_nonzero(error > allowed))
    relative = float(np.linalg.norm(c - expected) / np.linalg.norm(expected))
    print(f"compared with numpy: relative error {relative:.2e}, largest difference {error.max():.3g}")
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
