"""Conformance programs on the real library and a simulated card, and the values they give beside the emulator's.

A fixed subset, since a kernel configuration costs seconds; ``simulated_card/agreement.py`` runs any others.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tthal_metal.processes import children

pytestmark = pytest.mark.slow

AGREEMENT = Path(__file__).resolve().parent / "simulated_card" / "agreement.py"
PROGRAMS = (
    "args.update",
    "buffer.l1_to_dram",
    "cb.in_buffer",
    "cb.update_total_size",
    "compute.add",
    "kernel.named_compile_args",
    "matmul.hifi2",
    "noc.multicast_loopback",
    "noc.object_api_pages",
    "semaphore.wait",
    "shard.block",
)


def test_the_values_are_the_emulators(simulated_card: dict[str, str], tmp_path: Path) -> None:
    report = tmp_path / "agreement.json"
    command = [sys.executable, str(AGREEMENT), "--report", str(report), *PROGRAMS]
    done = subprocess.run(
        command, env={**os.environ, **simulated_card}, capture_output=True, text=True, timeout=1500, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {row["program"]: row for row in json.loads(report.read_text())}
    assert set(rows) == set(PROGRAMS)
    for name, row in rows.items():
        assert (row["verdict"], row["reason"]) == ("bit-equal", ""), name


def simulator_below(pid: int, interpreter: str) -> int:
    """Return the simulator among a process's descendants, 0 when there is none yet."""
    for child in children(pid):
        try:
            words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        except OSError:
            continue
        found = child if words[0] == interpreter else simulator_below(child, interpreter)
        if found:
            return found
    return 0


def test_a_killed_simulator_is_one_row(simulated_card: dict[str, str], tmp_path: Path) -> None:
    report = tmp_path / "agreement.json"
    command = [sys.executable, str(AGREEMENT), "--report", str(report), "cb.in_buffer", "semaphore.wait"]
    with subprocess.Popen(command, env={**os.environ, **simulated_card}, stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 300
        simulator = 0
        while not simulator and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
            simulator = simulator_below(process.pid, simulated_card["WOLFPINE_PYTHON"])
        assert simulator, "it never started"
        os.kill(simulator, signal.SIGKILL)
        process.communicate(timeout=900)
    rows = {row["program"]: row for row in json.loads(report.read_text())}
    assert rows["cb.in_buffer"]["verdict"] == "different"
    assert "its simulator" in rows["cb.in_buffer"]["reason"]
    assert rows["semaphore.wait"]["verdict"] == "bit-equal"
