"""Every race comes with an order that proves it: the printed command writes other bytes than the default order."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tthal_explore.commands import explore_command

PROGRAM = Path(__file__).resolve().parent / "races.py"
SEEDS = "40"
RACES = ("unasked", "counting", "one_page", "two_networks", "reused_source", "one_of_two")


def printed(selection: str, name: str) -> str:
    """Run a program in a process of its own; return what it printed and how it ended."""
    command = [sys.executable, "-m", "tthal", "run", "--backend", selection, str(PROGRAM), name]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return f"{ended.returncode} {ended.stdout}"


@pytest.mark.slow
@pytest.mark.parametrize("name", RACES)
def test_the_printed_command_shows_the_race(name: str) -> None:
    words = ["--races", "--seeds", SEEDS, "--backend", "emulator?switch_at=loads", str(PROGRAM), name]
    told = CliRunner().invoke(explore_command, words)
    assert told.exit_code == 1, told.output
    assert "unproven" not in told.output, told.output
    commands = [line for line in told.output.splitlines() if "witness: " in line]
    assert commands, told.output
    usual = printed("emulator", name)
    for line in commands:
        selection = shlex.split(line.split("witness: ")[1])[3]
        assert "order=" in selection
        assert printed(selection, name) != usual


PRINTS_THE_TIME = """
import time
import tthal
with tthal.open_device(): print(time.time_ns())
"""


@pytest.mark.slow
def test_what_differs_every_time_is_no_race(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PRINTS_THE_TIME)
    told = CliRunner().invoke(explore_command, ["--seeds", "3", "--backend", "emulator", str(script)])
    assert told.exit_code == 0, told.output
    assert "outputs were not compared" in told.output
    assert "different outputs" not in told.output
