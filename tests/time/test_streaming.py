"""Launches that are solved while they go on: what comes out is what solving them afterwards gives, to the last bit."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields

import numpy as np
import pytest
from timed_programs import copy, product

import tthal as ttnn
from tthal.errors import KernelError
from tthal_time import listener, session, streaming
from tthal_time.capture import Capture
from tthal_time.constants import Chip
from tthal_time.layouts import ACTION, LIST, NONE, Actions, Kind, Table
from tthal_time.profile import Profile
from tthal_time.solver import Solver
from tthal_time.solving import Growing, Solution, Workload
from tthal_time.what_if import parse

PAIRS, PAGES = 4, 60
THREAD = "tthal time model"
STEPS = {
    0: (Kind.READ, Kind.READ_BARRIER, Kind.QUEUE_RESERVE, Kind.QUEUE_PUSH),
    1: (Kind.QUEUE_WAIT, Kind.WORK, Kind.WRITE, Kind.WRITE_BARRIER, Kind.QUEUE_POP),
}
PUSHER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() { for (uint32_t i = 0; i < COUNT; i++) { cb_reserve_back(0, 1); cb_push_back(0, 1); } }
"""
POPPER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() { for (uint32_t i = 0; i < COUNT; i++) { cb_wait_front(0, 1); cb_pop_front(0, 1); } AFTER }
"""


def content(solution: Solution) -> dict[str, bytes]:
    """All of it, to be compared to the last bit."""
    values = {field.name: getattr(solution, field.name) for field in fields(solution)}
    return {name: np.asarray(value).tobytes() for name, value in values.items()}


def workload() -> Workload:
    """Pairs of threads that hand pages on, read and write, each at its own pace."""
    rng = np.random.default_rng(7)
    lists: list[Actions] = []
    for thread in range(2 * PAIRS):
        kinds = STEPS[thread % 2] * PAGES
        table = np.zeros(len(kinds), ACTION)
        table["kind"], table["repeat"], table["count"], table["channel"], table["effect"] = kinds, 1, 1, NONE, NONE
        pages = np.isin(table["kind"], [kind for kind in Kind if kind.name.startswith("QUEUE")])
        table["channel"][pages] = thread // 2
        table["cycles"] = rng.integers(1, 60, len(table))
        table["bytes"], table["node"] = 512, rng.integers(0, 120, len(table))
        table["site"] = rng.integers(1, 9, len(table))
        lists.append(table)
    return Workload(range(20, 20 + 2 * PAIRS), lists, queues=(2,) * PAIRS)


def none_in_file(place: int, number: int) -> Actions:
    raise AssertionError(f"run {number} of list {place} was never written")


def grow(table: Table, whole: list[Actions], seed: int) -> list[Actions]:
    """Publish actions bit by bit, now of this thread and now of that; lists move as they grow."""
    kept: list[Actions] = []
    rng = np.random.default_rng(seed)
    while True:
        left = [place for place, actions in enumerate(whole) if table["published"][place] < len(actions)]
        if not left:
            return kept
        place = int(rng.choice(left))
        size = int(table["published"][place]) + int(rng.integers(1, 40))
        moved = whole[place][:size].copy()
        kept.append(moved)
        table["actions"][place] = moved.ctypes.data
        table["published"][place] = len(moved)
        if rng.random() < 0.1:
            time.sleep(float(rng.random()) / 1000)


@pytest.mark.parametrize("seed", range(20))
def test_it_does_not_matter_when_actions_come(seed: int, solver: Solver, chip: Chip) -> None:
    todo = workload()
    lists: list[Actions] = [np.asarray(actions) for actions in todo.actions]
    wanted = content(solver.solve(chip, todo))
    table = np.zeros(len(lists), LIST)
    growing = Growing(table, np.arange(len(lists), dtype=np.uint32), none_in_file)
    stream = streaming.Stream(solver.solving(chip, todo, growing=growing))
    kept = grow(table, lists, seed)
    found = stream.finish()
    assert kept
    assert found is not None
    assert content(found) == wanted


def test_one_that_is_given_up_ends_at_once(solver: Solver, chip: Chip) -> None:
    growing = Growing(np.zeros(8, LIST), np.arange(8, dtype=np.uint32), none_in_file)
    for drop in (False, True):
        stream = streaming.Stream(solver.solving(chip, workload(), growing=growing))
        assert THREAD in names_of_threads()
        if drop:
            del stream
        else:
            stream.give_up()
            assert stream.finish() is None
        assert THREAD not in names_of_threads()


def names_of_threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


@pytest.fixture
def solutions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, bytes]]]:
    """What launches of a test were solved to."""
    found: list[dict[str, bytes]] = []
    make = listener.make_profile

    def noted(*arguments: object) -> Profile:
        found.append(content(next(item for item in arguments if isinstance(item, Solution))))
        return make(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(listener, "make_profile", noted)
    yield found
    assert THREAD not in names_of_threads()


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether launches of a test were solved while they went on; a machine with one processor does so here, too."""
    found: list[bool] = []

    class Noted(streaming.Stream):
        def finish(self) -> Solution | None:
            solution = super().finish()
            found.append(solution is not None)
            return solution

    monkeypatch.setattr(listener, "Stream", Noted)
    monkeypatch.setattr(listener, "pays", lambda: streaming.SLEEP != 0)
    if not streaming.SLEEP:
        pytest.skip("this system has nothing that lets compiled code sleep")
    return found


