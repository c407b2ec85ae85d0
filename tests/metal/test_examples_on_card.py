"""Examples as they are, with the real libtt_metal.so on a simulated Wormhole, in sizes that it computes in seconds.

Those are left out that need what the simulated card has not (docs/cards.md): the vector unit, a multicast to its own
sender, kernel prints; and those that choose their devices themselves.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
RUNS = {
    "add_two_integers": ["4294967295", "2"],
    "dram_loopback": ["--pages", "6"],
    "vector_add_single_core": ["--tiles", "2"],
    "vector_add": ["--size", "64"],
    "matmul_single_core": ["--m", "32", "--k", "64", "--n", "32"],
    "matmul_multi_core": ["--m", "64", "--k", "32", "--n", "64"],
    "sharded_add": ["--cores", "2", "--tiles", "1"],
    "ring_all_gather": [],
    "generic_op_add": ["--size", "40"],
    "record_and_replay": [],
}


@pytest.mark.parametrize("example", RUNS)
def test_an_example_passes_on_the_simulated_card(example: str, simulated_card: dict[str, str]) -> None:
    environment = {**os.environ, **simulated_card, "TTHAL_BACKEND": "metal?timeout=300"}
    environment.pop("TT_METAL_MOCK_CLUSTER_DESC_PATH", None)
    command = [sys.executable, str(EXAMPLES / example / f"{example}.py"), *RUNS[example]]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout
