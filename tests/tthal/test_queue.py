from __future__ import annotations

import array

import ml_dtypes
import numpy as np
import pytest

from tthal.buffer import Buffer, BufferRegion, InterleavedBufferConfig, create_buffer
from tthal.circular_buffer import CircularBufferConfig
from tthal.command_queue import CommandQueue
from tthal.coordinates import CoreCoord
from tthal.device import Device
from tthal.device_interface import Backend, KernelContent
from tthal.errors import DeviceError, InvalidArgument, ObjectClosed, PlacementError, ProgramFrozen
from tthal.execution import (
    EnqueueProgram,
    EnqueueReadBuffer,
    EnqueueWriteBuffer,
    Finish,
    LaunchProgram,
    ReadFromBuffer,
    WriteToBuffer,
    open_device,
)
from tthal.loaded_programs import LoadedPrograms
from tthal.program import Program
from tthal.types import BufferType, DataFormat

SIZE = 128


@pytest.fixture
def device(null_backend: Backend):
    with open_device(backend="null", num_command_queues=2) as opened:
        yield opened


@pytest.fixture
def failing(null_backend: Backend):
    with open_device(backend="null?fail_launch=1") as opened:
        yield opened


def make_buffer(device: Device, size: int = SIZE, kind: BufferType = BufferType.DRAM) -> Buffer:
    return create_buffer(InterleavedBufferConfig(device, size, 32, kind))


def kernel(text: str = "void kernel_main() {}") -> KernelContent:
    return KernelContent("k", text)


