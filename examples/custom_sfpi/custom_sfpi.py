"""y = hardswish(x), an operation of one's own for the vector unit, written in sfpi with conditions on lanes.

sfpi is C++ with vectors of 32 lanes: ``v_if`` runs both branches and lets each lane take part in one of them. Nothing
else differs from the chain of built-in operations in ``../softplus``.
"""

import argparse
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
CB_X, CB_Y = 0, 16


def create_program(x: ttnn.Tensor, y: ttnn.Tensor) -> ttnn.Program:
    """Build the program: three kernels and two circular buffers on core (0,0)."""
    core, program, tile_bytes = ttnn.CoreCoord(0, 0), ttnn.CreateProgram(), x.buffer_page_size()
    for index in (CB_X, CB_Y):
        config = ttnn.CircularBufferConfig(2 * tile_bytes, {index: ttnn.bfloat16})
        ttnn.CreateCircularBuffer(program, core, config.set_page_size(index, tile_bytes))
    tiles = x.buffer_num_pages()
    configs = {
        "reader.cpp": ttnn.ReaderDataMovementConfig(list(ttnn.TensorAccessorArgs(x).get_compile_time_args())),
        "compute.cpp": ttnn.ComputeConfig(compile_args=[tiles]),
        "writer.cpp": ttnn.WriterDataMovementConfig(list(ttnn.TensorAccessorArgs(y).get_compile_time_args())),
    }
    kernels = {name: ttnn.CreateKernel(program, str(KERNELS / name), core, each) for name, each in configs.items()}
    ttnn.SetRuntimeArgs(program, kernels["reader.cpp"], core, [x.buffer_address(), tiles])
    ttnn.SetRuntimeArgs(program, kernels["writer.cpp"], core, [y.buffer_address(), tiles])
    return program


def main() -> int:
    """Run the example; return 0 when the results are numpy's, but for one cut to bfloat16."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tiles", type=int, default=32, help="tiles of 32x32 numbers, at most 16384 (default: 32)")
    options = parser.parse_args()
    if not 0 < options.tiles <= 16384:
        parser.error("--tiles is from 1 to 16384")

    x = np.linspace(-8, 8, 1024 * options.tiles, dtype=np.float32).reshape(32, -1).astype(ml_dtypes.bfloat16)
    with ttnn.open_device(0) as device:
        on_device = ttnn.from_numpy(x, layout=ttnn.TILE_LAYOUT, device=device)
        result = ttnn.empty_like(on_device)
        program = create_program(on_device, result)
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            seconds.append(time.perf_counter() - start)
        y = ttnn.to_numpy(result).astype(np.float64)
    print(f"{options.tiles} tiles; first launch: {seconds[0]:.3f} s, second: {seconds[1]:.3f} s")

    exact = x.astype(np.float64)
    expected = exact * np.clip(exact / 6 + 0.5, 0, 1)
    # What the vector unit stores is cut to the 8 significant bits of bfloat16.
    allowed = 2**-7 * np.abs(expected) + 2**-20
    error = np.abs(y - expected)
    print(f"compared with numpy: largest difference {error.max():.3g} at x = {float(x.flat[error.argmax()]):.3g}")
    wrong = int(np.count_nonzero(error > allowed))
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
