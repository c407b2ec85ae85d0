"""C = A + B for two integers, in a data-movement kernel on one core: the smallest program that does something.

Run it: ``python add_two_integers.py 14 28``.
"""

import argparse
import time
from pathlib import Path

import numpy as np

import tthal as ttnn

KERNEL = Path(__file__).resolve().parent / "kernels" / "add.cpp"
PAGE_BYTES = 32


def main() -> int:
    """Run the example; return 0 when the device's sum is right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("a", type=int, nargs="?", default=14)
    parser.add_argument("b", type=int, nargs="?", default=28)
    numbers = parser.parse_args()
    if not all(0 <= number < 2**32 for number in (numbers.a, numbers.b)):
        parser.error("both numbers must be from 0 to 2**32 - 1")

    core = ttnn.CoreCoord(0, 0)
    with ttnn.open_device(0) as device:
        queue = device.command_queue()
        config = ttnn.InterleavedBufferConfig(
            device=device, size=PAGE_BYTES, page_size=PAGE_BYTES, buffer_type=ttnn.BufferType.DRAM
        )
        a, b, c = (ttnn.CreateBuffer(config) for _ in range(3))
        program = ttnn.CreateProgram()
        for index in range(3):
            scratch = ttnn.CircularBufferConfig(PAGE_BYTES, {index: ttnn.DataFormat.UInt32})
            ttnn.CreateCircularBuffer(program, core, scratch.set_page_size(index, PAGE_BYTES))
        accessor = ttnn.TensorAccessorArgs(a).get_compile_time_args()
        kernel = ttnn.CreateKernel(program, str(KERNEL), core, ttnn.DataMovementConfig(compile_args=accessor))
        ttnn.SetRuntimeArgs(program, kernel, core, [a.address(), b.address(), c.address()])

        words = PAGE_BYTES // 4
        ttnn.EnqueueWriteBuffer(queue, a, np.full(words, numbers.a, np.uint32))
        ttnn.EnqueueWriteBuffer(queue, b, np.full(words, numbers.b, np.uint32))
        start = time.perf_counter()
        ttnn.EnqueueProgram(queue, program, blocking=True)
        first = time.perf_counter() - start
        start = time.perf_counter()
        ttnn.EnqueueProgram(queue, program, blocking=True)
        again = time.perf_counter() - start
        result = int(ttnn.EnqueueReadBuffer(queue, c).view(np.uint32)[0])

    expected = (numbers.a + numbers.b) % 2**32
    print(f"first launch, with compiling: {first:.3f} s; second launch: {again * 1e3:.2f} ms")
    print(f"{numbers.a} + {numbers.b} = {result} on the device, {expected} in numpy's uint32")
    print("PASSED" if result == expected else "FAILED")
    return 0 if result == expected else 1


if __name__ == "__main__":
    raise SystemExit(main())
