"""Events on disk: what was written is what is read, and launches of any length solve alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tthal_time.constants import Chip
from tthal_time.events import EventFile, StoredActions
from tthal_time.layouts import ACTION, NONE, RUN, Actions, Kind
from tthal_time.solver import Solver
from tthal_time.solving import Workload


def random_actions(seed: int, count: int) -> Actions:
    rng = np.random.default_rng(seed)
    raw = rng.integers(0, 256, (count, ACTION.itemsize), np.uint8)
    return raw.reshape(-1).view(ACTION)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EventFile:
    monkeypatch.setenv("TTHAL_CACHE_DIR", str(tmp_path))
    return EventFile()


def test_runs_of_several_threads_come_back_in_order(file: EventFile) -> None:
    runs = {(thread, number): random_actions(10 * thread + number, RUN) for number in range(3) for thread in (0, 7)}
    for (thread, number), run in reversed(runs.items()):
        if number != 1:
            file.write(thread, number, run)
    tail = random_actions(99, 5)
    for thread in (0, 7):
        stored = StoredActions(file, thread, [None, runs[thread, 1], None], tail)
        assert len(stored) == 3 * RUN + 5
        for _ in range(2):
            found = np.concatenate(list(stored.runs()))
            wanted = np.concatenate([*(runs[thread, number] for number in range(3)), tail])
            assert found.tobytes() == wanted.tobytes()
    with pytest.raises(OSError, match="run 1 of thread 7 is not kept"):
        file.read(7, 1)


def test_what_repeats_takes_little_room(file: EventFile) -> None:
    run = np.zeros(RUN, ACTION)
    run["kind"] = np.tile([Kind.QUEUE_RESERVE, Kind.QUEUE_PUSH], RUN // 2)
    for number in range(10):
        file.write(0, number, run)
    assert file.size < run.nbytes / 10


def test_a_launch_in_runs_takes_as_long_as_one_in_memory(file: EventFile, solver: Solver, chip: Chip) -> None:
    rng = np.random.default_rng(4)
    producer, consumer = np.zeros(2 * 3 * RUN, ACTION), np.zeros(2 * 3 * RUN, ACTION)
    for table, kinds in (
        (producer, (Kind.QUEUE_RESERVE, Kind.QUEUE_PUSH)),
        (consumer, (Kind.QUEUE_WAIT, Kind.QUEUE_POP)),
    ):
        table["kind"], table["repeat"], table["count"] = np.tile(kinds, 3 * RUN), 1, 1
        table["effect"], table["cycles"] = NONE, rng.integers(1, 50, len(table))
    whole = solver.solve(chip, Workload([11, 11], [producer, consumer], queues=(4,)))
    for thread, table in enumerate((producer, consumer)):
        for number in range(5):
            file.write(thread, number, table[number * RUN : (number + 1) * RUN])
    parts = [
        StoredActions(file, thread, 5 * [None], table[5 * RUN :]) for thread, table in enumerate((producer, consumer))
    ]
    again = solver.solve(chip, Workload([11, 11], parts, queues=(4,)))
    assert whole.complete
    assert (again.finish == whole.finish).all()
    assert (again.count == whole.count).all()
