"""What the timing model costs: launches with it and without, and the memory that many events take.

``python benchmarks/time_cost.py`` prints, per program, the launch alone and with ``time=on``, in wall time and in
processor time (medians of some launches that take turns), and their ratio, which shall not be above 3. ``--memory``
profiles one launch of ``--events`` events (default 10^8, some minutes) in a process of its own and prints its largest
resident set, what of the events went to disk, and the resident set of the same launch without the model.
"""

from __future__ import annotations

import argparse
import logging
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from observer import PROGRAMS
from rich.console import Console
from rich.table import Table

import tthal as ttnn
from tthal_time import session

NAMES = tuple(name for name in PROGRAMS if name != "loads and stores")
PUSHER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    for (uint32_t left = get_arg_val<uint32_t>(0); left; left--) { cb_reserve_back(0, 1); cb_push_back(0, 1); }
}
"""
POPPER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    for (uint32_t left = get_arg_val<uint32_t>(0); left; left--) { cb_wait_front(0, 1); cb_pop_front(0, 1); }
}
"""
DEPTH, CALLS = 1024, 4


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor time."""
    wall, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - used


def print_ratios(repeats: int) -> None:
    """Launch every program on both devices in turns."""
    table = Table("64 cores, fast", "nobody", "time=on", "wall", "processor time", "events")
    for name in NAMES:
        with (
            ttnn.open_device(0, backend="emulator?numerics=fast&check=off") as plain,
            ttnn.open_device(1, backend="emulator?numerics=fast&check=off&time=on") as timed,
        ):
            launches = [
                partial(ttnn.EnqueueProgram, device.command_queue(), PROGRAMS[name](device), True)
                for device in (plain, timed)
            ]
            took = [[seconds(launch) for launch in launches] for _ in range(repeats + 1)][1:]
        base, model = ([statistics.median(row[i][part] for row in took) for part in (0, 1)] for i in (0, 1))
        ratios = [f"{more / less:.2f} x" for more, less in zip(model, base, strict=True)]
        table.add_row(
            name, f"{base[0] * 1e3:.1f} ms", f"{model[0] * 1e3:.1f} ms", *ratios, f"{session.profiles[-1].events:,}"
        )
    Console(width=120).print(table)


def launch_many(events: int, timed: bool) -> None:
    """Push and pop pages on one core; print the largest resident set and what the model said."""
    with ttnn.open_device(0, backend=f"emulator?check=off&time={'on' if timed else 'off'}&timeout=3600") as device:
        program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
        ring = ttnn.CircularBufferConfig(DEPTH * 32, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 32)
        ttnn.CreateCircularBuffer(program, core, ring)
        for text, config in ((PUSHER, ttnn.ReaderDataMovementConfig()), (POPPER, ttnn.WriterDataMovementConfig())):
            kernel = ttnn.CreateKernelFromString(program, text, core, config)
            ttnn.SetRuntimeArgs(program, kernel, core, [events // CALLS])
        wall, _ = seconds(lambda: ttnn.EnqueueProgram(device.command_queue(), program, True))
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{'time=on' if timed else 'nobody'}: {wall:.1f} s, largest resident set {largest / 1e6:.0f} MB", end="")
    for profile in session.profiles:
        print(f", {profile.events:,} events, {profile.stored / 1e6:,.0f} MB of them on disk", end="")
    print()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9, help="launches of each kind (default: %(default)s)")
    parser.add_argument("--memory", action="store_true", help="measure memory, not time")
    parser.add_argument("--events", type=int, default=10**8, help="of the launch for --memory (default: %(default)s)")
    parser.add_argument("--launch", choices=["nobody", "timed"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    logging.getLogger("tthal.time").setLevel(logging.WARNING)
    if arguments.launch:
        return launch_many(arguments.events, arguments.launch == "timed")
    if arguments.memory:
        for which in ("nobody", "timed"):
            command = [sys.executable, __file__, "--launch", which, "--events", str(arguments.events)]
            subprocess.run(command, check=True)
        return None
    return print_ratios(arguments.repeats)


if __name__ == "__main__":
    main()
