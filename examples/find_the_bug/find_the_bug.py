"""Eight broken programs: each is the working one with one kernel exchanged for its twin in ``bugs/``. Find the bug.

The working program doubles tiles on core 0, sends them to core 1, which writes them to DRAM. Guess what is wrong by
reading ``bugs/N_*.cpp``, then run ``find_the_bug.py N`` for the report; the difference to ``kernels/`` is the fix.
"""

import argparse
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

FOLDER = Path(__file__).resolve().parent
BUGS = sorted((FOLDER / "bugs").glob("*.cpp"))
TILES, TILE_BYTES = 8, 2048
SENDER, RECEIVER = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)
# Small integers, so that doubling is exact in bfloat16.
X = np.random.default_rng(0).integers(-128, 128, (32, 32 * TILES)).astype(ml_dtypes.bfloat16)


def run(bug: Path | None) -> np.ndarray:
    """Run the program, with one kernel from a file of ``bugs/`` if any; return y of shape (32, 32 * TILES)."""

    def source(role: str) -> str:
        return str(bug if bug and bug.stem.endswith(role) else FOLDER / "kernels" / f"{role}.cpp")

    with ttnn.open_device(0, backend="emulator?check=full") as device:
        x = ttnn.from_numpy(X, layout=ttnn.TILE_LAYOUT, device=device)
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


def main() -> int:
    """Run the example; return 0 when the working program works and every broken one is reported."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bug", type=int, nargs="*", help=f"numbers from 1 to {len(BUGS)} (default: all)")
    chosen = parser.parse_args().bug or range(1, len(BUGS) + 1)
    if not all(1 <= number <= len(BUGS) for number in chosen):
        parser.error(f"there are bugs 1 to {len(BUGS)}")

    start = time.perf_counter()
    right = np.array_equal(run(None), 2 * X.astype(np.float32))
    print(f"working program: {'equal to' if right else 'DIFFERS from'} numpy, {time.perf_counter() - start:.1f} s")
    silent = []
    for bug in (BUGS[number - 1] for number in chosen):
        print(f"\n== bugs/{bug.name}")
        try:
            run(bug)
            print("nothing was said")
            silent.append(bug.name)
        except ttnn.TthalError as error:
            print(error)
    print("\nPASSED" if right and not silent else f"\nFAILED: silent bugs {silent}")
    return 0 if right and not silent else 1


if __name__ == "__main__":
    raise SystemExit(main())
