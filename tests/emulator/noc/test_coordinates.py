"""What answers at a NoC coordinate (host-api.md §3)."""

from __future__ import annotations

import pytest

from tthal.types import DispatchMode
from tthal_emulator.board.boards import BOARDS, find_board
from tthal_emulator.board.machine import Machine
from tthal_emulator.noc.coordinates import Endpoint, EndpointKind, NocMap, split_address, split_multicast


def worker(index: int) -> Endpoint:
    return Endpoint(EndpointKind.WORKER, index)


def channel(index: int) -> Endpoint:
    return Endpoint(EndpointKind.DRAM, index)


def noc_map(board: str, dispatch: DispatchMode = DispatchMode.FAST) -> NocMap:
    return NocMap(Machine(find_board(board), dispatch))


@pytest.mark.parametrize("dispatch", DispatchMode)
@pytest.mark.parametrize("board", BOARDS)
def test_workers_answer_at_virtual_coordinates_on_both_nocs(board: str, dispatch: DispatchMode) -> None:
    nocs = noc_map(board, dispatch)
    properties = Machine(find_board(board), dispatch).properties(frozenset(), ())
    for index, (x, y) in enumerate(properties.worker_virtual):
        assert nocs.at(0, x, y) == nocs.at(1, x, y) == worker(index)


@pytest.mark.parametrize("board", BOARDS)
def test_dram_banks_answer_where_the_properties_say(board: str) -> None:
    nocs, machine = noc_map(board), Machine(find_board(board))
    for view, bank in zip(machine.board.dram, machine.properties(frozenset(), ()).dram_banks, strict=True):
        assert nocs.at(0, *bank.noc0) == channel(view.channel)
        assert nocs.at(1, *bank.noc1) == channel(view.channel)


def test_both_halves_of_a_wormhole_channel_answer_at_all_its_ports() -> None:
    nocs = noc_map("n150")
    assert {nocs.at(0, 0, y) for y in (0, 1, 11)} == {channel(0)}
    assert {nocs.at(1, 9, y) for y in (11, 10, 0)} == {channel(0)}
    assert {nocs.at(0, 5, y) for y in (2, 9, 10)} == {channel(3)}


def test_wormhole_workers_answer_at_physical_coordinates_too() -> None:
    nocs = noc_map("n150")
    assert nocs.at(0, 1, 1) == worker(0)
    assert nocs.at(0, 9, 9) == worker(63)
    assert nocs.at(1, 8, 10) == worker(0)
    assert nocs.at(1, 0, 2) == worker(63)


@pytest.mark.parametrize("place", [(9, 0), (0, 3), (0, 10), (1, 6), (18, 26), (1, 10), (63, 63)])
def test_ethernet_pcie_arc_and_dispatch_cores_are_not_there(place: tuple[int, int]) -> None:
    assert noc_map("n150").at(0, *place) is None


def test_slow_dispatch_has_the_dispatch_row() -> None:
    assert noc_map("n150", DispatchMode.SLOW).at(0, 18, 26) == worker(64)


def test_blackhole_channels_answer_at_three_virtual_ports() -> None:
    nocs = noc_map("p150")
    for noc in (0, 1):
        assert {nocs.at(noc, 17, y) for y in (12, 13, 14)} == {channel(0)}
        assert {nocs.at(noc, 18, y) for y in (21, 22, 23)} == {channel(7)}
    assert {nocs.at(0, 9, y) for y in (5, 6, 7)} == {channel(7)}


def test_harvested_channel_and_columns_of_p100_are_gone() -> None:
    nocs = noc_map("p100", DispatchMode.SLOW)
    assert [nocs.at(0, 18, y) for y in (21, 22, 23)] == [None] * 3
    assert nocs.at(0, 15, 2) is None
    assert nocs.at(0, 14, 2) == worker(11)
    assert nocs.at(0, 18, 14) == channel(0)
    assert nocs.at(0, 17, 14) == channel(4)


def test_blackhole_noc_1_knows_virtual_coordinates_only() -> None:
    # (15, 9) would be the physical place of core (0, 0); virtually it is core (12, 7).
    assert noc_map("p150").at(1, 15, 9) == worker(7 * 13 + 12)
    assert noc_map("p150").at(1, 16, 5) is None


