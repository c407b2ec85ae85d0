"""Boards against the figures measured on the vendor's library (host-api.md §3, §4)."""

from __future__ import annotations

import hashlib

import pytest

from tthal.coordinates import CoreCoord
from tthal.device_interface import Limits
from tthal.errors import InvalidArgument, SelectionError
from tthal.types import Arch, DispatchMode
from tthal_emulator.board.bank_order import cores_of_banks, shuffled_banks
from tthal_emulator.board.boards import BOARDS, find_board
from tthal_emulator.board.machine import Machine

FAST, SLOW = DispatchMode.FAST, DispatchMode.SLOW


def machine(name: str, dispatch: DispatchMode = FAST, **options: int) -> Machine:
    return Machine(find_board(name), dispatch, **options)


# sha256 of the space-separated output of std::shuffle(0..n-1, std::default_random_engine(0)), g++ 12.
SHUFFLES = {
    56: "554f3a9122c203ab88f17cc39ce0f20be29f6d1aa4e02ca8e1047c04802a65d3",
    64: "b9cb1d6876566c4fc612889c05946b80f9b0b22e9296e49103e48b0a4ba1d698",
    72: "3476f36280d8bb44cae87b601c9f3b22721831e01cf2f56efc2c0145f59485b6",
    110: "b84c560b1b89141e443a80a5221614038bedf1b19c4915873adc6d57050584c8",
    120: "37dc30515e3abe66d4dfb7cd28f8e372a8870431d8fd7196c46d45cd87d0a737",
    130: "0bafa408b1d2512b94bde81477c50497885bb6af6f44a3a6a6a020b5839f0dea",
    140: "7cc18b0a7f7d23cd364868ae6ca07466900110cc2ce4b05d23c310a4753d53c4",
}


@pytest.mark.parametrize(("count", "digest"), SHUFFLES.items())
def test_bank_order_is_that_of_the_cpp_standard_library(count: int, digest: str) -> None:
    order = shuffled_banks(count)
    assert sorted(order) == list(range(count))
    assert hashlib.sha256(" ".join(map(str, order)).encode()).hexdigest() == digest


def test_odd_and_tiny_counts_follow_the_library_too() -> None:
    # From the same C++ program: std::shuffle of 0..4 and of 0..6.
    assert shuffled_banks(5) == [3, 0, 4, 2, 1]
    assert shuffled_banks(7) == [3, 0, 4, 6, 5, 1, 2]
    assert shuffled_banks(1) == [0]
    assert shuffled_banks(0) == []


FIRST_BANKS = {
    "n150": [(1, 4), (4, 4), (4, 1), (2, 2), (6, 0), (7, 3)],
    "n300": [(1, 4), (4, 4), (4, 1), (2, 2)],
    "p100": [(0, 3), (8, 7), (1, 6), (7, 1)],
    "p150": [(7, 2), (7, 6), (8, 9), (6, 8)],
}


@pytest.mark.parametrize(("name", "cores"), FIRST_BANKS.items())
def test_l1_banks_start_with_the_measured_cores(name: str, cores: list[tuple[int, int]]) -> None:
    properties = machine(name).properties(frozenset(), ())
    assert [tuple(core) for core in properties.l1_banks[: len(cores)]] == cores
    assert len(set(properties.l1_banks)) == machine(name).num_cores


def test_banks_and_cores_are_inverse() -> None:
    banks, cores = shuffled_banks(72), cores_of_banks(72)
    assert [banks[core] for core in cores] == list(range(72))


GRIDS = [
    ("n150", FAST, (8, 8)),
    ("n150", SLOW, (8, 9)),
    ("n300", FAST, (8, 7)),
    ("n300", SLOW, (8, 8)),
    ("p100", FAST, (11, 10)),
    ("p100", SLOW, (12, 10)),
    ("p150", FAST, (13, 10)),
    ("p150", SLOW, (14, 10)),
]


