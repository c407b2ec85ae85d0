"""Exploring on a real Dask cluster over TCP: a worker that is lost takes no case with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tthal.errors import InvalidArgument
from tthal.kit.executors import workers_at
from tthal_explore.cases import Case, Outcome, Status
from tthal_explore.exploration import ExecutorLost, explore
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


@dataclass(frozen=True, slots=True)
class Cluster:
    """A scheduler with its address, and two workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


def kill(process: subprocess.Popen[bytes]) -> None:
    """Take a process away without a word."""
    os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A real cluster over TCP."""
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
        yield Cluster(json.loads(file.read_text())["address"], scheduler, workers)
    finally:
        for process in (scheduler, *workers):
            if process.poll() is None:
                kill(process)
            process.wait()


def cases_of(tmp_path: Path) -> list[Case]:
    """Cases of the script."""
    script = tmp_path / "program.py"
    script.write_text(SCRIPT)
    return [Case(seed, "emulator", (str(script), str(tmp_path / "begun")), 60) for seed in range(CASES)]


def journal_in(tmp_path: Path) -> Journal:
    """The journal of the script."""
    return Journal(tmp_path / "run.jsonl", {"command": [], "backend": "emulator"})


def test_a_killed_worker_loses_no_case(cluster: Cluster, tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, workers_at(f"dask:{cluster.address}", None) as found:
        cluster_size = found.at_once
        outcomes = []
        for outcome in explore(cases_of(tmp_path), found.executor, journal, found.at_once):
            outcomes.append(outcome)
            if len(outcomes) == 2:
                kill(cluster.workers[0])
    assert cluster_size == 2
    assert sorted(outcome.seed for outcome in outcomes) == list(range(CASES))
    assert {outcome.status for outcome in outcomes} == {Status.PASSED}
    begun = (tmp_path / "begun").read_text().splitlines()
    assert len(begun) > CASES, "no case was run again: the worker was lost between two cases"


def test_a_scheduler_that_is_lost_ends_the_exploration_and_the_next_one_goes_on(
    cluster: Cluster, tmp_path: Path
) -> None:
    outcomes: list[Outcome] = []
    with journal_in(tmp_path) as journal, workers_at(f"dask:{cluster.address}", None) as found:
        coming = explore(cases_of(tmp_path), found.executor, journal, found.at_once)
        outcomes += [next(coming) for _ in range(3)]
        kill(cluster.scheduler)
        with pytest.raises(ExecutorLost):
            outcomes += coming
    known = {outcome.seed for outcome in outcomes}
    with journal_in(tmp_path) as journal, workers_at("local", 2) as found:
        rest = {each.seed for each in explore(cases_of(tmp_path), found.executor, journal, found.at_once)}
    assert 3 <= len(known) < CASES
    assert (known | rest, known & rest) == (set(range(CASES)), set())


def test_no_scheduler_is_an_error_that_says_so() -> None:
    with pytest.raises(InvalidArgument, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        workers_at("dask:tcp://127.0.0.1:9", None).__enter__()
