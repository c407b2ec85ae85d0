"""What is wrong with a transfer, in words."""

from __future__ import annotations

import pytest

from tthal.coordinates import CoreCoord
from tthal_emulator.board.boards import find_board
from tthal_emulator.board.machine import Machine
from tthal_emulator.diagnostics.transfers import endpoint_text, transfer_text
from tthal_emulator.noc.coordinates import NocMap
from tthal_emulator.noc.errors import NocError


def noc_map(board: str) -> NocMap:
    return NocMap(Machine(find_board(board)))


def test_descriptions_point_to_the_other_noc() -> None:
    nocs = noc_map("n150")
    assert endpoint_text(nocs, 0, 18, 19) == f"core {CoreCoord(0, 1)}"
    assert endpoint_text(nocs, 0, 0, 11) == "DRAM channel 0"
    assert "on NoC 0 it is DRAM channel 0; NoC 1 reaches it at (9, 0)" in endpoint_text(nocs, 1, 0, 11)
    assert endpoint_text(nocs, 0, 60, 60) == "nothing that this device has"
    logical = endpoint_text(nocs, 1, 2, 0)
    assert logical.startswith("nothing that this device has; the core with the logical coordinates (2,0) is at (20,18)")
    other = endpoint_text(nocs, 1, 0, 0)
    assert other.startswith(
        "nothing (on NoC 0 it is DRAM channel 0; NoC 1 reaches it at (9, 11)); the core with the logical"
    )
    assert endpoint_text(noc_map("p150"), 1, 0, 5).startswith("nothing (on NoC 0 it is DRAM channel 3); the core")


@pytest.mark.parametrize("kind", NocError.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_error_has_words_of_its_own(kind: type[NocError]) -> None:
    assert transfer_text.dispatch(kind) is not transfer_text.dispatch(NocError)
