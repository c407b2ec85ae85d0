"""Every program also records, replays, and is executed again from its trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tthal.cli.root import tthal
from tthal.device_interface import Capability
from tthal_conformance.catalogue import programs, tier
from tthal_conformance.schema import Outcome

QUICK = (
    "args.update",
    "buffer.dram",
    "cb.dynamic_address",
    "cb.update_page_size",
    "compute.chain",
    "descriptor.generic_op",
    "error.deadlock",
    "error.l1_clash",
    "format.bfp8_in",
    "kernel.defines",
    "launch.after_failure",
    "matmul.hifi2",
    "noc.multicast",
    "queue.in_order",
    "semaphore.initial_values",
    "shard.block",
)
ALL = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in sorted(tier("full"))]


@pytest.mark.parametrize("name", ALL)
def test_record_replay_and_execute_again(run_program: Any, tmp_path: Path, name: str) -> None:
    recorded = run_program(name, record=tmp_path)
    assert recorded.outcome in (Outcome.PASSED, Outcome.UNSUPPORTED), recorded.reason
    replayed = run_program(name, f"replay:{tmp_path}")
    if Capability.DPRINT in programs()[name].requirements.capabilities:
        assert replayed.outcome is Outcome.UNSUPPORTED, "a trace does not hold what kernels print"
        return
    assert replayed.outcome is recorded.outcome, replayed.reason
    assert [check.name for check in replayed.checks] == [check.name for check in recorded.checks]
    again = CliRunner().invoke(tthal, ["trace", "replay", str(tmp_path / f"{name}.tttrace"), "--on", "emulator"])
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize("name", ["compute.add_rounds", "args.common"])
def test_against_a_recording_of_another_board(run_program: Any, tmp_path: Path, name: str) -> None:
    assert run_program(name, record=tmp_path).outcome is Outcome.PASSED
    compared = run_program(name, "emulator:p150?numerics=exact", against=tmp_path)
    assert compared.outcome is Outcome.PASSED, compared.reason
    assert any("against the recording" in check.name for check in compared.checks)


def test_what_is_no_part_of_a_trace_is_not_compared(run_program: Any, tmp_path: Path) -> None:
    assert run_program("launch.prints", record=tmp_path).outcome is Outcome.PASSED
    compared = run_program("launch.prints", against=tmp_path)
    assert compared.outcome is Outcome.PASSED, compared.reason
    assert "does not declare capability dprint" in compared.reason
    assert compared.checks


def test_a_recording_that_differs_is_a_failure(run_program: Any, tmp_path: Path) -> None:
    assert run_program("args.common", record=tmp_path).outcome is Outcome.PASSED
    (tmp_path / "args.common.tttrace").rename(tmp_path / "args.update.tttrace")
    compared = run_program("args.update", against=tmp_path)
    assert compared.outcome is Outcome.FAILED
    assert "does not replay" in compared.reason
    assert set(QUICK) <= set(programs())
