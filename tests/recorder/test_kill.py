"""Killing a recording process at any moment loses no call that was complete."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tthal.trace import Trace
from tthal.trace.repair import repair
from tthal.trace.verify import verify

CHILD = """
import os, sys
sys.path.append(sys.argv[2])
from tthal_toy_programs import *
from tthal.trace import record

with record(sys.argv[1]) as current:
    seed = 0
    while True:
        driver = recording().open(0, "", {}, no_events)
        buffer = driver.allocate(spec(64))
        for _ in range(40):
            seed += 1
            driver.write(0, buffer, words(seed, 64))
            os.write(1, b"%d\\n" % current.calls)
            vector_add(driver, seed=seed)
            os.write(1, b"%d\\n" % current.calls)
        driver.close()
        os.write(1, b"%d\\n" % current.calls)
"""


def kill_while_recording(path: Path, folder: Path, delay: float) -> int:
    """Kill a recording process after a while; return how many calls it had completed by its own account."""
    command = [sys.executable, "-c", CHILD, str(path), str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "TTHAL_RECORD": ""})
    assert child.stdout is not None
    told = child.stdout.readline()
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    told += child.stdout.read()
    child.stdout.close()
    child.wait()
    # The last line may be cut off in the middle of a number.
    return int(told[: told.rindex(b"\n")].split(b"\n")[-1])


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_nothing_complete_is_lost(kills: int, tmp_path: Path, memory_backend_folder: Path) -> None:
    moments = random.Random(kills)
    most = 0
    for number in range(kills):
        path = tmp_path / f"{number}.tttrace"
        complete = kill_while_recording(path, memory_backend_folder, moments.uniform(0, 0.5))
        done = repair(path)
        assert done.calls >= complete > 0
        assert done.damage == ""
        with Trace(path) as trace:
            assert verify(trace).problems == []
            assert [call.n for call in trace.calls()] == list(range(1, done.calls + 1))
        most = max(most, done.calls)
        path.unlink()
    assert most > 100
