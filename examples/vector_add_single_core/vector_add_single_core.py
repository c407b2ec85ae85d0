"""C = A + B on one core, tile by tile: reader, compute kernel and writer, tied together by circular buffers.

The three kernels run at the same time. A circular buffer between two of them has room for ``--depth`` tiles: with 1 the
reader waits until the compute kernel is done with a tile, with 2 it reads the next one meanwhile.
"""

import argparse
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
CB_A, CB_B, CB_C = 0, 1, 16


def create_program(a: ttnn.Tensor, b: ttnn.Tensor, c: ttnn.Tensor, depth: int) -> ttnn.Program:
    """Build the program: three kernels and three circular buffers on core (0,0)."""
    core, program, tile_bytes = ttnn.CoreCoord(0, 0), ttnn.CreateProgram(), a.buffer_page_size()
    for index in (CB_A, CB_B, CB_C):
        config = ttnn.CircularBufferConfig(depth * tile_bytes, {index: ttnn.bfloat16})
        ttnn.CreateCircularBuffer(program, core, config.set_page_size(index, tile_bytes))

    accessors = {tensor: ttnn.TensorAccessorArgs(tensor).get_compile_time_args() for tensor in (a, b, c)}
    reader_config = ttnn.ReaderDataMovementConfig([*accessors[a], *accessors[b]])
    reader = ttnn.CreateKernel(program, str(KERNELS / "reader.cpp"), core, reader_config)
    compute = ttnn.CreateKernel(program, str(KERNELS / "compute.cpp"), core, ttnn.ComputeConfig())
    writer_config = ttnn.WriterDataMovementConfig(list(accessors[c]))
    writer = ttnn.CreateKernel(program, str(KERNELS / "writer.cpp"), core, writer_config)

    tiles = c.buffer_num_pages()
    ttnn.SetRuntimeArgs(program, reader, core, [a.buffer_address(), b.buffer_address(), tiles])
    ttnn.SetRuntimeArgs(program, compute, core, [tiles])
    ttnn.SetRuntimeArgs(program, writer, core, [c.buffer_address(), tiles])
    return program


def main() -> int:
    """Run the example; return 0 when the device's sums are right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiles", type=int, default=64, help="tiles of 32x32 numbers, at most 16384 (default: 64)")
    parser.add_argument("--depth", type=int, default=2, help="tiles a circular buffer has room for (default: 2)")
    options = parser.parse_args()
    if not 0 < options.tiles <= 16384 or not 0 < options.depth <= 128:
        parser.error("--tiles is from 1 to 16384 and --depth from 1 to 128")

    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((32, 32 * options.tiles), np.float32).astype(ml_dtypes.bfloat16) for _ in range(2))
    with ttnn.open_device(0) as device:
        on_device = [ttnn.from_numpy(each, layout=ttnn.TILE_LAYOUT, device=device) for each in (a, b)]
        result = ttnn.empty_like(on_device[0])
        program = create_program(*on_device, result, options.depth)
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            seconds.append(time.perf_counter() - start)
        c = ttnn.to_numpy(result).astype(np.float64)
    print(f"{options.tiles} tiles; first launch: {seconds[0]:.3f} s, second: {seconds[1]:.3f} s")

    expected = a.astype(np.float64) + b.astype(np.float64)
    # The matrix unit keeps 10 fraction bits of the larger operand, then the sum is cut to the 7 of bfloat16.
    allowed = 2**-8 * np.abs(expected) + 2**-10 * np.maximum(np.abs(a), np.abs(b)).astype(np.float64)
    wrong = int(np.count_nonzero(np.abs(c - expected) > allowed))
    print(f"compared with numpy: largest difference {np.abs(c - expected).max():.3g}")
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
