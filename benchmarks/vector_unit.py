"""What operations of the vector unit cost in both grades: a streamed tile, and the operation alone.

``python benchmarks/vector_unit.py`` prints a table of medians, and the exact grade's cost in terms of the fast grade's,
which computes the same functions in float32. One core reads two streams of bfloat16 tiles, computes and writes one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import ml_dtypes
import numpy as np
from compute import STREAM, TILE_BYTES, create_buffer, median
from rich.console import Console
from rich.table import Table

import tthal as ttnn

KERNEL = Path(__file__).resolve().parent / "kernels" / "vector_compute.cpp"
TILES = 512
MANY = 9
"""How often the operation runs per tile where its own cost is measured."""
OPERATIONS = {
    "nothing": ("", ""),
    "relu": ("relu_tile_init()", "relu_tile(0)"),
    "square": ("square_tile_init()", "square_tile(0)"),
    "mul_binary": ("mul_binary_tile_init()", "mul_binary_tile(0, 2, 0)"),
    "div_binary": ("div_binary_tile_init()", "div_binary_tile(0, 2, 0)"),
    "recip": ("recip_tile_init()", "recip_tile(0)"),
    "sqrt": ("sqrt_tile_init()", "sqrt_tile(0)"),
    "exp": ("exp_tile_init()", "exp_tile(0)"),
    "log": ("log_tile_init()", "log_tile(0)"),
    "sigmoid": ("sigmoid_tile_init()", "sigmoid_tile(0)"),
    "tanh": ("tanh_tile_init()", "tanh_tile(0)"),
    "silu": ("silu_tile_init()", "silu_tile(0)"),
    "gelu": ("gelu_tile_init<false>()", "gelu_tile<false>(0)"),
    "gelu, approximate": ("gelu_tile_init()", "gelu_tile(0)"),
    "softplus": ("softplus_tile_init()", "softplus_tile(0, 0x3F800000, 0x3F800000, 0x41A00000)"),
    "power": ("power_tile_init()", "power_tile(0, 0x40200000)"),
    "sin": ("sin_tile_init()", "sin_tile(0)"),
}


def program_of(buffers: list[ttnn.Buffer], operation: str, wide: bool, repeats: int) -> ttnn.Program:
    """Stream tiles through ``operation``; circular buffers hold eight of them."""
    core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
    for index in (0, 1, 16):
        config = ttnn.CircularBufferConfig(8 * TILE_BYTES, {index: ttnn.DataFormat.Float16_b})
        ttnn.CreateCircularBuffer(program, core, config.set_page_size(index, TILE_BYTES))
    words = [ttnn.TensorAccessorArgs(buffer).get_compile_time_args() for buffer in buffers]
    read, write = ttnn.ReaderDataMovementConfig(words[0] + words[1]), ttnn.WriterDataMovementConfig(words[2])
    init, call = OPERATIONS[operation]
    config = ttnn.ComputeConfig(fp32_dest_acc_en=wide, defines={"VECTOR_INIT": init, "VECTOR_CALL": call})
    reader = ttnn.CreateKernel(program, str(STREAM / "reader.cpp"), core, read)
    compute = ttnn.CreateKernel(program, str(KERNEL), core, config)
    writer = ttnn.CreateKernel(program, str(STREAM / "writer.cpp"), core, write)
    a, b, c = (buffer.address() for buffer in buffers)
    ttnn.SetRuntimeArgs(program, reader, core, [a, b, 0, TILES])
    ttnn.SetRuntimeArgs(program, compute, core, [TILES, repeats])
    ttnn.SetRuntimeArgs(program, writer, core, [c, 0, TILES])
    return program


class Grade:
    """One device with two streams of numbers; measures microseconds per tile."""

    def __init__(self, device: ttnn.Device, repeats: int) -> None:
        self._device, self._repeats = device, repeats
        self._buffers = [create_buffer(device, TILES * TILE_BYTES) for _ in range(3)]
        rng = np.random.default_rng(0)
        for buffer in self._buffers[:2]:
            data = rng.uniform(0.01, 4.0, (TILES, 1024)).astype(ml_dtypes.bfloat16)
            ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, data)

    def per_tile(self, operation: str, wide: bool, times: int) -> float:
        """Return what a tile costs with the operation done so many times."""
        queue, program = self._device.command_queue(), program_of(self._buffers, operation, wide, times)
        ttnn.EnqueueProgram(queue, program, blocking=True)
        seconds = median(lambda: ttnn.EnqueueProgram(queue, program, blocking=True), self._repeats)
        return seconds / TILES * 1e6

    def costs(self, operation: str, wide: bool) -> tuple[float, float]:
        """Return what a streamed tile costs, and what the operation alone, with the copy that it begins from."""
        once, often = (self.per_tile(operation, wide, times) for times in (1, MANY))
        return once, (often - once) / (MANY - 1)


def main() -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--board", default="n150")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("operations", nargs="*", default=list(OPERATIONS), help=", ".join(OPERATIONS))
    options = parser.parse_args()
    table = Table("operation", "DST", "streamed fast", "exact", "ratio", "alone fast", "exact", "ratio")
    backends = [f"emulator:{options.board}?numerics={grade}" for grade in ("fast", "exact")]
    with ttnn.open_device(0, backend=backends[0]) as one, ttnn.open_device(1, backend=backends[1]) as other:
        grades = [Grade(device, options.repeats) for device in (one, other)]
        for wide in (False, True):
            copying = [grade.costs("nothing", wide)[1] for grade in grades]
            for operation in options.operations:
                fast, exact = (grade.costs(operation, wide) for grade in grades)
                alone = [cost[1] - copy for cost, copy in zip((fast, exact), copying, strict=True)]
                ratio = f"{alone[1] / alone[0]:.2f}" if min(alone) > 0.0 else "-"
                row = [f"{fast[0]:.1f}", f"{exact[0]:.1f}", f"{exact[0] / fast[0]:.2f}"]
                table.add_row(operation, "32" if wide else "16", *row, *(f"{cost:.1f}" for cost in alone), ratio)
    Console(width=110).print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
