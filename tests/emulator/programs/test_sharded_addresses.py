"""Shards by the address generator that takes its core map from runtime arguments."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
import pytest

import tthal as ttnn

if TYPE_CHECKING:
    from tests.emulator.program_bench import Bench

Layout = ttnn.TensorMemoryLayout
DRAM, L1 = ttnn.BufferType.DRAM, ttnn.BufferType.L1
SINGLY, IN_RUNS, LENGTHS = 0x40000, 0x50000, 0x60000
HEIGHT, WIDTH = 6, 4
PADDED_PAGES, PADDED_SHARDS, FULL_SHARDS = 0, 1, 2
"""Kinds of contiguity; three more for DRAM."""

CASES = {
    "height, rows apart": (Layout.HEIGHT_SHARDED, (2, 0), (2, 4), PADDED_SHARDS, L1, 64),
    "height, shards whole": (Layout.HEIGHT_SHARDED, (2, 0), (2, 4), FULL_SHARDS, L1, 64),
    "height, pages padded": (Layout.HEIGHT_SHARDED, (0, 2), (2, 4), PADDED_PAGES, L1, 40),
    "height, in DRAM": (Layout.HEIGHT_SHARDED, (2, 0), (2, 4), FULL_SHARDS, DRAM, 64),
    "width": (Layout.WIDTH_SHARDED, (1, 0), (6, 2), FULL_SHARDS, L1, 64),
    "width, last shard short": (Layout.WIDTH_SHARDED, (1, 0), (6, 3), PADDED_SHARDS, L1, 64),
    "block": (Layout.BLOCK_SHARDED, (1, 2), (2, 2), FULL_SHARDS, L1, 64),
    "block, padded on two sides": (Layout.BLOCK_SHARDED, (1, 1), (4, 3), PADDED_SHARDS, L1, 64),
    "block, pages padded": (Layout.BLOCK_SHARDED, (1, 2), (2, 2), PADDED_PAGES, L1, 40),
    "width, in DRAM": (Layout.WIDTH_SHARDED, (1, 0), (6, 3), PADDED_SHARDS, DRAM, 64),
}


def run_lengths(layout: Layout, shard: tuple[int, int], contiguity: int) -> list[int]:
    """Count, from where pages lie, how many follow one another; only shards known to be whole join their rows."""
    rows, columns = np.divmod(np.arange(HEIGHT * WIDTH), WIDTH)
    shard_row, inner_row = np.divmod(rows, shard[0])
    shard_column, inner_column = np.divmod(columns, shard[1])
    core = 100 * shard_row + shard_column
    place = 1000 * core + inner_row * shard[1] + inner_column
    joined = layout is Layout.HEIGHT_SHARDED and contiguity == FULL_SHARDS
    follows = [
        contiguity != PADDED_PAGES and place[i] + 1 == place[i + 1] and (joined or rows[i] == rows[i + 1])
        for i in range(len(place) - 1)
    ]
    lengths = [1]
    for follow in reversed(follows):
        lengths.append(lengths[-1] + 1 if follow else 1)
    return lengths[::-1]


@pytest.mark.parametrize("case", CASES)
def test_pages_and_runs_of_shards(bench: Bench, case: str) -> None:
    layout, corner, shard, contiguity, kind, page_size = CASES[case]
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(*corner))
    shards = bench.sharded(layout, cores, (HEIGHT, WIDTH), shard, page_size, kind=kind)
    pages, jump = HEIGHT * WIDTH, -(-page_size // 16) * 16
    plain = bench.interleaved(pages, jump)
    data = np.random.default_rng(7).integers(0, 2**31, (pages, page_size // 4), dtype=np.uint32)
    bench.write(shards, data.reshape(-1))

    grid = [ttnn.CoreCoord(x, y) for y in range(corner[1] + 1) for x in range(corner[0] + 1)]
    named = [(core.x, 0) if kind is DRAM else bench.virtual(core) for core in grid]
    halves = [x << 8 | y for x, y in named]
    core_map = [first << 16 | second for first, second in zip_longest(halves[::2], halves[1::2], fillvalue=0)]
    words = [layout.value, len(grid), jump, WIDTH, contiguity + 3 * (kind is DRAM), shard[1], shard[0]]

    program = ttnn.CreateProgram()
    core = ttnn.CoreCoord(4, 4)
    defines = {"LONG_SPELLING": "1"} if layout is Layout.BLOCK_SHARDED else {}
    kernel = bench.kernel(program, "sharded_addresses", core, compile_args=words, defines=defines)
    args = [shards.address(), pages, plain.address(), *core_map, SINGLY, IN_RUNS, LENGTHS]
    ttnn.SetRuntimeArgs(program, kernel, core, args)
    bench.run(program)

    used = slice(0, page_size // 4)
    assert bench.l1(core, LENGTHS, pages).tolist() == run_lengths(layout, shard, contiguity)
    np.testing.assert_array_equal(bench.read(plain).reshape(pages, -1)[:, used], data)
    in_runs = bench.l1(core, IN_RUNS, pages * jump // 4).reshape(pages, -1)
    np.testing.assert_array_equal(in_runs[:, used], data)
    np.testing.assert_array_equal(bench.read(shards).reshape(pages, -1), data + 1)
