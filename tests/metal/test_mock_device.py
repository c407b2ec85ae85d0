"""The whole device interface on the vendor's mock device: everything but what kernels compute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.device_interface import (
    Allocation,
    BufferSpec,
    Capability,
    CircularBufferFormat,
    CircularBufferImage,
    CircularBufferState,
    ComputeSettings,
    DataMovementSettings,
    DeviceDriver,
    Event,
    Header,
    KernelArguments,
    KernelContent,
    KernelImage,
    LaunchFinished,
    LaunchState,
    ProgramImage,
    Progress,
    SemaphoreImage,
    ShardLayout,
)
from tthal.errors import (
    CompileError,
    InvalidArgument,
    ObjectClosed,
    OutOfMemory,
    PlacementError,
    TthalError,
    Unsupported,
)
from tthal.kit.image_checks import check_image
from tthal.types import (
    NOC,
    NOC_MODE,
    BufferType,
    DataFormat,
    DataMovementProcessor,
    Eth,
    KernelBuildOptLevel,
    MathFidelity,
    ShardOrientation,
    TensorMemoryLayout,
    UnpackToDestMode,
)

TILE = 2048
SOURCE = "void kernel_main() {}\n"
READER = DataMovementSettings(DataMovementProcessor.RISCV_1, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC)
WRITER = DataMovementSettings(DataMovementProcessor.RISCV_0, NOC.NOC_1, NOC_MODE.DM_DEDICATED_NOC)


def cores(x0: int, y0: int, x1: int | None = None, y1: int | None = None) -> CoreRangeSet:
    start = CoreCoord(x0, y0)
    return CoreRangeSet(CoreRange(start, start if x1 is None or y1 is None else CoreCoord(x1, y1)))


def kernel(where: CoreRangeSet, source: str = SOURCE, name: str = "reader", **more: object) -> KernelImage:
    image = KernelImage(KernelContent(name, source), where, KernelBuildOptLevel.O2, data_movement=READER)
    return replace(image, **more)  # type: ignore[arg-type]


def buffer(where: CoreRangeSet, index: int = 0, tile: tuple[int, int] | None = None) -> CircularBufferImage:
    return CircularBufferImage(where, (CircularBufferFormat(index, DataFormat.Float16_b, tile),))


def sizes(total: int, page: int = TILE, index: int = 0, **more: object) -> CircularBufferState:
    return replace(CircularBufferState(total, ((index, page),)), **more)  # type: ignore[arg-type]


def run(device: DeviceDriver, image: ProgramImage, state: LaunchState) -> None:
    check_image(image, replace(device.properties, capabilities=frozenset(Capability)))
    device.launch(0, device.load(image), state)
    device.finish(0)


# ------------------------------------------------------------------------------------------ what it is


def test_it_runs_no_kernels_and_says_so(mock_device: DeviceDriver) -> None:
    properties = mock_device.properties
    assert properties.board == "n150"
    assert properties.library_versions["libtt_metal"] == "0.81.1"
    assert Capability.DATA_MOVEMENT_KERNELS not in properties.capabilities
    assert Capability.SHARDED_BUFFERS in properties.capabilities


def test_dispatch_mode_decides_the_grid(open_mock: Callable[..., DeviceDriver]) -> None:
    slow = open_mock(dispatch="slow")
    assert slow.properties.compute_grid == CoreCoord(8, 9)
    assert len(slow.properties.l1_banks) == 72


def test_device_options_reach_the_library(open_mock: Callable[..., DeviceDriver]) -> None:
    device = open_mock(num_command_queues="2", l1_small_size="32768")
    assert device.properties.num_queues == 2
    assert Capability.TWO_QUEUES in device.properties.capabilities
    shards = ShardLayout((CoreCoord(0, 0),), (1, 1), (1, 1))
    small = device.allocate(BufferSpec(TILE, TILE, BufferType.L1_SMALL, TensorMemoryLayout.HEIGHT_SHARDED, shards))
    assert device.properties.l1_size - 32768 <= small.address < device.properties.l1_size
    large = device.allocate(BufferSpec(TILE, TILE, BufferType.L1))
    assert large.address + TILE <= device.properties.l1_size - 32768


# ------------------------------------------------------------------------------------------ buffers


def test_buffers_are_placed_written_read_and_freed(mock_device: DeviceDriver) -> None:
    spec = BufferSpec(4 * TILE, TILE, BufferType.DRAM)
    first = mock_device.allocate(spec)
    second = mock_device.allocate(spec)
    assert first.id != second.id
    assert first.address != second.address
    mock_device.write(0, first, memoryview(bytes(spec.size)))
    out = bytearray(spec.size)
    mock_device.read(0, first, memoryview(out))
    mock_device.finish(0)
    mock_device.free(first)
    assert mock_device.allocate(spec).address == first.address
    mock_device.free(first)


def test_an_explicit_address_is_taken_as_it_is(mock_device: DeviceDriver) -> None:
    spec = BufferSpec(TILE, TILE, BufferType.DRAM, address=0x200000)
    one, two = mock_device.allocate(spec), mock_device.allocate(spec)
    assert one.address == two.address == 0x200000
    mock_device.free(one)
    mock_device.free(two)


def test_shards_are_placed(mock_device: DeviceDriver) -> None:
    grid = tuple(CoreCoord(x, 0) for x in range(2))
    shards = ShardLayout(grid, (4, 2), (2, 2))
    spec = BufferSpec(8 * TILE, TILE, BufferType.L1, TensorMemoryLayout.HEIGHT_SHARDED, shards)
    allocation = mock_device.allocate(spec)
    plain = mock_device.allocate(BufferSpec(TILE, TILE, BufferType.L1))
    assert plain.address + TILE == allocation.address, "four pages of every core, and right below the next buffer"
    mock_device.free(plain)
    mock_device.free(allocation)


def test_a_shard_grid_outside_the_banks(mock_device: DeviceDriver) -> None:
    shards = ShardLayout((CoreCoord(20, 0),), (1, 1), (1, 1), ShardOrientation.ROW_MAJOR)
    spec = BufferSpec(TILE, TILE, BufferType.L1, TensorMemoryLayout.HEIGHT_SHARDED, shards)
    with pytest.raises((InvalidArgument, PlacementError)):
        mock_device.allocate(spec)


def test_more_than_there_is(mock_device: DeviceDriver) -> None:
    with pytest.raises(OutOfMemory, match="Not enough space to allocate 1099511627776 B DRAM"):
        mock_device.allocate(BufferSpec(1 << 40, TILE, BufferType.DRAM))


def test_a_freed_buffer_cannot_be_written(mock_device: DeviceDriver) -> None:
    allocation = mock_device.allocate(BufferSpec(TILE, TILE, BufferType.DRAM))
    mock_device.free(allocation)
    mock_device.write(0, allocation, memoryview(bytes(TILE)))
    mock_device.read(0, allocation, memoryview(bytearray(TILE)))
    with pytest.raises(ObjectClosed, match="is not allocated"):
        mock_device.finish(0)
    mock_device.finish(0)


# ------------------------------------------------------------------------------------------ raw memory


def test_raw_access_checks_what_the_library_does_not(mock_device: DeviceDriver) -> None:
    core, size = CoreCoord(0, 0), mock_device.properties.l1_size
    mock_device.write_l1(core, size - 64, memoryview(bytes(64)))
    assert len(mock_device.read_l1(core, 0, 4)) == 4
    assert mock_device.read_l1(core, 0, 0) == b""
    for bad in (lambda: mock_device.read_l1(core, size - 63, 64), lambda: mock_device.read_l1(CoreCoord(8, 0), 0, 4)):
        with pytest.raises(InvalidArgument):
            bad()
    with pytest.raises(InvalidArgument, match="no DRAM bank 12"):
        mock_device.read_dram(12, 0x200000, 4)
    with pytest.raises(InvalidArgument, match="reserved DRAM region"):
        mock_device.write_dram(0, 0, memoryview(bytes(4)))


# ------------------------------------------------------------------------------------------ programs


def test_all_settings_reach_the_compiler(open_mock: Callable[..., DeviceDriver], mock_card: object) -> None:
    before = len(mock_card.commands)  # type: ignore[attr-defined]
    device = open_mock()
    mover = kernel(
        cores(0, 0), "// unique: all settings\n" + SOURCE, compile_time_args=(5, 0xFFFFFFFF), defines=(("FOO", "3"),),
        named_compile_time_args=(("answer", 42),), data_movement=WRITER, opt_level=KernelBuildOptLevel.Os,
    )  # fmt: skip
    modes = (UnpackToDestMode.UnpackToDestFp32,) + (UnpackToDestMode.Default,) * 31
    compute = kernel(
        cores(0, 0), "// unique: compute\n" + SOURCE, "math", data_movement=None, opt_level=KernelBuildOptLevel.O3,
        compute=ComputeSettings(MathFidelity.HiFi2, True, True, modes, True, True), defines=(("BAR", "4"),),
    )  # fmt: skip
    device.load(ProgramImage((mover, compute), (buffer(cores(0, 0)),)))
    commands = mock_card.commands[before:]  # type: ignore[attr-defined]
    brisc = next(line for line in commands if "-DCOMPILE_FOR_BRISC" in line)
    for part in ("-Os", "-DFOO=3", "-DNOC_INDEX=1", "-DKERNEL_COMPILE_TIME_ARGS=5,4294967295"):
        assert part in brisc.split()
    assert sum("-DCOMPILE_FOR_TRISC=" in line and " -c " in line for line in commands) == 3


def test_kernels_are_compiled_once_per_image(open_mock: Callable[..., DeviceDriver]) -> None:
    events: list[Event] = []
    device = open_mock(events=events.append)
    image = ProgramImage((kernel(cores(0, 0)),))
    loaded = device.load(image)
    assert device.load(image).image == image
    assert [event.done for event in events if isinstance(event, Progress)].count(1) == 1
    device.launch(0, loaded, LaunchState((KernelArguments(),)))
    device.finish(0)
    assert [event.fingerprint for event in events if isinstance(event, LaunchFinished)] == [image.fingerprint]
    device.unload(loaded)
    with pytest.raises(InvalidArgument, match="unloaded"):
        device.launch(0, loaded, LaunchState((KernelArguments(),)))


def test_user_headers_and_older_names_are_found(mock_device: DeviceDriver) -> None:
    source = '#include "dataflow_api.h"\n#include "util.hpp"\n#include "../common/more.hpp"\n' + SOURCE
    headers = (Header("util.hpp", "#pragma once\n"), Header("../common/more.hpp", "#pragma once\n"))
    mock_device.load(ProgramImage((kernel(cores(0, 0), content=KernelContent("k", source, headers)),)))


def test_a_rejected_kernel_is_reported_in_the_users_names(mock_device: DeviceDriver) -> None:
    source = SOURCE + "#error not today\n"
    content = KernelContent("reader", source, (), "kernels/reader.cpp")
    with pytest.raises(CompileError, match=r"kernels/reader\.cpp:2:2: error: #error not today") as caught:
        mock_device.load(ProgramImage((kernel(cores(0, 0), content=content),)))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.location is not None
    assert (diagnostic.kernel, diagnostic.location.line) == ("reader", 2)
    mock_device.load(ProgramImage((kernel(cores(0, 0), SOURCE + "// now without\n"),)))


def test_a_missing_header_is_reported(mock_device: DeviceDriver) -> None:
    with pytest.raises(CompileError, match=r"nowhere\.hpp: No such file"):
        mock_device.load(ProgramImage((kernel(cores(0, 0), '#include "nowhere.hpp"\n' + SOURCE),)))


def test_arguments_change_between_launches(mock_device: DeviceDriver) -> None:
    where = cores(0, 0, 1, 1)
    counts = ((CoreCoord(0, 0), 2), (CoreCoord(1, 1), 3))
    image = ProgramImage((kernel(where, runtime_arg_counts=counts, common_runtime_arg_count=2),))
    loaded = mock_device.load(image)
    for value in (1, 2, 0xFFFFFFFF):
        per_core = ((CoreCoord(0, 0), (value, value)), (CoreCoord(1, 1), (value, 0, value)))
        mock_device.launch(0, loaded, LaunchState((KernelArguments(per_core, (value, 7)),)))
    mock_device.finish(0)


def test_semaphore_ids_may_have_gaps(mock_device: DeviceDriver) -> None:
    where = cores(0, 0, 3, 3)
    semaphores = (SemaphoreImage(3, where, 1), SemaphoreImage(0, where, 2), SemaphoreImage(0, cores(5, 5), 3))
    run(mock_device, ProgramImage((kernel(where),), (), semaphores), LaunchState((KernelArguments(),)))


def test_ethernet_kernels_are_not_run(mock_device: DeviceDriver) -> None:
    from tthal.device_interface import EthernetSettings

    settings = EthernetSettings(Eth.SENDER, NOC.NOC_0, DataMovementProcessor.RISCV_0)
    with pytest.raises(Unsupported, match="Ethernet"):
        mock_device.load(ProgramImage((kernel(cores(0, 0), data_movement=None, ethernet=settings),)))


# ------------------------------------------------------------------------------------------ circular buffers


def addresses(device: DeviceDriver, image: ProgramImage, state: LaunchState) -> list[int]:
    loaded = device.load(image)
    device.launch(0, loaded, state)
    device.finish(0)
    found: list[int] = device.circular_buffer_addresses(loaded)  # type: ignore[attr-defined]
    return found


def test_sizes_change_between_launches(mock_device: DeviceDriver) -> None:
    where = cores(0, 0)
    image = ProgramImage((kernel(where),), (buffer(where, 0), buffer(where, 1), buffer(where, 2, tile=(16, 32))))
    base = mock_device.properties.l1_base

    def state(first: int, page: int) -> LaunchState:
        return LaunchState((KernelArguments(),), (sizes(first, page), sizes(TILE, index=1), sizes(1024, 1024, 2)))

    assert addresses(mock_device, image, state(2 * TILE, TILE)) == [base, base + 2 * TILE, base + 3 * TILE]
    assert addresses(mock_device, image, state(3000, 1500)) == [base, base + 3008, base + 3008 + TILE]
    assert addresses(mock_device, image, state(8 * TILE, 4 * TILE)) == [base, base + 8 * TILE, base + 9 * TILE]


def test_a_binding_comes_moves_and_goes(mock_device: DeviceDriver) -> None:
    where = cores(0, 0)
    image = ProgramImage((kernel(where, SOURCE + "// bound\n"),), (buffer(where),))
    small = mock_device.allocate(BufferSpec(64 * TILE, TILE, BufferType.L1))
    large = mock_device.allocate(BufferSpec(256 * TILE, TILE, BufferType.L1))

    def state(total: int, place: Allocation | None, offset: int = 0) -> LaunchState:
        return LaunchState((KernelArguments(),), (sizes(total, allocation=place, address_offset=offset),))

    assert addresses(mock_device, image, state(TILE, None)) == [mock_device.properties.l1_base]
    assert addresses(mock_device, image, state(4 * TILE, large)) == [large.address]
    assert addresses(mock_device, image, state(TILE, small)) == [small.address]
    assert addresses(mock_device, image, state(2 * TILE, large, TILE)) == [large.address + TILE]
    run(mock_device, image, state(TILE, None))
    with pytest.raises(InvalidArgument, match="larger than the associated"):
        run(mock_device, image, state(8 * TILE, large))
    assert addresses(mock_device, image, state(4 * TILE, large)) == [large.address]
    mock_device.free(small)
    mock_device.free(large)


def test_too_large_for_l1(mock_device: DeviceDriver) -> None:
    where = cores(0, 0)
    image = ProgramImage((kernel(where, SOURCE + "// large\n"),), (buffer(where),))
    with pytest.raises(PlacementError, match="beyond max L1 size of 1499136 B"):
        run(mock_device, image, LaunchState((KernelArguments(),), (sizes(800 * TILE),)))
    mock_device.finish(0)
    run(mock_device, image, LaunchState((KernelArguments(),), (sizes(TILE),)))


def test_a_clash_with_a_buffer(mock_device: DeviceDriver) -> None:
    where = cores(0, 0)
    image = ProgramImage((kernel(where, SOURCE + "// clash\n"),), (buffer(where),))
    state = LaunchState((KernelArguments(),), (sizes(200 * TILE),))
    run(mock_device, image, state)
    blocking = mock_device.allocate(BufferSpec(64 * 600 * TILE, TILE, BufferType.L1))
    with pytest.raises(PlacementError, match="clash with L1 buffers"):
        run(mock_device, image, state)
    mock_device.free(blocking)
    run(mock_device, image, state)


def test_a_circular_buffer_where_no_kernel_is(mock_device: DeviceDriver) -> None:
    """In fast dispatch this crashes the library itself."""
    images = (buffer(cores(3, 3), 0), buffer(cores(0, 0, 1, 1), 1))
    image = ProgramImage((kernel(cores(1, 1), SOURCE + "// lonely\n"),), images)
    state = LaunchState((KernelArguments(),), (sizes(TILE), sizes(TILE, index=1)))
    run(mock_device, image, state)
    run(mock_device, image, LaunchState(state.kernels, (sizes(2 * TILE), sizes(2 * TILE, index=1))))


def test_a_kernel_outside_the_grid(mock_device: DeviceDriver) -> None:
    with pytest.raises((PlacementError, TthalError)) as caught:
        run(mock_device, ProgramImage((kernel(cores(20, 20)),)), LaunchState((KernelArguments(),)))
    assert "20" in str(caught.value)
    run(mock_device, ProgramImage((kernel(cores(0, 0), SOURCE + "// after\n"),)), LaunchState((KernelArguments(),)))


def test_a_failed_queue_ignores_commands_until_finish(mock_device: DeviceDriver) -> None:
    gone = mock_device.allocate(BufferSpec(TILE, TILE, BufferType.DRAM))
    mock_device.free(gone)
    mock_device.write(0, gone, memoryview(bytes(TILE)))
    image = ProgramImage((kernel(cores(0, 0), SOURCE + "#error never compiled\n"),))
    with pytest.raises(CompileError):
        mock_device.load(image)
    good = mock_device.load(ProgramImage((kernel(cores(0, 0), SOURCE + "// good\n"),)))
    mock_device.launch(0, good, LaunchState((KernelArguments(),)))
    with pytest.raises(ObjectClosed):
        mock_device.finish(0)


def test_queues_that_are_not_there(mock_device: DeviceDriver) -> None:
    allocation = mock_device.allocate(BufferSpec(TILE, TILE, BufferType.DRAM))
    with pytest.raises(InvalidArgument, match="there is no queue 1"):
        mock_device.write(1, allocation, memoryview(bytes(TILE)))
    mock_device.free(allocation)
