"""y = softmax(x) over the rows of a matrix: five steps in one compute kernel, with circular buffers between them.

Maximum and sum of a row are reductions by the matrix unit; their results are columns that the next step broadcasts.
"""

import argparse
from pathlib import Path
from timeit import repeat

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
CB_X, CB_ONE, CB_Y, CB_MAX, CB_EXP, CB_INVERSE = 0, 1, 16, 24, 25, 26


def create_program(device: ttnn.Device, x: ttnn.Tensor, one: ttnn.Tensor, y: ttnn.Tensor) -> ttnn.Program:
    """Build the program; ``one`` is a tile of ones, the factor of the reductions."""
    program, tile_bytes, rows, width = ttnn.CreateProgram(), x.buffer_page_size(), *(size // 32 for size in x.shape)
    grid = device.compute_with_storage_grid_size()
    _, cores, more, fewer, rows_of_more, rows_of_fewer = ttnn.split_work_to_cores(grid, rows)
    pages = {CB_X: 2 * width, CB_ONE: 1, CB_Y: 2 * width, CB_MAX: 1, CB_EXP: width, CB_INVERSE: 1}
    for index, count in pages.items():
        config = ttnn.CircularBufferConfig(count * tile_bytes, {index: ttnn.bfloat16})
        ttnn.CreateCircularBuffer(program, cores, config.set_page_size(index, tile_bytes))

    words = {tensor: ttnn.TensorAccessorArgs(tensor).get_compile_time_args() for tensor in (x, one, y)}
    configs = {
        "reader.cpp": ttnn.ReaderDataMovementConfig([width, *words[x], *words[one]]),
        "compute.cpp": ttnn.ComputeConfig(fp32_dest_acc_en=True, compile_args=[width]),
        "writer.cpp": ttnn.WriterDataMovementConfig([width, *words[y]]),
    }
    kernels = [ttnn.CreateKernel(program, str(KERNELS / name), cores, config) for name, config in configs.items()]
    reader, compute, writer = kernels
    first = 0
    for group, count in ((more, rows_of_more), (fewer, rows_of_fewer)):
        for core in ttnn.corerange_to_cores(group):
            ttnn.SetRuntimeArgs(program, reader, core, [x.buffer_address(), one.buffer_address(), first, count])
            ttnn.SetRuntimeArgs(program, compute, core, [count])
            ttnn.SetRuntimeArgs(program, writer, core, [y.buffer_address(), first, count])
            first += count
    return program


def main() -> int:
    """Run the example; return 0 when the device's result agrees with numpy's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=512, help="a multiple of 32, at most 8192 (default: 512)")
    parser.add_argument("--columns", type=int, default=256, help="a multiple of 32, at most 2048 (default: 256)")
    options = parser.parse_args()
    if options.rows not in range(32, 8193, 32) or options.columns not in range(32, 2049, 32):
        parser.error("--rows is a multiple of 32 from 32 to 8192, --columns one from 32 to 2048")

    x = 2 * np.random.default_rng(0).standard_normal((options.rows, options.columns), np.float32)
    with ttnn.open_device(0) as device:
        place = {"dtype": ttnn.bfloat16, "layout": ttnn.TILE_LAYOUT, "device": device}
        on_device, one = (ttnn.from_numpy(each, **place) for each in (x, np.ones((32, 32), np.float32)))
        result = ttnn.empty_like(on_device)
        program = create_program(device, on_device, one, result)
        first, second = repeat(lambda: ttnn.EnqueueProgram(device.command_queue(), program, True), number=1, repeat=2)
        y = ttnn.to_numpy(result).astype(np.float64)
    print(f"{x.shape[0]} rows of {x.shape[1]}; first launch: {first:.3f} s, second: {second:.3f} s")

    rounded = x.astype(ml_dtypes.bfloat16).astype(np.float64)
    expected = np.exp(rounded - rounded.max(1, keepdims=True))
    expected /= expected.sum(1, keepdims=True)
    error = np.abs(y - expected)
    # Four results are kept in bfloat16, 2**-9 each, and x - max is rounded before it becomes an exponent.
    spread = 1 + rounded.max(1, keepdims=True) - rounded
    wrong = int(np.count_nonzero(error > 2**-7 * expected * spread))
    print(f"compared with numpy: largest difference {error.max():.3g}, of rows' sums {np.abs(y.sum(1) - 1).max():.3g}")
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
