"""What recording costs: vector_add of 1024x1024 on the emulator, three buffers of 2 MB, recorded and not.

``python benchmarks/recording.py`` alternates the two and prints medians and minima: of the example as a process of its
own, of its work from opening the device to closing it, and of one launch of a loaded program with its three transfers.
Every run has new data, so every buffer is hashed and written.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import ml_dtypes
import numpy as np
from rich.console import Console
from rich.table import Table

import tthal as ttnn

sys.path.append(str(Path(__file__).resolve().parent.parent / "examples" / "vector_add"))
import vector_add

EXAMPLE = Path(vector_add.__file__)
SHAPE = ttnn.Shape((1024, 1024))
Measurement = Callable[[Path | None], float]


def process(trace: Path | None) -> float:
    """Run the example as a process; return seconds."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TTHAL_RECORD")}
    if trace is not None:
        environment["TTHAL_RECORD"] = str(trace)
    start = time.perf_counter()
    subprocess.run([sys.executable, str(EXAMPLE)], env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def inputs() -> list[np.ndarray]:
    """Return two matrices that no run had before."""
    rng = np.random.default_rng()
    return [rng.standard_normal((1024, 1024), np.float32).astype(ml_dtypes.bfloat16) for _ in range(2)]


def launch(device: ttnn.Device, buffers: list[ttnn.Buffer], program: ttnn.Program) -> float:
    """Write, launch and read once; return seconds."""
    data = inputs()
    queue = device.command_queue()
    start = time.perf_counter()
    for buffer, values in zip(buffers[:2], data, strict=True):
        ttnn.EnqueueWriteBuffer(queue, buffer, values)
    ttnn.EnqueueProgram(queue, program, blocking=True)
    ttnn.EnqueueReadBuffer(queue, buffers[2])
    return time.perf_counter() - start


def whole(trace: Path | None) -> float:
    """Open a device, make the example's calls, close it; return seconds, the making of data left out."""
    with ttnn.record(trace) if trace is not None else nullcontext():
        start = time.perf_counter()
        with ttnn.open_device() as device:
            tensors = [ttnn.allocate_tensor_on_device(SHAPE, ttnn.bfloat16, ttnn.TILE_LAYOUT, device) for _ in range(3)]
            buffers = [tensor.buffer() for tensor in tensors]
            program = vector_add.create_program(device, *tensors)
            ready = time.perf_counter() - start
            seconds = launch(device, buffers, program)
            start = time.perf_counter()
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        return ready + seconds + time.perf_counter() - start


def one_launch(trace: Path | None) -> float:
    """Launch a loaded program once; return seconds."""
    with ttnn.record(trace) if trace is not None else nullcontext(), ttnn.open_device() as device:
        tensors = [ttnn.allocate_tensor_on_device(SHAPE, ttnn.bfloat16, ttnn.TILE_LAYOUT, device) for _ in range(3)]
        buffers = [tensor.buffer() for tensor in tensors]
        program = vector_add.create_program(device, *tensors)
        launch(device, buffers, program)
        return min(launch(device, buffers, program) for _ in range(3))


def compare(measure: Measurement, repeats: int) -> tuple[list[float], list[float]]:
    """Return the seconds of alternating runs, plain and recorded."""
    plain, recorded = [], []
    measure(None)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(repeats):
            plain.append(measure(None))
            trace = Path(folder) / f"{number}.tttrace"
            recorded.append(measure(trace))
            trace.unlink()
    return plain, recorded


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10, help="runs of each kind (default: 10)")
    repeats = parser.parse_args().repeats
    table = Table("what", "plain ms", "recorded ms", "more", title="median (minimum)")
    for name, measure in (("the process", process), ("open to close", whole), ("one launch", one_launch)):
        plain, recorded = compare(measure, repeats)
        more = (statistics.median(recorded) / statistics.median(plain) - 1, min(recorded) / min(plain) - 1)
        shown = [f"{1e3 * statistics.median(each):.1f} ({1e3 * min(each):.1f})" for each in (plain, recorded)]
        table.add_row(name, *shown, f"{more[0]:+.1%} ({more[1]:+.1%})")
    Console().print(table)


if __name__ == "__main__":
    main()
