"""Client programs as people write them: every one runs as it is, on both chips, and from a recording.

They differ in spellings, shards, element types, tiles and NoCs. tests/metal/test_clients.py has the vendor's library
tell the same about their tensors.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the programs start from torch tensors")

Run = Callable[..., subprocess.CompletedProcess[str]]

CLIENTS = Path(__file__).parent / "clients"
NAMES = sorted(path.stem for path in CLIENTS.glob("*.py") if path.stem != "common")
QUICK = ("ring", "temporary_kernels", "two_programs")
RECORDED = ("block_float_matmul", "dram_shards", "multicast")


def marked(names: Iterable[str]) -> list[object]:
    """Return the names, most of them for the slow tier."""
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in names]


def run_client(run_python: Run, name: str, *options: str) -> str:
    """Run a client and return what it printed; its own check fails it."""
    ran = run_python("-m", "tthal", "run", *options, str(CLIENTS / f"{name}.py"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize("name", marked(NAMES))
def test_a_client_runs_as_it_is(run_python: Run, name: str) -> None:
    assert " agrees" in run_client(run_python, name, "--backend", "emulator")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_client_runs_on_blackhole(run_python: Run, name: str) -> None:
    assert " agrees" in run_client(run_python, name, "--backend", "emulator:p150")


@pytest.mark.parametrize("name", ["temporary_kernels", *marked(RECORDED)])
def test_a_client_runs_from_its_recording(run_python: Run, tmp_path: Path, name: str) -> None:
    trace = tmp_path / "run.tttrace"
    recorded = run_client(run_python, name, "--record", str(trace))
    assert run_client(run_python, name, "--backend", f"replay:{trace}") == recorded
