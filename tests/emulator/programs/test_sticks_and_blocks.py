"""Further rungs of the ladder of kernels: sticks into shards, blocks of a matmul by multicast (device-api.md §6)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

import tthal as ttnn

if TYPE_CHECKING:
    from .conftest import Bench

OUT = 0x60000
CB = 2
Cores: TypeAlias = ttnn.CoreCoord | ttnn.CoreRange | ttnn.CoreRangeSet


def random_words(rows: int, columns: int) -> np.ndarray:
    return np.random.default_rng(rows).integers(1, 2**32, (rows, columns), dtype=np.uint32)


@pytest.mark.parametrize("sticks", [24, 21])
def test_sticks_go_to_the_core_that_is_meant(any_bench: Bench, sticks: int) -> None:
    """Six cores take four sticks each, the last core perhaps fewer: the rest of its shard stays as it is."""
    bench = any_bench
    first, height, words = ttnn.CoreCoord(2, 1), 4, 32
    grid = ttnn.CoreRange(first, ttnn.CoreCoord(4, 2))
    source = bench.interleaved(sticks, 4 * words)
    layout = ttnn.TensorMemoryLayout.HEIGHT_SHARDED
    shards = bench.sharded(layout, grid, (sticks, 1), (height, 1), 4 * words)
    data = random_words(sticks, words)
    bench.write(source, data.reshape(-1))
    cores = [ttnn.CoreCoord(x, y) for y in (1, 2) for x in (2, 3, 4)]
    for core in cores:
        bench.fill_l1(core, shards.address(), np.full(height * words, 7, np.uint32))
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, grid, CB, height, 4 * words, shards)
    compile_args = [CB, height, first.x, first.y, 3, sticks, *ttnn.TensorAccessorArgs(source).get_compile_time_args()]
    kernel = bench.kernel(program, "shard_sticks", grid, compile_args=compile_args)
    ttnn.SetRuntimeArgs(program, kernel, grid, [source.address(), 4 * words])
    bench.run(program)
    expected = np.full((6 * height, words), 7, np.uint32)
    expected[:sticks] = data
    for core, shard in zip(cores, expected.reshape(6, height, words), strict=True):
        found = bench.l1(core, shards.address(), height * words).reshape(height, words)
        np.testing.assert_array_equal(found, shard, err_msg=str(core))
    np.testing.assert_array_equal(bench.read(shards).reshape(sticks, words), data)


def test_blocks_of_a_matmul_reach_all_receivers(any_bench: Bench) -> None:
    """Twelve blocks of three pages go to six cores through a buffer that holds two blocks."""
    bench = any_bench
    pages, counts, words = 3, (3, 2, 2), 32
    blocks = counts[0] * counts[1] * counts[2]
    sender, first, last = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 1), ttnn.CoreCoord(3, 2)
    receivers = ttnn.CoreRange(first, last)
    everybody = ttnn.CoreRangeSet([ttnn.CoreRange(sender, sender), receivers])
    tensor = bench.interleaved(blocks * pages, 4 * words)
    data = random_words(blocks * pages, words)
    bench.write(tensor, data.reshape(-1))
    program = ttnn.CreateProgram()
    room, arrived = (ttnn.CreateSemaphore(program, everybody, 0) for _ in range(2))
    bench.circular_buffer(program, everybody, CB, 2 * pages, 4 * words)

    folder = Path(__file__).resolve().parent / "kernels"

    def kernel(name: str, cores: Cores, compile_args: list[int], number: int = 0) -> int:
        config = ttnn.DataMovementConfig(
            processor=ttnn.DataMovementProcessor(number),
            noc=ttnn.NOC(number),
            compile_args=compile_args,
            named_compile_args={"cb_in0": CB},
        )
        return ttnn.CreateKernel(program, str(folder / f"{name}.cpp"), cores, config)

    words_of_tensor = ttnn.TensorAccessorArgs(tensor).get_compile_time_args()
    send = kernel("in0_block_sender", sender, [pages, blocks, room, arrived, *words_of_tensor])
    corners = [*bench.virtual(first), *bench.virtual(last)]
    ttnn.SetRuntimeArgs(program, send, sender, [tensor.address(), *corners, 6])
    receive = kernel("in0_block_receiver", receivers, [pages, *counts, room, arrived])
    ttnn.SetRuntimeArgs(program, receive, receivers, [*bench.virtual(sender)])
    keep = kernel("keep_blocks", everybody, [pages, blocks], 1)
    ttnn.SetRuntimeArgs(program, keep, everybody, [OUT])
    bench.run(program)
    for core in (sender, *receivers):
        found = bench.l1(core, OUT, data.size).reshape(data.shape)
        np.testing.assert_array_equal(found, data, err_msg=str(core))
