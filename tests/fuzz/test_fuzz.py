"""The attack itself: seeds make the same things again, and a surprise is seen."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))
import rounds
from damage import damaged
from kernels import KernelMaker


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
