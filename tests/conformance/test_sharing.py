"""The suite in parts: by an executor, and shared between machines."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import Any

import pytest
from click.testing import CliRunner

from tthal_conformance import catalogue, sharing
from tthal_conformance.cli import conformance
from tthal_conformance.launcher import Order
from tthal_conformance.report import verdict

NAMES = ("args.common", "args.common_update", "cb.stream")


class Here(Executor):
    """Runs everything at once, in this thread, and remembers what."""

    def __init__(self) -> None:
        self.orders: list[Order] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See :class:`Executor`."""
        self.orders.append(args[0])
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_parts_make_one_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "PART", 2)
    here = Here()
    found = sharing.run_shared(Order("emulator", patterns=NAMES), here)
    assert [order.patterns for order in here.orders] == [NAMES[:2], NAMES[2:]]
    assert [result.name for result in found.results] == list(NAMES)
    assert verdict(found)
    assert found.target.board == "n150"


@pytest.mark.parametrize("splits", [1, 2, 5])
def test_groups_are_all_programs_and_share_none(splits: int) -> None:
    names = catalogue.select("core")
    groups = [sharing.share(names, splits, group) for group in range(1, splits + 1)]
    assert sorted(name for group in groups for name in group) == names


def test_the_command_says_how_fast_it_was() -> None:
    words = ["--backend", "emulator", "--select", "args.common", "--executor", "local", "--jobs", "1"]
    told = CliRunner().invoke(conformance, words)
    assert told.exit_code == 0, told.output
    assert "1 program, " in told.output
    assert "per second" in told.output


def test_a_group_that_there_is_not() -> None:
    assert CliRunner().invoke(conformance, ["--splits", "2", "--group", "3"]).exit_code == 2
