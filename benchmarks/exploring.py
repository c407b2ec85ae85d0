"""Cases per second of `tthal explore` with one worker and with two: ``python benchmarks/exploring.py --seeds 8``.

Every case is a process that compiles nothing (the first one has), opens a device and runs a program; what is printed
includes that.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tthal_explore.cases import Case, Status
from tthal_explore.exploration import explore
from tthal_explore.journal import Journal

PROGRAM = Path(__file__).resolve().parents[1] / "examples" / "vector_add" / "vector_add.py"


def rate(workers: int, seeds: int, program: Path) -> float:
    """Return cases per second; every case must pass."""
    cases = [Case(seed, "emulator?jobs=1", (str(program),), 300) for seed in range(seeds)]
    began = time.perf_counter()
    with Journal(None, {}) as journal, ThreadPoolExecutor(workers) as pool:
        outcomes = list(explore(cases, pool, journal, workers))
    seconds = time.perf_counter() - began
    failed = [outcome.reason for outcome in outcomes if outcome.status is not Status.PASSED]
    if failed:
        raise SystemExit(f"{program} does not pass: {failed[0]}")
    return seeds / seconds


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--program", type=Path, default=PROGRAM)
    options = parser.parse_args()
    rate(1, 1, options.program)
    one, two = (rate(workers, options.seeds, options.program) for workers in (1, 2))
    print(f"1 worker: {one:.2f} cases per second; 2 workers: {two:.2f}; {two / one:.2f} times as many")


if __name__ == "__main__":
    main()
