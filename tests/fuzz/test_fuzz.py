"""The attack itself: seeds make the same things again, and a surprise is seen."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))
import interrupts
import rounds
from damage import damaged
from kernels import KernelMaker

DEAF = """
import os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.write(1, b"h")
time.sleep(60)
"""


def test_a_seed_makes_the_same_again() -> None:
    first, second, other = (KernelMaker(seed) for seed in (7, 7, 8))
    assert [first.kernel() for _ in range(3)] == [second.kernel() for _ in range(3)]
    assert first.kernel() != other.kernel()
    data = bytes(range(256)) * 8
    assert damaged(data, random.Random(3)) == damaged(data, random.Random(3)) != data


def test_a_wrong_next_program_is_a_surprise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "KERNELS", 1)
    monkeypatch.setattr(rounds, "ADD", rounds.ADD.replace("+ {}", "+ 1 + {}"))
    with pytest.raises(AssertionError, match="left 43 instead of 42"):
        rounds.attack_with_kernels(1, Counter())


def test_one_round_of_traces_has_no_surprise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "TRACES", 10)
    counts: Counter[str] = Counter()
    rounds.attack_with_traces(1, counts)
    assert counts.total() >= 10


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_ctrl_c_is_heard_whatever_it_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "INTERRUPTS", 3)
    counts: Counter[str] = Counter()
    interrupts.attack_with_interrupts(1, counts)
    assert counts.total() == 3


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_an_interrupt_that_gets_lost_is_a_surprise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deaf = tmp_path / "deaf.py"
    deaf.write_text(DEAF)
    monkeypatch.setattr(interrupts, "LOST_AFTER", 5)
    monkeypatch.setattr(interrupts, "__file__", str(deaf))
    with pytest.raises(AssertionError, match="Ctrl-C got lost while "):
        interrupts.attack_with_interrupts(1, Counter())
