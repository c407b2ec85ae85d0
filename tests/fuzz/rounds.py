"""One round of an attack, in a process of its own: ``rounds.py kernels|traces|cache|interrupts SEED``.

Every outcome is counted; what is not one of the errors that tthal raises on purpose ends the round with its traceback.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

import tthal as ttnn
from tthal.errors import CompileError, LaunchError, TraceError, TthalError

sys.path.append(str(Path(__file__).resolve().parent))
from damage import damaged
from interrupts import attack_with_interrupts
from kernels import KernelMaker

CORE = ttnn.CoreCoord(0, 0)
KERNELS, TRACES, ENTRIES = 12, 60, 6
ADD = "void kernel_main() {{ *(volatile uint32_t*)0x30000 = *(volatile uint32_t*)0x30000 + {}; }}"
SECONDS = 3


def attack_with_kernels(seed: int, counts: Counter[str]) -> None:
    """Each runs twice, in a model and an order of the seed's; after each the next program runs right."""
    maker, chance = KernelMaker(seed), random.Random(seed)
    model, order = chance.choice(("mapped", "shared")), chance.randrange(4)
    options = f"emulator?memory={model}&seed={order}&timeout={SECONDS}&watchdog=20000000&local_memory=unlimited"
    with ttnn.open_device(0, backend=options) as device:
        good = program_of(ADD.format(7), 0)
        for _ in range(KERNELS):
            program = program_of(maker.kernel(), chance.randrange(4))
            first, second = outcome(device, program), outcome(device, program)
            counts[first] += 1
            # Memory that a first run left behind may decide what the second does; that it compiles may not.
            if (first == "CompileError") != (second == "CompileError"):
                raise AssertionError(f"first {first}, then {second}")
            ttnn.WriteToDeviceL1(device, CORE, 0x30000, np.array([35], np.uint32))
            ttnn.EnqueueProgram(device.command_queue(), good, blocking=True)
            found = int(ttnn.ReadFromDeviceL1(device, CORE, 0x30000, 4).view(np.uint32)[0])
            if found != 42:
                raise AssertionError(f"the next program left {found} instead of 42")


def program_of(source: str, arguments: int) -> ttnn.Program:
    """A program of one data-movement kernel, with two circular buffers."""
    program = ttnn.CreateProgram()
    for index in (0, 1):
        config = ttnn.CircularBufferConfig(4096, {index: ttnn.DataFormat.UInt32}).set_page_size(index, 2048)
        ttnn.CreateCircularBuffer(program, CORE, config)
    kernel = ttnn.CreateKernelFromString(program, source, CORE)
    ttnn.SetRuntimeArgs(program, kernel, CORE, list(range(arguments)))
    return program


def outcome(device: ttnn.Device, program: ttnn.Program) -> str:
    """How a launch ends: ``runs``, or the class of its error."""
    try:
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    except (LaunchError, CompileError) as error:
        return type(error).__name__
    return "runs"


def attack_with_traces(seed: int, counts: Counter[str]) -> None:
    """Damaged traces through everything that reads one."""
    from tthal.trace import Trace
    from tthal.trace.extract import extract
    from tthal.trace.info import collect
    from tthal.trace.repair import repair
    from tthal.trace.trim import trim
    from tthal.trace.verify import verify

    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sound = recorded(folder / "sound.tttrace")
        for number in range(TRACES):
            path = folder / f"{number}.tttrace"
            path.write_bytes(damaged(sound, chance))
            try:
                with Trace(path) as trace:
                    verify(trace)
                    collect(trace)
                    trim(trace, folder / f"{number}-trimmed.tttrace", calls="1-")
                    extract(trace, folder / f"{number}-out", most=64 << 20)
                counts["reads"] += 1
            except TthalError as error:
                counts[type(error).__name__] += 1
            try:
                done = repair(path, folder / f"{number}-repaired.tttrace")
                with Trace(done.path) as trace:
                    counts["repaired, calls"] += len(list(trace.calls()))
            except TraceError:
                counts["not repaired"] += 1


def recorded(path: Path) -> bytes:
    """A recording of a launch, some data and a failure."""
    with ttnn.record(path), ttnn.open_device(0) as device:
        config = ttnn.InterleavedBufferConfig(device, 4096, 1024, ttnn.BufferType.DRAM)
        buffer = ttnn.CreateBuffer(config)
        queue = device.command_queue()
        ttnn.EnqueueWriteBuffer(queue, buffer, np.arange(1024, dtype=np.uint32))
        outcome(device, program_of(ADD.format(1), 3))
        outcome(device, program_of("void kernel_main() { *(volatile uint32_t*)0 = 1; }", 0))
        ttnn.EnqueueReadBuffer(queue, buffer)
    return path.read_bytes()


def attack_the_cache(seed: int, counts: Counter[str]) -> None:
    """Damaged files of the cache: a launch is right, whatever of it is made anew."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        os.environ["TTHAL_CACHE_DIR"] = name
        for _ in range(ENTRIES):
            files = [path for path in sorted(Path(name).rglob("*")) if path.is_file()]
            for path in chance.sample(files, min(len(files), chance.randint(1, 3))):
                path.chmod(0o600)
                path.write_bytes(damaged(path.read_bytes(), chance))
                counts["files damaged"] += 1
            # In a process of its own: what is loaded is mapped, and would change under those who run it.
            subprocess.run([sys.executable, __file__, "launch", "0"], check=True)
            counts["launches right"] += 1


def launch_over_the_cache(seed: int, counts: Counter[str]) -> None:
    """One launch with whatever the cache holds."""
    with ttnn.open_device(0) as device:
        ttnn.WriteToDeviceL1(device, CORE, 0x30000, np.array([35], np.uint32))
        ttnn.EnqueueProgram(device.command_queue(), program_of(ADD.format(7), 0), blocking=True)
        found = int(ttnn.ReadFromDeviceL1(device, CORE, 0x30000, 4).view(np.uint32)[0])
    if found != 42:
        raise AssertionError(f"a launch over a damaged cache left {found} instead of 42")


ATTACKS = {
    "kernels": attack_with_kernels,
    "traces": attack_with_traces,
    "cache": attack_the_cache,
    "interrupts": attack_with_interrupts,
    "launch": launch_over_the_cache,
}


def main() -> None:
    attack, seed = sys.argv[1], int(sys.argv[2])
    counts: Counter[str] = Counter()
    try:
        ATTACKS[attack](seed, counts)
    finally:
        for name, count in counts.items():
            print(f"COUNT {count} {name}")


if __name__ == "__main__":
    main()
