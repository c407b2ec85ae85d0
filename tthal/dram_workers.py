"""Which worker reads which DRAM bank with the least traffic: the vendor's assignment, board by board.

Printed by ``get_optimal_dram_bank_to_logical_worker_assignment`` of ttnn 0.81.1 on mock devices with their usual
harvesting; a card with other harvested rows or columns has another one.
"""

from __future__ import annotations

from tthal.coordinates import CoreCoord
from tthal.device_interface import DeviceProperties
from tthal.errors import Unsupported
from tthal.types import NOC
from tthal.words import member

_Workers = tuple[tuple[int, int], ...]

_N150: _Workers = (
    (3, 7), (0, 0), (0, 4), (2, 1), (4, 0), (7, 7), (4, 1), (4, 6), (4, 5), (4, 2), (4, 4), (6, 3),
)  # fmt: skip
_N300: _Workers = (
    (0, 7), (3, 0), (0, 3), (2, 0), (7, 2), (4, 7), (4, 0), (4, 5), (4, 4), (4, 1), (4, 3), (6, 2),
)  # fmt: skip
_P100: tuple[_Workers, _Workers] = (
    ((0, 9), (0, 0), (0, 7), (5, 9), (5, 1), (5, 6), (5, 4)),
    ((0, 0), (0, 8), (0, 2), (5, 0), (5, 8), (5, 2), (5, 5)),
)
_P150: tuple[_Workers, _Workers] = (
    ((0, 9), (0, 0), (0, 7), (0, 3), (7, 9), (7, 1), (7, 6), (7, 4)),
    ((0, 0), (0, 8), (0, 2), (0, 5), (7, 0), (7, 8), (7, 2), (7, 5)),
)
_BY_BOARD: dict[str, tuple[_Workers, _Workers]] = {
    "n150": (_N150, _N150),
    "n300": (_N300, _N300),
    "p100": _P100,
    "p150": _P150,
}


def optimal_workers(properties: DeviceProperties, noc: NOC) -> list[CoreCoord]:
    """Return one logical core for each DRAM bank.

    Raises:
        Unsupported: the board is not in the table, or its grid lacks one of the cores.
    """
    table = _BY_BOARD.get(properties.board)
    cores = [CoreCoord(*core) for core in table[member(NOC, noc, "noc")]] if table is not None else []
    grid = properties.compute_grid
    if len(cores) != len(properties.dram_banks) or any(core.x >= grid.x or core.y >= grid.y for core in cores):
        raise Unsupported(
            f"the best workers for the DRAM banks of {properties.board!r} with a grid of {grid.x}x{grid.y} are not "
            f"known; they are for the usual grids of {', '.join(_BY_BOARD)}"
        )
    return cores
