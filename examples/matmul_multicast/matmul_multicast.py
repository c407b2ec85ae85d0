"""C = A @ B on a grid of cores that share what they read: blocks of A go along the rows, blocks of B down the columns.

The first core of a row reads that row's part of A for all of them, the first core of a column its part of B.
"""

import argparse
from pathlib import Path
from timeit import repeat

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
BLOCK, DEPTH = 2, 2  # tiles of C for a core, across and down; tiles of K in a block
CB_A, CB_B, CB_C = 0, 1, 16


def create_program(device: ttnn.Device, a: ttnn.Tensor, b: ttnn.Tensor, c: ttnn.Tensor) -> ttnn.Program:
    """Build the program; the grid has one core for each block of C."""
    (rows, inner), columns = (size // 32 for size in a.shape), c.shape[1] // 32
    last = ttnn.CoreCoord(columns // BLOCK - 1, rows // BLOCK - 1)
    cores, program, tile_bytes = ttnn.CoreRange(ttnn.CoreCoord(0, 0), last), ttnn.CreateProgram(), 2048
    for index, tiles in ((CB_A, 2 * BLOCK * DEPTH), (CB_B, 2 * BLOCK * DEPTH), (CB_C, BLOCK * BLOCK)):
        config = ttnn.CircularBufferConfig(tiles * tile_bytes, {index: ttnn.bfloat16})
        ttnn.CreateCircularBuffer(program, cores, config.set_page_size(index, tile_bytes))
    for _ in range(4):  # room and arrival of a block, of A (0 and 1) and of B (2 and 3)
        ttnn.CreateSemaphore(program, cores, 0)
    words_a, words_b, words_c = (ttnn.TensorAccessorArgs(each).get_compile_time_args() for each in (a, b, c))
    configs = {
        "bring_a.cpp": ttnn.ReaderDataMovementConfig([inner, DEPTH, BLOCK, *words_a]),
        "bring_b_write_c.cpp": ttnn.WriterDataMovementConfig([inner, DEPTH, BLOCK, BLOCK, columns, *words_b, *words_c]),
        "compute.cpp": ttnn.ComputeConfig(fp32_dest_acc_en=True, compile_args=[inner // DEPTH, DEPTH, BLOCK, BLOCK]),
    }
    bring_a, bring_b, _ = (ttnn.CreateKernel(program, str(KERNELS / name), cores, configs[name]) for name in configs)
    place = {tuple(core): tuple(device.worker_core_from_logical_core(core)) for core in cores}
    for core in cores:
        x, y = core
        # NoC 0, which the reader's processor drives, walks right and down; NoC 1 left and up: corners change places.
        line_a = [*place[1, y], *place[last.x, y], last.x] if last.x else [0] * 5
        line_b = [*place[x, last.y], *place[x, 1], last.y] if last.y else [0] * 5
        of_a = [a.buffer_address(), y * BLOCK, x == 0, *(line_a if x == 0 else place[0, y])]
        ttnn.SetRuntimeArgs(program, bring_a, core, of_a)
        of_b = [b.buffer_address(), c.buffer_address(), y * BLOCK, x * BLOCK, y == 0]
        ttnn.SetRuntimeArgs(program, bring_b, core, [*of_b, *(line_b if y == 0 else place[x, 0])])
    return program


def main() -> int:
    """Run the example; return 0 when the device's result agrees with numpy's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("m", "k", "n"):
        parser.add_argument(f"--{name}", type=int, default=256, help="a multiple of 64 (default: 256)")
    m, k, n = sizes = [getattr(parser.parse_args(), name) for name in ("m", "k", "n")]

    rng = np.random.default_rng(0)
    with ttnn.open_device(0) as device:
        grid = device.compute_with_storage_grid_size()
        if any(size not in range(64, 4097, 64) for size in sizes) or m > 64 * grid.y or n > 64 * grid.x:
            parser.error(f"sizes are multiples of 64: --m up to {64 * grid.y}, --k to 4096, --n to {64 * grid.x} here")
        a, b = (rng.standard_normal(shape, np.float32).astype(ml_dtypes.bfloat16) for shape in ((m, k), (k, n)))
        on_device = [ttnn.from_numpy(each, layout=ttnn.TILE_LAYOUT, device=device) for each in (a, b)]
        result = ttnn.empty((m, n), ttnn.bfloat16, ttnn.TILE_LAYOUT, device)
        program = create_program(device, *on_device, result)
        first, second = repeat(lambda: ttnn.EnqueueProgram(device.command_queue(), program, True), number=1, repeat=2)
        c = ttnn.to_numpy(result).astype(np.float64)
    print(f"{m}x{k} @ {k}x{n}; first launch: {first:.3f} s, second: {second:.3f} s")
    a, b = a.astype(np.float64), b.astype(np.float64)
    error = np.abs(c - a @ b)
    # One rounding to bfloat16, and 2**-10 of every product for the sums of the matrix unit.
    wrong = int(np.count_nonzero(error > 2**-8 * np.abs(a @ b) + 2**-10 * (np.abs(a) @ np.abs(b))))
    print(f"compared with numpy: relative error {np.linalg.norm(error) / np.linalg.norm(a @ b):.2e}")
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
