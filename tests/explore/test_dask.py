"""Exploring on a real Dask cluster over TCP: a worker that is lost takes no case with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tthal.kit.executors import executor_at
from tthal_explore.cases import Case, Status
from tthal_explore.exploration import explore
from tthal_explore.journal import Journal

pytest.importorskip("distributed", reason="distributed is not installed: pip install 'tthal[cluster]'")
pytestmark = pytest.mark.slow

CASES = 12
# Every case notes that it was begun; it lasts long enough that a worker can be lost in the middle.
SCRIPT = "import sys, time; open(sys.argv[1], 'a').write('begun\\n'); time.sleep(1); print('done')"


def start(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers; the address, and the workers."""
    file = tmp_path / "scheduler.json"
    workers: list[subprocess.Popen[bytes]] = []
    scheduler = start(
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(file),
    )
    try:
        for _ in range(300):
            if file.exists() and file.read_text().strip():
                break
            time.sleep(0.1)
        words = ("--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard", "--no-nanny")
        workers += [start("distributed.cli.dask_worker", *words) for _ in range(2)]
        yield json.loads(file.read_text())["address"], workers
    finally:
        for process in (scheduler, *workers):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_a_killed_worker_loses_no_case(cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path) -> None:
    address, workers = cluster
    script, begun = tmp_path / "program.py", tmp_path / "begun"
    script.write_text(SCRIPT)
    cases = [Case(seed, "emulator", (str(script), str(begun)), 60) for seed in range(CASES)]
    with (
        Journal(tmp_path / "run.jsonl", {"command": [], "backend": "emulator"}) as journal,
        executor_at(f"dask:{address}", None) as pool,
    ):
        outcomes = []
        for outcome in explore(cases, pool, journal, 2):
            outcomes.append(outcome)
            if len(outcomes) == 2:
                os.killpg(workers[0].pid, signal.SIGKILL)
    assert sorted(outcome.seed for outcome in outcomes) == list(range(CASES))
    assert {outcome.status for outcome in outcomes} == {Status.PASSED}
    assert len(begun.read_text().splitlines()) > CASES, "no case was run again: the worker was lost between two cases"