class TestQueues:
    def test_queues_of_one_device_and_id_are_equal(self, device: Device) -> None:
        assert device.command_queue() == device.command_queue(0) == CommandQueue(device, 0)
        assert device.command_queue(1) != device.command_queue(0)
        assert device.command_queue().device is device

    def test_only_opened_queues_exist(self, device: Device) -> None:
        with pytest.raises(InvalidArgument, match=r"no command queue 2; it was opened with 2"):
            device.command_queue(2)
        with pytest.raises(TypeError, match="named by an int, not str"):
            device.command_queue("0")  # type: ignore[arg-type]

    def test_a_number_is_enough_where_the_device_is_clear(self, device: Device) -> None:
        buffer = make_buffer(device)
        EnqueueWriteBuffer(1, buffer, bytes(SIZE), True)
        assert EnqueueReadBuffer(1, buffer).size == SIZE
        program = Program()
        program.own(buffer)
        EnqueueProgram(1, program, True)
        with pytest.raises(InvalidArgument, match="no command queue 7"):
            EnqueueReadBuffer(7, buffer)
        with pytest.raises(TypeError, match=r"device.command_queue\(\) or its number, not str"):
            Finish("0")  # type: ignore[arg-type]

    def test_a_number_alone_means_the_only_open_device(self, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tthal.execution.open_devices", lambda: [device])
        EnqueueProgram(0, Program(), blocking=True)
        Finish(1)
        monkeypatch.setattr("tthal.execution.open_devices", lambda: [device, device])
        with pytest.raises(InvalidArgument, match=r"queue 0 of which device. 2 are open"):
            Finish(0)


class TestWrite:
    @pytest.mark.parametrize(
        "data",
        [
            bytes(SIZE),
            bytearray(SIZE),
            memoryview(bytes(SIZE)),
            array.array("I", [0] * (SIZE // 4)),
            np.zeros((4, 8), np.float32),
            np.zeros(SIZE // 2, ml_dtypes.bfloat16),
            np.zeros((SIZE // 2, 2), ml_dtypes.float8_e4m3fn),
        ],
        ids=lambda data: type(data).__name__,
    )
    def test_anything_with_the_buffer_protocol(self, device: Device, data: object) -> None:
        EnqueueWriteBuffer(device.command_queue(), make_buffer(device), data, blocking=True)

    @pytest.mark.parametrize("given", [0, SIZE - 1, SIZE + 1])
    def test_another_size_is_refused_with_both_sizes(self, device: Device, given: int) -> None:
        with pytest.raises(InvalidArgument, match=f"has {given} bytes, the buffer {SIZE} bytes"):
            EnqueueWriteBuffer(device.command_queue(), make_buffer(device), bytes(given))

    def test_scattered_memory_is_refused(self, device: Device) -> None:
        for data in (np.zeros((8, 8), np.float32)[:, ::2], np.zeros((4, 8), np.float32).T, memoryview(bytes(256))[::2]):
            with pytest.raises(InvalidArgument, match=r"numpy\.ascontiguousarray"):
                EnqueueWriteBuffer(device.command_queue(), make_buffer(device), data)

    @pytest.mark.parametrize("data", [[0] * 32, 0, None, "text"])
    def test_other_objects_are_refused(self, device: Device, data: object) -> None:
        with pytest.raises(TypeError, match=f"not {type(data).__name__}; numpy.asarray"):
            EnqueueWriteBuffer(device.command_queue(), make_buffer(device), data)


class TestRead:
    def test_a_new_array_of_bytes(self, device: Device) -> None:
        data = EnqueueReadBuffer(device.command_queue(), make_buffer(device))
        assert (data.dtype, data.shape) == (np.uint8, (SIZE,))
        data[0] = 1

    @pytest.mark.parametrize(
        "dst", [np.ones((4, 8), np.float32), np.ones(SIZE // 2, ml_dtypes.bfloat16), bytearray(b"\1" * SIZE)]
    )
    def test_into_what_is_given(self, device: Device, dst: object) -> None:
        assert EnqueueReadBuffer(device.command_queue(), make_buffer(device), dst) is dst
        assert bytes(memoryview(dst) if isinstance(dst, bytearray) else dst.tobytes()) == bytes(SIZE)  # type: ignore[attr-defined]

    def test_without_blocking_it_is_filled_at_finish(self, device: Device) -> None:
        queue = device.command_queue()
        dst = np.full(SIZE, 7, np.uint8)
        assert EnqueueReadBuffer(queue, make_buffer(device), dst, blocking=False) is dst
        assert dst.tolist() == [7] * SIZE
        Finish(queue)
        assert dst.tolist() == [0] * SIZE

    def test_a_wrong_size_or_read_only_memory_is_refused(self, device: Device) -> None:
        queue, buffer = device.command_queue(), make_buffer(device)
        with pytest.raises(InvalidArgument, match="has 64 bytes, the buffer 128 bytes"):
            EnqueueReadBuffer(queue, buffer, bytearray(64))
        frozen = np.zeros(SIZE, np.uint8)
        frozen.flags.writeable = False
        for dst in (bytes(SIZE), frozen):
            with pytest.raises(InvalidArgument, match="read-only"):
                EnqueueReadBuffer(queue, buffer, dst)


class TestBuffers:
    def test_a_deallocated_buffer_is_refused(self, device: Device) -> None:
        buffer = make_buffer(device)
        buffer.deallocate()
        for use in (
            lambda: EnqueueWriteBuffer(device.command_queue(), buffer, bytes(SIZE)),
            lambda: EnqueueReadBuffer(device.command_queue(), buffer),
        ):
            with pytest.raises(ObjectClosed, match="deallocated"):
                use()

    def test_another_devices_buffer_or_program_is_refused(self, device: Device) -> None:
        with open_device(1, backend="null") as other:
            buffer = make_buffer(other, kind=BufferType.L1)
            with pytest.raises(InvalidArgument, match=r"lives on device 1 .* belongs to device 0"):
                EnqueueReadBuffer(device.command_queue(), buffer)
            owner, binder = Program(), Program()
            owner.own(buffer)
            config = CircularBufferConfig(32, {0: DataFormat.Float16_b}).set_page_size(0, 32)
            binder.add_circular_buffer(CoreCoord(0, 0), config.set_globally_allocated_address(buffer))
            for program in (owner, binder):
                with pytest.raises(InvalidArgument, match=r"EnqueueProgram: .* lives on device 1"):
                    EnqueueProgram(device.command_queue(), program)

    def test_a_buffer_of_a_closed_device_is_refused(self, null_backend: Backend) -> None:
        with open_device(backend="null") as device:
            buffer = make_buffer(device)
        with pytest.raises(ObjectClosed):
            EnqueueReadBuffer(device.command_queue(), buffer)

    def test_an_empty_buffer_never_reaches_the_driver(self, device: Device) -> None:
        buffer = make_buffer(device, 0)
        EnqueueWriteBuffer(device.command_queue(), buffer, b"")
        assert EnqueueReadBuffer(device.command_queue(), buffer).size == 0

    def test_a_view_is_a_part_of_its_root(self, device: Device) -> None:
        view = make_buffer(device).view(BufferRegion(32, 64))
        EnqueueWriteBuffer(device.command_queue(), view, bytes(64), True)
        assert EnqueueReadBuffer(device.command_queue(), view, bytearray(b"\1" * 64)) == bytes(64)

    def test_write_to_buffer_takes_less_than_the_buffer(self, device: Device) -> None:
        buffer = make_buffer(device)
        WriteToBuffer(buffer, bytes(SIZE))
        WriteToBuffer(buffer, bytes(3))
        with pytest.raises(InvalidArgument, match="129 bytes do not fit the buffer's 128"):
            WriteToBuffer(buffer, bytes(SIZE + 1))
        assert ReadFromBuffer(buffer).tolist() == [0] * SIZE


class TestFailures:
    def test_a_failed_launch_surfaces_once_at_the_next_blocking_call(self, failing: Device) -> None:
        queue, buffer = failing.command_queue(), make_buffer(failing)
        EnqueueProgram(queue, Program())
        EnqueueWriteBuffer(queue, buffer, bytes(SIZE))
        with pytest.raises(DeviceError, match="launch 1 failed, as asked"):
            EnqueueReadBuffer(queue, buffer)
        Finish(queue)
        EnqueueProgram(queue, Program(), blocking=True)

    def test_launch_program_waits(self, failing: Device) -> None:
        with pytest.raises(DeviceError):
            LaunchProgram(failing, Program())
        LaunchProgram(failing, Program())

    def test_one_queues_failure_is_not_the_others(self, null_backend: Backend) -> None:
        with open_device(backend="null?fail_launch=1", num_command_queues=2) as device:
            EnqueueProgram(device.command_queue(1), Program())
            Finish(device.command_queue(0))
            with pytest.raises(DeviceError):
                Finish(device.command_queue(1))


class TestPrograms:
    def test_a_program_is_loaded_once(self, device: Device, null_backend: Backend) -> None:
        queue = device.command_queue()
        for _ in range(2):
            program = Program()
            program.add_kernel(kernel(), CoreCoord(0, 0))
            for _ in range(2):
                EnqueueProgram(queue, program, blocking=True)
        assert device.num_program_cache_entries() == 1 == len(null_backend.opened[-1].loaded)  # type: ignore[attr-defined]
        device.disable_and_clear_program_cache()
        assert device.num_program_cache_entries() == 0 == len(null_backend.opened[-1].loaded)  # type: ignore[attr-defined]
        EnqueueProgram(queue, program, blocking=True)
        assert device.num_program_cache_entries() == 1

    def test_its_structure_is_fixed_by_the_first_launch(self, device: Device) -> None:
        program = Program()
        program.add_kernel(kernel(), CoreCoord(0, 0))
        EnqueueProgram(device.command_queue(), program)
        with pytest.raises(ProgramFrozen):
            program.add_kernel(kernel(), CoreCoord(1, 1))

    def test_a_program_that_does_not_fit_may_still_be_changed(self, device: Device) -> None:
        program = Program()
        program.add_kernel(kernel(), CoreCoord(8, 8))
        with pytest.raises(PlacementError):
            EnqueueProgram(device.command_queue(), program)
        assert not program.is_frozen

    def test_the_least_recently_launched_are_unloaded(self, device: Device, null_backend: Backend) -> None:
        driver, programs = null_backend.opened[-1], LoadedPrograms()  # type: ignore[attr-defined]
        kept = []
        for number in range(3):
            program = Program()
            program.add_kernel(kernel(f"// {number}"), CoreCoord(0, 0))
            kept.append(program)
            programs.get(driver, device.properties, program)
        programs.get(driver, device.properties, kept[0])
        programs.trim(driver, keep=2)
        assert set(driver.loaded) == {kept[0].image().fingerprint, kept[2].image().fingerprint}
