"""Eight broken programs: each is the working one with one kernel exchanged for its twin in ``bugs/``. Find the bug.

The working program doubles tiles on core 0, sends them to core 1, which writes them to DRAM. Guess what is wrong by
reading ``bugs/N_*.cpp``, then run ``find_the_bug.py N`` for the report; the difference to ``kernels/`` is the fix.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

FOLDER = Path(__file__).resolve().parent
BUGS = sorted((FOLDER / "bugs").glob("*.cpp"))
TILES, TILE_BYTES = 8, 2048
SENDER, RECEIVER = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)


def run(bug: Path | None) -> np.ndarray:
    """Run the program, with one kernel from a file of ``bugs/`` if any; return y of shape (32, 32 * TILES)."""

    def source(role: str) -> str:
        return str(bug if bug and bug.stem.endswith(role) else FOLDER / "kernels" / f"{role}.cpp")

    with ttnn.open_device(0, backend="emulator?check=full") as device:
        x = ttnn.from_numpy(numbers(), layout=ttnn.TILE_LAYOUT, device=device)
        y = ttnn.empty_like(x)
        program, both = ttnn.CreateProgram(), ttnn.CoreRange(SENDER, RECEIVER)
        for index, cores in {24: both, 0: SENDER, 16: SENDER}.items():
            cb = ttnn.CircularBufferConfig(2 * TILE_BYTES, {index: ttnn.bfloat16}).set_page_size(index, TILE_BYTES)
            ttnn.CreateCircularBuffer(program, cores, cb)
        for _ in range(2):  # arrived, taken
            ttnn.CreateSemaphore(program, both, 0)
        words = ttnn.TensorAccessorArgs(x).get_compile_time_args()
        reader_config = ttnn.ReaderDataMovementConfig([TILES, *words])
        reader = ttnn.CreateKernel(program, source("reader"), SENDER, reader_config)
        ttnn.CreateKernel(program, source("compute"), SENDER, ttnn.ComputeConfig(compile_args=[TILES]))
        sender = ttnn.CreateKernel(program, source("sender"), SENDER, ttnn.WriterDataMovementConfig([TILES]))
        receiver_config = ttnn.WriterDataMovementConfig([TILES, *words])
        receiver = ttnn.CreateKernel(program, source("receiver"), RECEIVER, receiver_config)
        there, here = (device.worker_core_from_logical_core(core) for core in (RECEIVER, SENDER))
        ttnn.SetRuntimeArgs(program, reader, SENDER, [x.buffer_address()])
        ttnn.SetRuntimeArgs(program, sender, SENDER, [there.x, there.y])
        ttnn.SetRuntimeArgs(program, receiver, RECEIVER, [y.buffer_address(), here.x, here.y])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        return ttnn.to_numpy(y).astype(np.float32)


def numbers() -> np.ndarray:
    """Return x: small integers, so that doubling is exact in bfloat16."""
    return np.random.default_rng(0).integers(-128, 128, (32, 32 * TILES)).astype(ml_dtypes.bfloat16)


def report(bug: Path) -> str:
    """Return what tthal says of a broken program, or "" if it ran without a word."""
    try:
        run(bug)
    except ttnn.TthalError as error:
        return str(error)
    return ""


def main() -> int:
    """Run the example; return 0 when the working program works and every broken one is reported."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bug", type=int, nargs="*", help=f"numbers from 1 to {len(BUGS)} (default: all)")
    chosen = parser.parse_args().bug or range(1, len(BUGS) + 1)
    if not all(1 <= number <= len(BUGS) for number in chosen):
        parser.error(f"there are bugs 1 to {len(BUGS)}")

    start = time.perf_counter()
    right = np.array_equal(run(None), 2 * numbers().astype(np.float32))
    seconds = time.perf_counter() - start
    print(f"the working program: {'equal to numpy' if right else 'DIFFERS from numpy'}, {seconds:.1f} s")
    silent = []
    for number in chosen:
        said = report(BUGS[number - 1])
        print(f"\n== bugs/{BUGS[number - 1].name}\n{said or 'nothing was said'}")
        silent += [] if said else [number]
    print("\nPASSED" if right and not silent else f"\nFAILED: silent bugs {silent}")
    return 0 if right and not silent else 1


if __name__ == "__main__":
    sys.exit(main())
