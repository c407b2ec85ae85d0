"""How many hops a worker is from another on each NoC.

NoC 0 goes right and down, NoC 1 left and up, both round the torus (tt-metal's ``get_worker_noc_hop_distance``). Workers
stand between the DRAM and Ethernet cores of the chip; harvested rows or columns are taken to be the last ones.
"""

from __future__ import annotations

from tthal.coordinates import CoreCoord
from tthal.types import NOC, Arch
from tthal.words import member

_SIZE = {Arch.WORMHOLE_B0: (10, 12), Arch.BLACKHOLE: (17, 12)}
_COLUMNS = {Arch.WORMHOLE_B0: (1, 2, 3, 4, 6, 7, 8, 9), Arch.BLACKHOLE: (*range(1, 8), *range(10, 17))}
_ROWS = {Arch.WORMHOLE_B0: (1, 2, 3, 4, 5, 7, 8, 9, 10, 11), Arch.BLACKHOLE: tuple(range(2, 12))}
"""The chips' networks and the columns and rows of their workers on NoC 0 (host-api.md §3)."""


def worker_hop_distance(arch: Arch, source: CoreCoord, target: CoreCoord, noc: NOC) -> int:
    """Return the hops from one logical core to another."""
    size = _SIZE[arch]
    ways = [end - start for start, end in zip(_place(arch, source), _place(arch, target), strict=True)]
    if member(NOC, noc, "noc") is not NOC.RISCV_0_default:
        ways = [-way for way in ways]
    return sum(way % length for way, length in zip(ways, size, strict=True))


def _place(arch: Arch, core: CoreCoord) -> tuple[int, int]:
    return _COLUMNS[arch][core.x], _ROWS[arch][core.y]
