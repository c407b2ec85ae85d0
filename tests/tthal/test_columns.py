"""Text in at most 100 columns, and back."""

from __future__ import annotations

import pytest

from tthal.columns import COLUMNS, fitted, unfolded
from tthal.errors import Finding, Frame, SourceLocation
from tthal_check.document import general
from tthal_check.findings import KINDS, Kind

TEXT = "core (10,11) BRISC waits for 2 pages of circular buffer 16 at L1 address 0x1a40, 2048 B, " * 3


@pytest.mark.parametrize("indentation", [0, 4, 8])
def test_lines_are_broken_and_joined_again(indentation: int) -> None:
    text = f"{' ' * indentation}{TEXT.strip()}\n{' ' * (indentation + 4)}at a line\n"
    broken = fitted(text)
    assert max(map(len, broken.splitlines())) <= COLUMNS
    assert len(broken.splitlines()) > 3
    assert unfolded(broken) == text.rstrip("\n")
    for line in broken.splitlines():
        assert not line.endswith(("core", "buffer", "address", "2048")), "what belongs together stays together"


def test_a_long_word_stays_whole() -> None:
    path = "/a" * 60
    assert path in fitted(f"kernel {path} at line 3").splitlines()[1]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_every_finding_fits(kind: Kind) -> None:
    place = SourceLocation("kernels/dataflow/reader_of_many_things.cpp", 1234, 56)
    who = "core (10,11) NCRISC, kernel reader_of_many_things.cpp at kernels/dataflow/reader_of_many_things.cpp:1234:56"
    finding = Finding(
        kind.id, kind.severity.value, general(kind.text), general(kind.fix), (10, 11), "NCRISC",
        "reader_of_many_things.cpp", (Frame("kernel_main", place),), f"{kind.other}: {who}" if kind.other else "",
    )  # fmt: skip
    text = str(finding)
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert f"{general(kind.text)} [{kind.id}]" in unfolded(text)
