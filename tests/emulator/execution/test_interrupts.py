"""Ctrl-C ends a launch also when it comes inside a finalizer."""

from __future__ import annotations

import ctypes
import gc
import signal
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest

import tthal as ttnn
from tthal_emulator.noc.ports import Port
from tthal_emulator.noc.transfers import Noc

CORE = ttnn.CoreCoord(0, 0)
WRITES = "noc_async_write(0x40000, get_noc_addr(0x50000), 32); noc_async_writes_flushed();"
SHORT = f"void kernel_main() {{ for (uint32_t i = 0; i < 20; i++) {{ {WRITES} }} }}"
ENDLESS = f"void kernel_main() {{ {WRITES} for (volatile uint32_t i = 0;; i = i + 1) {{}} }}"


class Interrupted:
    """Gets Ctrl-C while it is collected, in a cycle."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("source", [SHORT, ENDLESS])
def test_ctrl_c_in_a_finalizer_ends_the_launch(
    source: str, device: ttnn.Device, run: Callable, make_program: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    hand_over = Noc.hand_over

    def collect(noc: Noc, port: Port, reason: int) -> None:
        if not done:
            done.append(reason)
            Interrupted()
            gc.collect()
        hand_over(noc, port, reason)

    monkeypatch.setattr(Noc, "hand_over", collect)

    def run_and_wait() -> None:
        run(make_program(source))
        time.sleep(30)  # a short launch is over before the interrupt comes again

    with pytest.raises(KeyboardInterrupt):
        run_and_wait()
    assert done
    ttnn.WriteToDeviceL1(device, CORE, 0x30000, np.array([35], np.uint32))
    run(make_program("void kernel_main() { *(volatile uint32_t*)0x30000 += 7; }"))
    assert ttnn.ReadFromDeviceL1(device, CORE, 0x30000, 4).view(np.uint32)[0] == 42


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_devices_that_were_closed_leave_nothing() -> None:
    def memory_after(devices: int) -> int:
        for _ in range(devices):
            with ttnn.open_device(0) as opened:
                program = ttnn.CreateProgram()
                ttnn.CreateKernelFromString(program, "void kernel_main() {}", CORE)
                ttnn.EnqueueProgram(opened.command_queue(), program, blocking=True)
        gc.collect()
        # What was freed is given back: otherwise the top of the heap moves by megabytes, either way.
        ctypes.CDLL(None).malloc_trim(0)
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096

    before, after = memory_after(100), memory_after(100)
    assert after - before < 100 * (20 << 10), "0.17 MB each is what it was once"
