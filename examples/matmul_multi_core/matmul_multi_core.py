"""C = A @ B in bfloat16 on all cores: each computes its share of the tiles of C.

``split_work_to_cores`` deals the tiles of C to two groups of cores, of which one gets a tile more. Every core reads
what its tiles need from DRAM itself; ``../matmul_multicast`` shows how cores share what they read.
"""

import argparse
from pathlib import Path
from timeit import repeat

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
CB_A, CB_B, CB_C = 0, 1, 16


def create_program(device: ttnn.Device, a: ttnn.Tensor, b: ttnn.Tensor, c: ttnn.Tensor) -> ttnn.Program:
    """Build the program: three kernels and three circular buffers on every core that gets tiles."""
    program, tile_bytes, tiles = ttnn.CreateProgram(), a.buffer_page_size(), c.buffer_num_pages()
    grid = device.compute_with_storage_grid_size()
    _, cores, more, fewer, tiles_of_more, tiles_of_fewer = ttnn.split_work_to_cores(grid, tiles)
    for index in (CB_A, CB_B, CB_C):
        config = ttnn.CircularBufferConfig(4 * tile_bytes, {index: ttnn.bfloat16})
        ttnn.CreateCircularBuffer(program, cores, config.set_page_size(index, tile_bytes))

    accessors = {tensor: ttnn.TensorAccessorArgs(tensor).get_compile_time_args() for tensor in (a, b, c)}
    inner, columns = a.padded_shape[-1] // 32, b.padded_shape[-1] // 32
    configs = {
        "reader.cpp": ttnn.ReaderDataMovementConfig([inner, columns, *accessors[a], *accessors[b]]),
        "compute.cpp": ttnn.ComputeConfig(ttnn.MathFidelity.HiFi4, fp32_dest_acc_en=True, compile_args=[inner]),
        "writer.cpp": ttnn.WriterDataMovementConfig(list(accessors[c])),
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
    """Run the example; return 0 when the device's result agrees with numpy's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("m", "k", "n"):
        parser.add_argument(f"--{name}", type=int, default=320, help="a multiple of 32 (default: 320)")
    m, k, n = sizes = [getattr(parser.parse_args(), name) for name in ("m", "k", "n")]
    if not all(size in range(32, 4097, 32) for size in sizes):
        parser.error("--m, --k and --n are multiples of 32 from 32 to 4096")

    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal(shape, np.float32).astype(ml_dtypes.bfloat16) for shape in ((m, k), (k, n)))
    with ttnn.open_device(0) as device:
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
