"""B = A, from DRAM through a core's L1 and back to DRAM, with as many pages in flight as L1 has room for.

One kernel reads `depth` pages, waits once for all of them (a barrier), writes them, and waits again. Try
``--depth 1`` and ``--depth 16``: the bytes are the same, the number of barriers is not.
"""

import argparse
import time
from pathlib import Path

import numpy as np

import tthal as ttnn

KERNEL = Path(__file__).resolve().parent / "kernels" / "loopback.cpp"


def create_program(source: ttnn.Tensor, result: ttnn.Tensor, depth: int) -> ttnn.Program:
    """Build the program on core (0,0): one data-movement kernel and a circular buffer as its memory."""
    core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
    page_bytes, pages = source.buffer_page_size(), source.buffer_num_pages()
    memory = ttnn.CircularBufferConfig(depth * page_bytes, {0: ttnn.DataFormat.UInt32}).set_page_size(0, page_bytes)
    ttnn.CreateCircularBuffer(program, core, memory)
    accessors = [word for each in (source, result) for word in ttnn.TensorAccessorArgs(each).get_compile_time_args()]
    config = ttnn.DataMovementConfig(compile_args=[depth, page_bytes, *accessors])
    kernel = ttnn.CreateKernel(program, str(KERNEL), core, config)
    ttnn.SetRuntimeArgs(program, kernel, core, [source.buffer_address(), result.buffer_address(), pages])
    return program


def main() -> int:
    """Run the example; return 0 when every byte came back."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=512, help="pages of 1 KB, at most 65536 (default: 512)")
    parser.add_argument("--depth", type=int, default=8, help="pages in flight, at most 512 (default: 8)")
    options = parser.parse_args()
    if not 0 < options.pages <= 65536 or not 0 < options.depth <= 512:
        parser.error("--pages is from 1 to 65536 and --depth from 1 to 512")

    numbers = np.random.default_rng(0).integers(0, 2**32, (options.pages, 256), np.uint32)
    with ttnn.open_device(0) as device:
        source = ttnn.from_numpy(numbers, device=device)  # row-major: one row is one page
        result = ttnn.empty_like(source)
        program = create_program(source, result, options.depth)
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            seconds.append(time.perf_counter() - start)
        copy = ttnn.to_numpy(result)

    wrong = int(np.count_nonzero(copy != numbers))
    print(f"{options.pages} pages of 1 KB, {options.depth} in flight, {-(-options.pages // options.depth)} rounds")
    print(f"first launch, with compiling: {seconds[0]:.3f} s; second launch: {seconds[1]:.3f} s")
    print("PASSED: every word came back" if wrong == 0 else f"FAILED: {wrong} words differ from what was sent")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
