from __future__ import annotations

import pytest

import tthal
from tthal.device_interface import Backend


def describe(core: tthal.CoreCoord) -> tthal.ProgramDescriptor:
    kernel = tthal.KernelDescriptor(
        kernel_source="void kernel_main() {}",
        source_type=tthal.SourceType.SOURCE_CODE,
        core_ranges=tthal.CoreRangeSet(core),
        config=tthal.ReaderConfigDescriptor(),
    )
    return tthal.ProgramDescriptor(kernels=[kernel])


def make_buffer(device: tthal.Device) -> tthal.Buffer:
    return tthal.CreateBuffer(tthal.InterleavedBufferConfig(device, 64, 32, tthal.BufferType.DRAM))


class TestGenericOp:
    def test_it_runs_without_waiting_and_returns_the_last_buffer(self, null_backend: Backend) -> None:
        with tthal.open_device(backend="null?fail_launch=1") as device:
            first, last = make_buffer(device), make_buffer(device)
            assert tthal.generic_op([first, last], describe(tthal.CoreCoord(0, 0))) is last
            with pytest.raises(tthal.DeviceError, match="launch 1 failed"):
                tthal.EnqueueReadBuffer(device.command_queue(), last)

    def test_equal_descriptors_are_compiled_once(self, null_backend: Backend) -> None:
        with tthal.open_device(backend="null") as device:
            buffers = [make_buffer(device), make_buffer(device)]
            for _ in range(3):
                tthal.generic_op(buffers, describe(tthal.CoreCoord(1, 1)))
            assert device.num_program_cache_entries() == 1

    def test_the_devices_own_limits_hold(self, null_backend: Backend) -> None:
        cores = tthal.CoreRangeSet(tthal.CoreCoord(0, 0))
        with tthal.open_device(backend="null") as device:
            descriptor = describe(tthal.CoreCoord(0, 0))
            descriptor.semaphores = [
                tthal.SemaphoreDescriptor(id=15, core_ranges=cores, initial_value=0, core_type=tthal.CoreType.WORKER)
            ]
            tthal.generic_op([make_buffer(device), make_buffer(device)], descriptor)

    def test_what_it_refuses(self, null_backend: Backend) -> None:
        with tthal.open_device(0, backend="null") as device, tthal.open_device(1, backend="null") as other:
            descriptor = describe(tthal.CoreCoord(0, 0))
            with pytest.raises(tthal.InvalidArgument, match="at least one input and one output tensor, got 1"):
                tthal.generic_op([make_buffer(device)], descriptor)
            with pytest.raises(tthal.InvalidArgument, match="live on different devices"):
                tthal.generic_op([make_buffer(other), make_buffer(device)], descriptor)
            with pytest.raises(TypeError, match="runs a ProgramDescriptor, not Program"):
                tthal.generic_op([make_buffer(device)] * 2, tthal.CreateProgram())  # type: ignore[arg-type]

            with pytest.raises(TypeError, match="CreateBuffer\\(\\) returns, not int"):
                tthal.generic_op([1, 2], descriptor)  # type: ignore[list-item]
            with pytest.raises(
                TypeError, match="kernels of a ProgramDescriptor holds KernelDescriptor objects, not int"
            ):
                descriptor.kernels = [5]  # type: ignore[list-item]


WRONG_KINDS = {
    "write no buffer": (lambda q: tthal.EnqueueWriteBuffer(q, 5, b""), "CreateBuffer"),
    "read no buffer": (lambda q: tthal.EnqueueReadBuffer(q, None), "CreateBuffer"),
    "enqueue no program": (lambda q: tthal.EnqueueProgram(q, None), "runs a Program"),
    "launch no program": (lambda q: tthal.LaunchProgram(q.device, "x"), "runs a Program"),
    "launch on no device": (lambda q: tthal.LaunchProgram(None, tthal.CreateProgram()), "a device is what"),
    "close no device": (lambda q: tthal.CloseDevice(0), "a device is what"),
    "synchronise no device": (lambda q: tthal.synchronize_device(q), "a device is what"),
    "read L1 of no device": (lambda q: tthal.ReadFromDeviceL1(q, tthal.CoreCoord(0, 0), 0, 4), "a device is what"),
}


@pytest.mark.parametrize("call", WRONG_KINDS)
def test_a_wrong_kind_of_argument_is_named(call: str, null_backend: Backend) -> None:
    attempt, message = WRONG_KINDS[call]
    with tthal.open_device(backend="null") as device, pytest.raises(TypeError, match=message):
        attempt(device.command_queue())


@pytest.mark.parametrize(("address", "size"), [("0", 4), (1.5, 4), (0, "4"), (True, 4)])
def test_raw_addresses_and_sizes_are_integers(address: object, size: object, null_backend: Backend) -> None:
    with tthal.open_device(backend="null") as device:
        with pytest.raises(tthal.InvalidArgument, match="must be an integer"):
            tthal.ReadFromDeviceL1(device, tthal.CoreCoord(0, 0), address, size)  # type: ignore[arg-type]
        with pytest.raises(tthal.InvalidArgument, match="channel must be an integer"):
            tthal.ReadFromDeviceDRAMChannel(device, "0", 0, 4)  # type: ignore[arg-type]
