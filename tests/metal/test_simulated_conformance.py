"""Conformance programs on the real library and a simulated card, and the values they give beside the emulator's.

A fixed subset, since a kernel configuration costs seconds; ``simulated_card/agreement.py`` runs any others.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

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
