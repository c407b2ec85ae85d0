"""The solver against a plain definition in Python, on work that hypothesis makes up."""

from __future__ import annotations

from math import ceil

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tthal_time.constants import Chip
from tthal_time.layouts import ACTION, NONE, Actions, Kind
from tthal_time.solver import Solver
from tthal_time.solving import Workload

COLUMNS, ROWS, FLIT = 10, 12, 32
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
nodes = st.integers(0, COLUMNS * ROWS - 1)


def actions(rows: list[dict[str, int]]) -> Actions:
    """Actions from what differs from nothing."""
    table = np.zeros(len(rows), ACTION)
    table["repeat"], table["channel"], table["effect"] = 1, NONE, NONE
    for row, values in zip(table, rows, strict=True):
        for name, value in values.items():
            row[name] = value
    return table


# Stages of a pipeline: how long each takes for every page, and the capacities of the queues between them.
pipelines = st.integers(2, 5).flatmap(
    lambda stages: st.tuples(
        st.integers(1, 12).flatmap(
            lambda pages: st.lists(
                st.lists(st.integers(0, 300), min_size=pages, max_size=pages), min_size=stages, max_size=stages
            )
        ),
        st.lists(st.integers(1, 4), min_size=stages - 1, max_size=stages - 1),
    )
)


def pipeline_ends(work: list[list[int]], capacities: list[int]) -> list[int]:
    """When every stage is done: page p is worked on when it is there, and there is room for it behind."""
    pages = len(work[0])
    done = [[0] * pages for _ in work]
    for page in range(pages):
        for stage, cycles in enumerate(work):
            begin = done[stage][page - 1] if page else 0
            if stage:
                begin = max(begin, done[stage - 1][page])
            if stage < len(capacities) and page >= capacities[stage]:
                begin = max(begin, done[stage + 1][page - capacities[stage]])
            done[stage][page] = begin + cycles[page]
    return [stage[-1] for stage in done]


def pipeline_actions(stage: int, stages: int, cycles: list[int]) -> Actions:
    """Wait, reserve, work, pop, push, for every page."""
    rows: list[dict[str, int]] = []
    for each in cycles:
        into, out = {"channel": stage - 1, "count": 1}, {"channel": stage, "count": 1}
        rows += [{"kind": Kind.QUEUE_WAIT, **into}] if stage else []
        rows += [{"kind": Kind.QUEUE_RESERVE, **out}] if stage < stages - 1 else []
        rows.append({"kind": Kind.WORK, "cycles": each})
        rows += [{"kind": Kind.QUEUE_POP, **into}] if stage else []
        rows += [{"kind": Kind.QUEUE_PUSH, **out}] if stage < stages - 1 else []
    return actions(rows)


@SETTINGS
@given(pipelines)
def test_pipelines_end_when_the_recurrence_says(
    solver: Solver, chip: Chip, pipeline: tuple[list[list[int]], list[int]]
) -> None:
    work, capacities = pipeline
    lists = [pipeline_actions(stage, len(work), cycles) for stage, cycles in enumerate(work)]
    found = solver.solve(chip, Workload(nodes=range(11, 11 + len(work)), actions=lists, queues=capacities))
    assert found.complete
    assert found.finish.tolist() == pipeline_ends(work, capacities)
    for index, cycles in enumerate(work):
        assert found.busy[index, Kind.WORK] == sum(cycles)
        assert found.busy[index].sum() + found.waited[index].sum() == found.finish[index]


@SETTINGS
@given(nodes, nodes, st.integers(1, 8192), st.sampled_from([0, 1]), st.integers(0, 100), st.booleans())
def test_a_lone_transfer_goes_once_round(
    solver: Solver, chip: Chip, source: int, target: int, size: int, noc: int, issue: int, reads: bool
) -> None:
    """There and back is once round every ring in which they differ, 10 cycles a router; then come the flits."""
    kind, barrier = (Kind.READ, Kind.READ_BARRIER) if reads else (Kind.WRITE, Kind.WRITE_BARRIER)
    row = {"kind": kind, "node": target, "bytes": size, "cycles": issue, "noc": noc}
    found = solver.solve(chip, Workload(nodes=[source], actions=[actions([row, {"kind": barrier}])]))
    columns = COLUMNS * (source % COLUMNS != target % COLUMNS)
    rows = ROWS * (source // COLUMNS != target // COLUMNS)
    assert found.cycles == issue + 10 * (columns + rows) + 1 + (1 + ceil(size / FLIT))


@SETTINGS
@given(st.lists(st.integers(0, 500), min_size=1, max_size=6), st.integers(1, 6))
def test_a_counter_is_reached_by_the_increment_that_makes_it(
    solver: Solver, chip: Chip, delays: list[int], wanted: int
) -> None:
    """Increments of the core's own, each after its delay; who waits for more than come waits for ever."""
    lists = [
        actions(
            [{"kind": Kind.WORK, "cycles": delay}, {"kind": Kind.COUNTER_SET, "channel": 0, "value": 1, "flags": 16}]
        )
        for delay in delays
    ]
    waits = actions([{"kind": Kind.COUNTER_WAIT, "channel": 0, "value": wanted, "flags": 8}])
    workload = Workload(nodes=[11] * (len(delays) + 1), actions=[*lists, waits], counters=(0,), cores=(11,))
    found = solver.solve(chip, workload)
    assert found.complete == (wanted <= len(delays))
    if found.complete:
        assert found.finish[-1] == sorted(delays)[wanted - 1]


@SETTINGS
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 5)), min_size=1, max_size=20))
def test_actions_of_one_thread_follow_each_other(solver: Solver, chip: Chip, steps: list[tuple[int, int]]) -> None:
    table = actions([{"kind": Kind.WORK, "cycles": cycles, "repeat": repeat} for cycles, repeat in steps])
    found = solver.solve(chip, Workload(nodes=[11], actions=[table]))
    assert found.cycles == sum(cycles * repeat for cycles, repeat in steps)
