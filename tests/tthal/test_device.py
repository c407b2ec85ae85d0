from __future__ import annotations

import gc
import os
import sys
import threading
import weakref

import pytest

from tthal.buffer import InterleavedBufferConfig, create_buffer
from tthal.coordinates import CoreCoord
from tthal.device import Device, open_devices
from tthal.device_interface import Backend, BufferSpec, LaunchFinished
from tthal.errors import DeviceError, InvalidArgument, ObjectClosed, OutOfMemory, SelectionError
from tthal.execution import (
    CloseDevice,
    CreateDevice,
    GetNumAvailableDevices,
    ReadFromDeviceDRAMChannel,
    ReadFromDeviceL1,
    WriteToDeviceDRAMChannel,
    WriteToDeviceL1,
    close_device,
    open_device,
    synchronize_device,
)
from tthal.program import Program
from tthal.selection import Selection
from tthal.types import Arch, BufferType

SPEC = BufferSpec(64, 32, BufferType.DRAM)


@pytest.fixture(autouse=True)
def backend(null_backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Backend:
    monkeypatch.setenv("TTHAL_BACKEND", "null")
    return null_backend


def driver(backend: Backend, number: int = -1):
    return backend.opened[number]


class TestLife:
    def test_open_and_close(self, backend: Backend) -> None:
        device = open_device()
        assert isinstance(device, Device)
        assert (device.id, device.selection, device.is_open) == (0, Selection("null"), True)
        assert "TTHAL_BACKEND" in device.selection_reason
        device.close()
        device.close()
        assert not device.is_open
        assert driver(backend).is_closed

    def test_context_manager(self, backend: Backend) -> None:
        with open_device(1) as device:
            assert device.id == 1
        assert driver(backend).is_closed

    def test_the_names_of_tt_metal(self, backend: Backend) -> None:
        device = CreateDevice(0)
        assert CloseDevice(device) is True
        assert CloseDevice(device) is False
        close_device(device)
        assert GetNumAvailableDevices() == 2

    def test_everything_on_a_closed_device_says_so(self) -> None:
        device = open_device()
        device.close()
        for use in (
            lambda: device.allocate(SPEC),
            lambda: device.finish(),
            lambda: device.read_l1(CoreCoord(0, 0), 0, 4),
            lambda: device.launch(0, Program(), blocking=True),
        ):
            with pytest.raises(ObjectClosed, match=r"device 0 \(null, null\) is closed; open it again"):
                use()

    def test_a_failure_nobody_asked_for_surfaces_at_close(self, backend: Backend) -> None:
        device = open_device(backend="null?fail_launch=1")
        device.command_queue().launch(Program())
        with pytest.raises(DeviceError, match="launch 1 failed"):
            device.close()
        assert driver(backend).is_closed
        assert not device.is_open

    def test_an_error_inside_with_is_not_covered_by_a_second_one(self, backend: Backend) -> None:
        def work() -> None:
            with open_device(backend="null?fail_launch=1") as device:
                device.command_queue().launch(Program())
                raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            work()
        assert driver(backend).is_closed

    def test_a_forgotten_device_closes_itself(self, backend: Backend) -> None:
        device = open_device()
        gone = weakref.ref(device)
        del device
        gc.collect()
        assert gone() is None
        assert driver(backend).is_closed

    def test_open_devices_lists_them(self) -> None:
        before = open_devices()
        with open_device(0) as first, open_device(1) as second:
            assert {d for d in open_devices() if d not in before} == {first, second}
        assert first not in open_devices()

    @pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
    @pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
    def test_a_forked_child_may_not_use_its_parents_device(self) -> None:
        device = open_device()
        child = os.fork()
        if child == 0:
            try:
                device.finish()
            except ObjectClosed as error:
                os._exit(0 if "forked process" in str(error) and not device.is_open else 1)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        device.close()


class TestOptions:
    def test_they_reach_the_backend_when_they_are_set(self) -> None:
        device = CreateDevice(0, num_hw_cqs=2, l1_small_size=4096)
        assert str(device.selection) == "null?l1_small_size=4096&num_command_queues=2"
        assert device.num_hw_cqs() == 2
        device.close()

    def test_the_selection_may_set_them_too(self) -> None:
        with open_device(backend="null?num_command_queues=2") as device:
            assert device.num_hw_cqs() == 2

    def test_a_contradiction_is_refused(self) -> None:
        with pytest.raises(SelectionError, match="l1_small_size"):
            open_device(backend="null?l1_small_size=1", l1_small_size=2)

    @pytest.mark.parametrize("wrong", [-1, 1.5, True, "64"])
    def test_sizes_are_numbers_of_bytes(self, wrong: object) -> None:
        with pytest.raises(InvalidArgument, match="trace_region_size is a number of bytes"):
            open_device(trace_region_size=wrong)  # type: ignore[arg-type]

    @pytest.mark.parametrize("wrong", [0, 3, "1"])
    def test_there_are_one_or_two_queues(self, wrong: object) -> None:
        with pytest.raises(InvalidArgument, match="1 or 2 command queues"):
            open_device(num_command_queues=wrong)  # type: ignore[arg-type]

    @pytest.mark.parametrize("wrong", [-1, "0", True, None])
    def test_device_ids_count_from_0(self, wrong: object) -> None:
        with pytest.raises(InvalidArgument, match="a device id is an int from 0"):
            open_device(wrong)  # type: ignore[arg-type]

    def test_dispatch_cores_are_described_by_a_config(self) -> None:
        with pytest.raises(TypeError, match="dispatch_core_config"):
            CreateDevice(0, dispatch_core_config=object())  # type: ignore[arg-type]


def test_what_it_says_about_itself() -> None:
    with open_device() as device:
        assert device.arch() is Arch.WORMHOLE_B0
        assert device.compute_with_storage_grid_size() == CoreCoord(8, 8) == device.logical_grid_size()
        assert device.l1_size_per_core() == 1_499_136
        assert (device.num_dram_channels(), device.dram_size_per_channel()) == (12, 1 << 30)
        assert device.dram_grid_size() == CoreCoord(12, 1)
        assert device.worker_core_from_logical_core(CoreCoord(3, 2)) == CoreCoord(21, 20)
        with pytest.raises(InvalidArgument, match="core 8-0 lies outside the 8 x 8 grid"):
            device.worker_core_from_logical_core(CoreCoord(8, 0))
        assert repr(device) == "<Device 0: null by 'null'>"
    assert repr(device) == "<Device 0: null by 'null', closed>"


class TestMemory:
    def test_release_only_queues_the_free(self, backend: Backend) -> None:
        with open_device() as device:
            allocation = device.allocate(SPEC)
            device.release(allocation)
            assert allocation.id in driver(backend).live
            device.finish()
            assert allocation.id not in driver(backend).live

    def test_release_after_close_and_from_another_thread(self, backend: Backend) -> None:
        device = open_device()
        first, second = device.allocate(SPEC), device.allocate(SPEC)
        thread = threading.Thread(target=device.release, args=(first,))
        thread.start()
        thread.join()
        device.finish()
        assert list(driver(backend).live) == [second.id]
        device.close()
        device.release(second)

    def test_a_dropped_buffer_is_freed(self, backend: Backend) -> None:
        with open_device() as device:
            buffer = create_buffer(InterleavedBufferConfig(device, 64, 32, BufferType.DRAM))
            assert len(driver(backend).live) == 1
            del buffer
            device.finish()
            assert driver(backend).live == {}

    def test_a_launch_holds_its_allocations_until_it_is_done(self, backend: Backend) -> None:
        with open_device(num_command_queues=2) as device:
            buffer = create_buffer(InterleavedBufferConfig(device, 64, 32, BufferType.DRAM))
            program = Program()
            program.own(buffer)
            device.command_queue(1).launch(program)
            del program, buffer
            gc.collect()
            device.finish(0)
            assert len(driver(backend).live) == 1
            device.finish(1)
            device.finish(0)
            assert driver(backend).live == {}

    def test_a_queued_read_holds_its_buffer(self, backend: Backend) -> None:
        with open_device() as device:
            buffer = create_buffer(InterleavedBufferConfig(device, 64, 32, BufferType.DRAM))
            device.command_queue().read(buffer, blocking=False)
            buffer.deallocate()
            device.allocate(SPEC)
            assert len(driver(backend).live) == 2
            device.finish()
            device.allocate(SPEC)
            assert len(driver(backend).live) == 2

    def test_out_of_memory_waits_for_what_is_held_before_it_gives_up(self, backend: Backend) -> None:
        with open_device(backend="null?memory=100&fail_launch=1") as device:
            buffer = create_buffer(InterleavedBufferConfig(device, 64, 32, BufferType.DRAM))
            program = Program()
            program.own(buffer)
            device.command_queue().launch(program)
            del program, buffer
            allocation = device.allocate(SPEC)
            assert list(driver(backend).live) == [allocation.id]
            with pytest.raises(DeviceError, match="launch 1 failed"):
                device.finish()
            device.finish()

    def test_out_of_memory_collects_buffers_in_cycles(self, backend: Backend) -> None:
        with open_device(backend="null?memory=100") as device:
            cycle = [create_buffer(InterleavedBufferConfig(device, 64, 32, BufferType.DRAM))]
            cycle.append(cycle)  # type: ignore[arg-type]
            del cycle
            device.allocate(SPEC)
            with pytest.raises(OutOfMemory, match="36 bytes left"):
                device.allocate(SPEC)


class TestRawMemory:
    def test_words_and_bytes(self) -> None:
        core = CoreCoord(1, 1)
        with open_device() as device:
            assert WriteToDeviceL1(device, core, 0, [1, 2, 0xFFFFFFFF])
            assert WriteToDeviceL1(device, core, 0, b"abc")
            assert ReadFromDeviceL1(device, core, 0, 12).tolist() == [0] * 12
            into = bytearray(b"\1\2\3\4")
            assert ReadFromDeviceL1(device, core, 4, 4, into) is into
            assert into == bytes(4)
            assert WriteToDeviceDRAMChannel(device, 11, device.properties.dram_base, (7,))
            assert ReadFromDeviceDRAMChannel(device, 0, 0, 3).tolist() == [0] * 3

    @pytest.mark.parametrize(
        ("use", "complaint"),
        [
            (lambda d: WriteToDeviceL1(d, CoreCoord(0, 0), 0, [1 << 32]), "4294967296 does not fit an unsigned 32-bit"),
            (lambda d: WriteToDeviceL1(d, CoreCoord(0, 0), 0, [-1]), "-1 does not fit an unsigned 32-bit"),
            (lambda d: ReadFromDeviceL1(d, CoreCoord(0, 0), 1_499_135, 2), "2 bytes at 1499135 lie outside L1"),
            (lambda d: ReadFromDeviceL1(d, CoreCoord(0, 0), -4, 2), "2 bytes at -4 lie outside L1"),
            (lambda d: ReadFromDeviceL1(d, CoreCoord(0, 8), 0, 2), "core 0-8 lies outside"),
            (lambda d: ReadFromDeviceL1(d, CoreCoord(0, 0), 0, 2, bytearray(3)), "3 bytes, the buffer 2 bytes"),
            (lambda d: WriteToDeviceDRAMChannel(d, 12, 1 << 21, b"x"), "no DRAM bank 12; it has banks 0 to 11"),
            (lambda d: WriteToDeviceDRAMChannel(d, 0, 64, b"x"), "keeps the bytes below 1048640 for itself"),
            (lambda d: ReadFromDeviceDRAMChannel(d, 0, 1 << 30, 1), "outside DRAM bank 0"),
        ],
    )
    def test_places_that_do_not_exist(self, use: object, complaint: str) -> None:
        with open_device() as device, pytest.raises(InvalidArgument) as caught:
            use(device)  # type: ignore[operator]
        assert complaint in str(caught.value)

    def test_a_failed_launch_surfaces_at_a_raw_read(self) -> None:
        with open_device(backend="null?fail_launch=1") as device:
            device.command_queue().launch(Program())
            with pytest.raises(DeviceError, match="launch 1 failed"):
                device.read_l1(CoreCoord(0, 0), 0, 4)


def test_synchronize_waits_for_one_queue_or_all() -> None:
    with open_device(backend="null?fail_launch=1", num_command_queues=2) as device:
        device.command_queue(1).launch(Program())
        synchronize_device(device, 0)
        with pytest.raises(DeviceError):
            synchronize_device(device, sub_device_ids=[0])
        synchronize_device(device, 1)
        with pytest.raises(InvalidArgument, match="no sub-device 1"):
            synchronize_device(device, sub_device_ids=[1])
        with pytest.raises(InvalidArgument, match="no command queue 2"):
            synchronize_device(device, 2)


def test_both_queues_failing_raises_the_first_and_logs_the_second(caplog: pytest.LogCaptureFixture) -> None:
    with open_device(backend="null?fail_launch=1,2", num_command_queues=2) as device:
        device.command_queue(0).launch(Program())
        device.command_queue(1).launch(Program())
        with pytest.raises(DeviceError, match="launch 1 failed"):
            device.finish()
        assert "queue 1 failed too: launch 2 failed, as asked" in caplog.text


def test_subscribers_come_and_go() -> None:
    heard: list[object] = []
    with open_device() as device:
        leave = device.subscribe(heard.append)
        device.launch(0, Program(), blocking=True)
        assert isinstance(heard[-1], LaunchFinished)
        count = len(heard)
        leave()
        device.launch(0, Program(), blocking=True)
        assert len(heard) == count
