"""The tables of constants, and the places that they give to cores and banks."""

from __future__ import annotations

import numpy as np
import pytest

import tthal as ttnn
from tthal.types import Arch
from tthal_emulator.abi.tile_operations import TILE_OPERATIONS
from tthal_emulator.board import boards
from tthal_time.constants import CHIPS, Chip
from tthal_time.constants.math_unit import math_table
from tthal_time.places import Places


@pytest.mark.parametrize("chip", CHIPS.values(), ids=lambda chip: chip.name)
def test_every_figure_has_unit_and_source(chip: Chip) -> None:
    for name, figure in chip.figures().items():
        assert figure.unit, name
        assert figure.source, name
        assert figure.value >= 0, name


@pytest.mark.parametrize(
    ("board", "arch", "bank", "node"),
    [
        ("n150", Arch.WORMHOLE_B0, 0, (0, 11)),
        ("n150", Arch.WORMHOLE_B0, 11, (5, 7)),
        ("p150", Arch.BLACKHOLE, 0, (0, 11)),
        ("p150", Arch.BLACKHOLE, 4, (9, 11)),
    ],
)
def test_banks_lie_at_ports_of_their_channel(board: str, arch: Arch, bank: int, node: tuple[int, int]) -> None:
    chip = CHIPS[arch]
    with ttnn.open_device(0, backend=f"emulator:{board}") as device:
        places = Places(chip, device.properties)
    assert places.banks[bank] == (node[1] * chip.grid[0] + node[0], bank)
    assert [found for _, found in places.banks] == list(range(len(places.banks)))
    workers = {places.core(x, y) for x in range(places.grid[0]) for y in range(places.grid[1])}
    assert len(workers) == places.grid[0] * places.grid[1]
    assert not workers & {found for found, _ in places.banks}


@pytest.mark.parametrize("name", ["wormhole", "blackhole"])
def test_the_geometry_is_the_boards(name: str) -> None:
    """A plugin does not import a backend, so both have the table; a chip lies in one way only."""
    board = getattr(boards, name.upper())
    chip = CHIPS[board.arch]
    assert chip.grid == board.noc_size
    assert chip.columns == board.physical_columns
    assert sorted(chip.rows) == list(board.physical_rows)  # here those that harvesting takes first stand last
    assert chip.dram_ports == board.dram_ports


@pytest.mark.parametrize("chip", CHIPS.values(), ids=lambda chip: chip.name)
def test_no_operation_is_free(chip: Chip) -> None:
    """Every operation that MATH carries out takes time, in all its variants, and more phases take no less."""
    table = math_table(chip.math)
    packs = {"Pack", "PackUntilize"}
    for number, operation in TILE_OPERATIONS.items():
        if operation.__name__ in packs:
            continue
        variants = (
            [4 * b + a for a in range(3) for b in range(3)] if operation.__name__.endswith("Reduce") else range(16)
        )
        for variant in variants:
            cycles = table[number, variant, 1:]
            assert cycles.min() > 0, (operation, variant)
            assert (np.diff(cycles) >= 0).all(), (operation, variant)
