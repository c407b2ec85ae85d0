"""C = A + B for 1024 x 1024 bfloat16 elements, split over all cores of the device.

Each core runs three kernels: a reader (NCRISC) streams its tiles of A and B from DRAM into circular buffers, a compute
kernel (TRISC) adds them in the matrix engine, a writer (BRISC) streams the sums back.
"""

import argparse
from pathlib import Path
from timeit import repeat

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
CB_A, CB_B, CB_C = 0, 1, 16
CB_PAGES = 8


def create_program(device: ttnn.Device, a: ttnn.Tensor, b: ttnn.Tensor, c: ttnn.Tensor) -> ttnn.Program:
    """Build the program: three kernels and three circular buffers on every core that gets tiles."""
    program, tile_bytes, tiles = ttnn.CreateProgram(), c.buffer_page_size(), c.buffer_num_pages()
    grid = device.compute_with_storage_grid_size()
    _, cores, more, fewer, tiles_of_more, tiles_of_fewer = ttnn.split_work_to_cores(grid, tiles)
    for index in (CB_A, CB_B, CB_C):
        config = ttnn.CircularBufferConfig(CB_PAGES * tile_bytes, {index: ttnn.bfloat16})
        ttnn.CreateCircularBuffer(program, cores, config.set_page_size(index, tile_bytes))

    words = {tensor: ttnn.TensorAccessorArgs(tensor).get_compile_time_args() for tensor in (a, b, c)}
    configs = {
        "reader.cpp": ttnn.ReaderDataMovementConfig([*words[a], *words[b]]),
        "compute.cpp": ttnn.ComputeConfig(),
        "writer.cpp": ttnn.WriterDataMovementConfig(list(words[c])),
    }
    kernels = [ttnn.CreateKernel(program, str(KERNELS / name), cores, config) for name, config in configs.items()]
    reader, compute, writer = kernels
    first = 0
    for group, count in ((more, tiles_of_more), (fewer, tiles_of_fewer)):
        for core in ttnn.corerange_to_cores(group):
            ttnn.SetRuntimeArgs(program, reader, core, [a.buffer_address(), b.buffer_address(), first, count])
            ttnn.SetRuntimeArgs(program, compute, core, [count])
            ttnn.SetRuntimeArgs(program, writer, core, [c.buffer_address(), first, count])
            first += count
    return program


def main() -> int:
    """Run the example; return 0 when the device's sums are right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1024, help="rows and columns, a multiple of 32 (default: 1024)")
    size = parser.parse_args().size
    if not 0 < size <= 4096 or size % 32:
        parser.error(f"--size {size}: a multiple of 32 from 32 to 4096 is needed")

    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((size, size), np.float32).astype(ml_dtypes.bfloat16) for _ in range(2))
    with ttnn.open_device(0) as device:
        on_device = [ttnn.from_numpy(each, layout=ttnn.TILE_LAYOUT, device=device) for each in (a, b)]
        result = ttnn.empty_like(on_device[0])
        program = create_program(device, *on_device, result)
        first, second = repeat(lambda: ttnn.EnqueueProgram(device.command_queue(), program, True), number=1, repeat=2)
        c = ttnn.to_numpy(result).astype(np.float64)
        grid, board = device.properties.compute_grid, device.properties.board
        print(f"{size}x{size} bfloat16, {result.buffer_num_pages()} tiles on {grid.x}x{grid.y} cores of {board}")
    print(f"first launch, with compiling: {first:.3f} s; second launch: {second:.3f} s")

    a, b = a.astype(np.float64), b.astype(np.float64)
    error = np.abs(c - (a + b))
    # The matrix engine keeps 10 fraction bits of the larger operand, then the sum keeps the 7 of bfloat16.
    wrong = int(np.count_nonzero(error > 2**-8 * np.abs(a + b) + 2**-10 * np.maximum(np.abs(a), np.abs(b))))
    print(f"compared with numpy: largest difference {error.max():.3g}")
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
