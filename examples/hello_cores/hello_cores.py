"""Every core says hello from its processors, by DPRINT.

A line carries the core and the processor it comes from. On a card DPRINT wants ``TT_METAL_DPRINT_CORES=all``; here the
lines are on the terminal by default, and a program can listen to them itself, as this one does to count them.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import tthal as ttnn
from tthal.device_interface import Event, KernelPrint

KERNELS = Path(__file__).resolve().parent / "kernels"


def create_program(cores: ttnn.CoreRange) -> ttnn.Program:
    """Build the program: a data-movement kernel for each of BRISC and NCRISC, and a compute kernel."""
    program = ttnn.CreateProgram()
    for config in (ttnn.WriterDataMovementConfig(), ttnn.ReaderDataMovementConfig()):
        ttnn.CreateKernel(program, str(KERNELS / "hello_data_movement.cpp"), cores, config)
    ttnn.CreateKernel(program, str(KERNELS / "hello_compute.cpp"), cores, ttnn.ComputeConfig())
    return program


def main() -> int:
    """Run the example; return 0 when five lines came from every core."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--columns", type=int, default=2, help="columns of cores (default: 2)")
    parser.add_argument("--rows", type=int, default=2, help="rows of cores (default: 2)")
    options = parser.parse_args()

    heard: Counter[str] = Counter()

    def count(event: Event) -> None:
        if isinstance(event, KernelPrint):
            heard[event.processor] += 1

    with ttnn.open_device(0) as device:
        grid = device.properties.compute_grid
        if not (0 < options.columns <= grid.x and 0 < options.rows <= grid.y):
            parser.error(f"--columns is from 1 to {grid.x} and --rows from 1 to {grid.y} on {device.properties.board}")
        cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(options.columns - 1, options.rows - 1))
        device.subscribe(count)
        start = time.perf_counter()
        ttnn.EnqueueProgram(device.command_queue(), create_program(cores), blocking=True)
        seconds = time.perf_counter() - start

    print(f"launch, with compiling: {seconds:.3f} s; lines by processor: {dict(heard)}")
    complete = heard.total() == 5 * cores.size()
    print("PASSED" if complete else f"FAILED: {5 * cores.size()} lines were to come, 5 from each core")
    return 0 if complete else 1


if __name__ == "__main__":
    raise SystemExit(main())
