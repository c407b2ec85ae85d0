"""y = softplus(x) = log(1 + exp(x)) by a chain of three vector-unit operations on tiles that stay in DST.

The sum with 1 and both functions work in place on the destination registers: nothing is packed between them. The
functions are approximations on a card, more so with ``--fast``, which takes the coarser exponential.
"""

import argparse
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
CB_X, CB_Y = 0, 16


def create_program(x: ttnn.Tensor, y: ttnn.Tensor, fast: bool) -> ttnn.Program:
    """Build the program: three kernels and two circular buffers on core (0,0)."""
    core, program, tile_bytes = ttnn.CoreCoord(0, 0), ttnn.CreateProgram(), x.buffer_page_size()
    for index in (CB_X, CB_Y):
        config = ttnn.CircularBufferConfig(2 * tile_bytes, {index: ttnn.bfloat16})
        ttnn.CreateCircularBuffer(program, core, config.set_page_size(index, tile_bytes))
    tiles = x.buffer_num_pages()
    configs = {
        "reader.cpp": ttnn.ReaderDataMovementConfig(list(ttnn.TensorAccessorArgs(x).get_compile_time_args())),
        "compute.cpp": ttnn.ComputeConfig(compile_args=[tiles, fast]),
        "writer.cpp": ttnn.WriterDataMovementConfig(list(ttnn.TensorAccessorArgs(y).get_compile_time_args())),
    }
    kernels = {name: ttnn.CreateKernel(program, str(KERNELS / name), core, each) for name, each in configs.items()}
    ttnn.SetRuntimeArgs(program, kernels["reader.cpp"], core, [x.buffer_address(), tiles])
    ttnn.SetRuntimeArgs(program, kernels["writer.cpp"], core, [y.buffer_address(), tiles])
    return program


def main() -> int:
    """Run the example; return 0 when the results are as near to numpy's as the functions promise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiles", type=int, default=32, help="tiles of 32x32 numbers, at most 16384 (default: 32)")
    parser.add_argument("--fast", action="store_true", help="the approximate exponential")
    options = parser.parse_args()
    if not 0 < options.tiles <= 16384:
        parser.error("--tiles is from 1 to 16384")

    x = np.linspace(-8, 8, 1024 * options.tiles, dtype=np.float32).reshape(32, -1).astype(ml_dtypes.bfloat16)
    with ttnn.open_device(0) as device:
        on_device = ttnn.from_numpy(x, layout=ttnn.TILE_LAYOUT, device=device)
        result = ttnn.empty_like(on_device)
        program = create_program(on_device, result, options.fast)
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            seconds.append(time.perf_counter() - start)
        y = ttnn.to_numpy(result).astype(np.float64)
    print(f"{options.tiles} tiles; first launch: {seconds[0]:.3f} s, second: {seconds[1]:.3f} s")

    expected = np.log1p(np.exp(x.astype(np.float64)))
    # 1 + exp(x) is a bfloat16 in DST, 2**-8 of a number that is at least 1, whatever becomes of its logarithm.
    allowed = 2**-7 * (1 + expected) * (4 if options.fast else 1)
    error = np.abs(y - expected)
    print(f"compared with numpy: largest difference {error.max():.3g} at x = {float(x.flat[error.argmax()]):.3g}")
    wrong = int(np.count_nonzero(error > allowed))
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