@pytest.mark.parametrize(("name", "dispatch", "grid"), GRIDS)
def test_compute_grids(name: str, dispatch: DispatchMode, grid: tuple[int, int]) -> None:
    assert tuple(machine(name, dispatch).grid) == grid
    assert len(machine(name, dispatch).l1_bank_cores) == grid[0] * grid[1]


WORMHOLE_FIGURES = {
    "l1_size": 1_499_136,
    "l1_base": 105_824,
    "dram_base": 1_048_640,
    "max_noc_burst": 8192,
}
BLACKHOLE_FIGURES = {
    "l1_size": 1_572_864,
    "l1_base": 111_744,
    "dram_base": 1_048_704,
    "max_noc_burst": 16384,
}


@pytest.mark.parametrize("name", BOARDS)
def test_measured_figures(name: str) -> None:
    properties = machine(name).properties(frozenset(), ())
    wormhole = name.startswith("n")
    assert properties.arch is (Arch.WORMHOLE_B0 if wormhole else Arch.BLACKHOLE)
    for field, value in (WORMHOLE_FIGURES if wormhole else BLACKHOLE_FIGURES).items():
        assert getattr(properties, field) == value, field
    assert properties.l1_size - properties.l1_base == (1_393_312 if wormhole else 1_461_120)
    assert properties.dram_bank_size - properties.dram_base == (1_072_693_184 if wormhole else 4_277_141_376)
    assert len(properties.dram_banks) == {"n150": 12, "n300": 12, "p100": 7, "p150": 8}[name]
    assert properties.limits == Limits(runtime_args=4094, circular_buffers=32 if wormhole else 64, semaphores=16)
    alignments = properties.alignments
    dram = 32 if wormhole else 64
    assert (alignments.dram_page, alignments.l1_page, alignments.allocation) == (dram, 16, dram)
    assert (alignments.noc_dram_read, alignments.noc_dram_write) == (dram, 16)
    assert (alignments.noc_l1_read, alignments.noc_l1_write) == (16, 16)


@pytest.mark.parametrize(("name", "base"), [("n150", 35_168), ("p150", 41_088)])
def test_kernel_config_region_reaches_to_the_l1_base(name: str, base: int) -> None:
    opened = machine(name)
    assert opened.chip.config_base == base
    assert opened.config_size == 70_656
    assert base + opened.config_size == opened.l1_base


VIRTUAL = [
    ("n150", (0, 0), (18, 18)),
    ("n150", (7, 7), (25, 25)),
    ("n300", (0, 0), (18, 18)),
    ("p100", (0, 0), (1, 2)),
    ("p150", (0, 0), (1, 2)),
    ("p150", (6, 9), (7, 11)),
    ("p150", (7, 6), (10, 8)),
    ("p150", (12, 0), (15, 2)),
]


@pytest.mark.parametrize(("name", "logical", "virtual"), VIRTUAL)
def test_virtual_coordinates(name: str, logical: tuple[int, int], virtual: tuple[int, int]) -> None:
    opened = machine(name)
    assert opened.virtual(CoreCoord(*logical)) == virtual
    assert opened.properties(frozenset(), ()).virtual_core(CoreCoord(*logical)) == virtual


def test_physical_coordinates_skip_the_other_nodes() -> None:
    wormhole = machine("n150", SLOW)
    places = {wormhole.physical(wormhole.core(index)) for index in range(wormhole.num_cores)}
    assert {x for x, _ in places} == {1, 2, 3, 4, 6, 7, 8, 9}
    assert {y for _, y in places} == {1, 2, 3, 4, 5, 7, 8, 9, 10}
    assert wormhole.physical(CoreCoord(0, 0), noc=1) == (8, 10)
    blackhole = machine("p150", SLOW)
    assert blackhole.physical(CoreCoord(13, 9)) == (16, 11)
    assert blackhole.physical(CoreCoord(13, 9), noc=1) == (0, 0)


WORMHOLE_DRAM = [(0, 11), (0, 1), (0, 5), (0, 7), (5, 1), (5, 11), (5, 2), (5, 9), (5, 8), (5, 3), (5, 5), (5, 7)]
P150_DRAM = [(17, 14), (17, 15), (17, 18), (17, 21), (18, 14), (18, 17), (18, 20), (18, 23)]
P100_DRAM = [(18, 14), (18, 15), (18, 18), (17, 14), (17, 17), (17, 20), (17, 23)]


