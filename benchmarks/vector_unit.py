"""What operations of the vector unit cost in both grades: a streamed tile, and the operation alone.

``python benchmarks/vector_unit.py`` prints the exact grade's cost in terms of the fast grade's, which computes the same
functions in float32, and whether it keeps the limits. One core reads two streams of bfloat16 tiles, computes and writes
one. Both grades take turns, and the least of their processor times counts: what disturbs a run only ever adds to it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ml_dtypes
import numpy as np
from compute import STREAM, TILE_BYTES, create_buffer
from rich.console import Console
from rich.table import Table

import tthal as ttnn

KERNEL = Path(__file__).resolve().parent / "kernels" / "vector_compute.cpp"
TILES = 512
MANY = 9
"""How often the operation runs per tile where its own cost is measured."""
STREAMED_LIMIT, ALONE_LIMIT = 1.5, 4.0
"""What the exact grade may cost in terms of the fast one."""
SHORTEST = 0.5
"""Microseconds below which an operation's own cost is the noise of two measurements."""
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
    """One device with two streams of numbers."""

    def __init__(self, device: ttnn.Device) -> None:
        self._device = device
        self._buffers = [create_buffer(device, TILES * TILE_BYTES) for _ in range(3)]
        rng = np.random.default_rng(0)
        for buffer in self._buffers[:2]:
            data = rng.uniform(0.01, 4.0, (TILES, 1024)).astype(ml_dtypes.bfloat16)
            ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, data)

    def prepare(self, operation: str, wide: bool, times: int) -> ttnn.Program:
        """Return a program that does the operation so many times per tile; it has run once."""
        program = program_of(self._buffers, operation, wide, times)
        self.seconds(program)
        return program

    def seconds(self, program: ttnn.Program) -> float:
        """Return the processor time of one launch."""
        start = time.process_time()
        ttnn.EnqueueProgram(self._device.command_queue(), program, blocking=True)
        return time.process_time() - start


@dataclass(frozen=True)
class Cost:
    """Microseconds per tile: streamed, and of the operation alone with the copy that it begins from."""

    streamed: float
    alone: float


def costs(grades: Sequence[Grade], operation: str, wide: bool, repeats: int) -> list[Cost]:
    """Return what the operation costs in each grade."""
    programs = [(grade, [grade.prepare(operation, wide, times) for times in (1, MANY)]) for grade in grades]
    least = [[float("inf")] * 2 for _ in grades]
    for _ in range(repeats):
        for times, (grade, pair) in zip(least, programs, strict=True):
            times[:] = [min(time, grade.seconds(program)) for time, program in zip(times, pair, strict=True)]
    per_tile = [(once / TILES * 1e6, often / TILES * 1e6) for once, often in least]
    return [Cost(once, (often - once) / (MANY - 1)) for once, often in per_tile]


def row_of(fast: Cost, exact: Cost, copying: Sequence[Cost]) -> tuple[list[str], bool]:
    """Return the numbers of a table's row, and whether both limits are kept."""
    alone = [cost.alone - copy.alone for cost, copy in zip((fast, exact), copying, strict=True)]
    streamed_ratio, alone_ratio = exact.streamed / fast.streamed, alone[1] / max(alone[0], SHORTEST)
    kept = streamed_ratio <= STREAMED_LIMIT and alone_ratio <= ALONE_LIMIT
    numbers = (fast.streamed, exact.streamed, streamed_ratio, *alone, alone_ratio)
    formats = ("{:.1f}", "{:.1f}", "{:.2f}", "{:.1f}", "{:.1f}", "{:.2f}")
    return [form.format(number) for form, number in zip(formats, numbers, strict=True)], kept


def main() -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--board", default="n150")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("operations", nargs="*", default=list(OPERATIONS), help=", ".join(OPERATIONS))
    options = parser.parse_args()
    kept = f"at most {STREAMED_LIMIT} and {ALONE_LIMIT:.0f}"
    table = Table("operation", "DST", "streamed fast", "exact", "ratio", "alone fast", "exact", "ratio", kept)
    backends = [f"emulator:{options.board}?numerics={grade}" for grade in ("fast", "exact")]
    passed, rows = 0, 0
    with ttnn.open_device(0, backend=backends[0]) as one, ttnn.open_device(1, backend=backends[1]) as other:
        grades = [Grade(device) for device in (one, other)]
        for wide in (False, True):
            copying = costs(grades, "nothing", wide, options.repeats)
            for operation in options.operations:
                fast, exact = costs(grades, operation, wide, options.repeats)
                row, within = row_of(fast, exact, copying)
                table.add_row(operation, "32" if wide else "16", *row, "yes" if within else "NO")
                passed, rows = passed + within, rows + 1
    console = Console(width=120)
    console.print(table)
    console.print(f"{passed} of {rows} rows keep the limits")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
