"""C = A + B once more: the kernels of ``../vector_add``, with a program that is data and is run by ``generic_op``.

This is how programs for ttnn are written: tensors go in, a ``ProgramDescriptor`` says kernels, circular buffers and
arguments, and ``generic_op`` returns the last tensor. A script that says ``import ttnn`` and makes its tensors with
``from_torch`` runs just so by ``tthal run script.py``.
"""

import argparse
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent.parent / "vector_add" / "kernels"


def add(a: ttnn.Tensor, b: ttnn.Tensor) -> ttnn.Tensor:
    """Return A + B, both tiled and interleaved, on all cores of their device."""
    c = ttnn.allocate_tensor_on_device(a.shape, a.dtype, a.layout, a.device(), ttnn.DRAM_MEMORY_CONFIG)
    grid, tiles, tile_bytes = a.device().compute_with_storage_grid_size(), c.buffer_num_pages(), c.buffer_page_size()
    _, cores, more, fewer, tiles_of_more, tiles_of_fewer = ttnn.split_work_to_cores(grid, tiles)
    work, first = [], 0
    for group, count in ((more, tiles_of_more), (fewer, tiles_of_fewer)):
        for core in ttnn.corerange_to_cores(group):
            work.append((core, first, count))
            first += count

    def kernel(name: str, config: object, words: list[int], args: list) -> ttnn.KernelDescriptor:
        place = {"kernel_source": str(KERNELS / name), "core_ranges": cores}
        return ttnn.KernelDescriptor(**place, compile_time_args=words, runtime_args=args, config=config)

    words_a, words_b, words_c = (list(ttnn.TensorAccessorArgs(each).get_compile_time_args()) for each in (a, b, c))
    reads = [(core, [a.buffer_address(), b.buffer_address(), first, count]) for core, first, count in work]
    writes = [(core, [c.buffer_address(), first, count]) for core, first, count in work]
    kernels = [
        kernel("reader.cpp", ttnn.ReaderConfigDescriptor(), words_a + words_b, reads),
        kernel("compute.cpp", ttnn.ComputeConfigDescriptor(), [], [(core, [count]) for core, _, count in work]),
        kernel("writer.cpp", ttnn.WriterConfigDescriptor(), words_c, writes),
    ]
    formats = [ttnn.CBFormatDescriptor(buffer_index=i, data_format=a.dtype, page_size=tile_bytes) for i in (0, 1, 16)]
    cbs = [ttnn.CBDescriptor(total_size=8 * tile_bytes, core_ranges=cores, format_descriptors=[f]) for f in formats]
    return ttnn.generic_op([a, b, c], ttnn.ProgramDescriptor(kernels=kernels, semaphores=[], cbs=cbs))


def main() -> int:
    """Run the example; return 0 when the device's sums are right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=512, help="rows and columns of the matrices (default: 512)")
    size = parser.parse_args().size
    if not 0 < size <= 4096:
        parser.error(f"--size {size}: must be from 1 to 4096")

    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((size, size), np.float32).astype(ml_dtypes.bfloat16) for _ in range(2))
    device = ttnn.open_device(device_id=0)
    place = {"layout": ttnn.TILE_LAYOUT, "device": device}
    start = time.perf_counter()
    c = ttnn.to_numpy(add(ttnn.from_numpy(a, **place), ttnn.from_numpy(b, **place))).astype(np.float64)
    print(f"{size}x{size} bfloat16; there, first launch and back: {time.perf_counter() - start:.3f} s")
    ttnn.close_device(device)

    a, b = a.astype(np.float64), b.astype(np.float64)
    error = np.abs(c - (a + b))
    # The matrix unit keeps 10 fraction bits of the larger operand, then the sum keeps the 7 of bfloat16.
    wrong = int(np.count_nonzero(error > 2**-8 * np.abs(a + b) + 2**-10 * np.maximum(np.abs(a), np.abs(b))))
    print(f"compared with numpy: largest difference {error.max():.3g}")
    print("PASSED" if wrong == 0 else f"FAILED: {wrong} elements are too far off")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
