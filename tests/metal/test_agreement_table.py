"""The command that compares two backends program by program: its verdicts, and that nothing ends the table."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tthal_conformance.tolerance import EXACT, Tolerance

FOLDER = Path(__file__).resolve().parent / "simulated_card"
PROGRAMS = ("error.cores", "error.runtime_args", "error.semaphores")
"""None of them compiles a kernel."""
LEFT, RIGHT = "emulator", "emulator?seed=1"


@pytest.fixture
def agreement(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(FOLDER)
    import agreement

    module: ModuleType = agreement
    return module


def ran(module: ModuleType, values: Any = None, outcome: str = "passed", tolerance: Tolerance = EXACT) -> Any:
    checks = [] if values is None else [("sums", np.asarray(values, np.float32), tolerance, 0.0)]
    return module.Ran(outcome, "" if outcome == "passed" else "a reason", checks, 1.0)


@pytest.mark.parametrize(
    ("left", "right", "tolerance", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.0], EXACT, "bit-equal"),
        ([0.0], [-0.0], EXACT, "within tolerance"),
        ([1.0, 2.0], [1.0, 2.5], EXACT, "different"),
        ([1.0, 2.0], [1.0, 2.5], Tolerance("rounded", relative=0.5), "within tolerance"),
        ([1.0, 2.0], None, EXACT, "different"),
        (None, None, EXACT, "same answers"),
    ],
)
def test_verdicts(agreement: ModuleType, left: Any, right: Any, tolerance: Tolerance, expected: str) -> None:
    verdict, _ = agreement.judge(ran(agreement, left, tolerance=tolerance), ran(agreement, right, tolerance=tolerance))
    assert verdict.value == expected


def test_one_failure_differs_from_a_pass_and_two_are_named(agreement: ModuleType) -> None:
    assert agreement.judge(ran(agreement), ran(agreement, outcome="failed"))[0].value == "different"
    both = agreement.judge(ran(agreement, [1.0], "failed"), ran(agreement, [1.0], "failed"))
    assert both == (agreement.Verdict.BIT_EQUAL, "both fail: a reason")


def command(results: Path, *more: str) -> list[str]:
    report = results / "report.json"
    return [sys.executable, str(FOLDER / "agreement.py"), "--left", LEFT, "--right", RIGHT, "--results", str(results),
            "--report", str(report), *more, *PROGRAMS]  # fmt: skip


def environment(results: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TTHAL_BACKEND", "TTHAL_REC"))}
    return {**kept, "TTHAL_CACHE_DIR": str(results / "cache"), **more}


def verdicts(results: Path) -> dict[str, tuple[str, str]]:
    rows = json.loads((results / "report.json").read_text())
    return {row["program"]: (row["verdict"], row["reason"]) for row in rows}


def child_of(pid: int, selection: str) -> int:
    """Return the process that runs one side's programs, once it is there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for entry in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            # Before its own program is loaded it looks like its parent, which waits for just that.
            if {b"--child", selection.encode()} <= set(words):
                return int(entry)
        time.sleep(0.005)
    raise AssertionError(f"no process for {selection}")


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
@pytest.mark.parametrize(
    ("number", "more", "reason"),
    [
        (signal.SIGKILL, (), "its process ended with status -9"),
        (signal.SIGSTOP, ("--limit", "20"), "it took longer than 20 s, and its process was ended"),
    ],
)
def test_a_dead_or_stalled_process_is_one_row(
    number: signal.Signals, more: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    with subprocess.Popen(command(tmp_path, *more), env=environment(tmp_path), stdout=subprocess.PIPE) as process:
        os.kill(child_of(process.pid, RIGHT), number)
        printed = process.communicate(timeout=300)[0].decode()
    assert process.returncode == 1
    found = verdicts(tmp_path)
    assert found["error.cores"] == ("different", f"left: passed ; right: failed {reason}")
    assert found["error.runtime_args"] == found["error.semaphores"] == ("same answers", "")
    last = printed.splitlines()[-1]
    assert last == "3 programs: 0 bit-equal, 2 same answers, 0 within tolerance, 1 different, 0 not applicable"
    # What was computed is kept: only the row that failed is run again.
    again = subprocess.run(
        command(tmp_path), env=environment(tmp_path), capture_output=True, text=True, timeout=300, check=False
    )
    assert again.returncode == 0, again.stdout
    assert again.stderr.splitlines() == [f"{RIGHT}: error.cores: passed "]
    assert verdicts(tmp_path)["error.cores"] == ("same answers", "")


def test_what_a_side_cannot_run_is_a_row_with_its_reason(mock_card: Any, tmp_path: Path) -> None:
    """The mock device runs no kernels; what the simulator's profile lists is not even tried."""
    names = ["error.cores", "format.bfp8_in"]
    base = [sys.executable, str(FOLDER / "agreement.py"), "--report", str(tmp_path / "report.json")]
    done = subprocess.run(
        [*base, *names], env=environment(tmp_path, **mock_card.environment()), capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdicts(tmp_path)["error.cores"] == ("same answers", "")
    word, reason = verdicts(tmp_path)["format.bfp8_in"]
    assert word == "not applicable"
    assert reason.startswith("metal: the device does not declare capability")
    assert f"1 not applicable: {reason}" in done.stdout

    with_simulator = environment(tmp_path, **mock_card.environment(), TT_METAL_SIMULATOR="/nonexistent")
    done = subprocess.run(
        [*base, "noc.multicast"], env=with_simulator, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    word, reason = verdicts(tmp_path)["noc.multicast"]
    assert word == "not applicable"
    assert reason.startswith("metal: the simulator waits for the sender's own answer")


def test_a_pattern_without_a_program_is_an_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER / "agreement.py"), "no.such"], env=environment(tmp_path), capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no program is called no.such" in done.stderr
