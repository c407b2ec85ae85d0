"""Which orders are tried, how a schedule gets smaller, and what is read from the checks' reports."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tthal.errors import InvalidArgument
from tthal_explore.cases import Case, Outcome, Status, Taken
from tthal_explore.exploration import explore
from tthal_explore.journal import Journal, read
from tthal_explore.plans import Listed, Systematic, bound
from tthal_explore.search import Strategy, findings, plan, proves, races_in
from tthal_explore.shrinking import shrink

FIRST = Case(10, "emulator", ("x.py",), 0, logged=True)


def outcome(case: Case, choices: tuple[str, ...]) -> Outcome:
    taken = Taken(2, len(choices), case.order, case.order, (), choices, True)
    return Outcome(case.seed, Status.PASSED, 0, "", 0.1, "same", "", (taken,))


def tried(plan: Systematic, choices: tuple[str, ...]) -> list[str]:
    orders = []
    while (case := plan.next()) is not None:
        orders.append(case.order)
        plan.learn(outcome(case, choices))
    return orders


def test_listed_cases_come_in_their_order() -> None:
    cases = [Case(seed, "emulator", (), 0) for seed in (3, 1)]
    plan = Listed(cases)
    assert [plan.next(), plan.next(), plan.next()] == [*cases, None]


def test_all_orders_with_few_decisions_are_tried_once() -> None:
    plan = Systematic(FIRST, depth=2, most=100)
    orders = tried(plan, ("s2", "s1", "p3"))
    assert orders == ["default", "s0", "p2.1", "p2.2", "s0,p2.1", "s0,p2.2"]
    assert plan.exhausted


def test_a_limit_is_kept_and_told() -> None:
    plan = Systematic(FIRST, depth=2, most=3)
    assert tried(plan, ("s2", "s1", "p3")) == ["default", "s0", "p2.1"]
    assert not plan.exhausted


def test_the_order_of_answers_does_not_matter() -> None:
    plan = Systematic(FIRST, depth=2, most=100)
    first = plan.next()
    assert first is not None
    plan.learn(outcome(first, ("s2", "s2")))
    second, third = plan.next(), plan.next()
    assert second is not None
    assert third is not None
    plan.learn(outcome(third, ("s2", "s2")))
    assert plan.next() is None, "the second one comes first"
    plan.learn(outcome(second, ("s2", "s2")))
    fourth = plan.next()
    assert fourth is not None
    assert (fourth.seed, fourth.order) == (13, "s0,s1")


def test_the_bound_of_pct() -> None:
    assert bound(kernels=4, steps=100, depth=1) == pytest.approx(1 / 4)
    assert bound(kernels=4, steps=100, depth=2) == pytest.approx(1 / 400)


class Counting(Executor):
    """Answers with so many steps, or that no order became known."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        known = outcome(args[0], ("s2",) * self.steps)
        future.set_result(known if self.steps else replace(known, taken=()))
        return future


def test_strategies_take_turns() -> None:
    cases = [Case(seed, "emulator", (), 0, logged=True) for seed in range(9)]
    mixed, first = plan(Strategy.MIXED, cases, 3, Counting(7))
    orders = [case.order for case in iter(mixed.next, None)]
    assert orders == ["pct:3:7"] * 4 + [""] * 4 + ["pct:3:7"]
    assert first is not None
    unknown, none = plan(Strategy.MIXED, cases, 3, Counting(0))
    assert ([case.order for case in iter(unknown.next, None)], none) == ([""] * 9, None)
    with pytest.raises(InvalidArgument, match="no order of events became known"):
        plan(Strategy.PCT, cases, 3, Counting(0))


# ---- smaller schedules


def test_a_schedule_is_made_as_small_as_it_can_be() -> None:
    tries: list[list[str]] = []

    def fails(decisions: list[str]) -> bool:
        tries.append(decisions)
        return {"s7", "a31.4"} <= set(decisions)

    many = [f"s{step}" for step in range(40)] + ["a31.4"]
    assert shrink(many, fails, 200) == ["s7", "a31.4"]
    assert len(tries) < 100


