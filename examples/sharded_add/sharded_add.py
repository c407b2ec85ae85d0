"""C = A + B where every core holds its part already: tensors sharded over L1, circular buffers on the shards.

There is no reader and no writer: nothing travels over the NoC. A circular buffer is bound to the tensor's buffer: its
pages are the shard's tiles, and the compute kernel alone is the program.
"""

import argparse
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNEL = Path(__file__).resolve().parent / "kernels" / "compute.cpp"
CB_A, CB_B, CB_C = 0, 1, 16


def program_descriptor(a: ttnn.Tensor, b: ttnn.Tensor, c: ttnn.Tensor, tiles: int) -> ttnn.ProgramDescriptor:
    """Describe the program: one compute kernel on the cores that hold shards, of ``tiles`` tiles each."""
    kernel = ttnn.KernelDescriptor(
        kernel_source=str(KERNEL),
        core_ranges=a.memory_config().shard_spec.grid,
        compile_time_args=[tiles],
        config=ttnn.ComputeConfigDescriptor(),
    )
    bound = zip((CB_A, CB_B, CB_C), (a, b, c), strict=True)
    cbs = [ttnn.cb_descriptor_from_sharded_tensor(index, tensor) for index, tensor in bound]
    return ttnn.ProgramDescriptor(kernels=[kernel], semaphores=[], cbs=cbs)


def main() -> int:
    """Run the example; return 0 when the device's sums are right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=8, help="cores of a row of the grid (default: 8)")
    parser.add_argument("--tiles", type=int, default=4, help="tiles of each core, at most 128 (default: 4)")
    options = parser.parse_args()

    rng = np.random.default_rng(0)
    with ttnn.open_device(0) as device:
        columns = device.compute_with_storage_grid_size().x
        if not (0 < options.cores <= columns and 0 < options.tiles <= 128):
            parser.error(f"--cores is from 1 to {columns} here, --tiles from 1 to 128")
        shape = (32 * options.cores, 32 * options.tiles)
        a, b = (rng.standard_normal(shape, np.float32).astype(ml_dtypes.bfloat16) for _ in range(2))
        config = ttnn.create_sharded_memory_config(
            shape, ttnn.CoreGrid(x=options.cores, y=1), ttnn.ShardStrategy.HEIGHT
        )
        place = {"layout": ttnn.TILE_LAYOUT, "device": device, "memory_config": config}
        on_device = [ttnn.from_numpy(each, **place) for each in (a, b)]
        result = ttnn.empty_like(on_device[0])
        descriptor = program_descriptor(*on_device, result, options.tiles)
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            ttnn.generic_op([*on_device, result], descriptor)
            ttnn.synchronize_device(device)
            seconds.append(time.perf_counter() - start)
        c = ttnn.to_numpy(result).astype(np.float64)
    print(
        f"{options.cores} shards of {options.tiles} tiles; first launch: {seconds[0]:.3f} s, second: {seconds[1]:.3f} s"
    )

    expected = a.astype(np.float64) + b.astype(np.float64)
    # The matrix unit keeps 10 fraction bits of the larger operand, then the sum is cut to the 7 of bfloat16.
    allowed = 2**-8 * np.abs(expected) + 2**-10 * np.maximum(np.abs(a), np.abs(b)).astype(np.float64)
    wrong = int(np.count_nonzero(np.abs(c - expected) > allowed))
    print(f"compared with numpy: largest difference {np.abs(c - expected).max():.3g}")
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
