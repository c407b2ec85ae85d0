"""What the emulator costs: start-up, time per tile, and launch overhead, as ratios within one run where they exist.

``python benchmarks/emulator.py`` prints a table; ``--help`` shows what can be chosen.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import tthal as ttnn

ROOT = Path(__file__).resolve().parent.parent
VECTOR_ADD = ROOT / "examples" / "vector_add"
MATMUL = ROOT / "examples" / "matmul_single_core"
TILE_BYTES = 2048
TILES = 4096
CORE = ttnn.CoreCoord(0, 0)


def best(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def process_seconds(cache: str) -> float:
    """Run vector_add in a process of its own and return how long it took."""
    environment = {**os.environ, "TTHAL_CACHE_DIR": cache, "TTHAL_BACKEND": "emulator"}
    command = [sys.executable, str(VECTOR_ADD / "vector_add.py")]
    start = time.perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def start_up(repeats: int) -> list[tuple[str, float, str]]:
    """Cold and warm start of a whole process, against one that only imports numpy."""
    numpy_only = best(lambda: subprocess.run([sys.executable, "-c", "import numpy"], check=True), repeats)
    with tempfile.TemporaryDirectory() as cache:
        os.chmod(cache, 0o700)
        cold = process_seconds(cache)
        warm = best(lambda: process_seconds(cache), repeats)
    return [
        ("vector_add 1024x1024, nothing cached", cold, f"{cold / numpy_only:.1f} x a process that imports numpy"),
        ("vector_add 1024x1024, kernels cached", warm, f"{warm / numpy_only:.1f} x a process that imports numpy"),
    ]


def create_buffer(device: ttnn.Device, tiles: int) -> ttnn.Buffer:
    """Create an interleaved DRAM buffer of bfloat16 tiles."""
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, tiles * TILE_BYTES, TILE_BYTES, ttnn.BufferType.DRAM))


def streaming_add(device: ttnn.Device, buffers: list[ttnn.Buffer], pages: int) -> ttnn.Program:
    """The kernels of vector_add on one core, with circular buffers of ``pages`` tiles."""
    program = ttnn.CreateProgram()
    for index in (0, 1, 16):
        config = ttnn.CircularBufferConfig(pages * TILE_BYTES, {index: ttnn.DataFormat.Float16_b})
        ttnn.CreateCircularBuffer(program, CORE, config.set_page_size(index, TILE_BYTES))
    accessor = ttnn.TensorAccessorArgs(buffers[0]).get_compile_time_args()
    kernels = VECTOR_ADD / "kernels"
    reader = ttnn.CreateKernel(
        program, str(kernels / "reader.cpp"), CORE, ttnn.ReaderDataMovementConfig(accessor + accessor)
    )
    compute = ttnn.CreateKernel(program, str(kernels / "compute.cpp"), CORE, ttnn.ComputeConfig())
    writer = ttnn.CreateKernel(program, str(kernels / "writer.cpp"), CORE, ttnn.WriterDataMovementConfig(accessor))
    a, b, c = (buffer.address() for buffer in buffers)
    ttnn.SetRuntimeArgs(program, reader, CORE, [a, b, 0, TILES])
    ttnn.SetRuntimeArgs(program, compute, CORE, [TILES])
    ttnn.SetRuntimeArgs(program, writer, CORE, [c, 0, TILES])
    return program


def per_tile(device: ttnn.Device, repeats: int) -> list[tuple[str, float, str]]:
    """Time per tile of the streaming add on one core, against numpy's float32 addition of the same elements."""
    a, b = np.ones((2, TILES * 1024), np.float32)
    numpy_tile = best(lambda: a + b, repeats) / TILES
    queue = device.command_queue()
    buffers = [create_buffer(device, TILES) for _ in range(3)]
    rows = []
    for pages in (2, 8, 32):
        program = streaming_add(device, buffers, pages)
        ttnn.EnqueueProgram(queue, program, blocking=True)
        tile = best(lambda: ttnn.EnqueueProgram(queue, program, blocking=True), repeats) / TILES  # noqa: B023
        rows.append(
            (f"one tile of a streaming add, buffers of {pages} tiles", tile, f"{tile / numpy_tile:.0f} x numpy")
        )
    return rows


def launch(device: ttnn.Device, repeats: int) -> list[tuple[str, float, str]]:
    """An empty program on 64 cores x 3 processors, against nothing but making and ending the instances."""
    grid = device.properties.compute_grid
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(grid.x - 1, grid.y - 1))
    program = ttnn.CreateProgram()
    for config in (ttnn.ReaderDataMovementConfig(), ttnn.WriterDataMovementConfig(), ttnn.ComputeConfig()):
        ttnn.CreateKernelFromString(program, "void kernel_main() {}", cores, config)
    queue = device.command_queue()
    ttnn.EnqueueProgram(queue, program, blocking=True)
    whole = best(lambda: ttnn.EnqueueProgram(queue, program, blocking=True), repeats)
    bare = best(BareInstances(cores.size()).run, repeats)
    return [
        (f"{3 * cores.size()} bare instances", bare, ""),
        (f"launch of an empty program on {3 * cores.size()} processors", whole, f"{whole / bare:.2f} x bare instances"),
    ]


class BareInstances:
    """Instances of an empty module on every processor of some cores, without anything of a launch around them."""

    MODULE = '(module (memory 34 64) (func (export "kernel_main")))'

    def __init__(self, cores: int) -> None:
        from wasmtime import wat2wasm

        from tthal_emulator.engine import Engine, Module, core_memories

        engine = Engine()
        self._module = Module.compile(engine, bytes(wat2wasm(self.MODULE)))
        self._memories = core_memories(engine, cores, 1_499_136)
        self._places = [(core, slot) for core in range(cores) for slot in range(3)]

    def run(self) -> None:
        """Make, run and end all instances."""
        from tthal_emulator.engine import Processor

        processors = [Processor(self._module, self._memories, core, slot) for core, slot in self._places]
        for processor in processors:
            processor.start("kernel_main")
            processor.poll()
        for processor in processors:
            processor.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="runs per figure; the shortest counts (default: 5)")
    parser.add_argument("--backend", default="emulator", help="selection string (default: emulator)")
    arguments = parser.parse_args()
    table = Table("what", "time", "ratio")
    with ttnn.open_device(0, backend=arguments.backend) as device:
        rows = [*start_up(arguments.repeats), *per_tile(device, arguments.repeats), *launch(device, arguments.repeats)]
    for what, seconds, ratio in rows:
        unit, factor = ("µs", 1e6) if seconds < 1e-3 else ("ms", 1e3) if seconds < 1 else ("s", 1)
        table.add_row(what, f"{seconds * factor:.2f} {unit}", ratio)
    Console().print(table)


if __name__ == "__main__":
    main()
