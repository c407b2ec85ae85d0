"""Programs in which cores work together over semaphores and multicast, under several orders of events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import tthal as ttnn

if TYPE_CHECKING:
    from tests.emulator.program_bench import Bench

ADDRESS = 0x40000
NOC_1 = {"noc": ttnn.NOC.RISCV_1_default, "processor": ttnn.DataMovementProcessor.RISCV_1}


def random_words(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(1, 2**32, count, dtype=np.uint32)


def test_multicast_to_a_grid_with_handshake(any_bench: Bench) -> None:
    bench = any_bench
    words = 300
    sender, first, last = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 1), ttnn.CoreCoord(4, 3)
    receivers = ttnn.CoreRange(first, last)
    everybody = ttnn.CoreRange(sender, last)
    program = ttnn.CreateProgram()
    semaphores = [ttnn.CreateSemaphore(program, everybody, 0) for _ in range(2)]
    send = bench.kernel(program, "multicast_sender", sender, compile_args=semaphores)
    receive = bench.kernel(program, "multicast_receiver", receivers, compile_args=semaphores)
    corners = [*bench.virtual(first), *bench.virtual(last)]
    ttnn.SetRuntimeArgs(program, send, sender, [ADDRESS, 4 * words, 12, *corners])
    ttnn.SetRuntimeArgs(program, receive, receivers, [*bench.virtual(sender), ADDRESS, 4 * words])
    data = random_words(words)
    bench.fill_l1(sender, ADDRESS, data)
    bench.run(program)
    for core in receivers:
        place = np.uint32(100 * core.y + core.x)
        np.testing.assert_array_equal(bench.l1(core, ADDRESS, words), data + place, err_msg=str(core))
    np.testing.assert_array_equal(bench.l1(ttnn.CoreCoord(0, 1), ADDRESS, words) == data, np.zeros(words, bool))


def test_multicast_on_noc_1_with_swapped_corners(bench: Bench) -> None:
    sender, first, last = ttnn.CoreCoord(5, 5), ttnn.CoreCoord(1, 1), ttnn.CoreCoord(2, 2)
    program = ttnn.CreateProgram()
    everybody = ttnn.CoreRange(ttnn.CoreCoord(0, 0), sender)
    semaphores = [ttnn.CreateSemaphore(program, everybody, 0) for _ in range(2)]
    send = bench.kernel(program, "multicast_sender", sender, compile_args=semaphores, **NOC_1)
    receivers = ttnn.CoreRange(first, last)
    receive = bench.kernel(program, "multicast_receiver", receivers, compile_args=semaphores, **NOC_1)
    corners = [*bench.virtual(last), *bench.virtual(first)]
    ttnn.SetRuntimeArgs(program, send, sender, [ADDRESS, 64, 4, *corners])
    ttnn.SetRuntimeArgs(program, receive, receivers, [*bench.virtual(sender), ADDRESS, 64])
    data = random_words(16)
    bench.fill_l1(sender, ADDRESS, data)
    bench.run(program)
    for core in receivers:
        np.testing.assert_array_equal(bench.l1(core, ADDRESS, 16), data + np.uint32(100 * core.y + core.x))


def test_ring_all_gather_over_eight_cores(any_bench: Bench) -> None:
    bench = any_bench
    ring = [ttnn.CoreCoord(x, y) for x, y in ((0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (2, 1), (1, 1), (0, 1))]
    words = 64
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 1))
    program = ttnn.CreateProgram()
    ttnn.CreateSemaphore(program, cores, 0)
    kernel = bench.kernel(program, "ring_all_gather", cores)
    blocks = random_words(8 * words).reshape(8, words)
    for place, core in enumerate(ring):
        following = bench.virtual(ring[(place + 1) % 8])
        ttnn.SetRuntimeArgs(program, kernel, core, [place, 8, 4 * words, *following, ADDRESS])
        bench.fill_l1(core, ADDRESS, np.zeros(8 * words, np.uint32))
        bench.fill_l1(core, ADDRESS + 4 * words * place, blocks[place])
    bench.run(program)
    for core in ring:
        np.testing.assert_array_equal(bench.l1(core, ADDRESS, 8 * words).reshape(8, words), blocks, err_msg=str(core))


def test_producer_and_consumer_with_credits(any_bench: Bench) -> None:
    bench = any_bench
    producer, consumer = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(5, 3)
    pages, slots = 37, 3
    program = ttnn.CreateProgram()
    both = ttnn.CoreRangeSet([ttnn.CoreRange(producer, producer), ttnn.CoreRange(consumer, consumer)])
    for _ in range(2):
        ttnn.CreateSemaphore(program, both, 0)
    for index, size in ((0, 2), (1, slots)):
        bench.circular_buffer(program, both, index, size, 64)
    produce = bench.kernel(program, "credit_producer", producer)
    consume = bench.kernel(program, "credit_consumer", consumer)
    ttnn.SetRuntimeArgs(program, produce, producer, [*bench.virtual(consumer), pages, slots])
    ttnn.SetRuntimeArgs(program, consume, consumer, [*bench.virtual(producer), pages, slots, ADDRESS])
    bench.run(program)
    expected = [16 * 1000 * page + 120 for page in range(pages)]
    np.testing.assert_array_equal(bench.l1(consumer, ADDRESS, pages), np.array(expected, np.uint32))


def test_matmul_over_a_grid_with_multicast(any_bench: Bench) -> None:
    """C = A x B in 8x8 blocks of words on a 3x2 grid: A's rows go along rows of cores, B's columns down the columns."""
    bench = any_bench
    columns, rows, depth, n = 3, 2, 4, 8
    rng = np.random.default_rng(1)
    a = rng.integers(0, 1000, (rows * n, depth * n), dtype=np.uint32)
    b = rng.integers(0, 1000, (depth * n, columns * n), dtype=np.uint32)

    def blocks(matrix: np.ndarray) -> np.ndarray:
        height, width = matrix.shape
        return np.ascontiguousarray(matrix.reshape(height // n, n, width // n, n).transpose(0, 2, 1, 3))

    page = 4 * n * n
    buffers = [bench.interleaved(rows * depth, page), bench.interleaved(depth * columns, page)]
    for buffer, matrix in zip(buffers, (a, b), strict=True):
        bench.write(buffer, blocks(matrix).reshape(-1))
    grid = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(columns - 1, rows - 1))
    program = ttnn.CreateProgram()
    semaphores = [ttnn.CreateSemaphore(program, grid, 0) for _ in range(4)]
    words = [ttnn.TensorAccessorArgs(buffer).get_compile_time_args() for buffer in buffers]
    for index in (0, 1):
        bench.circular_buffer(program, grid, index, 2, page)
    in0 = bench.kernel(program, "matmul_rows", grid, compile_args=[0, *semaphores[:2], *words[0]])
    in1 = bench.kernel(program, "matmul_rows", grid, compile_args=[1, *semaphores[2:], *words[1]], **NOC_1)
    total = bench.compute(program, "matmul_sum", grid)
    ttnn.SetRuntimeArgs(program, total, grid, [depth, ADDRESS])
    for core in grid:
        x, y = core.x, core.y
        left, top = bench.virtual(ttnn.CoreCoord(0, y)), bench.virtual(ttnn.CoreCoord(x, 0))
        row = [*bench.virtual(ttnn.CoreCoord(1, y)), *bench.virtual(ttnn.CoreCoord(columns - 1, y)), columns - 1]
        column = [*bench.virtual(ttnn.CoreCoord(x, 1)), *bench.virtual(ttnn.CoreCoord(x, rows - 1)), rows - 1]
        ttnn.SetRuntimeArgs(program, in0, core, [buffers[0].address(), y * depth, 1, depth, int(x == 0), *left, *row])
        ttnn.SetRuntimeArgs(program, in1, core, [buffers[1].address(), x, columns, depth, int(y == 0), *top, *column])
    bench.run(program)
    expected = blocks(a @ b)
    for core in grid:
        np.testing.assert_array_equal(bench.l1(core, ADDRESS, n * n), expected[core.y, core.x].reshape(-1), str(core))
