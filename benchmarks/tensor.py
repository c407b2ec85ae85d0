"""What a tensor costs on its way to a device and back: bfloat16 in numpy, tiles in a device buffer, numpy again.

``python benchmarks/tensor.py`` prints a table. Times are the best of some runs; the measure is numpy's copy of the same
bytes into a warm array, taken in turn with them in the same process.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import ml_dtypes
import numpy as np
from rich.console import Console
from rich.table import Table

import tthal as ttnn

ROWS, COLUMNS = 4096, 8192
"""64 MB of bfloat16."""


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measured(device: ttnn.Device, repeats: int) -> dict[str, float]:
    """Return the best time of every way, in seconds."""
    bits = np.random.default_rng(0).integers(0, 0x7F00, (ROWS, COLUMNS)).astype(np.uint16)
    values, warm = bits.view(ml_dtypes.bfloat16), np.empty_like(bits)
    kept = ttnn.from_numpy(values, layout=ttnn.TILE_LAYOUT, device=device)

    def there() -> ttnn.Tensor:
        tensor = ttnn.from_numpy(values, layout=ttnn.TILE_LAYOUT, device=device)
        ttnn.synchronize_device(device)
        return tensor

    def there_and_back() -> None:
        tensor = there()
        back = ttnn.to_numpy(tensor)
        tensor.deallocate()
        assert back.shape == values.shape

    ways: dict[str, Callable[[], object]] = {
        "numpy's copy": lambda: np.copyto(warm, bits),
        "numpy to tiles": lambda: there().deallocate(),
        "tiles to numpy": lambda: ttnn.to_numpy(kept),
        "there and back": there_and_back,
    }
    assert np.array_equal(ttnn.to_numpy(kept).view(np.uint16), bits)
    times = {name: [seconds(way) for _ in range(2)] for name, way in ways.items()}
    for _ in range(repeats):
        for name, way in ways.items():
            times[name].append(seconds(way))
    return {name: min(each) for name, each in times.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", default="emulator", help="a selection, such as emulator:p150")
    parser.add_argument("--repeats", type=int, default=10)
    given = parser.parse_args()
    with ttnn.open_device(backend=given.backend) as device:
        times = measured(device, given.repeats)
    copied = times["numpy's copy"]
    table = Table("64 MB of bfloat16", "ms", "numpy's copy = 1")
    for name, each in times.items():
        table.add_row(name, f"{each * 1e3:.1f}", f"{each / copied:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