def test_addresses_are_taken_apart() -> None:
    address = 26 << 42 | 18 << 36 | 0x8_1234_5678
    assert split_address(address) == (18, 26, 0x8_1234_5678)
    multicast = 19 << 54 | 18 << 48 | 25 << 42 | 24 << 36 | 0x400
    assert split_multicast(multicast) == ((18, 19), (24, 25), 0x400)


def cores(board: str, noc: int, start: tuple[int, int], end: tuple[int, int]) -> set[tuple[int, int]]:
    """The logical cores that a multicast reaches; corners are virtual coordinates."""
    nocs = noc_map(board)
    return {tuple(nocs.machine.core(index)) for index in nocs.cores_in(noc, start, end)}


def test_noc_0_walks_up_from_the_start_and_noc_1_down() -> None:
    block = {(1, 2), (2, 2), (1, 3), (2, 3)}
    assert cores("n150", 0, (19, 20), (20, 21)) == cores("n150", 1, (20, 21), (19, 20)) == block
    everything = {(x, y) for x in range(8) for y in range(8)}
    beside = {(x, y) for x, y in everything if x != 1 and y in (2, 3)}
    assert cores("n150", 0, (20, 20), (18, 21)) == beside
    assert cores("n150", 1, (18, 21), (20, 20)) == beside
    assert cores("n150", 0, (18, 18), (25, 30)) == everything
    assert noc_map("n150").cores_in(0, (0, 0), (0, 0)) == ()


def test_rectangles_wrap_round_the_torus() -> None:
    assert cores("n150", 0, (18, 25), (18, 18)) == {(0, 7), (0, 0)}
    assert cores("n150", 0, (25, 18), (18, 18)) == {(7, 0), (0, 0)}
    assert cores("n150", 1, (18, 18), (18, 25)) == {(0, 0), (0, 7)}
    assert cores("n150", 0, (25, 25), (18, 18)) == {(0, 0), (7, 0), (0, 7), (7, 7)}
    assert cores("n150", 0, (19, 18), (18, 18)) == {(x, 0) for x in range(8)}
    assert cores("p150", 0, (15, 2), (1, 2)) == {(12, 0), (0, 0)}
    assert cores("p150", 1, (1, 11), (1, 2)) == {(0, y) for y in range(10)}
    assert cores("p150", 1, (1, 2), (1, 11)) == {(0, 0), (0, 9)}


def test_one_row_and_one_core() -> None:
    for noc in (0, 1):
        assert cores("n150", noc, (20, 21), (20, 21)) == {(2, 3)}
    assert cores("p150", 0, (3, 4), (5, 4)) == cores("p150", 1, (5, 4), (3, 4)) == {(2, 2), (3, 2), (4, 2)}


def test_harvested_rows_and_columns_are_passed_over() -> None:
    # The last rows or columns of these boards are harvested or dispatch.
    assert cores("n300", 0, (18, 24), (18, 18)) == {(0, 6), (0, 0)}
    last = noc_map("p100").machine.grid.x - 1
    edge = noc_map("p100").virtual(last)
    assert cores("p100", 0, edge, (1, 2)) == {(last, 0), (0, 0)}


def test_physical_corners_are_walked_as_their_noc_counts_them() -> None:
    # Wormhole's NoC 1 counts from the opposite corner, so its own coordinates go up where NoC 0's go down.
    assert cores("n150", 0, (1, 1), (2, 1)) == {(0, 0), (1, 0)}
    assert cores("n150", 1, (7, 10), (8, 10)) == {(0, 0), (1, 0)}
    assert cores("n150", 0, (9, 1), (1, 1)) == {(7, 0), (0, 0)}
    assert cores("n150", 1, (8, 10), (0, 10)) == {(0, 0), (7, 0)}


def test_rectangles_skip_the_columns_between_blackholes_workers() -> None:
    assert noc_map("p150").cores_in(0, (6, 2), (11, 2)) == (5, 6, 7, 8)
