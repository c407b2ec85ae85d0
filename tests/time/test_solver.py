"""The solver against times that were reckoned by hand; ``chip`` of the conftest has round figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tthal_time.constants import Chip
from tthal_time.layouts import ACTION, NONE, Actions, Flag, Kind
from tthal_time.solver import Solver
from tthal_time.solving import Solution, Workload

WIDTH = 10
RING_X, RING_Y = 10, 12
FLIT = 32


def actions(*rows: dict[str, Any]) -> Actions:
    """Actions from what differs from nothing."""
    table = np.zeros(len(rows), ACTION)
    table["repeat"], table["channel"], table["effect"] = 1, NONE, NONE
    for row, values in zip(table, rows, strict=True):
        for name, value in values.items():
            row[name] = value
    return table


def write(x: int, y: int, size: int, **more: Any) -> dict[str, Any]:
    return {"kind": Kind.WRITE, "node": y * WIDTH + x, "bytes": size, **more}


BARRIER = {"kind": Kind.WRITE_BARRIER}


def solve(solver: Solver, chip: Chip, threads: dict[tuple[int, int], Actions], **more: Any) -> Solution:
    nodes = [y * WIDTH + x for x, y in threads]
    return solver.solve(chip, Workload(nodes=nodes, actions=list(threads.values()), **more))


def test_work_takes_its_cycles(solver: Solver, chip: Chip) -> None:
    found = solve(solver, chip, {(1, 1): actions({"kind": Kind.WORK, "cycles": 17, "repeat": 3})})
    assert found.complete
    assert found.cycles == 51
    assert found.busy[0, Kind.WORK] == 51


@pytest.mark.parametrize(("x", "y", "ring"), [(4, 1, RING_X), (1, 5, RING_Y), (4, 5, RING_X + RING_Y)])
def test_write_and_answer_go_once_round(solver: Solver, chip: Chip, x: int, y: int, ring: int) -> None:
    # The last of 1 + 4 flits follows 5 cycles behind the head; the answer is 1 flit.
    found = solve(solver, chip, {(1, 1): actions(write(x, y, 4 * FLIT, cycles=20), BARRIER)})
    assert found.cycles == 20 + ring * 10 + 5 + 1
    assert found.waited[0, Kind.WRITE_BARRIER] == ring * 10 + 5 + 1


def test_read_data_comes_at_the_end(solver: Solver, chip: Chip) -> None:
    read = {"kind": Kind.READ, "node": 1 * WIDTH + 4, "bytes": 8 * FLIT, "cycles": 20}
    found = solve(solver, chip, {(1, 1): actions(read, {"kind": Kind.READ_BARRIER, "cycles": 3})})
    assert found.cycles == 20 + RING_X * 10 + 1 + 9 + 3


def test_both_networks_go_opposite_ways(solver: Solver, chip: Chip) -> None:
    posted = {"flags": Flag.POSTED, "effect": 0, "value": 1}
    wait = actions({"kind": Kind.COUNTER_WAIT, "channel": 0, "value": 1})
    times = []
    for noc in (0, 1):
        row = actions(write(2, 1, 4, noc=noc, **posted))
        times.append(solve(solver, chip, {(1, 1): row, (2, 1): wait}, counters=(0,), cores=(12,)).finish[1])
    assert times == [10 + 2, 9 * 10 + 2]


def test_writers_to_one_core_share_its_port(solver: Solver, chip: Chip) -> None:
    # 2 x 8 KB in packets of 257 flits over one port: at least 514 cycles, and no more than the two ways add.
    row = actions(write(5, 5, 8192), BARRIER)
    found = solve(solver, chip, {(5, 4): row, (4, 5): row})
    assert 514 <= found.cycles <= 514 + (RING_X + RING_Y) * 10 + 10


def test_who_waits_keeps_what_lies_behind(solver: Solver, chip: Chip) -> None:
    """A packet that waits for a busy port blocks the row it came along, for others too."""
    blocked = actions(write(5, 1, 8192), BARRIER)
    alone = actions(write(3, 2, 64), BARRIER)
    behind = {"kind": Kind.WORK, "cycles": 150}
    passing = actions(behind, write(4, 1, 64), BARRIER)
    rows = {(5, 0): blocked, (1, 1): blocked, (2, 1): passing}
    free = solve(solver, chip, {(2, 1): passing}).cycles
    found = solve(solver, chip, rows)
    assert found.finish[2] > free + 200
    assert solve(solver, chip, {(2, 2): alone}).cycles < 200


def test_unlinked_multicasts_reserve_their_path_each_time(solver: Solver, chip: Chip) -> None:
    one = {"kind": Kind.MULTICAST, "node": 1 * WIDTH + 2, "last": 1 * WIDTH + 4, "bytes": 2 * FLIT, "count": 3}
    reservation = 7 + 16 * 3
    first, second = (solve(solver, chip, {(1, 1): actions({**one, "repeat": n}, BARRIER)}).cycles for n in (1, 2))
    assert first == reservation + 3 * 10 + 3 + 7 * 10
    assert second - first == reservation + 3


def test_linked_multicasts_reserve_once(solver: Solver, chip: Chip) -> None:
    one = {"kind": Kind.MULTICAST, "node": 1 * WIDTH + 2, "last": 1 * WIDTH + 4, "bytes": 2 * FLIT, "count": 3}
    rows = actions({**one, "repeat": 4, "flags": Flag.LINKED}, one, BARRIER)
    found = solve(solver, chip, {(1, 1): rows})
    assert found.cycles == 7 + 16 * 3 + 3 * 10 + 3 + 7 * 10 + 4 * (3 + 5)


def test_multicasts_to_one_rectangle_take_turns(solver: Solver, chip: Chip) -> None:
    one = {"kind": Kind.MULTICAST, "node": 1 * WIDTH + 1, "last": 1 * WIDTH + 4, "bytes": 2 * FLIT, "count": 4}
    row = actions(one, BARRIER)
    alone = solve(solver, chip, {(1, 1): row}).cycles
    found = solve(solver, chip, {(1, 1): row, (2, 1): row, (3, 1): row})
    assert found.complete
    assert sorted(found.finish)[0] <= alone
    assert found.cycles > alone + 7 + 16


def test_dram_channel_takes_one_request_after_the_other(solver: Solver, chip: Chip) -> None:
    read = {"kind": Kind.READ, "node": 1 * WIDTH, "bytes": 1024, "channel": 0, "repeat": 20}
    found = solve(solver, chip, {(1, 1): actions(read, {"kind": Kind.READ_BARRIER})}, channels=1)
    assert 20 * 1024 / 16 < found.cycles < 20 * 1024 / 16 + 400
    two = [{**read, "channel": channel, "repeat": 1} for channel in (0, 1)] * 10
    faster = solve(solver, chip, {(1, 1): actions(*two, {"kind": Kind.READ_BARRIER})}, channels=2)
    assert faster.cycles < 0.7 * found.cycles


def test_dram_bank_that_reads_and_writes_is_slower(solver: Solver, chip: Chip) -> None:
    both = {"node": 1 * WIDTH, "bytes": 1024, "channel": 0}
    pair = [{"kind": Kind.READ, **both}, {"kind": Kind.WRITE, **both}]
    found = solve(solver, chip, {(1, 1): actions(*pair * 10, {"kind": Kind.READ_BARRIER}, BARRIER)}, channels=1)
    assert 19 * 1024 / 8 < found.cycles < 20 * 1024 / 8 + 600


def test_queue_makes_a_pipeline(solver: Solver, chip: Chip) -> None:
    """10 pages through a queue of 2: the slower side, and the first page of the faster one."""

    def side(first: Kind, cycles: int, last: Kind) -> Actions:
        page = {"channel": 0, "count": 1}
        return actions(*[{"kind": first, **page}, {"kind": Kind.WORK, "cycles": cycles}, {"kind": last, **page}] * 10)

    producer, consumer = side(Kind.QUEUE_RESERVE, 50, Kind.QUEUE_PUSH), side(Kind.QUEUE_WAIT, 80, Kind.QUEUE_POP)
    found = solve(solver, chip, {(1, 1): producer, (1, 2): consumer}, queues=(2,))
    assert found.cycles == 50 + 10 * 80
    assert found.waited[1, Kind.QUEUE_WAIT] == 50
    # From the third page on it waits for a place, 30 cycles each time.
    assert found.waited[0, Kind.QUEUE_RESERVE] == 8 * 30


def test_counter_waits_for_all_increments(solver: Solver, chip: Chip) -> None:
    tell = {"kind": Kind.ATOMIC, "node": 1 * WIDTH + 1, "bytes": 4, "effect": 0, "value": 1, "flags": Flag.ADD}
    wait = actions({"kind": Kind.COUNTER_WAIT, "channel": 0, "value": 2, "flags": Flag.AT_LEAST})
    late = actions({"kind": Kind.WORK, "cycles": 1000}, tell, {"kind": Kind.ATOMIC_BARRIER})
    found = solve(solver, chip, {(1, 1): wait, (2, 1): actions(tell), (3, 1): late}, counters=(0,), cores=(11,))
    assert found.complete
    assert found.finish[0] == 1000 + 8 * 10 + 2


def test_what_never_comes_is_said(solver: Solver, chip: Chip) -> None:
    found = solve(solver, chip, {(1, 1): actions({"kind": Kind.QUEUE_WAIT, "channel": 0, "count": 1})}, queues=(1,))
    assert not found.complete


def test_the_same_workload_takes_the_same_time(solver: Solver, chip: Chip) -> None:
    row = actions(*[write(x, y, 2048, repeat=4, cycles=22) for x in range(1, 5) for y in range(1, 5)], BARRIER)
    threads = {(x, y): row for x in range(1, 5) for y in range(1, 5)}
    first, second = (solve(solver, chip, threads) for _ in range(2))
    assert first.complete
    np.testing.assert_array_equal(first.finish, second.finish)
    np.testing.assert_array_equal(first.link_flits, second.link_flits)
