"""The boards the emulator knows, as data: chips, grids, memories, coordinates (host-api.md §3, §4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tthal.coordinates import CoreCoord
from tthal.errors import SelectionError
from tthal.kit.suggestions import did_you_mean
from tthal.types import Arch, DispatchMode

from .tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX, TensixTraits

Coordinate = tuple[int, int]

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Chip:
    """What all boards of one architecture share; sizes, addresses and alignments in bytes.

    ``worker_columns`` and ``worker_rows`` are the virtual coordinates that kernels use, ``physical_*`` those of NoC 0.
    ``dram_ports`` lists the physical NoC 0 coordinates of every channel. The region from ``config_base`` to the L1
    base holds what a launch writes: arguments, semaphores, circular buffer configurations. ``tensix`` says what the
    matrix path does in its own way. ``local_memory`` is what a data-movement processor has for stack and static data,
    ``compute_local_memory`` what each compute thread has (tt-isa-documentation, BabyRISCV: 4, 4 and 2 KB on Wormhole,
    8, 8 and 4 KB on Blackhole). ``flags_overtake`` says whether a flag's multicast, which has a command buffer of its
    own, may arrive before a payload's that was issued before it and has not left (tt-metal#12678, #48480, #48481).
    """

    arch: Arch
    l1_size: int
    config_base: int
    config_size: int
    zeros_base: int
    dram_base: int
    dram_bank_size: int
    dram_alignment: int
    circular_buffers: int
    max_noc_burst: int
    local_memory: int
    compute_local_memory: int
    noc_size: Coordinate
    pcie: Coordinate
    worker_columns: tuple[int, ...]
    worker_rows: tuple[int, ...]
    physical_columns: tuple[int, ...]
    physical_rows: tuple[int, ...]
    dram_ports: tuple[tuple[Coordinate, ...], ...]
    define: str
    tensix: TensixTraits
    flags_overtake: bool
    flushes_early: bool

    @property
    def virtual_overlaps_physical(self) -> bool:
        """Whether virtual and physical coordinates share a range, so that a number can mean only one of them."""
        return self.worker_columns[0] < self.noc_size[0]


WORMHOLE = Chip(
    arch=Arch.WORMHOLE_B0,
    l1_size=1464 * KIB,
    config_base=35_168,
    config_size=69 * KIB,
    zeros_base=13_344,
    dram_base=0x100040,
    dram_bank_size=GIB,
    dram_alignment=32,
    circular_buffers=32,
    max_noc_burst=8 * KIB,
    local_memory=4 * KIB,
    compute_local_memory=2 * KIB,
    noc_size=(10, 12),
    pcie=(0, 3),
    worker_columns=tuple(range(18, 26)),
    worker_rows=tuple(range(18, 28)),
    physical_columns=(1, 2, 3, 4, 6, 7, 8, 9),
    physical_rows=(1, 2, 3, 4, 5, 7, 8, 9, 10, 11),
    dram_ports=(
        ((0, 0), (0, 1), (0, 11)),
        ((0, 5), (0, 6), (0, 7)),
        ((5, 0), (5, 1), (5, 11)),
        ((5, 2), (5, 9), (5, 10)),
        ((5, 3), (5, 4), (5, 8)),
        ((5, 5), (5, 6), (5, 7)),
    ),
    define="ARCH_WORMHOLE",
    tensix=WORMHOLE_TENSIX,
    flags_overtake=False,
    flushes_early=True,
)

_BLACKHOLE_COLUMNS = (*range(1, 8), *range(10, 17))

BLACKHOLE = Chip(
    arch=Arch.BLACKHOLE,
    l1_size=1536 * KIB,
    config_base=41_088,
    config_size=69 * KIB,
    zeros_base=13_536,
    dram_base=0x100080,
    dram_bank_size=4080 * MIB,
    dram_alignment=64,
    circular_buffers=64,
    max_noc_burst=16 * KIB,
    local_memory=8 * KIB,
    compute_local_memory=4 * KIB,
    noc_size=(17, 12),
    pcie=(19, 24),
    worker_columns=_BLACKHOLE_COLUMNS,
    worker_rows=tuple(range(2, 12)),
    physical_columns=_BLACKHOLE_COLUMNS,
    physical_rows=tuple(range(2, 12)),
    dram_ports=(
        ((0, 0), (0, 1), (0, 11)),
        ((0, 2), (0, 10), (0, 3)),
        ((0, 9), (0, 4), (0, 8)),
        ((0, 5), (0, 7), (0, 6)),
        ((9, 0), (9, 1), (9, 11)),
        ((9, 2), (9, 10), (9, 3)),
        ((9, 9), (9, 4), (9, 8)),
        ((9, 5), (9, 7), (9, 6)),
    ),
    define="ARCH_BLACKHOLE",
    tensix=BLACKHOLE_TENSIX,
    flags_overtake=True,
    flushes_early=False,
)


@dataclass(frozen=True, slots=True)
class DramView:
    """One DRAM bank: half of a channel or all of it; coordinates per NoC as kernels see them."""

    channel: int
    noc0: Coordinate
    noc1: Coordinate
    offset: int = 0


def _wormhole_dram() -> tuple[DramView, ...]:
    """Two banks per channel; no virtual coordinates, so NoC 1 sees the same endpoint mirrored."""
    endpoints = ((0, 11), (0, 1), (0, 5), (0, 7), (5, 1), (5, 11), (5, 2), (5, 9), (5, 8), (5, 3), (5, 5), (5, 7))
    width, height = WORMHOLE.noc_size
    return tuple(
        DramView(bank // 2, (x, y), (width - 1 - x, height - 1 - y), WORMHOLE.dram_bank_size * (bank % 2))
        for bank, (x, y) in enumerate(endpoints)
    )


_BLACKHOLE_DRAM_ROW = 12
_BLACKHOLE_DRAM_PORTS = 3
_BLACKHOLE_NOC1_PORT = 1


def _blackhole_dram(noc0: Iterable[Coordinate], channels: Iterable[int]) -> tuple[DramView, ...]:
    """A bank per channel; ports of a channel are three consecutive rows, and NoC 1 uses the middle one."""

    def noc1_row(y: int) -> int:
        return y - (y - _BLACKHOLE_DRAM_ROW) % _BLACKHOLE_DRAM_PORTS + _BLACKHOLE_NOC1_PORT

    return tuple(DramView(c, (x, y), (x, noc1_row(y))) for (x, y), c in zip(noc0, channels, strict=True))


@dataclass(frozen=True, slots=True)
class Board:
    """One board: its chip, the working part of the grid (columns, rows), the cores that fast dispatch takes."""

    name: str
    chip: Chip
    grid: Coordinate
    dispatch_takes: Coordinate
    dram: tuple[DramView, ...]

    def compute_grid(self, mode: DispatchMode) -> CoreCoord:
        """Return the number of columns and rows that programs may use."""
        taken = self.dispatch_takes if mode is DispatchMode.FAST else (0, 0)
        return CoreCoord(self.grid[0] - taken[0], self.grid[1] - taken[1])

    def virtual_dram_places(self, view: DramView) -> tuple[Coordinate, ...]:
        """Return every virtual coordinate of a bank's channel; none on Wormhole, where DRAM is not virtualised."""
        if not self.chip.virtual_overlaps_physical:
            return ()
        x, y = view.noc0
        top = y - (y - _BLACKHOLE_DRAM_ROW) % _BLACKHOLE_DRAM_PORTS
        return tuple((x, top + port) for port in range(_BLACKHOLE_DRAM_PORTS))


