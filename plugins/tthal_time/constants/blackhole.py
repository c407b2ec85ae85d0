"""Blackhole. Paths without a repository are in tenstorrent/tt-metal."""

from __future__ import annotations

from .figures import Chip, Figure

_TABLE = "tests/tt_metal/tt_metal/data_movement/noc_estimator/noc_latencies.yaml"
_PLOTS = "tests/tt_metal/tt_metal/data_movement/documentation/perf_plots/blackhole"

BLACKHOLE = Chip(
    name="blackhole",
    grid=(17, 12),
    columns=(1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16),
    rows=tuple(range(2, 12)),
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
    clock=Figure(1350, "MHz", "docs of the card"),
    flit=Figure(64, "bytes", "tests/tt_metal/tt_metal/data_movement/one_to_one/README.md"),
    packet=Figure(16384, "bytes", "tests/tt_metal/tt_metal/data_movement/interleaved/test_interleaved.cpp"),
    hop=Figure(9, "cycles per router", f"{_TABLE}: 9.0 to 9.1 by distance"),
    niu=Figure(5, "cycles between router and network interface", "as on Wormhole B0"),
    write_rate=Figure(62.3, "bytes per cycle", f"{_TABLE}: one-to-one writes of 16 KB and more"),
    read_rate=Figure(61.6, "bytes per cycle", f"{_TABLE}: one-from-one reads of 16 KB and more"),
    router_room=Figure(6, "flits that a router holds", f"{_TABLE}: many-to-many unicasts, both chips alike"),
    path_base=Figure(7, "cycles before a path is reserved", f"{_TABLE}: unlinked multicasts by distance"),
    path_hop=Figure(16, "cycles to reserve a router", f"{_TABLE}: unlinked multicasts by distance"),
    path_inside=Figure(9, "cycles per router until others may have it", f"{_TABLE}: rows and columns that multicast"),
    path_outside=Figure(8, "cycles per router that who waits saves", f"{_TABLE}: rows and columns that multicast"),
    linked_gap=Figure(5, "cycles between linked multicasts", f"{_TABLE}: linked multicasts of 2 KB and more"),
    response=Figure(0, "cycles from a read's arrival to its data", f"{_TABLE}: one read of 64 bytes"),
    write_issue=Figure(23, "cycles per command", f"{_TABLE}: one-to-one writes up to 1 KB"),
    write_issue_stateful=Figure(20, "cycles per command", f"{_TABLE}: the same with a state"),
    read_issue=Figure(35, "cycles per command", f"{_TABLE}: one-from-one reads up to 2 KB"),
    read_issue_stateful=Figure(34, "cycles per command", f"{_TABLE}: the same with a state"),
    new_address=Figure(15, "cycles to form a NoC address", f"{_TABLE}: one-to-all against one-to-one"),
    new_state=Figure(27, "cycles to set a state", f"{_TABLE}: one-to-all with states against one-to-one"),
    write_barrier=Figure(25, "cycles", f"{_TABLE}: one write of 64 bytes less issue, distance and zone"),
    read_barrier=Figure(35, "cycles", f"{_TABLE}: one read of 64 bytes less issue, distance and zone"),
    zone=Figure(20, "cycles of a zone's own marks", f"{_TABLE}: what is left of the shortest zones"),
    dram_rate=Figure(34.9, "bytes per cycle and channel", f"{_PLOTS}: one channel, consecutive addresses"),
    dram_read_latency=Figure(113, "cycles", f"{_PLOTS}: one read of DRAM against one of L1"),
    dram_write_latency=Figure(39, "cycles", f"{_PLOTS}: one write to DRAM against one to L1"),
    dram_read_interval=Figure(16.4, "cycles per request", "tt-metal#55898"),
    dram_write_interval=Figure(16.4, "cycles per request", "as for reads"),
    dram_small_write=Figure(0, "bytes, below which writes are slow", f"{_PLOTS}: no such step"),
    dram_small_write_interval=Figure(16.4, "cycles per request", "as for other writes"),
)
