"""The data-movement stages of the ladder of kernels, one by one, with real arguments (device-api.md §6).

Every stage runs kernels of ours of the same kind (folder kernels/dataflow); where the vendor's wheel ``ttnn`` holds the
stage's own file, that runs too, with the same arguments, data and oracle. ``TTHAL_KERNEL_CORPUS`` names the folder the
wheel was unpacked into; without it the vendor's files are skipped.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn

if TYPE_CHECKING:
    from tests.emulator.program_bench import Bench

U32 = npt.NDArray[np.uint32]
CORE = ttnn.CoreCoord(0, 0)
OUT = 0x60000
PAGE = 2048
Layout = ttnn.TensorMemoryLayout
BRISC = {"processor": ttnn.DataMovementProcessor.RISCV_0, "noc": ttnn.NOC.RISCV_0_default}
NCRISC = {"processor": ttnn.DataMovementProcessor.RISCV_1, "noc": ttnn.NOC.RISCV_1_default}
OWN = Path(__file__).resolve().parent / "kernels" / "dataflow"
CORPUS = os.environ.get("TTHAL_KERNEL_CORPUS", "")


def kernels(own: str, vendor: str) -> Any:
    """Parametrise a stage by its kernel: ours, and the vendor's file in the wheel."""
    reason = "TTHAL_KERNEL_CORPUS is not set: the vendor's kernels are not part of the source tree"
    path = Path(CORPUS, "ttnn/ttnn/cpp/ttnn/operations", vendor)
    given = [pytest.param(OWN / own, id="own")]
    given.append(pytest.param(path, id="vendor", marks=pytest.mark.skipif(not CORPUS, reason=reason)))
    return pytest.mark.parametrize("kernel", given)


def create(program: ttnn.Program, kernel: str | Path, cores: Any, args: list[int] | None = None, **config: Any) -> int:
    """Create a kernel, ours by its name, with the same arguments on all its cores."""
    path = OWN / kernel if isinstance(kernel, str) else kernel
    made: int = ttnn.CreateKernel(program, str(path), cores, ttnn.DataMovementConfig(**{**BRISC, **config}))
    if args:
        ttnn.SetRuntimeArgs(program, made, cores, args)
    return made


def random_words(*shape: int) -> U32:
    return np.random.default_rng(sum(shape)).integers(1, 2**32, shape, dtype=np.uint32)


def accessor(*buffers: ttnn.Buffer) -> list[int]:
    return [word for buffer in buffers for word in ttnn.TensorAccessorArgs(buffer).get_compile_time_args()]


def full(bench: Bench, pages: int, words: int, kind: ttnn.BufferType = ttnn.BufferType.DRAM) -> tuple[ttnn.Buffer, U32]:
    """Return an interleaved buffer full of random words, and these."""
    buffer, data = bench.interleaved(pages, 4 * words, kind), random_words(pages, words)
    bench.write(buffer, data.reshape(-1))
    return buffer, data


def tiles(bench: Bench, program: ttnn.Program, cores: Any, index: int, pages: int) -> None:
    """Create a circular buffer of bfloat16 tiles."""
    config = ttnn.CircularBufferConfig(pages * PAGE, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, PAGE)
    ttnn.CreateCircularBuffer(program, cores, config)


# ---- 1 to 6: one kernel and its arguments


def test_01_an_empty_kernel_on_both_processors_of_a_grid(bench: Bench) -> None:
    program = ttnn.CreateProgram()
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(7, 7))
    for place in (BRISC, NCRISC):
        create(program, "01_empty.cpp", cores, **place)
    marker = random_words(4)
    bench.fill_l1(CORE, OUT, marker)
    bench.run(program)
    np.testing.assert_array_equal(bench.l1(CORE, OUT, 4), marker)


@kernels("02_no_includes.cpp", "examples/example/device/kernels/dataflow/blank.cpp")
def test_02_a_kernel_without_includes(kernel: Path, bench: Bench) -> None:
    program = ttnn.CreateProgram()
    create(program, kernel, CORE)
    bench.run(program)


def test_03_printing_values_of_three_types(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, CORE, 0, 1, 64)
    create(program, "03_print.cpp", CORE)
    with caplog.at_level(logging.INFO, "tthal.dprint"):
        bench.run(program)
    lines = [record.getMessage().split(": ", 1)[1] for record in caplog.records if record.name == "tthal.dprint"]
    assert lines == ["float 1.5 integer -7", "bfloat16 3.14062"]


