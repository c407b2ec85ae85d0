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
            with pytest.raises(tthal.InvalidArgument, match="at least one input and one output buffer, got 1"):
                tthal.generic_op([make_buffer(device)], descriptor)
            with pytest.raises(tthal.InvalidArgument, match="live on different devices"):
                tthal.generic_op([make_buffer(other), make_buffer(device)], descriptor)
            with pytest.raises(TypeError, match="runs a ProgramDescriptor, not Program"):
                tthal.generic_op([make_buffer(device)] * 2, tthal.CreateProgram())  # type: ignore[arg-type]
