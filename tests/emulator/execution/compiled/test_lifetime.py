"""Threads, forks, memory and interrupts around the compiled part."""

from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import tthal as ttnn
from tthal_emulator.engine import address_space
from tthal_emulator.engine.libwasmtime import wasmtime_library
from tthal_emulator.execution.compiled.worker import Worker

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_waking_the_worker_runs_no_python_code() -> None:
    """Otherwise Ctrl-C would get lost in it, or leave a lock behind that the next one waits for."""
    worked = threading.Event()
    worker = Worker(wasmtime_library().ffi, lambda launch, line: worked.set(), None, 0, None)
    calls: list[str] = []
    sys.setprofile(lambda frame, event, argument: calls.append(frame.f_code.co_name) if event == "call" else None)
    worker.wake()
    sys.setprofile(None)
    assert worked.wait(30)
    worker.close()
    assert calls == []


def test_failed_open_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(ttnn.TthalError):
        ttnn.open_device(0, backend=f"emulator?dprint={tmp_path / 'missing' / 'prints'}")
    assert threading.active_count() == before


@ON_LINUX
def test_closed_device_keeps_no_memory(make_program: Callable) -> None:
    """Even while the device and what it loaded are referenced."""

    def address_space_size() -> int:
        gc.collect()
        return int(re.findall(r"VmSize:\s+(\d+)", Path("/proc/self/status").read_text())[0]) << 10

    before = address_space_size()
    device = ttnn.open_device(0, backend="emulator")
    program = make_program("void kernel_main() {}")
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    dram = device.num_dram_channels() << 30
    assert address_space_size() - before > dram
    device.close()
    assert address_space_size() - before < dram


FORKS = """
import os, signal, sys
import tthal as ttnn

def run(text):
    with ttnn.open_device(0, backend="emulator") as device:
        program = ttnn.CreateProgram()
        core = ttnn.CoreCoord(0, 0)
        ttnn.CreateKernelFromString(program, text, core, ttnn.ReaderDataMovementConfig())
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)

loop = "void kernel_main() {{ for (volatile int i = 0; i < {}; i = i + 1); }}"
run(loop.format(10))
child = os.fork()
if child == 0:
    signal.alarm(60)
    run(loop.format(20))
    os._exit(7)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_forked_process_compiles_kernels(tmp_path: Path) -> None:
    environment = {**os.environ, "TTHAL_CACHE_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", FORKS], env=environment, timeout=120, check=False)
    assert done.returncode == 7, f"stopped by {signal.Signals(-done.returncode).name}" if done.returncode < 0 else ""


@ON_LINUX
def test_host_that_knows_no_touched_pages_is_found_out() -> None:
    with open("/dev/zero", "rb") as liar:
        assert not address_space._tells_the_truth(liar.fileno())
    try:
        truth = os.open("/proc/self/pagemap", os.O_RDONLY)
    except OSError:
        pytest.skip("this host has no page map")
    assert address_space._tells_the_truth(truth)
    os.close(truth)
