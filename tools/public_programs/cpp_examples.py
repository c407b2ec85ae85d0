"""Hosts of TT-Metal's C++ programming examples, call by call, over the kernels of a checkout.

``tthal run tools/public_programs/cpp_examples.py NAME`` in the root of a checkout of tt-metal runs one and says whether
its own check passed. Inputs are random from a fixed seed, so that a recorded run can be replayed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import ml_dtypes
import numpy as np
import numpy.typing as npt

import tthal as ttnn

EXAMPLES = "tt_metal/programming_examples"
TILE_WIDTH, TILE_BYTES = 32, 2048
TILE_ELEMENTS = TILE_WIDTH * TILE_WIDTH
CORE = ttnn.CoreCoord(0, 0)

Values = npt.NDArray[np.float32]
Cores = ttnn.CoreCoord | ttnn.CoreRange | ttnn.CoreRangeSet


class Example:
    """What every host opens first: a unit mesh, its queue, a workload with one program."""

    def __init__(self) -> None:
        self.mesh_device = ttnn.MeshDevice.create_unit_mesh(0)
        self.cq = self.mesh_device.mesh_command_queue()
        self.program = ttnn.CreateProgram()
        self.random = np.random.default_rng(1)

    def buffer(
        self,
        tiles: int,
        page_size: int = TILE_BYTES,
        size: int | None = None,
        kind: ttnn.BufferType = ttnn.BufferType.DRAM,
    ) -> ttnn.Buffer:
        """Create a buffer of tiles, or of ``size`` bytes."""
        local = ttnn.DeviceLocalBufferConfig(page_size=page_size, buffer_type=kind)
        whole = ttnn.ReplicatedBufferConfig(size=size or tiles * TILE_BYTES)
        return ttnn.MeshBuffer.create(whole, local, self.mesh_device)

    def circular_buffers(self, cores: Cores, indices: Sequence[int], tiles: int = 2) -> None:
        """Create circular buffers of bfloat16 tiles."""
        for index in indices:
            config = ttnn.CircularBufferConfig(tiles * TILE_BYTES, {index: ttnn.DataFormat.Float16_b})
            ttnn.CreateCircularBuffer(self.program, cores, config.set_page_size(index, TILE_BYTES))

    def mover(
        self, path: str, cores: Cores, risc: int, arguments: Sequence[int] = (), named: dict[str, int] | None = None
    ) -> int:
        """Create a data movement kernel on a RISC-V and the NoC of the same number."""
        config = ttnn.DataMovementConfig(
            processor=ttnn.DataMovementProcessor(risc),
            noc=ttnn.NOC(risc),
            compile_args=list(arguments),
            named_compile_args=named or {},
        )
        return ttnn.CreateKernel(self.program, f"{EXAMPLES}/{path}", cores, config)

    def compute(
        self, path: str, cores: Cores, arguments: Sequence[int] = (), named: dict[str, int] | None = None
    ) -> int:
        """Create a compute kernel."""
        config = ttnn.ComputeConfig(
            math_fidelity=ttnn.MathFidelity.HiFi4, compile_args=list(arguments), named_compile_args=named or {}
        )
        return ttnn.CreateKernel(self.program, f"{EXAMPLES}/{path}", cores, config)

    def arguments(self, kernel: int, cores: Cores, *values: int) -> None:
        """Set a kernel's runtime arguments."""
        ttnn.SetRuntimeArgs(self.program, kernel, cores, list(values))

    def write(self, buffer: ttnn.Buffer, values: npt.ArrayLike) -> None:
        """Write values as bfloat16, or words as they are."""
        given = np.asarray(values)
        data = given if given.dtype.kind == "u" else given.astype(ml_dtypes.bfloat16)
        ttnn.EnqueueWriteMeshBuffer(self.cq, buffer, data, blocking=False)

    def run(self, result: ttnn.Buffer | None) -> Values:
        """Enqueue the program, wait for it and read a buffer of bfloat16."""
        workload = ttnn.MeshWorkload()
        workload.add_program(ttnn.MeshCoordinateRange(self.mesh_device.shape), self.program)
        ttnn.EnqueueMeshWorkload(self.cq, workload, blocking=False)
        ttnn.Finish(self.cq)
        if result is None:
            return np.empty(0, np.float32)
        data = np.empty(result.size() // 2, ml_dtypes.bfloat16)
        ttnn.EnqueueReadMeshBuffer(self.cq, data, result, blocking=True)
        return data.astype(np.float32)

    def uniform(self, low: float, high: float, count: int) -> Values:
        """Return random numbers that bfloat16 holds."""
        drawn = self.random.uniform(low, high, count)
        return drawn.astype(ml_dtypes.bfloat16).astype(np.float32)


def accessors(*buffers: ttnn.Buffer) -> list[int]:
    """Return the compile-time arguments by which kernels find buffers."""
    words: list[int] = []
    for buffer in buffers:
        ttnn.TensorAccessorArgs(buffer).append_to(words)
    return words


def loopback() -> bool:
    example, tiles = Example(), 50
    l1 = example.buffer(1, kind=ttnn.BufferType.L1)
    source, result = example.buffer(tiles), example.buffer(tiles)
    kernel = example.mover("loopback/kernels/loopback_dram_copy.cpp", CORE, 0, accessors(source, result))
    values = example.uniform(0, 100, tiles * TILE_ELEMENTS)
    example.write(source, values)
    example.arguments(kernel, CORE, l1.address(), source.address(), result.address(), tiles)
    return bool(np.array_equal(example.run(result), values))


def add_2_integers_in_riscv() -> bool:
    example = Example()
    kinds = [ttnn.BufferType.DRAM] * 3 + [ttnn.BufferType.L1] * 3
    buffers = [example.buffer(0, 4, 4, kind) for kind in kinds]
    for buffer, value in zip(buffers, (14, 7), strict=False):
        example.write(buffer, np.array([value], np.uint32))
    kernel = example.mover("add_2_integers_in_riscv/kernels/reader_writer_add_in_riscv.cpp", CORE, 0)
    example.arguments(kernel, CORE, *(buffer.address() for buffer in buffers))
    result = example.run(buffers[2]).astype(ml_dtypes.bfloat16).view(np.uint32)
    return bool(result[0] == 21)


def add_2_integers_in_compute() -> bool:
    example, folder = Example(), "add_2_integers_in_compute/kernels"
    first, second, result = (example.buffer(1) for _ in range(3))
    example.circular_buffers(CORE, (0, 1, 16), 1)
    reader = example.mover(f"{folder}/dataflow/reader_binary_1_tile.cpp", CORE, 1)
    writer = example.mover(f"{folder}/dataflow/writer_1_tile.cpp", CORE, 0)
    compute = example.compute(f"{folder}/compute/add_2_tiles.cpp", CORE)
    a, b = example.uniform(0, 14, TILE_ELEMENTS), example.uniform(0, 8, TILE_ELEMENTS)
    example.write(first, a)
    example.write(second, b)
    example.arguments(reader, CORE, first.address(), second.address())
    example.arguments(compute, CORE)
    example.arguments(writer, CORE, result.address())
    return bool(np.all(np.abs(example.run(result) - (a + b)) <= 0.3))


def _binary(folder: str, names: tuple[str, str, str], tolerance: float) -> bool:
    example, tiles = Example(), 64
    first, second, result = (example.buffer(tiles) for _ in range(3))
    a = example.uniform(0, 1, tiles * TILE_ELEMENTS)
    example.circular_buffers(CORE, (0, 1, 16))
    reader = example.mover(f"{folder}/{names[0]}", CORE, 0, accessors(first, second))
    writer = example.mover(f"{folder}/{names[1]}", CORE, 1, accessors(result))
    compute = example.compute(f"{folder}/{names[2]}", CORE)
    example.write(first, a)
    example.write(second, np.full_like(a, -1))
    example.arguments(reader, CORE, first.address(), second.address(), tiles)
    example.arguments(writer, CORE, result.address(), tiles)
    example.arguments(compute, CORE, tiles)
    return bool(np.all(np.abs(example.run(result) - (a - 1)) <= tolerance))


def eltwise_binary() -> bool:
    return _binary(
        "eltwise_binary/kernels", ("dataflow/read_tiles.cpp", "dataflow/write_tile.cpp", "compute/tiles_add.cpp"), 1e-2
    )


def custom_sfpi_add() -> bool:
    return _binary(
        "custom_sfpi_add/kernels", ("dataflow/read_tiles.cpp", "dataflow/write_tile.cpp", "compute/tiles_add.cpp"), 1e-2
    )


def vecadd() -> bool:
    return _binary("contributed/vecadd/kernels", ("interleaved_tile_read.cpp", "tile_write.cpp", "add.cpp"), 1e-2)


def _unary(folder: str, compute_name: str, reader: str, inputs: Values, expected: Values, tolerance: float) -> bool:
    example, tiles = Example(), inputs.size // TILE_ELEMENTS
    source, result = example.buffer(tiles), example.buffer(tiles)
    example.circular_buffers(CORE, (0, 16))
    read = example.mover(f"{folder}/kernels/dataflow/{reader}.cpp", CORE, 0, accessors(source))
    write = example.mover(f"{folder}/kernels/dataflow/write_tile.cpp", CORE, 1, accessors(result))
    compute = example.compute(f"{folder}/kernels/compute/{compute_name}.cpp", CORE)
    example.write(source, inputs)
    example.arguments(compute, CORE, tiles)
    example.arguments(read, CORE, source.address(), tiles)
    example.arguments(write, CORE, result.address(), tiles)
    return bool(np.all(np.abs(example.run(result) - expected) <= tolerance))


def _drawn(low: float, high: float) -> Values:
    drawn = np.random.default_rng(2).uniform(low, high, 64 * TILE_ELEMENTS)
    return drawn.astype(ml_dtypes.bfloat16).astype(np.float32)


def eltwise_sfpu() -> bool:
    inputs = _drawn(0, 1)
    return _unary("eltwise_sfpu", "eltwise_sfpu", "read_tile", inputs, np.exp(inputs), 5e-2)


def custom_sfpi_smoothstep() -> bool:
    inputs = _drawn(-0.5, 1.5)
    clamped = np.clip(inputs, 0, 1)
    expected = clamped * clamped * (3 - 2 * clamped)
    return _unary("custom_sfpi_smoothstep", "tiles_smoothstep", "read_tiles", inputs, expected, 1e-2)


def sfpu_eltwise_chain() -> bool:
    example, folder = Example(), "sfpu_eltwise_chain/kernels"
    values = example.uniform(0, 1, TILE_ELEMENTS).reshape(32, 32)
    source, result = example.buffer(1), example.buffer(1)
    example.write(source, ttnn.tilize_nfaces(values.astype(ml_dtypes.bfloat16), 32, 32))
    example.circular_buffers(CORE, (0, 1, 2), 1)
    reader = example.mover(f"{folder}/dataflow/reader.cpp", CORE, 1, [0, 1, *accessors(source)])
    writer = example.mover(f"{folder}/dataflow/writer.cpp", CORE, 0, [2, *accessors(result)])
    example.compute(f"{folder}/compute/compute.cpp", CORE, [0, 1, 2])
    example.arguments(reader, CORE, source.address())
    example.arguments(writer, CORE, result.address())
    found = np.asarray(ttnn.untilize_nfaces(example.run(result).astype(ml_dtypes.bfloat16), 32, 32), np.float32)
    return bool(np.corrcoef(found.reshape(-1), np.log1p(np.exp(values)).reshape(-1))[0, 1] > 0.999)


def noc_tile_transfer() -> bool:
    example, folder = Example(), "NoC_tile_transfer/kernels/dataflow"
    cores = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(0, 1)
    both = ttnn.CoreRange(*cores)
    places = [example.mesh_device.worker_core_from_logical_core(core) for core in cores]
    source, result = example.buffer(1), example.buffer(1)
    semaphore = ttnn.CreateSemaphore(example.program, both, 0)
    for index in (0, 1):
        config = ttnn.CircularBufferConfig(TILE_BYTES, {index: ttnn.DataFormat.UInt16}).set_page_size(index, TILE_BYTES)
        ttnn.CreateCircularBuffer(example.program, both, config)
    kernels = [
        example.mover(f"{folder}/reader0.cpp", cores[0], 1, [0, *accessors(source)]),
        example.mover(f"{folder}/writer0.cpp", cores[0], 0, [0, 1]),
        example.mover(f"{folder}/reader1.cpp", cores[1], 1, [0, 1]),
        example.mover(f"{folder}/writer1.cpp", cores[1], 0, [1, *accessors(result)]),
    ]
    example.arguments(kernels[0], cores[0], source.address())
    example.arguments(kernels[1], cores[0], places[1].x, places[1].y, semaphore)
    example.arguments(kernels[2], cores[1], places[0].x, places[0].y, semaphore)
    example.arguments(kernels[3], cores[1], result.address())
    example.write(source, np.full(TILE_ELEMENTS, 14, np.uint16))
    return bool(np.all(example.run(result).astype(ml_dtypes.bfloat16).view(np.uint16) == 14))


def vecadd_multi_core() -> bool:
    example, tiles, folder = Example(), 640, "vecadd_multi_core/kernels"
    first, second, result = (example.buffer(tiles) for _ in range(3))
    a, b = example.uniform(0, 10, tiles * TILE_ELEMENTS), example.uniform(0, 10, tiles * TILE_ELEMENTS)
    grid = example.mesh_device.compute_with_storage_grid_size()
    example.circular_buffers(ttnn.CoreRange(CORE, ttnn.CoreCoord(grid.x - 1, grid.y - 1)), (0, 1, 2), 4)
    _, cores, *groups, per_first, per_second = ttnn.split_work_to_cores(grid, tiles, True)
    named = {f"c_{index}": index for index in range(3)}
    reading = {name: named[name] for name in ("c_0", "c_1")}
    reader = example.mover(
        f"{folder}/interleaved_tile_read_multi_core.cpp", cores, 0, [0, 1, *accessors(first, second)], reading
    )
    writer = example.mover(f"{folder}/tile_write_multi_core.cpp", cores, 1, [2, *accessors(result)])
    compute = example.compute(f"{folder}/add_multi_core.cpp", cores, [0, 1, 2], named)
    start = 0
    for group, work in zip(groups, (per_first, per_second), strict=True):
        for core in ttnn.corerange_to_cores(group, row_wise=True):
            example.arguments(reader, core, first.address(), second.address(), work, start)
            example.arguments(writer, core, result.address(), work, start)
            example.arguments(compute, core, work, start)
            start += work
    example.write(first, a)
    example.write(second, b)
    return bool(np.all(np.abs(example.run(result) - (a + b)) <= 0.2))


def _vecadd_sharding(layout: ttnn.TensorMemoryLayout, high: int, wide: int) -> bool:
    example = Example()
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(high - 1, wide - 1))
    shard = (4 // wide) * TILE_WIDTH, (4 // high) * TILE_WIDTH
    spec = ttnn.ShardSpecBuffer(cores, shard, ttnn.ShardOrientation.ROW_MAJOR, (TILE_WIDTH, TILE_WIDTH), (4, 4))
    config = ttnn.ShardedBufferConfig(
        example.mesh_device, 16 * TILE_BYTES, TILE_BYTES, ttnn.BufferType.L1, layout, spec
    )
    a, b, c = (ttnn.CreateBuffer(config) for _ in range(3))
    for index, buffer in enumerate((a, b, c)):
        placed = ttnn.CircularBufferConfig(4 * TILE_BYTES, {index: ttnn.DataFormat.Float16_b})
        placed.set_page_size(index, TILE_BYTES).set_globally_allocated_address(buffer)
        ttnn.CreateCircularBuffer(example.program, cores, placed)
    compute = example.compute("vecadd_sharding/kernels/add_sharding.cpp", cores, [0, 1, 2])
    inputs = [example.uniform(0, 10, 16 * TILE_ELEMENTS) for _ in range(2)]
    example.write(a, inputs[0])
    example.write(b, inputs[1])
    example.arguments(compute, cores, 4)
    return bool(np.all(np.abs(example.run(c) - (inputs[0] + inputs[1])) <= 0.2))


def vecadd_sharding_height() -> bool:
    return _vecadd_sharding(ttnn.TensorMemoryLayout.HEIGHT_SHARDED, 4, 1)


def vecadd_sharding_width() -> bool:
    return _vecadd_sharding(ttnn.TensorMemoryLayout.WIDTH_SHARDED, 1, 4)


def vecadd_sharding_block() -> bool:
    return _vecadd_sharding(ttnn.TensorMemoryLayout.BLOCK_SHARDED, 2, 2)


def _matmul(example: Example, size: int) -> tuple[list[ttnn.Buffer], Values]:
    matrices = [example.uniform(0, 1, size * size).reshape(size, size) for _ in range(2)]
    buffers = [example.buffer((size // TILE_WIDTH) ** 2) for _ in range(3)]
    for buffer, matrix in zip(buffers, matrices, strict=False):
        example.write(buffer, ttnn.tilize_nfaces(matrix.astype(ml_dtypes.bfloat16), size, size))
    return buffers, matrices[0] @ matrices[1]


def _agrees(found: Values, expected: Values) -> bool:
    size = len(expected)
    flat = np.asarray(ttnn.untilize_nfaces(found.astype(ml_dtypes.bfloat16), size, size), np.float32).reshape(-1)
    return bool(np.corrcoef(flat, expected.reshape(-1))[0, 1] > 0.97)


def matmul_single_core() -> bool:
    example, size, folder = Example(), 256, "matmul/matmul_single_core/kernels"
    tiles = size // TILE_WIDTH
    (a, b, c), expected = _matmul(example, size)
    example.circular_buffers(CORE, (0, 1, 16))
    reader = example.mover(f"{folder}/dataflow/reader_single_core_mm.cpp", CORE, 1, accessors(a, b))
    writer = example.mover(f"{folder}/dataflow/writer_single_core_mm.cpp", CORE, 0, accessors(c))
    example.compute(f"{folder}/compute/mm.cpp", CORE, [tiles] * 3)
    example.arguments(reader, CORE, a.address(), b.address(), *[tiles] * 3)
    example.arguments(writer, CORE, c.address(), *[tiles] * 3)
    return _agrees(example.run(c), expected)


def matmul_multi_core() -> bool:
    example, size, folder = Example(), 640, "matmul/matmul_multi_core/kernels"
    tiles = size // TILE_WIDTH
    (a, b, c), expected = _matmul(example, size)
    grid = example.mesh_device.compute_with_storage_grid_size()
    _, cores, *groups, per_first, per_second = ttnn.split_work_to_cores(grid, tiles * tiles)
    example.circular_buffers(cores, (0, 1, 16))
    reader = example.mover(f"{folder}/dataflow/reader_mm_output_tiles_partitioned.cpp", cores, 1, accessors(a, b))
    writer = example.mover(f"{folder}/dataflow/writer_unary_interleaved_start_id.cpp", cores, 0, accessors(c))
    compute = example.compute(f"{folder}/compute/mm.cpp", cores)
    start = 0
    for group, work in zip(groups, (per_first, per_second), strict=True):
        for core in ttnn.corerange_to_cores(group):
            example.arguments(reader, core, a.address(), b.address(), tiles, tiles, tiles, start, work)
            example.arguments(writer, core, c.address(), work, start)
            example.arguments(compute, core, work, tiles)
            start += work
    return _agrees(example.run(c), expected)


def multicast() -> bool:
    example, folder = Example(), "contributed/multicast/kernels"
    everyone = ttnn.CoreRange(CORE, ttnn.CoreCoord(3, 0))
    receivers = ttnn.CoreRange(ttnn.CoreCoord(1, 0), ttnn.CoreCoord(3, 0))
    place = example.mesh_device.worker_core_from_logical_core
    sender, first, last = (place(core) for core in (CORE, receivers.start, receivers.end))
    semaphores = [ttnn.CreateSemaphore(example.program, everyone, 0) for _ in range(2)]
    source, result = example.buffer(1), example.buffer(3)
    example.circular_buffers(everyone, (0, 16), 1)
    coordinator = example.mover(f"{folder}/dataflow/coordinator_kernel.cpp", CORE, 0)
    inbound = example.mover(f"{folder}/dataflow/inbound_kernel.cpp", receivers, 0)
    outbound = example.mover(f"{folder}/dataflow/outbound_kernel.cpp", receivers, 1, accessors(result))
    example.compute(f"{folder}/compute/void_compute_kernel.cpp", receivers)
    example.write(source, np.eye(TILE_WIDTH, dtype=np.float32))
    corners = first.x, first.y, last.x, last.y
    example.arguments(coordinator, CORE, *corners, *semaphores, 0, source.address(), TILE_BYTES, 3)
    example.arguments(inbound, receivers, sender.x, sender.y, *semaphores)
    for number, core in enumerate(ttnn.corerange_to_cores(receivers)):
        example.arguments(outbound, core, result.address(), number)
    return bool(np.array_equal(example.run(result).reshape(3, 32, 32), [np.eye(TILE_WIDTH)] * 3))


def shard_data_rm() -> bool:
    example, cores = Example(), ttnn.CoreRange(CORE, ttnn.CoreCoord(0, 3))
    source = example.buffer(0, 4, 32)
    example.write(source, np.arange(1, 17, dtype=np.float32) * 2)
    config = ttnn.CircularBufferConfig(4 * 4, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, 4)
    ttnn.CreateCircularBuffer(example.program, cores, config)
    reader = example.mover("shard_data_rm/kernels/reader_sharded_rm.cpp", cores, 0, [0, *accessors(source)])
    for number in range(4):
        example.arguments(reader, ttnn.CoreCoord(0, number), source.address(), 4, 32, number * 2)
    example.run(None)
    return True


def pad_multi_core() -> bool:
    example, cores = Example(), ttnn.CoreRange(CORE, ttnn.CoreCoord(0, 3))
    folder, rows, words, padded = "pad_multi_core/kernels", 64, 16, 32
    values = np.arange(1, rows * words * 2 + 1, dtype=np.float32)
    source, pad, result = (example.buffer(0, 4, 4 * count) for count in (rows * words, 1, rows * padded))
    two = int(np.array([2, 2], ml_dtypes.bfloat16).view(np.uint32)[0])
    config = ttnn.CircularBufferConfig(padded * 64, dict.fromkeys(range(3), ttnn.DataFormat.UInt32))
    for index, size in enumerate((64, 64, 4)):
        config.set_page_size(index, size)
    ttnn.CreateCircularBuffer(example.program, cores, config)
    settings = [rows, 1, words, 4, rows, 1, padded, 64, 0, 0, 1, 64, 1, two, 64, 0, 0, 1, 64, 0]
    reader = example.mover(f"{folder}/pad_reader_dims_rm_interleaved.cpp", cores, 0, [*settings, *accessors(source)])
    writer = example.mover(f"{folder}/pad_writer_dims_rm_interleaved.cpp", cores, 1, [0, 4, 64, *accessors(result)])
    for number in range(4):
        core, own = ttnn.CoreCoord(0, number), rows // 4
        example.arguments(reader, core, source.address(), own * padded, padded, number * own * words, *[0] * 7)
        example.arguments(writer, core, result.address(), own * padded, padded, number * own * padded)
    example.write(source, values)
    example.write(pad, np.array([two], np.uint32))
    kept = values.astype(ml_dtypes.bfloat16).astype(np.float32).reshape(rows, 2 * words)
    expected = np.pad(kept, ((0, 0), (0, 2 * words)), constant_values=2)
    return bool(np.array_equal(example.run(result).reshape(rows, 2 * padded), expected))


def hello_world_compute_kernel() -> bool:
    example = Example()
    kernel = example.compute("hello_world_compute_kernel/kernels/compute/void_compute_kernel.cpp", CORE)
    example.arguments(kernel, CORE)
    example.run(None)
    return True


def hello_world_datamovement_kernel() -> bool:
    example = Example()
    for risc in (0, 1):
        path = "hello_world_datamovement_kernel/kernels/dataflow/void_dataflow_kernel.cpp"
        example.arguments(example.mover(path, CORE, risc), CORE)
    example.run(None)
    return True


PORTS: dict[str, Callable[[], bool]] = {
    each.__name__: each
    for each in (
        loopback, add_2_integers_in_riscv, add_2_integers_in_compute, eltwise_binary, eltwise_sfpu, custom_sfpi_add,
        custom_sfpi_smoothstep, sfpu_eltwise_chain, vecadd, vecadd_multi_core, vecadd_sharding_height,
        vecadd_sharding_width, vecadd_sharding_block, noc_tile_transfer, multicast, shard_data_rm, pad_multi_core,
        matmul_single_core, matmul_multi_core, hello_world_compute_kernel, hello_world_datamovement_kernel,
    )
}  # fmt: skip
"""The examples by name."""


if __name__ == "__main__":
    passed = PORTS[sys.argv[1]]()
    print(f"{sys.argv[1]}: {'its own check passes' if passed else 'its own check FAILS'}")
    sys.exit(not passed)