def test_04_the_sum_of_two_runtime_arguments(bench: Bench) -> None:
    program = ttnn.CreateProgram()
    kernel = create(program, "04_add_arguments.cpp", ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0)))
    ttnn.SetRuntimeArgs(program, kernel, CORE, [101, 202, OUT])
    ttnn.SetRuntimeArgs(program, kernel, ttnn.CoreCoord(1, 0), [2**31, 2**31 + 5, OUT])
    bench.run(program)
    assert [bench.l1(ttnn.CoreCoord(x, 0), OUT, 1)[0] for x in (0, 1)] == [303, 5]


def test_05_compile_time_arguments_by_index_and_by_name(bench: Bench) -> None:
    program = ttnn.CreateProgram()
    named = {"width": 640, "height": 480}
    create(program, "05_compile_time_arguments.cpp", CORE, compile_args=[OUT, 17, 23], named_compile_args=named)
    bench.run(program)
    assert bench.l1(CORE, OUT, 5).tolist() == [17, 640, 480, 3, 23]


def test_06_two_integers_in_dram(bench: Bench) -> None:
    buffers = [bench.interleaved(1, 64) for _ in range(3)]
    for buffer, value in zip(buffers, (14, 7, 0), strict=True):
        bench.write(buffer, np.full(16, value, np.uint32))
    program = ttnn.CreateProgram()
    args = [*(buffer.address() for buffer in buffers), OUT]
    create(program, "06_add_in_dram.cpp", CORE, args, compile_args=accessor(buffers[0]))
    bench.run(program)
    assert bench.read(buffers[2])[0] == 21


# ---- 7 and 8: DRAM


