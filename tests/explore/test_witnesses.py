"""Every race comes with an order that proves it: under that, it writes other bytes than in the default order."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tthal_explore.commands import explore_command, results_command
from tthal_explore.shrinking import shrink

sys.path.append(str(Path(__file__).resolve().parent))
import races

PROGRAM = Path(races.__file__)
SELECTION = "emulator?check=off&switch_at=loads"
SEEDS = range(1, 24)
TRIES = 60
FEW = 6


def printed(selection: str, name: str) -> str:
    """Run a program in a process of its own; return what it printed and how it ended."""
    command = [sys.executable, "-m", "tthal", "run", "--backend", selection, str(PROGRAM), name]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return f"{ended.returncode} {ended.stdout}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["one_page", "reused_source"])
def test_the_printed_command_shows_the_race(name: str) -> None:
    words = ["--races", "--seeds", "8", "--backend", "emulator?switch_at=loads", str(PROGRAM), name]
    told = CliRunner().invoke(explore_command, words)
    assert told.exit_code == 1, told.output
    assert "unproven" not in told.output, told.output
    witness = next(line for line in told.output.splitlines() if "witness: " in line)
    selection = shlex.split(witness.split("witness: ")[1])[3]
    assert "order=" in selection
    assert printed(selection, name) != printed("emulator", name)


@pytest.mark.slow
def test_a_race_that_the_usual_order_hides_is_found_in_the_order_that_fails() -> None:
    """And the witness is the same order with the checks and without."""
    words = ["--races", "--seeds", "8", "--backend", "emulator", str(PROGRAM), "either_of_two"]
    told = CliRunner().invoke(explore_command, words)
    assert told.exit_code == 1, told.output
    assert "1 finding of check=full, 1 with a witness" in told.output, told.output
    assert "TT-RACE-" in told.output
    witness = next(line for line in told.output.splitlines() if "witness: " in line)
    selection = shlex.split(witness.split("witness: ")[1])[3]
    assert printed("emulator?check=full&order=default", "either_of_two") == printed("emulator", "either_of_two")
    assert printed(selection, "either_of_two") != printed("emulator", "either_of_two")
    assert printed(selection.replace("check=off", "check=full"), "either_of_two").startswith("1 ")


@pytest.mark.slow
@pytest.mark.parametrize("name", races.RACES)
def test_every_race_has_a_small_order_that_shows_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bytes_with(**options: str) -> bytes:
        words = "".join(f"&{key}={value}" for key, value in options.items())
        monkeypatch.setenv("TTHAL_BACKEND", SELECTION + words)
        return races.run(name)

    def fails(decisions: list[str]) -> bool:
        return bytes_with(order=",".join(decisions) or "default") != usual

    usual = bytes_with()
    logs = {seed: tmp_path / str(seed) for seed in SEEDS}
    first = next(seed for seed, log in logs.items() if bytes_with(seed=str(seed), order_log=str(log)) != usual)
    decisions = json.loads(logs[first].read_text())["order"].split(",")
    assert fails(decisions)
    smallest = shrink(decisions, fails, TRIES)
    assert len(smallest) < FEW
    assert fails(smallest)


PRINTS_THE_TIME = """
import time
import tthal
with tthal.open_device(): print(time.time_ns())
"""


@pytest.mark.slow
def test_what_differs_every_time_is_no_race(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PRINTS_THE_TIME)
    results = tmp_path / "results.jsonl"
    words = ["--seeds", "3", "--results", str(results), "--backend", "emulator", str(script)]
    told = CliRunner().invoke(explore_command, words)
    later = CliRunner().invoke(results_command, [str(results)])
    for each in (told, later):
        assert each.exit_code == 0, each.output
        assert "outputs were not compared" in each.output
        assert "different outputs" not in each.output
