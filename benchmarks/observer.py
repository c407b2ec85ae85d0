"""What observing costs: launches that nobody observes, one that counts every event, and the default checks.

``python benchmarks/observer.py`` prints a table. Times are processor time of the launching process; a ratio is the
median over launches that take turns, each divided by that of nobody just before it, so that other work on the machine
counts for both. ``--memory`` prints instead what the checks keep: by how much launches let the resident set of a
process grow, at their peak and without those of a process without checks, beside the bytes of L1 and DRAM touched.
Pages of files do not count: they are the code of libraries, of which the system maps more or fewer around each call.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from operator import truediv
from pathlib import Path

import numpy as np
from compute import SIDE, create_buffer, matmul_program
from rich.console import Console
from rich.table import Table

import tthal as ttnn
from tthal.observer import CompiledListener, EventKind, Observer

sys.path.append(str(Path(__file__).resolve().parent.parent / "examples" / "vector_add"))
import vector_add


class Counting(Observer):
    """Counts events of every kind in compiled code."""

    sources = Path(__file__).resolve().parent / "listener"

    def __init__(self) -> None:
        self.counts = np.zeros(256, np.uint64)

    def built(self, address_of: Callable[[str], int]) -> None:
        """See :class:`Observer`."""
        self.compiled = CompiledListener(address_of("benchmark_count"), self.counts.ctypes.data)


def matmul(device: ttnn.Device, side: int) -> ttnn.Program:
    """Return a 1024x1024x1024 matrix product that works on blocks of ``side`` x ``side`` tiles."""
    buffers = [create_buffer(device, SIDE * SIDE * 2) for _ in range(3)]
    return owning(matmul_program(buffers, side, ttnn.MathFidelity.HiFi4), buffers)


def addition(device: ttnn.Device, side: int) -> ttnn.Program:
    """Return the example's sum of two matrices of ``side`` x ``side`` elements."""
    place = {"layout": ttnn.TILE_LAYOUT, "device": device}
    tensors = [ttnn.zeros((side, side), ttnn.bfloat16, **place) for _ in range(3)]
    return owning(vector_add.create_program(device, *tensors), [tensor.buffer() for tensor in tensors])


LOOP = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    for (uint32_t i = 0; i < 4096; i++) words[i] = i;
    for (uint32_t round = 0; round < 200; round++)
        for (uint32_t i = 0; i + 1 < 4096; i += 3) words[i] = words[i + 1] + round;
}
"""


def loads_and_stores(device: ttnn.Device) -> ttnn.Program:
    """Return a loop of 273,000 loads and as many stores, no two of which are neighbours, on one core."""
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
    ring = ttnn.CircularBufferConfig(16384, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 16384)
    ttnn.CreateCircularBuffer(program, core, ring)
    ttnn.CreateKernelFromString(program, LOOP, core, ttnn.WriterDataMovementConfig())
    return program


WORDS = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint32_t place = get_arg_val<uint32_t>(0), step = get_arg_val<uint32_t>(1), cores = get_arg_val<uint32_t>(2);
    auto* told = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(1));
    noc_semaphore_inc(get_noc_addr(get_arg_val<uint32_t>(3), get_arg_val<uint32_t>(4), get_semaphore(0)), 1);
    if (place == 0) {
        noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0)), 2 * cores);
        for (uint32_t i = 0; i < cores; i++)
            noc_semaphore_inc(
                get_noc_addr(get_arg_val<uint32_t>(3 + 2 * i), get_arg_val<uint32_t>(4 + 2 * i), get_semaphore(1)), 1);
    }
    noc_async_atomic_barrier();
    noc_semaphore_wait(told, 1);
    const uint32_t begin = get_write_ptr(0) + place % 2 * 128 * step;
    for (uint32_t i = 0; i < 128; i++) *reinterpret_cast<volatile tt_l1_ptr uint32_t*>(begin + i * step) = i;
}
"""
WORDS_OF_A_CORE = 256


def far_words(device: ttnn.Device, step: int) -> ttnn.Program:
    """Return 128 kernels on 64 cores, each of which knows of all others and stores words ``step`` bytes apart."""
    program, cores = ttnn.CreateProgram(), [ttnn.CoreCoord(x, y) for y in range(8) for x in range(8)]
    everywhere = ttnn.CoreRange(cores[0], cores[-1])
    size = WORDS_OF_A_CORE * step
    ring = ttnn.CircularBufferConfig(size, {0: ttnn.DataFormat.UInt32}).set_page_size(0, size)
    ttnn.CreateCircularBuffer(program, everywhere, ring)
    for _ in range(2):
        ttnn.CreateSemaphore(program, everywhere, 0)
    configs = (ttnn.WriterDataMovementConfig(), ttnn.ReaderDataMovementConfig())
    kernels = [ttnn.CreateKernelFromString(program, WORDS, everywhere, config) for config in configs]
    places = [device.worker_core_from_logical_core(core) for core in cores]
    words = [coordinate for place in places for coordinate in (place.x, place.y)]
    for number, core in enumerate(cores):
        for which, kernel in enumerate(kernels):
            first = number == which == 0
            arguments = [2 * number + which, step, len(cores), *(words if first else words[:2])]
            ttnn.SetRuntimeArgs(program, kernel, core, arguments)
    return program


