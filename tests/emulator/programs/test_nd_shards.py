"""Copies to and from buffers sharded in several dimensions: kernel, host and L1 must agree on every page's place."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pytest

import tthal as ttnn

if TYPE_CHECKING:
    from tests.emulator.program_bench import Bench

ROWS, COLUMNS = ttnn.ShardOrientation.ROW_MAJOR, ttnn.ShardOrientation.COL_MAJOR
ROUND_ROBIN = ttnn.ShardDistributionStrategy.ROUND_ROBIN_1D
GRID_2D = ttnn.ShardDistributionStrategy.GRID_2D
CONTIGUOUS = ttnn.ShardDistributionStrategy.CONTIGUOUS_1D
PAGE = 64
CASES = {
    "three dimensions": ((2, 3, 4), (1, 2, 2), ROWS, ROUND_ROBIN),
    "four dimensions, by column": ((3, 2, 2, 3), (2, 1, 2, 2), COLUMNS, ROUND_ROBIN),
    "one dimension": ((13,), (2,), ROWS, ROUND_ROBIN),
    "fewer than the tensor's": ((2, 3, 4), (2, 3), ROWS, ROUND_ROBIN),
    "in runs": ((3, 4, 2), (1, 2, 1), ROWS, CONTIGUOUS),
    "a grid on fewer cores than there are": ((4, 3), (2, 2), ROWS, GRID_2D),
    "a transposed grid": ((5, 4), (2, 2), COLUMNS, GRID_2D),
}


def places(
    tensor: tuple[int, ...], shard: tuple[int, ...], order: ttnn.ShardOrientation, strategy: int
) -> list[tuple[ttnn.CoreCoord, int]]:
    """Walk the tensor page by page: the core and the slot of each, on 3x2 cores from (1, 1)."""
    if len(shard) < len(tensor):
        extra = len(tensor) - len(shard)
        tensor = (prod(tensor[: extra + 1]), *tensor[extra + 1 :])
    counts = [-(-whole // part) for whole, part in zip(tensor, shard, strict=True)]
    columns, rows = (3, 2)
    if strategy == GRID_2D:
        columns, rows = (counts[1], counts[0]) if order == ROWS else (counts[0], counts[1])
    cores = [ttnn.CoreCoord(1 + x, 1 + y) for y in range(rows) for x in range(columns)]
    if order == COLUMNS:
        cores.sort()
    found = []
    for page in product(*map(range, tensor)):
        number = slot = 0
        for at, part, count in zip(page, shard, counts, strict=True):
            number, slot = number * count + at // part, slot * part + at % part
        each = prod(counts) // len(cores)
        core, turn = divmod(number, each) if strategy == CONTIGUOUS else (number % len(cores), number // len(cores))
        found.append((cores[core], turn * prod(shard) + slot))
    return found


@pytest.mark.parametrize("case", CASES)
def test_pages_are_where_kernel_and_host_look(bench: Bench, case: str) -> None:
    tensor, shard, order, strategy = CASES[case]
    pages = prod(tensor)
    data = np.random.default_rng(pages).integers(1, 2**32, pages * PAGE // 4, dtype=np.uint32)
    box = ttnn.CoreRange(ttnn.CoreCoord(1, 1), ttnn.CoreCoord(3, 2))
    parameters = ttnn.BufferDistributionSpec(tensor, shard, box, order, strategy)
    sharded = ttnn.CreateBuffer(
        ttnn.ShardedBufferConfig(
            bench.device,
            pages * PAGE,
            PAGE,
            buffer_layout=ttnn.TensorMemoryLayout.ND_SHARDED,
            shard_parameters=parameters,
        )
    )
    source, target = bench.interleaved(pages, PAGE), bench.interleaved(pages, PAGE)
    bench.write(source, data)
    bench.write(sharded, np.zeros_like(data))
    for come_from, go_to in ((source, sharded), (sharded, target)):
        copy_all(bench, come_from, go_to)
    np.testing.assert_array_equal(bench.read(target), data)
    np.testing.assert_array_equal(bench.read(sharded), data)
    for page, (core, slot) in enumerate(places(tensor, shard, order, strategy)):
        held = bench.l1(core, sharded.address() + slot * PAGE, PAGE // 4)
        np.testing.assert_array_equal(held, data[page * PAGE // 4 :][: PAGE // 4], err_msg=f"page {page}")


def copy_all(bench: Bench, source: ttnn.Buffer, target: ttnn.Buffer) -> None:
    core = ttnn.CoreCoord(0, 0)
    program = ttnn.CreateProgram()
    words: list[int] = []
    for buffer in (source, target):
        ttnn.TensorAccessorArgs(buffer).append_to(words)
    bench.circular_buffer(program, core, 0, 1, PAGE)
    kernel = bench.kernel(program, "copy_pages", core, compile_args=words)
    ttnn.SetRuntimeArgs(program, kernel, core, [source.address(), target.address(), 0, source.num_pages(), PAGE])
    bench.run(program)


def test_dram_shards_go_to_banks(bench: Bench) -> None:
    banks = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(4, 0))
    parameters = ttnn.BufferDistributionSpec((2, 3, 2), (1, 1, 2), banks)
    config = ttnn.ShardedBufferConfig(
        bench.device,
        12 * PAGE,
        PAGE,
        ttnn.BufferType.DRAM,
        ttnn.TensorMemoryLayout.ND_SHARDED,
        parameters,
    )
    sharded, source = ttnn.CreateBuffer(config), bench.interleaved(12, PAGE)
    data = np.arange(1, 1 + 12 * PAGE // 4, dtype=np.uint32)
    bench.write(source, data)
    copy_all(bench, source, sharded)
    np.testing.assert_array_equal(bench.read(sharded), data)
    sixth = ttnn.ReadFromDeviceDRAMChannel(bench.device, 0, sharded.address() + 2 * PAGE, 2 * PAGE).view(np.uint32)
    np.testing.assert_array_equal(sixth, data[10 * PAGE // 4 :])
