"""What observing costs: launches that nobody observes, one that counts every event, and the default checks.

``python benchmarks/observer.py`` prints a table; times are medians of some launches, ratios are within one run.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from compute import SIDE, create_buffer, matmul_program
from rich.console import Console
from rich.table import Table

import tthal as ttnn
from tthal.observer import CompiledListener, EventKind, Observer


class Counting(Observer):
    """Counts events of every kind in compiled code."""

    sources = Path(__file__).resolve().parent / "listener"

    def __init__(self) -> None:
        self.counts = np.zeros(256, np.uint64)

    def built(self, address_of: Callable[[str], int]) -> None:
        """See :class:`Observer`."""
        self.compiled = CompiledListener(address_of("benchmark_count"), self.counts.ctypes.data)


def launches(device: ttnn.Device, side: int, repeats: int) -> float:
    """Return the median time of a 1024x1024x1024 matrix product's launch, in seconds."""
    buffers = [create_buffer(device, SIDE * SIDE * 2) for _ in range(3)]
    program, queue = matmul_program(buffers, side, ttnn.MathFidelity.HiFi4), device.command_queue()
    times = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        ttnn.EnqueueProgram(queue, program, blocking=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9, help="launches of each kind (default: %(default)s)")
    repeats = parser.parse_args().repeats
    table = Table("1024x1024x1024, 64 cores, fast", "nobody", "counting", "check=default", "events")
    for side, name in ((1, "one tile per step"), (4, "4x4 tiles per step")):
        with (
            ttnn.open_device(0, backend="emulator?numerics=fast") as plain,
            ttnn.open_device(1, backend="emulator?numerics=fast") as observed,
            ttnn.open_device(2, backend="emulator?numerics=fast&check=default") as checked,
        ):
            counting = Counting()
            observed.observe(counting)
            base, counted, found = (launches(device, side, repeats) for device in (plain, observed, checked))
        events = int(counting.counts.sum()) // (repeats + 1)
        kinds = sum(1 for kind in EventKind if counting.counts[kind])
        table.add_row(
            name,
            f"{base * 1e3:.1f} ms",
            f"{counted / base:.2f} x",
            f"{found / base:.2f} x",
            f"{events} of {kinds} kinds",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
