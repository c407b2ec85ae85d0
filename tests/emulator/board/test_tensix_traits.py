"""What the chips do in their own way is data of the board: nothing else of the emulator asks which chip it is on."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tthal_emulator
from tthal.types import Arch, DataFormat
from tthal_emulator.board.boards import BOARDS
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX

EMULATOR = Path(tthal_emulator.__file__).parent


def chips_named(tree: ast.AST) -> list[str]:
    """The members of Arch that a module names."""
    return [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Arch"
    ]


def test_only_boards_know_the_chips() -> None:
    asking = {
        str(file.relative_to(EMULATOR)): named
        for file in EMULATOR.rglob("*.py")
        if (named := chips_named(ast.parse(file.read_text(encoding="utf-8"))))
    }
    assert asking.keys() == {"board/boards.py"}


@pytest.mark.parametrize("name", BOARDS)
def test_every_board_has_its_chips_traits(name: str) -> None:
    chip = BOARDS[name].chip
    assert chip.tensix is (BLACKHOLE_TENSIX if chip.arch is Arch.BLACKHOLE else WORMHOLE_TENSIX)


def test_the_chips_differ_where_the_reference_says() -> None:
    """numerics.md §11.1, §11.2; the formats as ttnn 0.81.1 takes them (tests/metal/format_table.py)."""
    quirks = [(each.minus_one_quirk, each.partial_takes_both_widths) for each in (WORMHOLE_TENSIX, BLACKHOLE_TENSIX)]
    assert quirks == [(True, False), (False, True)]
    assert WORMHOLE_TENSIX.missing_formats == {DataFormat.Fp8_e4m3}
    assert not BLACKHOLE_TENSIX.missing_formats