def pages(device: ttnn.Device, count: int, after: str = "") -> None:
    """Push and pop so many pages on one core."""
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
    ring = ttnn.CircularBufferConfig(4 * 32, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 32)
    ttnn.CreateCircularBuffer(program, core, ring)
    for text, config in ((PUSHER, ttnn.ReaderDataMovementConfig()), (POPPER, ttnn.WriterDataMovementConfig())):
        ttnn.CreateKernelFromString(program, text.replace("COUNT", str(count)).replace("AFTER", after), core, config)
    ttnn.EnqueueProgram(device.command_queue(), program, True)


def several(backend: str) -> None:
    """Three launches in a row on one device, of which the last has lists that grow."""
    with ttnn.open_device(0, backend=backend) as device:
        for count in (3, 1, 900):
            pages(device, count)


@pytest.mark.parametrize(
    "run",
    [copy, lambda backend: product(backend, ttnn.MathFidelity.HiFi2), several],
    ids=["copy", "product", "several"],
)
def test_a_launch_is_solved_alike_either_way(
    run: Callable[[str], None],
    solutions: list[dict[str, bytes]],
    streamed: list[bool],
    profiles: list[Profile],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        run("emulator:n150?time=on")
    launches = len(streamed) // 3
    assert all(streamed)
    monkeypatch.setattr(listener, "pays", lambda: False)
    run("emulator:n150?time=on")
    assert len(streamed) == 3 * launches
    wanted = solutions[-launches:]
    assert solutions == 4 * wanted
    assert [profile.cycles for profile in profiles] == 4 * [profile.cycles for profile in profiles[:launches]]


@pytest.mark.parametrize("question", ["", "clock=1000"])
def test_what_is_solved_makes_room(
    question: str,
    solutions: list[dict[str, bytes]],
    streamed: list[bool],
    profiles: list[Profile],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without room for more than a run of every list; what is asked for again goes to disk, all else is forgotten."""
    begin = Capture.begin

    def full(capture: Capture, *arguments: object, **options: object) -> None:
        begin(capture, *arguments, **options)  # type: ignore[arg-type]
        capture._state[0]["room"] = 1 << 30
        if not question:
            capture._state[0]["kept"] = 0

    session.wishes.what_ifs = [parse(question)] if question else []
    for _ in range(2):
        with ttnn.open_device(0, backend="emulator:n150?time=on") as device:
            pages(device, 30_000)
        monkeypatch.setattr(Capture, "begin", full)
    assert streamed == [True, True]
    assert profiles[0].stored == 0
    assert profiles[1].stored > 0 or not question
    assert [other.cycles for profile in profiles for other in profile.what_ifs.values()] == (
        [profile.cycles for profile in profiles] if question else []
    )
    assert len({tuple(solution.items()) for solution in solutions}) == 1


def test_a_launch_that_fails_leaves_the_next_one_alone(
    solutions: list[dict[str, bytes]], streamed: list[bool], profiles: list[Profile]
) -> None:
    with ttnn.open_device(0, backend="emulator:n150?time=on") as device:
        pages(device, 40)
        with pytest.raises(KernelError):
            pages(device, 40, "*reinterpret_cast<volatile uint32_t*>(0) = 1;")
        pages(device, 40)
    assert streamed == 3 * [True]
    assert [bool(profile.failure) for profile in profiles] == [False, True, False]
    assert solutions[0] == solutions[2]


def test_a_launch_that_is_interrupted_leaves_no_thread(
    solutions: list[dict[str, bytes]], streamed: list[bool], profiles: list[Profile]
) -> None:
    with ttnn.open_device(0, backend="emulator:n150?time=on&watchdog=1000000000000") as device:
        pages(device, 40)
        timer = threading.Timer(0.7, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            pages(device, 40, "while (true) {}")
        timer.join()
        assert THREAD not in names_of_threads()
        pages(device, 40)
    assert len(profiles) == 2
    assert solutions[0] == solutions[1]


def test_one_cpu_is_one_thread(solutions: list[dict[str, bytes]], streamed: list[bool]) -> None:
    for jobs in ("", "&jobs=1"):
        with ttnn.open_device(0, backend=f"emulator:n150?time=on{jobs}") as device:
            pages(device, 40)
    assert streamed == [True]
    assert solutions[0] == solutions[1]


def test_without_threads_launches_are_solved_afterwards(
    solutions: list[dict[str, bytes]], streamed: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def none_left(thread: threading.Thread) -> None:
        if thread.name == THREAD:
            raise RuntimeError("can't start new thread")
        start(thread)

    with ttnn.open_device(0, backend="emulator:n150?time=on") as device:
        pages(device, 40)
        monkeypatch.setattr(threading.Thread, "start", none_left)
        pages(device, 40)
    assert streamed == [True]
    assert solutions[0] == solutions[1]
