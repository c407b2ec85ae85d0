"""Copies between buffers of every kind: each page must come from and go to where the host put it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

import tthal as ttnn

if TYPE_CHECKING:
    from tests.emulator.program_bench import Bench

DRAM, L1, L1_SMALL = ttnn.BufferType.DRAM, ttnn.BufferType.L1, ttnn.BufferType.L1_SMALL
Layout = ttnn.TensorMemoryLayout
ROWS, COLUMNS = ttnn.ShardOrientation.ROW_MAJOR, ttnn.ShardOrientation.COL_MAJOR
PAGE = 64
TENSOR = (6, 4)
"""Pages of the sharded tensors; 3x3 shards leave padding on two sides."""


def random_words(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(1, 2**32, count, dtype=np.uint32)


def core_range(x: int, y: int) -> ttnn.CoreRange:
    return ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(x, y))


def copy(
    bench: Bench,
    source: ttnn.Buffer,
    target: ttnn.Buffer,
    kernel: str = "copy_pages",
    configs: tuple[ttnn.ArgConfig, ttnn.ArgConfig] = (ttnn.ArgConfig.NONE, ttnn.ArgConfig.NONE),
) -> None:
    """Copy page by page on three cores."""
    program = ttnn.CreateProgram()
    cores = core_range(2, 0)
    compile_args: list[int] = []
    common: list[int] = []
    for buffer, config in zip((source, target), configs, strict=True):
        ttnn.TensorAccessorArgs(buffer, config).append_to(compile_args, common)
    bench.circular_buffer(program, cores, 0, 1, source.page_size())
    made = bench.kernel(program, kernel, cores, compile_args=compile_args)
    if common:
        ttnn.SetCommonRuntimeArgs(program, made, common)
    pages = source.num_pages()
    edges = [0, pages // 4, pages // 2, pages]
    for place, core in enumerate(cores):
        share = [edges[place], edges[place + 1] - edges[place]]
        args = [source.address(), target.address(), *share, source.page_size()]
        ttnn.SetRuntimeArgs(program, made, core, args)
    bench.run(program)


@pytest.mark.parametrize("backend", ["emulator", "emulator:p150"])
@pytest.mark.parametrize(("source_kind", "target_kind"), [(DRAM, DRAM), (DRAM, L1), (L1, DRAM), (L1, L1)])
def test_interleaved(
    open_bench: Callable[..., Bench], backend: str, source_kind: ttnn.BufferType, target_kind: ttnn.BufferType
) -> None:
    bench = open_bench(backend)
    data = random_words(150 * 2048 // 4)
    source, target = bench.interleaved(150, 2048, source_kind), bench.interleaved(150, 2048, target_kind)
    bench.write(source, data)
    copy(bench, source, target)
    np.testing.assert_array_equal(bench.read(target), data)


@pytest.mark.parametrize("kind", [DRAM, L1, L1_SMALL])
def test_shards_in_every_memory(open_bench: Callable[..., Bench], kind: ttnn.BufferType) -> None:
    bench = open_bench("emulator", l1_small_size=16384)
    shards = bench.sharded(Layout.HEIGHT_SHARDED, core_range(2, 0), TENSOR, (2, 4), PAGE, kind=kind)
    plain = bench.interleaved(TENSOR[0] * TENSOR[1], PAGE)
    data = random_words(TENSOR[0] * TENSOR[1] * PAGE // 4)
    bench.write(plain, data)
    copy(bench, plain, shards)
    np.testing.assert_array_equal(bench.read(shards), data)


SHARDINGS = {
    "height": (Layout.HEIGHT_SHARDED, (2, 0), (2, 4), ROWS),
    "height, short last shard": (Layout.HEIGHT_SHARDED, (1, 0), (4, 4), ROWS),
    "width": (Layout.WIDTH_SHARDED, (3, 0), (6, 1), ROWS),
    "block": (Layout.BLOCK_SHARDED, (1, 2), (2, 2), ROWS),
    "block, column by column": (Layout.BLOCK_SHARDED, (2, 1), (2, 2), COLUMNS),
    "block with padding": (Layout.BLOCK_SHARDED, (1, 1), (3, 3), ROWS),
}


@pytest.mark.parametrize("sharding", SHARDINGS)
@pytest.mark.parametrize("to_shards", [True, False])
def test_sharded_and_back(bench: Bench, sharding: str, to_shards: bool) -> None:
    layout, corner, shard, orientation = SHARDINGS[sharding]
    shards = bench.sharded(layout, core_range(*corner), TENSOR, shard, PAGE, orientation)
    plain = bench.interleaved(TENSOR[0] * TENSOR[1], PAGE)
    source, target = (plain, shards) if to_shards else (shards, plain)
    data = random_words(TENSOR[0] * TENSOR[1] * PAGE // 4)
    bench.write(source, data)
    copy(bench, source, target)
    np.testing.assert_array_equal(bench.read(target), data)


@pytest.mark.parametrize(
    "config",
    [
        ttnn.ArgConfig.RuntimeBankCoords,
        ttnn.ArgConfig.RuntimeTensorShape,
        ttnn.ArgConfig.RuntimeShardShape,
        ttnn.ArgConfig.RuntimeNumBanks | ttnn.ArgConfig.RuntimeBankCoords,
        ttnn.ArgConfig.RuntimeTensorShape | ttnn.ArgConfig.RuntimeShardShape,
        ttnn.ArgConfig.Runtime,
    ],
)
@pytest.mark.parametrize("kernel", ["copy_pages", "copy_pages_runtime"])
def test_accessor_words_as_runtime_arguments(bench: Bench, config: ttnn.ArgConfig, kernel: str) -> None:
    if kernel == "copy_pages" and config & ttnn.ArgConfig.RuntimeRank:
        pytest.skip("with a runtime rank, what follows the words is known only at run time")
    block = bench.sharded(Layout.BLOCK_SHARDED, core_range(1, 2), TENSOR, (2, 2), PAGE)
    height = bench.sharded(Layout.HEIGHT_SHARDED, core_range(2, 0), TENSOR, (2, 4), PAGE)
    data = random_words(TENSOR[0] * TENSOR[1] * PAGE // 4)
    bench.write(block, data)
    first = (
        config if kernel == "copy_pages_runtime" and not config & ttnn.ArgConfig.RuntimeRank else ttnn.ArgConfig.NONE
    )
    configs = (first, config) if kernel == "copy_pages_runtime" else (config & ~ttnn.ArgConfig.RuntimeNumBanks, config)
    copy(bench, block, height, kernel, configs)
    np.testing.assert_array_equal(bench.read(height), data)


def test_interleaved_page_size_as_runtime_argument(bench: Bench) -> None:
    source, target = bench.interleaved(20, 96), bench.interleaved(20, 96, L1)
    data = random_words(20 * 24)
    bench.write(source, data)
    copy(bench, source, target, "copy_pages", (ttnn.ArgConfig.RuntimePageSize, ttnn.ArgConfig.NONE))
    np.testing.assert_array_equal(bench.read(target), data)


@pytest.mark.parametrize("by_shard", [False, True])
@pytest.mark.parametrize("sharding", ["block with padding", "width", "height, short last shard"])
def test_walks_over_pages_and_shards(bench: Bench, sharding: str, by_shard: bool) -> None:
    layout, corner, shard, orientation = SHARDINGS[sharding]
    source = bench.sharded(layout, core_range(*corner), TENSOR, shard, PAGE, orientation)
    target = bench.interleaved(TENSOR[0] * TENSOR[1], PAGE)
    data = random_words(TENSOR[0] * TENSOR[1] * PAGE // 4)
    bench.write(source, data)
    program = ttnn.CreateProgram()
    core = ttnn.CoreCoord(4, 4)
    words = [word for buffer in (source, target) for word in ttnn.TensorAccessorArgs(buffer).get_compile_time_args()]
    defines = {"BY_SHARD": "1"} if by_shard else {}
    made = bench.kernel(program, "walk_pages", core, compile_args=words, defines=defines)
    args = [source.address(), target.address(), source.num_pages(), PAGE, 0x40000]
    ttnn.SetRuntimeArgs(program, made, core, args)
    bench.run(program)
    np.testing.assert_array_equal(bench.read(target), data)


@pytest.mark.parametrize("contiguous", [False, True])
def test_pages_of_a_tensor_of_three_dimensions(bench: Bench, contiguous: bool) -> None:
    """Shards of (1, 2, 2) pages of a (2, 3, 4) tensor on three cores, against a walk over all pages by hand."""
    tensor, shard, page, base, out = (2, 3, 4), (1, 2, 2), 128, 0x50000, 0x60000
    banks = [bench.virtual(ttnn.CoreCoord(x, 1)) for x in range(3)]
    if contiguous:
        banks = banks[:2]  # the number of shards, 8, is spread evenly
    coordinates = [x << 8 | y for x, y in banks] + [0] * (len(banks) % 2)
    packed = [coordinates[i] | coordinates[i + 1] << 16 for i in range(0, len(coordinates), 2)]
    words = [1, page, 3, len(banks) | contiguous << 31, *tensor, *shard, *packed]
    program = ttnn.CreateProgram()
    core = ttnn.CoreCoord(0, 1)
    made = bench.kernel(program, "shard_addresses", core, compile_args=words)
    ttnn.SetRuntimeArgs(program, made, core, [base, out])
    bench.run(program)

    grid = [-(-whole // part) for whole, part in zip(tensor, shard, strict=True)]

    def place(number: int) -> tuple[int, int]:
        per_bank = grid[0] * grid[1] * grid[2] // len(banks)
        return divmod(number, per_bank) if contiguous else (number % len(banks), number // len(banks))

    def address(number: int, inside: int) -> int:
        bank, before = place(number)
        x, y = banks[bank]
        return y << 42 | x << 36 | base + (before * 4 + inside) * page

    expected = []
    for at in np.ndindex(tensor):
        number = at[0] * grid[1] * grid[2] + at[1] // 2 * grid[2] + at[2] // 2
        expected.append(address(number, at[1] % 2 * 2 + at[2] % 2))
    last = expected[-1]
    expected += [address(number, 0) for number in range(grid[0] * grid[1] * grid[2])]
    expected += [last + 4, 1]
    found = bench.l1(core, out, 2 * len(expected)).view(np.uint64)
    np.testing.assert_array_equal(found, np.array(expected, np.uint64))
