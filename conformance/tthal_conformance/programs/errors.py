"""Documented errors: each is raised on every backend, by its class; the call that raised it changed nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tthal as ttnn
from tthal.device_interface import Capability
from tthal_conformance.claim import Kind
from tthal_conformance.declaration import program
from tthal_conformance.requirements import DATA_MOVEMENT
from tthal_conformance.run import Run
from tthal_conformance.workbench import CORE, PAGE, circular_buffer

DRAM, L1 = ttnn.BufferType.DRAM, ttnn.BufferType.L1
ROW = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0))
Case = tuple[str, type[BaseException], Callable[[], Any]]


def _all(run: Run, cases: list[Case]) -> None:
    for what, kind, call in cases:
        with run.raises(what, kind):
            call()


def _blank(run: Run, work: ttnn.Program, config: Any = None, cores: Any = CORE) -> int:
    return ttnn.CreateKernel(work, run.kernel("blank"), cores, config or ttnn.DataMovementConfig())


def _interleaved(run: Run, size: int, page_size: int, where: ttnn.BufferType = DRAM) -> ttnn.InterleavedBufferConfig:
    return ttnn.InterleavedBufferConfig(run.device, size, page_size, where)


@program("error.kernels", kind=Kind.ERROR, covers=["CreateKernel", "KernelFileNotFound"])
def kernel_errors(run: Run) -> None:
    """Kernels that cannot be: missing files, taken processors, a shared dedicated NoC, impossible settings."""
    work = ttnn.CreateProgram()
    _blank(run, work)
    ncrisc = ttnn.DataMovementProcessor.RISCV_1
    same_noc = ttnn.DataMovementConfig(ncrisc, ttnn.NOC.NOC_0)
    third = ttnn.DataMovementConfig(ttnn.DataMovementProcessor.RISCV_2)
    _all(
        run,
        [
            ("no such file", ttnn.KernelFileNotFound, lambda: ttnn.CreateKernel(work, "no/such/kernel.cpp", CORE)),
            ("processor is taken", ttnn.InvalidArgument, lambda: _blank(run, work)),
            ("dedicated NoC is taken", ttnn.InvalidArgument, lambda: _blank(run, work, same_noc)),
            ("no such processor", ttnn.InvalidArgument, lambda: _blank(run, ttnn.CreateProgram(), third)),
            ("no config", TypeError, lambda: ttnn.CreateKernel(work, run.kernel("blank"), CORE, "BRISC")),  # type: ignore[arg-type]
            ("no cores", TypeError, lambda: _blank(run, work, None, (0, 0, 0))),
            ("no fidelity", ttnn.InvalidArgument, lambda: _compute(run, ttnn.MathFidelity.Invalid)),
            ("a define that is no macro", ttnn.InvalidArgument, lambda: _defined(run, {"not a name": "1"})),
            ("a compile-time argument too large", ttnn.InvalidArgument, lambda: _compile_args(run, [1 << 32])),
        ],
    )


def _compute(run: Run, fidelity: ttnn.MathFidelity) -> int:
    return _blank(run, ttnn.CreateProgram(), ttnn.ComputeConfig(math_fidelity=fidelity))


def _defined(run: Run, defines: dict[str, str]) -> int:
    return _blank(run, ttnn.CreateProgram(), ttnn.DataMovementConfig(defines=defines))


def _compile_args(run: Run, words: list[int]) -> int:
    return _blank(run, ttnn.CreateProgram(), ttnn.DataMovementConfig(compile_args=words))


@program("error.cores", kind=Kind.ERROR, covers=["CoreCoord", "CoreRange", "CoreRangeSet"])
def core_errors(run: Run) -> None:
    """Coordinates and ranges that cannot be."""
    _all(
        run,
        [
            ("negative coordinate", ttnn.InvalidArgument, lambda: ttnn.CoreCoord(-1, 0)),
            ("end before start", ttnn.InvalidArgument, lambda: ttnn.CoreRange(ttnn.CoreCoord(2, 2), CORE)),
            ("overlapping ranges", ttnn.InvalidArgument, lambda: ttnn.CoreRangeSet([ROW, ROW])),
        ],
    )


@program("error.buffers", kind=Kind.ERROR, covers=["CreateBuffer", "OutOfMemory", "EnqueueWriteBuffer"])
def buffer_errors(run: Run) -> None:
    """Buffers that cannot be, and data that does not fit them."""
    buffer = ttnn.CreateBuffer(_interleaved(run, 4 * PAGE, PAGE))
    properties = run.device.properties
    everything = properties.dram_bank_size * (len(properties.dram_banks) + 1)
    short = np.zeros(PAGE, np.uint8)
    _all(
        run,
        [
            ("pages do not divide", ttnn.InvalidArgument, lambda: ttnn.CreateBuffer(_interleaved(run, 100, 64))),
            ("page size 0", ttnn.InvalidArgument, lambda: ttnn.CreateBuffer(_interleaved(run, 64, 0))),
            ("no config", TypeError, lambda: ttnn.CreateBuffer(64)),  # type: ignore[arg-type]
            ("too large", ttnn.OutOfMemory, lambda: ttnn.CreateBuffer(_interleaved(run, everything, 4096))),
            (
                "sub-device of an interleaved buffer",
                ttnn.InvalidArgument,
                lambda: ttnn.CreateBuffer(_interleaved(run, 64, 64), sub_device_id=0),
            ),
            ("data too short", ttnn.InvalidArgument, lambda: ttnn.EnqueueWriteBuffer(run.queue, buffer, short)),
            ("room too short", ttnn.InvalidArgument, lambda: ttnn.EnqueueReadBuffer(run.queue, buffer, short)),
            ("more than fits", ttnn.InvalidArgument, lambda: ttnn.WriteToBuffer(buffer, np.zeros(5 * PAGE, np.uint8))),
        ],
    )
    ttnn.DeallocateBuffer(buffer)
    with run.raises("use after deallocation", ttnn.ObjectClosed):
        ttnn.EnqueueReadBuffer(run.queue, buffer)


@program("error.shards", kind=Kind.ERROR, covers=["ShardedBufferConfig", "ShardSpecBuffer"])
def shard_errors(run: Run) -> None:
    """Shards that fit neither the tensor nor the cores."""
    row = ttnn.CoreRangeSet([ROW])
    outside = ttnn.CoreCoord(run.device.compute_with_storage_grid_size().x, 0)
    beyond = ttnn.CoreRangeSet([ttnn.CoreRange(outside, outside)])

    def sharded(
        cores: ttnn.CoreRangeSet,
        shape: tuple[int, int],
        tensor: tuple[int, int],
        layout: ttnn.TensorMemoryLayout = ttnn.TensorMemoryLayout.HEIGHT_SHARDED,
    ) -> ttnn.Buffer:
        spec = ttnn.ShardSpecBuffer(cores, shape, ttnn.ShardOrientation.ROW_MAJOR, (1, 16), tensor)
        size = tensor[0] * tensor[1] * PAGE
        return ttnn.CreateBuffer(ttnn.ShardedBufferConfig(run.device, size, PAGE, L1, layout, spec))

    no_spec = ttnn.ShardedBufferConfig(run.device, PAGE, PAGE, L1)
    _all(
        run,
        [
            ("no shard parameters", ttnn.InvalidArgument, lambda: ttnn.CreateBuffer(no_spec)),
            ("more shards than cores", ttnn.InvalidArgument, lambda: sharded(row, (1, 16), (3, 1))),
            ("shard narrower than the tensor", ttnn.InvalidArgument, lambda: sharded(row, (1, 16), (2, 2))),
            ("shard is no whole pages", ttnn.InvalidArgument, lambda: sharded(row, (1, 24), (2, 1))),
            ("core without a bank", ttnn.InvalidArgument, lambda: sharded(beyond, (1, 16), (1, 1))),
            (
                "interleaved with shards",
                ttnn.InvalidArgument,
                lambda: sharded(row, (1, 16), (2, 1), ttnn.TensorMemoryLayout.INTERLEAVED),
            ),
        ],
    )


@program("error.circular_buffers", kind=Kind.ERROR, covers=["CreateCircularBuffer", "CircularBufferConfig"])
def circular_buffer_errors(run: Run) -> None:
    """Circular buffers that cannot be, and updates that do not fit."""
    work = ttnn.CreateProgram()
    handle = circular_buffer(work, CORE, 0, PAGE, 2)
    data_format = ttnn.DataFormat.UInt32
    dram = ttnn.CreateBuffer(_interleaved(run, PAGE, PAGE))
    config = ttnn.CircularBufferConfig(2 * PAGE, {1: data_format})
    update = ttnn.UpdateCircularBufferPageSize
    _all(
        run,
        [
            ("index is taken", ttnn.InvalidArgument, lambda: circular_buffer(work, CORE, 0)),
            ("index past the last", ttnn.LimitExceeded, lambda: circular_buffer(work, CORE, 32)),
            ("pages do not divide", ttnn.InvalidArgument, lambda: config.set_page_size(1, 100)),
            ("page size is missing", ttnn.InvalidArgument, lambda: ttnn.CreateCircularBuffer(work, CORE, config)),
            ("index without format", ttnn.InvalidArgument, lambda: config.set_page_size(2, PAGE)),
            ("no such circular buffer", ttnn.InvalidArgument, lambda: ttnn.GetCircularBufferConfig(work, 7)),
            ("update of an index it lacks", ttnn.InvalidArgument, lambda: update(work, handle, 3, PAGE)),
            ("update that does not divide", ttnn.InvalidArgument, lambda: update(work, handle, 0, 48)),
            (
                "memory of a DRAM buffer",
                ttnn.InvalidArgument,
                lambda: ttnn.UpdateDynamicCircularBufferAddress(work, handle, dram),
            ),
            (
                "not in L1",
                ttnn.InvalidArgument,
                lambda: ttnn.CircularBufferConfig(PAGE, PAGE, data_format, ttnn.BufferType.DRAM),
            ),
        ],
    )


@program("error.semaphores", kind=Kind.ERROR, covers=["CreateSemaphore"])
def semaphore_errors(run: Run) -> None:
    """A ninth semaphore, and one on no core."""
    work = ttnn.CreateProgram()
    for value in range(8):
        ttnn.CreateSemaphore(work, ROW, value)
    _all(
        run,
        [
            ("a ninth one", ttnn.LimitExceeded, lambda: ttnn.CreateSemaphore(work, ROW, 0)),
            ("on no core", ttnn.InvalidArgument, lambda: ttnn.CreateSemaphore(work, ttnn.CoreRangeSet(), 0)),
            (
                "a value too large",
                ttnn.InvalidArgument,
                lambda: ttnn.CreateSemaphore(ttnn.CreateProgram(), ROW, 1 << 32),
            ),
        ],
    )


@program("error.runtime_args", kind=Kind.ERROR, covers=["SetRuntimeArgs", "SetCommonRuntimeArgs", "GetRuntimeArgs"])
def runtime_arg_errors(run: Run) -> None:
    """Arguments for cores without the kernel, too many, changed in number, or common ones set twice."""
    work = ttnn.CreateProgram()
    kernel = _blank(run, work)
    right = ttnn.CoreCoord(1, 0)
    ttnn.SetRuntimeArgs(work, kernel, CORE, [1, 2, 3])
    ttnn.SetCommonRuntimeArgs(work, kernel, [4])
    _all(
        run,
        [
            ("another core", ttnn.InvalidArgument, lambda: ttnn.SetRuntimeArgs(work, kernel, right, [1])),
            ("another number", ttnn.InvalidArgument, lambda: ttnn.SetRuntimeArgs(work, kernel, CORE, [1, 2])),
            ("no such kernel", ttnn.InvalidArgument, lambda: ttnn.SetRuntimeArgs(work, 9, CORE, [1])),
            (
                "a word too large",
                ttnn.InvalidArgument,
                lambda: ttnn.SetRuntimeArgs(work, kernel, CORE, [1, 2, 1 << 32]),
            ),
            ("a list too few", ttnn.InvalidArgument, lambda: ttnn.SetRuntimeArgs(work, kernel, [CORE], [[1], [2]])),
            ("common ones twice", ttnn.InvalidArgument, lambda: ttnn.SetCommonRuntimeArgs(work, kernel, [5])),
            ("of another core", ttnn.InvalidArgument, lambda: ttnn.GetRuntimeArgs(work, kernel, right)),
            ("too many", ttnn.LimitExceeded, lambda: _arguments(run, 256)),
        ],
    )
    run.check_host("nothing changed", list(ttnn.GetRuntimeArgs(work, kernel, CORE)), [1, 2, 3])


def _arguments(run: Run, count: int) -> None:
    work = ttnn.CreateProgram()
    ttnn.SetRuntimeArgs(work, _blank(run, work), CORE, [0] * count)


@program("error.frozen", kind=Kind.ERROR, covers=["ProgramFrozen"], needs=DATA_MOVEMENT)
def frozen_errors(run: Run) -> None:
    """A program's structure is fixed by its first launch."""
    work = ttnn.CreateProgram()
    _blank(run, work)
    ttnn.EnqueueProgram(run.queue, work, blocking=True)
    right = ttnn.CoreCoord(1, 0)
    _all(
        run,
        [
            ("a kernel", ttnn.ProgramFrozen, lambda: _blank(run, work, None, right)),
            ("a circular buffer", ttnn.ProgramFrozen, lambda: circular_buffer(work, CORE)),
            ("a semaphore", ttnn.ProgramFrozen, lambda: ttnn.CreateSemaphore(work, ROW, 0)),
        ],
    )