def test_nothing_is_left_where_nothing_is_needed() -> None:
    assert shrink(["s1", "s2"], lambda _: True, 50) == []


def test_tries_are_limited() -> None:
    tries: list[int] = []

    def fails(decisions: list[str]) -> bool:
        tries.append(len(decisions))
        return False

    decisions = [f"s{step}" for step in range(100)]
    assert shrink(decisions, fails, 5) == decisions
    assert len(tries) == 5


# ---- findings

REPORT = """tthal.errors.KernelError: core (0,0) NCRISC, kernel r.cpp at r.cpp:6:9: cb_push_back while a read \
into the page is still on its way [TT-CB-001]
    kernel_main at r.cpp:6:9
    the read: core (0,0) NCRISC, kernel r.cpp at r.cpp:4:65
    Fix: call noc_async_read_barrier() between the read and the push.
    In the same launch:
        TT-RACE-002 at core (1,0) BRISC, kernel w.cpp at w.cpp:9:5
"""


def test_findings_are_read_from_a_report() -> None:
    first, second = races_in(REPORT)
    assert (first.id, second.id) == ("TT-CB-001", "TT-RACE-002")
    assert first.text.endswith("the other: core (0,0) NCRISC, kernel r.cpp at r.cpp:4:65")
    assert second.processors == {"core (1,0) BRISC"}
    assert races_in("RuntimeError: nothing of ours") == []


def test_a_schedule_proves_the_race_whose_parties_it_delays() -> None:
    first, second = races_in(REPORT)
    found = {first: [FIRST], second: [FIRST]}
    other = replace(FIRST, order="s3")
    assert proves(other, ["core (1,0) BRISC"], second, found)
    assert not proves(other, ["core (1,0) BRISC"], first, found)
    assert proves(other, ["core (7,7) TRISC"], first, {first: [FIRST]})


def test_a_schedule_proves_the_race_that_the_checks_find_in_it_alone() -> None:
    first, second = races_in(REPORT)
    other = replace(FIRST, order="s3")
    found = {first: [FIRST, other], second: [other]}
    assert proves(other, [], second, found)
    assert not proves(other, [], first, found)


class Reporting(Executor):
    """Reports a race where the decisions are these."""

    def __init__(self, *orders: str) -> None:
        self.orders = orders
        self.asked: list[str] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        case: Case = args[0]
        assert "check=full" in case.selection
        self.asked.append(case.order)
        status, tail = (Status.FAILED, REPORT) if case.order in self.orders else (Status.PASSED, "")
        future: Future[Any] = Future()
        future.set_result(Outcome(case.seed, status, 0, "", 0.1, "same", tail))
        return future


def test_all_orders_that_went_wrong_are_looked_at_and_others_until_something_is_found() -> None:
    default, failing, *others = (replace(FIRST, order=order) for order in ("default", "s3", "s4", "s5", "s6"))
    looks = Reporting("s3", "s5")
    assert set(map(tuple, findings([default, failing], others, looks).values())) == {(failing,)}
    assert looks.asked == ["default", "s3"]
    looks = Reporting("s5")
    assert set(map(tuple, findings([default, failing], others, looks).values())) == {(others[1],)}
    assert looks.asked == ["default", "s3", "s4", "s5"]


def test_orders_are_kept_in_a_journal(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    known = outcome(FIRST, ("s2", "a4"))
    with Journal(path, {"command": ["x.py"], "backend": "emulator"}) as journal:
        journal.ended(known)
    assert read([path])[1] == {FIRST.seed: known}


def test_known_cases_are_learnt_from_and_not_run(tmp_path: Path) -> None:
    plan = Systematic(FIRST, depth=1, most=9)
    with Journal(None, {}) as journal:
        for seed, order in ((10, "default"), (11, "s0")):
            journal.outcomes[seed] = outcome(Case(seed, "emulator", (), 0, order), ("s2",))
        assert list(explore(plan, ThreadPoolExecutor(1), journal, 1)) == []
    assert plan.exhausted
