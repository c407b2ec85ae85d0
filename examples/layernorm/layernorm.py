"""y = layernorm(x) * gamma + beta over the rows of a matrix, all on the device.

Mean and variance are reductions with a factor of 1 / columns; gamma and beta are brought once and stay in L1.
"""

import argparse
from pathlib import Path
from timeit import repeat

import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
EPSILON = 2**-10
CB_X, CB_FACTORS, CB_GAMMA, CB_BETA, CB_Y = 0, 1, 2, 3, 16
CB_MEAN, CB_CENTRED, CB_SQUARES, CB_VARIANCE, CB_INVERSE, CB_SCALED = range(24, 30)


def create_program(device: ttnn.Device, inputs: list[ttnn.Tensor], y: ttnn.Tensor) -> ttnn.Program:
    """Build the program; ``inputs`` are x, the factors, gamma and beta, all of one element type."""
    program, tile_bytes, rows, width = ttnn.CreateProgram(), y.buffer_page_size(), *(size // 32 for size in y.shape)
    grid = device.compute_with_storage_grid_size()
    _, cores, more, fewer, rows_of_more, rows_of_fewer = ttnn.split_work_to_cores(grid, rows)
    pages = dict.fromkeys((CB_X, CB_GAMMA, CB_BETA, CB_Y, CB_CENTRED, CB_SQUARES, CB_SCALED), width)
    pages |= dict.fromkeys((CB_MEAN, CB_VARIANCE, CB_INVERSE), 1) | {CB_FACTORS: 2}
    for index, count in pages.items():
        config = ttnn.CircularBufferConfig(count * tile_bytes, {index: y.dtype})
        ttnn.CreateCircularBuffer(program, cores, config.set_page_size(index, tile_bytes))

    words = [width, *ttnn.TensorAccessorArgs(y).get_compile_time_args()]
    configs = {"reader": ttnn.ReaderDataMovementConfig(words), "writer": ttnn.WriterDataMovementConfig(words)}
    configs["compute"] = ttnn.ComputeConfig(fp32_dest_acc_en=True, compile_args=[width])
    kernels = {name: ttnn.CreateKernel(program, str(KERNELS / f"{name}.cpp"), cores, configs[name]) for name in configs}
    addresses, first = [tensor.buffer_address() for tensor in inputs], 0
    for group, count in ((more, rows_of_more), (fewer, rows_of_fewer)):
        for core in ttnn.corerange_to_cores(group):
            ttnn.SetRuntimeArgs(program, kernels["reader"], core, [*addresses, first, count])
            ttnn.SetRuntimeArgs(program, kernels["compute"], core, [count])
            ttnn.SetRuntimeArgs(program, kernels["writer"], core, [y.buffer_address(), first, count])
            first += count
    return program


def main() -> int:
    """Run the example; return 0 when the device's result agrees with numpy's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=256, help="a multiple of 32, at most 8192 (default: 256)")
    parser.add_argument("--columns", type=int, default=256, help="a multiple of 32, at most 1024 (default: 256)")
    parser.add_argument("--float32", action="store_true", help="float32 in memory instead of bfloat16")
    options = parser.parse_args()
    if options.rows not in range(32, 8193, 32) or options.columns not in range(32, 1025, 32):
        parser.error("--rows is a multiple of 32 from 32 to 8192, --columns one from 32 to 1024")

    rng, dtype = np.random.default_rng(0), ttnn.float32 if options.float32 else ttnn.bfloat16
    x, gamma, beta = (rng.standard_normal((size, options.columns), np.float32) for size in (options.rows, 1, 1))
    factors = np.repeat(np.float32([1 / options.columns, EPSILON]), 32).reshape(1, 64) * np.ones((32, 1), np.float32)
    with ttnn.open_device(0) as device:
        place = {"dtype": dtype, "layout": ttnn.TILE_LAYOUT, "device": device}
        inputs = [ttnn.from_numpy(each, **place) for each in (x, factors, gamma, beta)]
        x, _, gamma, beta = (ttnn.to_numpy(each).astype(np.float64) for each in inputs)  # as they were rounded
        result = ttnn.empty_like(inputs[0])
        program = create_program(device, inputs, result)
        first, second = repeat(lambda: ttnn.EnqueueProgram(device.command_queue(), program, True), number=1, repeat=2)
        y = ttnn.to_numpy(result).astype(np.float64)
    print(f"{x.shape[0]} rows of {x.shape[1]}; first launch: {first:.3f} s, second: {second:.3f} s")

    normal = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + EPSILON)
    error = np.abs(y - (normal * gamma + beta))
    # bfloat16 keeps 2**-9 of each of six intermediate results; the matrix unit 2**-11 of float32 operands.
    allowed = (2**-9 if options.float32 else 2**-6) * (1 + np.abs(normal)) * (1 + np.abs(gamma) + np.abs(beta))
    wrong = int(np.count_nonzero(error > allowed))
    print(f"compared with numpy: largest difference {error.max():.3g}, mean {error.mean():.3g}")
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
