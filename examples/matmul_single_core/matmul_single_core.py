"""C = A @ B in bfloat16 on one core, tile by tile, with float32 accumulation in DST.

Run it: ``python matmul_single_core.py --m 256 --k 128 --n 192``.
"""

import argparse
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
CB_A, CB_B, CB_C = 0, 1, 16


def create_program(a: ttnn.Tensor, b: ttnn.Tensor, c: ttnn.Tensor) -> ttnn.Program:
    """Build the program: three kernels and three circular buffers on core (0,0)."""
    core, program, tile_bytes = ttnn.CoreCoord(0, 0), ttnn.CreateProgram(), c.buffer_page_size()
    for index in (CB_A, CB_B, CB_C):
        config = ttnn.CircularBufferConfig(4 * tile_bytes, {index: ttnn.bfloat16})
        ttnn.CreateCircularBuffer(program, core, config.set_page_size(index, tile_bytes))

    (rows, inner), columns = (size // 32 for size in a.shape), c.shape[1] // 32
    words = {tensor: ttnn.TensorAccessorArgs(tensor).get_compile_time_args() for tensor in (a, b, c)}
    sizes = [rows, inner, columns]
    parts = {
        "reader.cpp": ttnn.ReaderDataMovementConfig([*sizes, *words[a], *words[b]]),
        "compute.cpp": ttnn.ComputeConfig(ttnn.MathFidelity.HiFi4, fp32_dest_acc_en=True, compile_args=sizes),
        "writer.cpp": ttnn.WriterDataMovementConfig([rows * columns, *words[c]]),
    }
    reader, _, writer = (ttnn.CreateKernel(program, str(KERNELS / name), core, parts[name]) for name in parts)
    ttnn.SetRuntimeArgs(program, reader, core, [a.buffer_address(), b.buffer_address()])
    ttnn.SetRuntimeArgs(program, writer, core, [c.buffer_address()])
    return program


def main() -> int:
    """Run the example; return 0 when the device's result agrees with numpy's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("m", "k", "n"):
        parser.add_argument(f"--{name}", type=int, default=256, help="a multiple of 32 (default: 256)")
    m, k, n = sizes = [getattr(parser.parse_args(), name) for name in ("m", "k", "n")]
    if not all(size in range(32, 4097, 32) for size in sizes):
        parser.error("--m, --k and --n are multiples of 32 from 32 to 4096")

    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal(shape, np.float32).astype(ml_dtypes.bfloat16) for shape in ((m, k), (k, n)))
    with ttnn.open_device(0) as device:
        on_device = [ttnn.from_numpy(each, layout=ttnn.TILE_LAYOUT, device=device) for each in (a, b)]
        result = ttnn.empty((m, n), ttnn.bfloat16, ttnn.TILE_LAYOUT, device)
        program = create_program(*on_device, result)
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            seconds.append(time.perf_counter() - start)
        c = ttnn.to_numpy(result).astype(np.float64)
    print(f"{m}x{k} @ {k}x{n}; first launch: {seconds[0]:.3f} s, second: {seconds[1]:.3f} s")

    a, b = a.astype(np.float64), b.astype(np.float64)
    error = np.abs(c - a @ b)
    # One rounding to bfloat16, and 2**-10 of every product for the sums of the matrix unit.
    wrong = int(np.count_nonzero(error > 2**-8 * np.abs(a @ b) + 2**-10 * (np.abs(a) @ np.abs(b))))
    print(f"compared with numpy: relative error {np.linalg.norm(error) / np.linalg.norm(a @ b):.2e}")
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
