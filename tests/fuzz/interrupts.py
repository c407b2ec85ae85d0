"""Ctrl-C at any moment: a process that opens, launches, drops and records is interrupted, and has to hear of each."""

from __future__ import annotations

import gc
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import tthal as ttnn

CORE = ttnn.CoreCoord(0, 0)
ADD = "void kernel_main() { *(volatile uint32_t*)0x30000 = *(volatile uint32_t*)0x30000 + 7; }"
INTERRUPTS = 40
MOST_SECONDS = 0.05
"""Between the work's beginning and the interrupt."""
LOST_AFTER = 30
"""Seconds: longer than any of the works takes on a busy machine."""
HEARD, ENDED = b"h", b"e"


def attack_with_interrupts(seed: int, counts: Counter[str]) -> None:
    """Interrupts one kind of work again and again; see that none is lost, and that the device works afterwards."""
    chance = random.Random(seed)
    work = chance.choice(tuple(WORKS))
    command = [sys.executable, __file__, work]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        try:
            for outcome in _interrupted(worker, work, chance):
                counts[outcome] += 1
        finally:
            worker.kill()


def _interrupted(worker: subprocess.Popen[bytes], work: str, chance: random.Random) -> Iterator[str]:
    assert worker.stdin is not None
    assert worker.stdout is not None
    answers = worker.stdout.fileno()
    _expect(answers, HEARD, f"{work} did not begin")
    for _ in range(INTERRUPTS):
        time.sleep(chance.uniform(0, MOST_SECONDS))
        worker.send_signal(signal.SIGINT)
        _expect(answers, HEARD, f"Ctrl-C got lost while {work}")
        yield f"heard while {work}"
    worker.stdin.close()
    _expect(answers, ENDED, f"after Ctrl-C while {work} a launch went wrong")


def _expect(descriptor: int, answer: bytes, otherwise: str) -> None:
    ready, _, _ = select.select([descriptor], [], [], LOST_AFTER)
    if not ready or os.read(descriptor, 1) != answer:
        raise AssertionError(otherwise)


def be_interrupted(work: Callable[[ttnn.Device], None]) -> None:
    """Work until standard input ends; say so each time that Ctrl-C is heard."""
    gc.set_threshold(50, 2, 2)  # finalizers run as often as they can
    # A shell starts what it puts in the background with Ctrl-C ignored, and that is inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unsaid = True
    device = ttnn.open_device(0)
    while True:
        try:
            while not _is_over():
                if unsaid:
                    unsaid = False
                    os.write(1, HEARD)
                work(device)
            break
        except KeyboardInterrupt:
            unsaid = True
    ttnn.WriteToDeviceL1(device, CORE, 0x30000, np.array([35], np.uint32))
    launching(device)
    if ttnn.ReadFromDeviceL1(device, CORE, 0x30000, 4).view(np.uint32)[0] == 42:
        os.write(1, ENDED)


def _is_over() -> bool:
    ready, _, _ = select.select([0], [], [], 0)
    return bool(ready)


def opening(device: ttnn.Device) -> None:
    """Open and close another device."""
    with ttnn.open_device(1) as other:
        dropping_buffers(other)


def forgetting_devices(device: ttnn.Device) -> None:
    """Open one that only the collector closes."""
    other = ttnn.open_device(1)
    other.itself = other  # type: ignore[attr-defined]


def dropping_buffers(device: ttnn.Device) -> None:
    """Make buffers that nobody keeps."""
    config = ttnn.InterleavedBufferConfig(device, 4096, 1024, ttnn.BufferType.DRAM)
    for _ in range(20):
        ttnn.CreateBuffer(config)


def moving_data(device: ttnn.Device) -> None:
    """Write and read a few megabytes."""
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 4 << 20, 4096, ttnn.BufferType.DRAM))
    ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.zeros(1 << 20, np.uint32))
    ttnn.EnqueueReadBuffer(device.command_queue(), buffer)


def launching(device: ttnn.Device) -> None:
    """Run a program that nobody keeps."""
    program = ttnn.CreateProgram()
    ttnn.CreateKernelFromString(program, ADD, CORE)
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def recording(device: ttnn.Device) -> None:
    """Record a launch and some data."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ttnn.record(Path(folder) / "run.tttrace"),
        ttnn.open_device(1) as other,
    ):
        moving_data(other)
        launching(other)


WORKS = {
    work.__name__.replace("_", " "): work
    for work in (opening, forgetting_devices, dropping_buffers, moving_data, launching, recording)
}

if __name__ == "__main__":
    be_interrupted(WORKS[sys.argv[1]])