@pytest.mark.parametrize(
    ("name", "places"), [("n150", WORMHOLE_DRAM), ("n300", WORMHOLE_DRAM), ("p100", P100_DRAM), ("p150", P150_DRAM)]
)
def test_dram_banks(name: str, places: list[tuple[int, int]]) -> None:
    banks = machine(name).properties(frozenset(), ()).dram_banks
    assert [bank.noc0 for bank in banks] == places
    offsets = [bank.offset for bank in banks]
    assert offsets == ([0, 1 << 30] * 6 if name.startswith("n") else [0] * len(places))


def test_blackhole_uses_port_1_on_noc_1() -> None:
    assert [bank.noc1 for bank in machine("p150").properties(frozenset(), ()).dram_banks] == [
        (x, y) for x in (17, 18) for y in (13, 16, 19, 22)
    ]


def test_wormhole_dram_is_mirrored_on_noc_1() -> None:
    # Same endpoint on both NoCs; without virtual coordinates NoC 1 counts from the other corner.
    for bank in machine("n150").properties(frozenset(), ()).dram_banks:
        assert bank.noc1 == (9 - bank.noc0[0], 11 - bank.noc0[1])


def test_trace_region_is_carved_in_8_kib_pages() -> None:
    # 1,000,000 B over 12 banks = 90,112 B per bank (host-api.md §2.6).
    assert (1 << 30) - machine("n150", trace_region_size=1_000_000).trace_base == 90_112
    assert machine("n150").trace_base == 1 << 30


def test_worker_l1_size_moves_the_base() -> None:
    assert machine("n150", worker_l1_size=1_000_000).l1_base == 499_136
    assert machine("n150", worker_l1_size=1_000_001).l1_base == 499_136
    assert machine("n150", worker_l1_size=1_463_968).l1_base == 35_168
    assert machine("p150", worker_l1_size=1_531_776).l1_base == 41_088
    with pytest.raises(InvalidArgument, match="1463968"):
        machine("n150", worker_l1_size=1_463_969)


@pytest.mark.parametrize(
    "options", [{"l1_small_size": 2_000_000}, {"l1_small_size": -1}, {"trace_region_size": 1 << 34}]
)
def test_regions_that_do_not_fit(options: dict[str, int]) -> None:
    with pytest.raises(InvalidArgument):
        machine("n150", **options)


def test_unknown_board_is_named_with_the_nearest() -> None:
    with pytest.raises(SelectionError, match="Did you mean 'p150'"):
        find_board("p1500")
    assert find_board("").name == "n150"


def test_kernel_defines() -> None:
    fast, slow = dict(machine("n150").kernel_defines()), dict(machine("n150", SLOW).kernel_defines())
    assert fast["NUM_L1_BANKS"] == "64"
    assert fast["LOG_BASE_2_OF_NUM_L1_BANKS"] == "6"
    assert fast["NUM_DRAM_BANKS"] == "12"
    assert fast["IS_NOT_POW2_NUM_DRAM_BANKS"] == "1"
    assert (fast["PCIE_NOC_X"], fast["PCIE_NOC_Y"]) == ("0", "3")
    assert slow["NUM_L1_BANKS"] == "72"
    assert slow["IS_NOT_POW2_NUM_L1_BANKS"] == "1"
    assert "LOG_BASE_2_OF_NUM_L1_BANKS" not in slow
    blackhole = dict(machine("p150").kernel_defines())
    assert blackhole["LOG_BASE_2_OF_NUM_DRAM_BANKS"] == "3"
    assert "ARCH_BLACKHOLE" in blackhole


def test_core_outside_the_grid_is_named() -> None:
    with pytest.raises(InvalidArgument, match="8x8 compute grid"):
        machine("n150").core_index(CoreCoord(0, 8))
    assert machine("n150", SLOW).core_index(CoreCoord(0, 8)) == 64
