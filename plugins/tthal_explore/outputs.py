"""Outputs of cases that passed: whether they differ by the order of events, or every time anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import replace

import click

from tthal_explore.cases import Case, Outcome, Status, run_case
from tthal_explore.exploration import Summary

_LATE_READ = "l"
"""How a decision begins that lets a source be read after its flush: a warning, as that is right on most cards."""


def comparable(found: Summary, outcomes: Iterable[Outcome], cases: dict[int, Case], pool: Executor) -> Summary:
    """Compare outputs with that of the default order, which is seed 0.

    When one order prints now this and now that, the time of day for instance, outputs are left out of account.
    """
    if found.outputs < 2:
        return found
    default = replace(next(iter(cases.values())), seed=0, order="")
    usual, again = (pool.submit(run_case, default).result() for _ in range(2))
    if usual.output != again.output:
        return without_outputs(found)
    if usual.status is not Status.PASSED:
        return found
    cases.setdefault(0, default)
    other = next((each for each in outcomes if each.status is Status.PASSED and each.output != usual.output), None)
    if other is not None and pool.submit(run_case, cases[other.seed]).result().output != other.output:
        return without_outputs(found)
    return replace(found, usual=usual, other=other)


def without_outputs(found: Summary) -> Summary:
    """Return what was found without its outputs, and say so."""
    click.echo("the program prints something else every time, in one order too: outputs were not compared", err=True)
    return replace(found, outputs=1, usual=None, other=None)


def prints_otherwise(usual: Outcome) -> Callable[[Outcome], bool]:
    """Return whether an outcome passed with another output."""
    return lambda outcome: outcome.status is Status.PASSED and outcome.output != usual.output


def differ_late(found: Summary, smaller: dict[int, Case]) -> bool:
    """Whether the smallest schedule that prints something else has a source read late."""
    case = smaller.get(found.other.seed) if found.other is not None else None
    return case is None or any(decision.startswith(_LATE_READ) for decision in case.order.split(","))