def test_07_loopback_over_explicit_coordinates(any_bench: Bench) -> None:
    bench, size = any_bench, 50 * 1024
    properties = bench.device.properties
    banks = [properties.dram_banks[bank] for bank in (0, 5)]
    data = random_words(size // 4)
    ttnn.WriteToDeviceDRAMChannel(bench.device, 0, properties.dram_base, data)
    nodes = [word for bank in banks for word in (*bank.noc0, properties.dram_base + bank.offset)]
    program = ttnn.CreateProgram()
    create(program, "07_loopback.cpp", CORE, [OUT, *nodes, size])
    bench.run(program)
    found = np.asarray(ttnn.ReadFromDeviceDRAMChannel(bench.device, 5, properties.dram_base, size)).view(np.uint32)
    np.testing.assert_array_equal(found, data)


@pytest.mark.parametrize("size", [4096, 10_240 + 96])
def test_08_chunks_from_bank_to_bank(bench: Bench, size: int) -> None:
    base = bench.device.properties.dram_base
    data = random_words(size // 4)
    ttnn.WriteToDeviceDRAMChannel(bench.device, 3, base, data)
    ttnn.WriteToDeviceDRAMChannel(bench.device, 4, base, np.zeros(size // 4 + 16, np.uint32))
    program = ttnn.CreateProgram()
    create(program, "08_copy_in_chunks.cpp", CORE, [OUT, 3, base, 4, base, size, 4096])
    bench.run(program)
    found = np.asarray(ttnn.ReadFromDeviceDRAMChannel(bench.device, 4, base, size + 64)).view(np.uint32)
    np.testing.assert_array_equal(found, np.concatenate([data, np.zeros(16, np.uint32)]))


# ---- 9 to 12: readers and writers of the object API


def clone(bench: Bench, reader: Path, writer: Path) -> tuple[U32, U32]:
    """Copy rows 3 to 29; return what was there and what came. Binding tokens are named compile-time arguments."""
    source, data = full(bench, 30, 24)
    target, _ = full(bench, 30, 24, ttnn.BufferType.L1)
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, CORE, 0, 2, 96)
    args = {"rta::stick_size": 0, "rta::num_sticks": 1, "rta::start_id": 2}
    for path, dfb, tensor, buffer, place in (
        (reader, "src", "input", source, NCRISC),
        (writer, "dst", "output", target, BRISC),
    ):
        named = {**args, f"dfb::{dfb}": 0, f"tensor::{tensor}": 0, f"tensor::{tensor}.address": 0}
        config = {"compile_args": accessor(buffer), "named_compile_args": named, **place}
        kernel = create(program, path, CORE, [96, 27, 3], **config)
        ttnn.SetCommonRuntimeArgs(program, kernel, [buffer.address()])
    bench.run(program)
    return data[3:], bench.read(target).reshape(30, 24)[3:]


@kernels("09_read_sticks.cpp", "data_movement/clone/device/kernels/read_kernel_rm.cpp")
def test_09_reading_sticks(kernel: Path, bench: Bench) -> None:
    np.testing.assert_array_equal(*clone(bench, kernel, OWN / "10_write_sticks.cpp"))


@kernels("10_write_sticks.cpp", "data_movement/clone/device/kernels/write_kernel_rm.cpp")
def test_10_writing_sticks(kernel: Path, bench: Bench) -> None:
    np.testing.assert_array_equal(*clone(bench, OWN / "09_read_sticks.cpp", kernel))


@pytest.mark.parametrize("backwards", [False, True])
@kernels("11_read_pages.cpp", "data_movement/copy/device/kernels/reader_unary_start_id.cpp")
def test_11_pages_into_a_circular_buffer(kernel: Path, backwards: bool, bench: Bench) -> None:
    """Four pages from the fifth on, or back, come into a buffer that holds all of them."""
    source, data = full(bench, 20, PAGE // 4)
    program = ttnn.CreateProgram()
    tiles(bench, program, CORE, 0, 4)
    defines = {"BACKWARDS": "1"} if backwards else {}
    create(program, kernel, CORE, [source.address(), 4, 5], compile_args=accessor(source), defines=defines, **NCRISC)
    bench.run(program)
    # The program's first circular buffer begins where L1 for buffers does.
    found = bench.l1(CORE, bench.device.properties.l1_base, PAGE).reshape(4, -1)
    np.testing.assert_array_equal(found, data[5:1:-1] if backwards else data[5:9])


@kernels("12_publish_shard.cpp", "eltwise/unary/device/kernels/dataflow/reader_unary_sharded.cpp")
def test_12_a_circular_buffer_that_is_the_shard(kernel: Path, bench: Bench) -> None:
    """The reader only publishes what lies there; a second kernel sums what it finds."""
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0))
    shards = bench.sharded(Layout.HEIGHT_SHARDED, cores, (4, 1), (2, 1), 64)
    data = np.arange(1, 65, dtype=np.uint32)
    bench.write(shards, data)
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, cores, 3, 2, 64, shards)
    create(program, kernel, cores, [2], compile_args=[3], **NCRISC)
    create(program, "12_sum_shard.cpp", cores, [OUT], compile_args=[3, 2])
    bench.run(program)
    assert [bench.l1(core, OUT, 1)[0] for core in cores] == [data[:32].sum(), data[32:].sum()]


# ---- 24 to 28: work that is split, and cores that work together


def matrices(bench: Bench, height: int, depth: int, width: int) -> tuple[list[ttnn.Buffer], U32]:
    """Return buffers with two matrices in blocks of 8x8 words, a page a block, and their product in the same form."""
    a, b = random_words(8 * height, 8 * depth) % 1000, random_words(8 * depth, 8 * width) % 1000

    def blocks(matrix: U32) -> U32:
        rows, columns = matrix.shape
        return np.ascontiguousarray(matrix.reshape(rows // 8, 8, columns // 8, 8).swapaxes(1, 2)).reshape(-1, 64)

    buffers = []
    for matrix in (a, b):
        buffers.append(bench.interleaved(matrix.size // 64, 256))
        bench.write(buffers[-1], blocks(matrix).reshape(-1))
    return buffers, blocks(a @ b)


def test_24_a_matmul_split_over_cores(any_bench: Bench) -> None:
    """35 blocks of a product on as many cores as divide them best, each of which reads its own operands."""
    bench, (height, depth, width) = any_bench, (5, 3, 7)
    buffers, expected = matrices(bench, height, depth, width)
    product = bench.interleaved(height * width, 256)
    grid = ttnn.CoreCoord(4, 2)
    _, everybody, *groups = ttnn.split_work_to_cores(grid, height * width)
    program = ttnn.CreateProgram()
    for index, pages in ((0, 2), (1, 2), (16, 1)):
        bench.circular_buffer(program, everybody, index, pages, 256)
    read = create(program, "24_read_operands.cpp", everybody, compile_args=accessor(*buffers), **NCRISC)
    multiply = create(program, "24_multiply_blocks.cpp", everybody, compile_args=accessor(product))
    first = 0
    for cores, count in zip(groups[:2], groups[2:], strict=True):
        for core in (core for part in cores.ranges for core in part):
            addresses = [buffer.address() for buffer in buffers]
            ttnn.SetRuntimeArgs(program, read, core, [*addresses, depth, width, first, count])
            ttnn.SetRuntimeArgs(program, multiply, core, [product.address(), depth, first, count])
            first += count
    assert first == height * width
    bench.run(program)
    np.testing.assert_array_equal(bench.read(product).reshape(-1, 64), expected)


def test_25_a_matmul_whose_operands_are_multicast(any_bench: Bench) -> None:
    """A 2x3 grid: the first column reads A, the first row reads B, four kinds of kernel in all."""
    bench, (rows, depth, columns) = any_bench, (2, 4, 3)
    buffers, expected = matrices(bench, rows, depth, columns)
    product = bench.interleaved(rows * columns, 256)
    grid = ttnn.CoreRange(CORE, ttnn.CoreCoord(columns - 1, rows - 1))
    program = ttnn.CreateProgram()
    for _ in range(4):
        ttnn.CreateSemaphore(program, grid, 0)
    for index, pages in ((0, 2), (1, 2), (16, 1)):
        bench.circular_buffer(program, grid, index, pages, 256)
    multiply = create(program, "24_multiply_blocks.cpp", grid, compile_args=accessor(product))
    kinds = {
        "25_a_sender_b_sender": [CORE],
        "25_a_sender_b_receiver": [ttnn.CoreCoord(0, y) for y in range(1, rows)],
        "25_a_receiver_b_sender": [ttnn.CoreCoord(x, 0) for x in range(1, columns)],
        "25_a_receiver_b_receiver": [ttnn.CoreCoord(x, y) for x in range(1, columns) for y in range(1, rows)],
    }
    for name, cores in kinds.items():
        where = ttnn.CoreRangeSet([ttnn.CoreRange(core, core) for core in cores])
        kernel = create(program, f"{name}.cpp", where, compile_args=accessor(*buffers), **NCRISC)
        for core in cores:
            x, y = core.x, core.y
            # NoC 1 walks a rectangle towards smaller coordinates: its far corner is named first.
            ends = [(columns - 1, y), (1, y)], [(x, rows - 1), (x, 1)]
            senders, receivers = [(0, y), (x, 0)], [columns - 1, rows - 1]
            pages = [(y * depth, 1), (x, columns)]
            args = [depth]
            for operand in (0, 1):
                nodes = [bench.virtual(ttnn.CoreCoord(*node)) for node in (senders[operand], *ends[operand])]
                args += [buffers[operand].address(), *pages[operand], *(word for node in nodes for word in node)]
                args.append(receivers[operand])
            ttnn.SetRuntimeArgs(program, kernel, core, args)
            ttnn.SetRuntimeArgs(program, multiply, core, [product.address(), depth, y * columns + x, 1])
    bench.run(program)
    np.testing.assert_array_equal(bench.read(product).reshape(-1, 64), expected)


def test_26_tiles_from_core_to_core(any_bench: Bench) -> None:
    """Two kernels on each of two cores; the receiver's buffer holds one tile, so every tile needs its handshake."""
    bench, count = any_bench, 5
    sender, receiver = CORE, ttnn.CoreCoord(3, 2)
    source, data = full(bench, count, PAGE // 4)
    target = bench.interleaved(count, PAGE)
    program = ttnn.CreateProgram()
    both = ttnn.CoreRangeSet([ttnn.CoreRange(core, core) for core in (sender, receiver)])
    semaphores = [ttnn.CreateSemaphore(program, both, 0) for _ in range(2)]
    tiles(bench, program, both, 1, 1)
    tiles(bench, program, both, 0, 2)
    # The program's first circular buffer begins where L1 for buffers does.
    slot = bench.device.properties.l1_base
    args = [*bench.virtual(receiver), slot, count]
    create(program, "26_read_tile.cpp", sender, [source.address(), count], compile_args=accessor(source), **NCRISC)
    create(program, "26_send_tile.cpp", sender, args, compile_args=semaphores)
    args = [*bench.virtual(sender), count]
    create(program, "26_receive_tile.cpp", receiver, args, compile_args=semaphores, **NCRISC)
    create(program, "26_write_tile.cpp", receiver, [target.address(), count], compile_args=accessor(target))
    bench.run(program)
    np.testing.assert_array_equal(bench.read(target).reshape(data.shape), data)


def test_27_a_coordinator_multicasts_to_its_receivers(any_bench: Bench) -> None:
    bench, count = any_bench, 4
    source, data = full(bench, count, PAGE // 4)
    first, last = ttnn.CoreCoord(1, 0), ttnn.CoreCoord(3, 1)
    receivers, cores = ttnn.CoreRange(first, last), ttnn.CoreRange(CORE, last)
    target = bench.interleaved(6 * count, PAGE)
    program = ttnn.CreateProgram()
    semaphores = [ttnn.CreateSemaphore(program, cores, 0) for _ in range(2)]
    tiles(bench, program, cores, 0, 2)
    args = [source.address(), count, *bench.virtual(first), *bench.virtual(last), 6]
    create(program, "27_coordinator.cpp", CORE, args, compile_args=[*semaphores, *accessor(source)])
    args = [*bench.virtual(CORE), count]
    create(program, "27_inbound.cpp", receivers, args, compile_args=semaphores)
    outbound = create(program, "27_outbound.cpp", receivers, compile_args=accessor(target), **NCRISC)
    for place, core in enumerate(receivers):
        ttnn.SetRuntimeArgs(program, outbound, core, [target.address(), count, place * count])
    bench.run(program)
    np.testing.assert_array_equal(bench.read(target).reshape(6, *data.shape), np.broadcast_to(data, (6, *data.shape)))


@kernels("28_receive_blocks.cpp", "matmul/device/kernels/dataflow/reader_bmm_tile_layout_in0_receiver.cpp")
def test_28_blocks_of_a_matmul_reach_all_receivers(kernel: Path, any_bench: Bench) -> None:
    """Twelve blocks of three pages go to six cores through a buffer that holds two blocks."""
    bench, pages, counts, words = any_bench, 3, (3, 2, 2), 32
    blocks = counts[0] * counts[1] * counts[2]
    first, last = ttnn.CoreCoord(1, 1), ttnn.CoreCoord(3, 2)
    receivers = ttnn.CoreRange(first, last)
    everybody = ttnn.CoreRangeSet([ttnn.CoreRange(CORE, CORE), receivers])
    tensor, data = full(bench, blocks * pages, words)
    program = ttnn.CreateProgram()
    room, arrived = (ttnn.CreateSemaphore(program, everybody, 0) for _ in range(2))
    bench.circular_buffer(program, everybody, 2, 2 * pages, 4 * words)
    named = {"cb_in0": 2}
    args = [tensor.address(), *bench.virtual(first), *bench.virtual(last), 6]
    words_of = [pages, blocks, room, arrived, *accessor(tensor)]
    create(program, "28_send_blocks.cpp", CORE, args, compile_args=words_of, named_compile_args=named)
    # One batch; whether it is there is not asked at run time.
    words_of = [pages, *counts, room, arrived, 1, 0]
    create(program, kernel, receivers, [*bench.virtual(CORE)], compile_args=words_of, named_compile_args=named)
    keep = {"compile_args": [pages, blocks], "named_compile_args": named, **NCRISC}
    create(program, "28_keep_blocks.cpp", everybody, [OUT], **keep)
    bench.run(program)
    for core in (CORE, *receivers):
        np.testing.assert_array_equal(bench.l1(core, OUT, data.size).reshape(data.shape), data, err_msg=str(core))


@kernels("28_receive_batches.cpp", "matmul/device/kernels/dataflow/reader_bmm_tile_layout_in0_receiver.cpp")
def test_28_batches_of_which_some_are_missing(kernel: Path, any_bench: Bench) -> None:
    """Which of five batches are there is known at run time only; compute threads are told of it by mailbox."""
    bench, pages, blocks, there, words = any_bench, 2, 3, (1, 0, 1, 1, 0), 32
    first, last = ttnn.CoreCoord(1, 1), ttnn.CoreCoord(2, 2)
    receivers = ttnn.CoreRange(first, last)
    everybody = ttnn.CoreRangeSet([ttnn.CoreRange(CORE, CORE), receivers])
    tensor, data = full(bench, len(there) * blocks * pages, words)
    program = ttnn.CreateProgram()
    room, arrived = (ttnn.CreateSemaphore(program, everybody, 0) for _ in range(2))
    bench.circular_buffer(program, everybody, 2, 2 * pages, 4 * words)
    named = {"cb_in0": 2}
    args = [tensor.address(), *bench.virtual(first), *bench.virtual(last), 4, len(there), *there]
    words_of = [pages, blocks, room, arrived, *accessor(tensor)]
    create(program, "28_send_batches.cpp", CORE, args, compile_args=words_of, named_compile_args=named)
    words_of = [pages, blocks, 1, 1, room, arrived, len(there), 1]
    create(program, kernel, receivers, [*bench.virtual(CORE)], compile_args=words_of, named_compile_args=named)
    config = ttnn.ComputeConfig(compile_args=[pages, blocks, len(there)], named_compile_args=named)
    keep = ttnn.CreateKernel(program, str(OWN / "28_keep_batches.cpp"), receivers, config)
    ttnn.SetRuntimeArgs(program, keep, receivers, [OUT, words])
    bench.run(program)
    expected: list[int] = []
    for batch, rows in zip(there, data.reshape(len(there), -1), strict=True):
        expected += [3, *rows.tolist()] if batch else [0]
    for core in receivers:
        assert bench.l1(core, OUT, len(expected)).tolist() == expected, str(core)


# ---- 33, 34, 36: rows, sticks and shards


@pytest.mark.parametrize("row_words", [8, 24, 16])
def test_33_padding_rows(row_words: int, bench: Bench) -> None:
    rows, padded_rows, padded_words, value = 11, 16, 40, 0xABCD1234
    source, data = full(bench, rows, row_words)
    target = bench.interleaved(padded_rows, 4 * padded_words)
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0))
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, cores, 0, 2, 4 * padded_words)
    kernel = create(program, "33_pad_rows.cpp", cores)
    for core, (first, last) in zip(cores, ((0, 5), (5, padded_rows)), strict=True):
        args = [source.address(), target.address(), rows, 4 * row_words, first, last, 4 * padded_words, value]
        ttnn.SetRuntimeArgs(program, kernel, core, args)
    bench.run(program)
    expected = np.full((padded_rows, padded_words), value, np.uint32)
    expected[:rows, :row_words] = data
    np.testing.assert_array_equal(bench.read(target).reshape(expected.shape), expected)


@pytest.mark.parametrize("sticks", [24, 21])
def test_34_sticks_go_to_the_core_that_is_meant(sticks: int, any_bench: Bench) -> None:
    """Six cores take four sticks each, the last core perhaps fewer: the rest of its shard stays as it is."""
    bench, height, words = any_bench, 4, 32
    first = ttnn.CoreCoord(2, 1)
    grid = ttnn.CoreRange(first, ttnn.CoreCoord(4, 2))
    source, data = full(bench, sticks, words)
    shards = bench.sharded(Layout.HEIGHT_SHARDED, grid, (sticks, 1), (height, 1), 4 * words)
    cores = [ttnn.CoreCoord(x, y) for y in (1, 2) for x in (2, 3, 4)]
    for core in cores:
        bench.fill_l1(core, shards.address(), np.full(height * words, 7, np.uint32))
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, grid, 2, height, 4 * words, shards)
    compile_args = [2, height, first.x, first.y, 3, sticks, *accessor(source)]
    create(program, "34_shard_sticks.cpp", grid, [source.address(), 4 * words], compile_args=compile_args)
    bench.run(program)
    expected = np.full((6 * height, words), 7, np.uint32)
    expected[:sticks] = data
    for core, shard in zip(cores, expected.reshape(6, height, words), strict=True):
        found = bench.l1(core, shards.address(), height * words).reshape(height, words)
        np.testing.assert_array_equal(found, shard, err_msg=str(core))
    np.testing.assert_array_equal(bench.read(shards).reshape(sticks, words), data)


@kernels(
    "36_read_shards.cpp", "data_movement/sharded/device/kernels/dataflow/reader_unary_nd_sharded_blocks_metal2.cpp"
)
def test_36_every_second_shard(kernel: Path, bench: Bench) -> None:
    """Of six shards, page by page, from the shards' own cores."""
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 2))
    source = bench.sharded(Layout.BLOCK_SHARDED, cores, (6, 4), (2, 2), 64)
    data = random_words(6, 4, 16)
    bench.write(source, data.reshape(-1))
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, CORE, 1, 12, 64)
    named = {
        "rta::start_shard_id": 0, "args::num_tiles_per_input_block": 1, "args::num_shards": 6, "args::num_cores": 2,
        "dfb::in": 1, "tensor::src": 0, "tensor::src.address": 0,
    }  # fmt: skip
    made = create(program, kernel, CORE, [1], compile_args=accessor(source), named_compile_args=named, **NCRISC)
    ttnn.SetCommonRuntimeArgs(program, made, [source.address()])
    bench.run(program)
    found = bench.l1(CORE, bench.device.properties.l1_base, 12 * 16).reshape(3, 4, 16)
    # Shards 1, 3, 5 are the right halves of the three rows of shards.
    expected = [data[row : row + 2, 2:4].reshape(4, 16) for row in (0, 2, 4)]
    np.testing.assert_array_equal(found, np.array(expected))
