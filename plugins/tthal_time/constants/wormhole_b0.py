"""Wormhole B0. Paths without a repository are in tenstorrent/tt-metal."""

from __future__ import annotations

from .figures import Chip, Figure
from .math_unit import WORMHOLE_B0_MATH, WORMHOLE_B0_UNPACK

_NOC = "tenstorrent/tt-isa-documentation, WormholeB0/NoC/README.md"
_RISCV = "tenstorrent/tt-isa-documentation, WormholeB0/TensixTile/BabyRISCV/README.md"
_DISPATCH = "tests/tt_metal/tt_metal/perf_microbenchmark/dispatch"
_EXAMPLES = "ttnn/ttnn/operations/examples"
_TABLE = "tests/tt_metal/tt_metal/data_movement/noc_estimator/noc_latencies.yaml"
_PLOTS = "tests/tt_metal/tt_metal/data_movement/documentation/perf_plots/wormhole_b0"

WORMHOLE_B0 = Chip(
    name="wormhole_b0",
    grid=(10, 12),
    columns=(1, 2, 3, 4, 6, 7, 8, 9),
    rows=(1, 2, 3, 4, 5, 7, 8, 10, 9, 11),
    dram_ports=(
        ((0, 0), (0, 1), (0, 11)),
        ((0, 5), (0, 6), (0, 7)),
        ((5, 0), (5, 1), (5, 11)),
        ((5, 2), (5, 9), (5, 10)),
        ((5, 3), (5, 4), (5, 8)),
        ((5, 5), (5, 6), (5, 7)),
    ),
    clock=Figure(1000, "MHz", "docs of the card: 1 cycle = 1 ns"),
    flit=Figure(32, "bytes", _NOC),
    packet=Figure(8192, "bytes", _NOC),
    hop=Figure(9, "cycles per router", f"{_NOC}; {_TABLE}: 8.9 to 9.0 by distance"),
    niu=Figure(5, "cycles between router and network interface", _NOC),
    write_rate=Figure(31.2, "bytes per cycle", f"{_TABLE}: one-to-one writes of 16 KB and more"),
    read_rate=Figure(28.7, "bytes per cycle", f"{_TABLE}: one-from-one reads of 16 KB and more"),
    router_room=Figure(6, "flits that a router holds", f"{_TABLE}: many-to-many unicasts, both chips alike"),
    path_base=Figure(7, "cycles before a path is reserved", f"{_TABLE}: unlinked multicasts by distance"),
    path_hop=Figure(16, "cycles to reserve a router", f"{_TABLE}: unlinked multicasts by distance"),
    path_inside=Figure(9, "cycles per router until others may have it", f"{_TABLE}: rows and columns that multicast"),
    path_outside=Figure(8, "cycles per router that who waits saves", f"{_TABLE}: rows and columns that multicast"),
    linked_gap=Figure(5, "cycles between linked multicasts", f"{_TABLE}: linked multicasts of 2 KB and more"),
    response=Figure(0, "cycles from a read's arrival to its data", f"{_TABLE}: one read of 64 bytes"),
    write_issue=Figure(22, "cycles per command", f"{_TABLE}: one-to-one writes up to 512 bytes"),
    write_issue_stateful=Figure(20, "cycles per command", f"{_TABLE}: the same with a state"),
    read_issue=Figure(25, "cycles per command", f"{_TABLE}: one-from-one reads up to 512 bytes"),
    read_issue_stateful=Figure(17.3, "cycles per command", f"{_TABLE}: the same with a state"),
    new_address=Figure(15, "cycles to form a NoC address", f"{_TABLE}: one-to-all against one-to-one"),
    next_address=Figure(11, "cycles to form an address of the same core", f"{_EXAMPLES}/split_reader: 35.7 for a read"),
    page_address=Figure(15, "cycles to find a page of an interleaved buffer", "as to form another NoC address"),
    new_state=Figure(27, "cycles to set a state", f"{_TABLE}: one-to-all with states against one-to-one"),
    write_barrier=Figure(25, "cycles", f"{_TABLE}: one write of 64 bytes less issue, distance and zone"),
    read_barrier=Figure(25, "cycles", f"{_TABLE}: one read of 64 bytes less issue, distance and zone"),
    zone=Figure(20, "cycles of a zone's own marks", f"{_TABLE}: what is left of the shortest zones"),
    dram_rate=Figure(22.3, "bytes per cycle and bank", f"{_PLOTS}: one bank, 2 KB and more"),
    dram_mixed_rate=Figure(
        16.3,
        "bytes per cycle of a bank that reads and writes",
        f"{_EXAMPLES}/dram_saturation and bank_placement: 126.7 cycles for 2 KB, 501 for 8 KB",
    ),
    dram_turning=Figure(100, "cycles after which a bank has turned", "about one request; not measured"),
    dram_read_latency=Figure(90, "cycles", f"{_PLOTS}: one read of DRAM against one of L1"),
    dram_write_latency=Figure(105, "cycles", f"{_PLOTS}: one write to DRAM against one to L1"),
    dram_read_interval=Figure(6.8, "cycles per request", "tt-metal#55898"),
    dram_write_interval=Figure(6.8, "cycles per request", "as for reads"),
    dram_small_write=Figure(128, "bytes, below which writes are slow", f"{_TABLE}, {_PLOTS}: DRAM writes"),
    dram_small_write_interval=Figure(65, "cycles per request", f"{_TABLE}, {_PLOTS}: DRAM writes of 32 and 64 bytes"),
    buffer_call=Figure(
        15, "cycles per call", f"{_EXAMPLES}/handshake_elision: 55 to 65 ns for reserve, push, wait and pop"
    ),
    semaphore_call=Figure(10, "cycles per call", "estimate: a store in L1 and its address; not measured"),
    semaphore_wait=Figure(20, "cycles per call", "estimate: two loads of L1 and a branch; not measured"),
    instruction=Figure(1, "cycles per instruction", f"{_RISCV}: one per cycle, in order"),
    l1_load=Figure(8, "cycles per load of L1", f"{_RISCV}: at least 8 until it can be used"),
    l1_store=Figure(5, "cycles per store in L1", f"{_RISCV}: one per 5 cycles"),
    division=Figure(20, "cycles per division", f"{_RISCV}: 6 to 33"),
    copy_alike=Figure(2.78, "cycles per byte of a block of whole words", f"{_EXAMPLES}/transfer_alignment"),
    copy_shifted=Figure(11.1, "cycles per byte of other blocks", "as per word of a block of whole words; not measured"),
    issue_loop=Figure(5, "cycles of own code that a command's cost contains", "the loops of the NoC tables"),
    unpack_rate=Figure(64, "bytes per cycle of one unpacker", "tenstorrent/tt-isa-documentation: 4 reads of 128 bits"),
    unpack_both_rate=Figure(
        64,
        "bytes per cycle of both unpackers",
        f"{_EXAMPLES}/row_reduce_accumulate: 63.6 cycles for two bfloat16 tiles",
    ),
    unpack_call=Figure(6, "cycles per call", "tt-llk#131: a bfloat16 tile in 38 cycles"),
    pack_rate=Figure(64, "bytes per cycle", "tenstorrent/tt-isa-documentation: 4 packers of 128 bits per cycle"),
    pack_add_rate=Figure(
        32, "bytes per cycle that add to L1", f"{_EXAMPLES}/row_reduce_accumulate: 140 cycles for 4 KB, 86 for 2 KB"
    ),
    pack_untilize_rate=Figure(45.5, "bytes per cycle", "tt-llk#131: a bfloat16 tile in 57 cycles with its call"),
    pack_call=Figure(12, "cycles per call", "tt-llk: tilize packs a tile in 39 to 45 cycles"),
    pack_section=Figure(
        10, "cycles to release a section of DST", f"{_EXAMPLES}/row_reduce_accumulate: as pack_add_rate"
    ),
    math_call=Figure(3, "cycles per call", f"{_EXAMPLES}/matmul_output_subblock: 35 cycles for 32 ideal ones"),
    section_call=Figure(
        16,
        "cycles to acquire, or to commit, a section of DST",
        f"{_EXAMPLES}/double_buffer: 223 cycles a tile less copy and relu",
    ),
    unpack_set_up=Figure(30, "cycles per initialisation of an operation", "as MATH's"),
    tilize_set_up=Figure(100, "cycles to begin, or to end, tilizing", f"{_EXAMPLES}/compute_block_size"),
    math_set_up=Figure(30, "cycles per initialisation of an operation", f"{_EXAMPLES}/reduce_block: 374 cycles a tile"),
    vector_set_up=Figure(20, "cycles per initialisation of a vector function", "estimate"),
    vector_call=Figure(7, "cycles per call", f"{_EXAMPLES}/sfpu_tile_scope: 28.3 ns for one vector of 32"),
    startup=Figure(
        80, "cycles per engine that the first set-up takes, besides formats", f"{_EXAMPLES}/reduce_accumulate"
    ),
    unpack_format=Figure(
        40, "cycles per unpacker to change its format", f"{_EXAMPLES}/compute_block_size: 114 for all"
    ),
    pack_format=Figure(40, "cycles to change the packer's format", f"{_EXAMPLES}/compute_block_size: 114 for all"),
    start=Figure(100, "cycles between the first processor's begin and the others'", f"{_EXAMPLES}/handshake_elision"),
    launch=Figure(2500, "ns per program in a trace", f"{_DISPATCH}: an empty program"),
    launch_byte=Figure(0.07, "ns per byte of a core's kernels", f"{_DISPATCH}: 256 to 12,288 bytes"),
    launch_compute=Figure(321, "ns", f"{_DISPATCH}: empty kernels on TRISC against BRISC"),
    launch_configuration=Figure(135, "ns", "tt-metal#18935: has_sems_or_cbs"),
    launch_arguments=Figure(29.3, "ns per core with arguments of its own", "as on Blackhole; not measured"),
    launch_word=Figure(0.07, "ns per word and core", "as on Blackhole; not measured"),
    launch_group=Figure(424, "ns per group of cores but the first", "as on Blackhole; not measured"),
    math=WORMHOLE_B0_MATH,
    unpack=WORMHOLE_B0_UNPACK,
)