def owning(program: ttnn.Program, buffers: list[ttnn.Buffer]) -> ttnn.Program:
    """Let buffers live as long as the program, and hold something."""
    for buffer in buffers:
        ttnn.EnqueueWriteBuffer(buffer.device.command_queue(), buffer, np.zeros(buffer.size(), np.uint8))
        ttnn.AssignGlobalBufferToProgram(buffer, program)
    return program


PROGRAMS: dict[str, Callable[[ttnn.Device], ttnn.Program]] = {
    "matmul 1024^3, one tile per step": lambda device: matmul(device, 1),
    "matmul 1024^3, 4x4 tiles per step": lambda device: matmul(device, 4),
    "vector_add 1024^2": lambda device: addition(device, 1024),
    "vector_add 4096^2": lambda device: addition(device, 4096),
    "loads and stores": loads_and_stores,
}
FAR_WORDS: dict[str, Callable[[ttnn.Device], ttnn.Program]] = {
    f"words {step} B apart": partial(far_words, step=step) for step in (64, 1024, 4096)
}


def medians(
    devices: Sequence[ttnn.Device], make: Callable[[ttnn.Device], ttnn.Program], repeats: int
) -> tuple[float, list[float]]:
    """Return the median time of a launch on the first device, in seconds, and how many times that the others take."""
    programs = [make(device) for device in devices]
    times: list[list[float]] = [[] for _ in devices]
    for _ in range(repeats + 1):
        for device, program, mine in zip(devices, programs, times, strict=True):
            started = time.process_time()
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            mine.append(time.process_time() - started)
    base, *others = (each[1:] for each in times)
    return statistics.median(base), [statistics.median(map(truediv, other, base)) for other in others]


RINGS = 64 * 3 * 2 * 2048
"""The circular buffers of vector_add in the L1 of 64 cores: three of two pages each."""
TOUCHED = {
    "vector_add 1024^2": 3 * 2 * 1024**2 + RINGS,
    "vector_add 4096^2": 3 * 2 * 4096**2 + RINGS,
    **{name: 64 * WORDS_OF_A_CORE * int(name.split()[1]) for name in FAR_WORDS},
}
"""Programs whose memory is measured, and how many bytes of L1 and DRAM they touch; single words count with the bytes up
to the next one, of which each core's memory in the emulator holds the pages."""


def grown(name: str, check: str) -> int:
    """Return by how many bytes three launches of a program let a process grow."""
    command = [sys.executable, __file__, "--launch", name, "--check", check]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def launch(name: str, check: str) -> None:
    """Launch a program three times and print by how many bytes the resident set grew, at its peak (Linux).

    What files grew by until the end is left out; they never shrink.
    """
    with ttnn.open_device(0, backend=f"emulator?numerics=fast&check={check}") as device:
        program = (PROGRAMS | FAR_WORDS)[name](device)
        before, files = _status("VmRSS"), _status("RssFile")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew: proc(5)
        for _ in range(3):
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        print(_status("VmHWM") - before - (_status("RssFile") - files))


def _status(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.M)
    return int(found[1]) * 1024 if found is not None else 0


def print_memory() -> None:
    """Print what the checks keep, as multiples of the bytes that a program touches."""
    table = Table("64 cores", "touched", "check=default", "check=full")
    for name, touched in TOUCHED.items():
        plain, *others = (grown(name, check) for check in ("off", "default", "full"))
        ratios = [f"{(other - plain) / 1e6:.1f} MB, {(other - plain) / touched:.2f} x" for other in others]
        table.add_row(name, f"{touched / 1e6:.1f} MB", *ratios)
    Console().print(table)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15, help="launches of each kind (default: %(default)s)")
    parser.add_argument("--memory", action="store_true", help="measure memory, not time")
    parser.add_argument("--only", metavar="WORD", help="programs whose name has this")
    parser.add_argument("--launch", choices=list(TOUCHED), help=argparse.SUPPRESS)
    parser.add_argument("--check", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.launch:
        return launch(arguments.launch, arguments.check)
    if arguments.memory:
        return print_memory()
    repeats = arguments.repeats
    table = Table("64 cores, fast", "nobody", "counting", "check=default", "check=full", "events of a launch")
    for name, make in PROGRAMS.items():
        if arguments.only and arguments.only not in name:
            continue
        with (
            ttnn.open_device(0, backend="emulator?numerics=fast&check=off") as plain,
            ttnn.open_device(1, backend="emulator?numerics=fast&check=off") as observed,
            ttnn.open_device(2, backend="emulator?numerics=fast&check=default") as checked,
            ttnn.open_device(3, backend="emulator?numerics=fast&check=full") as full,
        ):
            counting = Counting()
            observed.observe(counting)
            base, ratios = medians((plain, observed, checked, full), make, repeats)
        events = int(counting.counts.sum()) // (repeats + 1)
        kinds = sum(1 for kind in EventKind if counting.counts[kind])
        table.add_row(name, f"{base * 1e3:.1f} ms", *(f"{x:.2f} x" for x in ratios), f"{events} of {kinds} kinds")
    Console().print(table)


if __name__ == "__main__":
    main()