_LAST_ROW, _LAST_COLUMN = (0, 1), (1, 0)
_P100_DRAM = ((18, 14), (18, 15), (18, 18), (17, 14), (17, 17), (17, 20), (17, 23))
_P150_DRAM = ((17, 14), (17, 15), (17, 18), (17, 21), (18, 14), (18, 17), (18, 20), (18, 23))

BOARDS: dict[str, Board] = {
    board.name: board
    for board in (
        Board("n150", WORMHOLE, (8, 9), _LAST_ROW, _wormhole_dram()),
        Board("n300", WORMHOLE, (8, 8), _LAST_ROW, _wormhole_dram()),
        Board("p100", BLACKHOLE, (12, 10), _LAST_COLUMN, _blackhole_dram(_P100_DRAM, (0, 1, 2, 4, 5, 6, 7))),
        Board("p150", BLACKHOLE, (14, 10), _LAST_COLUMN, _blackhole_dram(_P150_DRAM, range(8))),
    )
}
DEFAULT_BOARD = "n150"


def find_board(name: str) -> Board:
    """Return a board by its name; "" is the default one.

    Raises:
        SelectionError: there is no such board.
    """
    board = BOARDS.get(name.lower() or DEFAULT_BOARD)
    if board is None:
        known = ", ".join(BOARDS)
        raise SelectionError(f"the emulator has no board {name!r}.{did_you_mean(name, BOARDS)} It has {known}.")
    return board