@program("error.placement", kind=Kind.ERROR, covers=["PlacementError", "EnqueueProgram"], needs=DATA_MOVEMENT)
def placement_errors(run: Run) -> None:
    """Programs that do not fit the device: a core outside the grid, circular buffers past L1."""
    grid = run.device.compute_with_storage_grid_size()
    outside = ttnn.CreateProgram()
    _blank(run, outside, None, ttnn.CoreCoord(grid.x, grid.y))
    large = ttnn.CreateProgram()
    circular_buffer(large, CORE, 0, 1024, run.device.l1_size_per_core() // 1024 + 1)
    _blank(run, large)
    _all(
        run,
        [
            ("outside the grid", ttnn.PlacementError, lambda: ttnn.EnqueueProgram(run.queue, outside, blocking=True)),
            ("larger than L1", ttnn.PlacementError, lambda: ttnn.EnqueueProgram(run.queue, large, blocking=True)),
        ],
    )


@program("error.l1_clash", kind=Kind.ERROR, covers=["PlacementError"], needs=DATA_MOVEMENT)
def l1_clash_errors(run: Run) -> None:
    """Circular buffers that would reach into an L1 buffer are refused at the launch."""
    banks = len(run.device.properties.l1_banks)
    room = run.device.l1_size_per_core() - run.device.properties.l1_base
    half = room // 2 // 1024 * 1024
    buffer = ttnn.CreateBuffer(_interleaved(run, half * banks, half, L1))
    work = ttnn.CreateProgram()
    circular_buffer(work, CORE, 0, 1024, half // 1024 + 16)
    _blank(run, work)
    with run.raises("a clash", ttnn.PlacementError):
        ttnn.EnqueueProgram(run.queue, work, blocking=True)
    run.check_host("the buffer is still there", buffer.is_allocated(), True)


@program("error.compile", kind=Kind.ERROR, covers=["CompileError"], needs=DATA_MOVEMENT)
def compile_errors(run: Run) -> None:
    """Kernels that do not compile raise with the compiler's words; the device then works on."""
    for file, says in (("does_not_compile", "this_function_does_not_exist"), ("needs_define", "CONFORMANCE_WANTED")):
        work = ttnn.CreateProgram()
        ttnn.CreateKernel(work, run.kernel(file), CORE, ttnn.DataMovementConfig())
        with run.raises(file, ttnn.CompileError, says):
            ttnn.EnqueueProgram(run.queue, work, blocking=True)
    good = ttnn.CreateProgram()
    _blank(run, good)
    ttnn.EnqueueProgram(run.queue, good, blocking=True)


@program(
    "error.deadlock", kind=Kind.ERROR, covers=["DeadlockError"], needs=DATA_MOVEMENT | {Capability.DETECTS_DEADLOCK}
)
def deadlock_errors(run: Run) -> None:
    """A kernel that waits for ever raises, and names what it waits for."""
    work = ttnn.CreateProgram()
    circular_buffer(work, CORE)
    ttnn.CreateKernel(work, run.kernel("deadlock"), CORE, ttnn.DataMovementConfig())
    with run.raises("a page that never comes", ttnn.DeadlockError):
        ttnn.EnqueueProgram(run.queue, work, blocking=True)


@program(
    "error.illegal_access",
    kind=Kind.ERROR,
    covers=["KernelError"],
    needs=DATA_MOVEMENT | {Capability.DETECTS_ILLEGAL_ACCESS},
)
def illegal_access_errors(run: Run) -> None:
    """A transfer to a place where nothing is raises, and one between addresses that do not lie alike."""
    for what, kernel in (("a write into the void", "stray_write"), ("a read off its alignment", "misaligned_read")):
        buffer = ttnn.CreateBuffer(_interleaved(run, 2 * PAGE, 2 * PAGE))
        work = ttnn.CreateProgram()
        circular_buffer(work, CORE)
        data_movement = ttnn.CreateKernel(work, run.kernel(kernel), CORE, ttnn.DataMovementConfig())
        ttnn.SetRuntimeArgs(work, data_movement, CORE, [buffer.address()])
        with run.raises(what, ttnn.KernelError):
            ttnn.EnqueueProgram(run.queue, work, blocking=True)


@program("error.closed", kind=Kind.ERROR, covers=["ObjectClosed", "CloseDevice"])
def closed_errors(run: Run) -> None:
    """A closed device takes no commands, and its buffers are gone."""
    device = run.device
    queue = device.command_queue()
    buffer = ttnn.CreateBuffer(_interleaved(run, PAGE, PAGE))
    config = _interleaved(run, PAGE, PAGE)
    ttnn.CloseDevice(device)
    work = ttnn.CreateProgram()
    _all(
        run,
        [
            ("a launch", ttnn.ObjectClosed, lambda: ttnn.EnqueueProgram(queue, work)),
            ("a read", ttnn.ObjectClosed, lambda: ttnn.EnqueueReadBuffer(queue, buffer)),
            ("a new buffer", ttnn.ObjectClosed, lambda: ttnn.CreateBuffer(config)),
            ("a wait", ttnn.ObjectClosed, lambda: ttnn.Finish(queue)),
        ],
    )


@program("error.devices", kind=Kind.ERROR, covers=["CreateDevice", "open_device", "SelectionError"])
def device_errors(run: Run) -> None:
    """Devices and backends that do not exist."""
    _all(
        run,
        [
            ("a negative id", ttnn.InvalidArgument, lambda: ttnn.CreateDevice(-1)),
            ("three queues", ttnn.InvalidArgument, lambda: ttnn.CreateDevice(0, num_hw_cqs=3)),
            ("no such backend", ttnn.SelectionError, lambda: ttnn.open_device(0, backend="no-such-backend")),
            ("a queue it has not", ttnn.InvalidArgument, lambda: run.device.command_queue(7)),
        ],
    )


@program(
    "error.raw_access",
    kind=Kind.ERROR,
    covers=["WriteToDeviceL1", "ReadFromDeviceDRAMChannel"],
    needs={Capability.RAW_MEMORY_ACCESS},
)
def raw_access_errors(run: Run) -> None:
    """Raw access outside the memories is refused."""
    device = run.device
    beyond = device.l1_size_per_core()
    grid = device.compute_with_storage_grid_size()
    outside = ttnn.CoreCoord(grid.x, 0)
    banks = device.num_dram_channels()
    _all(
        run,
        [
            ("past L1", ttnn.InvalidArgument, lambda: ttnn.ReadFromDeviceL1(device, CORE, beyond - 4, 8)),
            ("no such core", ttnn.InvalidArgument, lambda: ttnn.ReadFromDeviceL1(device, outside, 0, 4)),
            ("no such bank", ttnn.InvalidArgument, lambda: ttnn.ReadFromDeviceDRAMChannel(device, banks, 0, 4)),
            ("the device's own bytes", ttnn.InvalidArgument, lambda: ttnn.WriteToDeviceDRAMChannel(device, 0, 0, [1])),
        ],
    )


@program(
    "error.descriptors", kind=Kind.ERROR, covers=["generic_op", "SemaphoreDescriptor", "merge_program_descriptors"]
)
def descriptor_errors(run: Run) -> None:
    """Descriptors that cannot be."""
    buffer = ttnn.CreateBuffer(_interleaved(run, PAGE, PAGE))
    empty = ttnn.ProgramDescriptor()
    _all(
        run,
        [
            ("one buffer only", ttnn.InvalidArgument, lambda: ttnn.generic_op([buffer], empty)),
            ("no descriptor", TypeError, lambda: ttnn.generic_op([buffer, buffer], ttnn.CreateProgram())),  # type: ignore[arg-type]
            ("semaphore 16", ttnn.InvalidArgument, lambda: ttnn.SemaphoreDescriptor(16)),
        ],
    )


@program("error.unsupported_kernel", kind=Kind.ERROR, covers=["EthernetConfig", "Unsupported"])
def unsupported_kernel_errors(run: Run) -> None:
    """An Ethernet kernel can be created; launching it needs the capability, which is checked before anything runs."""
    work = ttnn.CreateProgram()
    ttnn.CreateKernel(work, run.kernel("blank"), CORE, ttnn.EthernetConfig())
    if Capability.ETHERNET in run.device.properties.capabilities:
        run.check_host("declared", True, True)
        return
    with run.raises("not declared", ttnn.Unsupported):
        ttnn.EnqueueProgram(run.queue, work, blocking=True)
