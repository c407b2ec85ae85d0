"""Sub-devices: parts of a device that programs must stay within."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import tthal as ttnn

LEFT = ttnn.CoreRangeSet([ttnn.CoreRange((0, 0), (3, 7))])
RIGHT = ttnn.CoreRangeSet([ttnn.CoreRange((4, 0), (7, 7))])


@pytest.fixture
def device(clean_selection: None) -> Iterator[ttnn.Device]:
    with ttnn.open_device() as opened:
        yield opened


def run(device: ttnn.Device, cores: ttnn.CoreRange) -> None:
    program = ttnn.CreateProgram()
    ttnn.CreateKernelFromString(program, "void kernel_main() {}", cores)
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def test_a_program_stays_within_one(device: ttnn.Device) -> None:
    across = ttnn.CoreRange((2, 0), (5, 0))
    run(device, across)
    manager = device.create_sub_device_manager([ttnn.SubDevice([LEFT]), ttnn.SubDevice([RIGHT])], 0)
    device.load_sub_device_manager(manager)
    run(device, ttnn.CoreRange((0, 0), (3, 0)))
    run(device, ttnn.CoreRange((4, 0), (7, 0)))
    with pytest.raises(ttnn.InvalidArgument, match="single sub-device"):
        run(device, across)
    ttnn.synchronize_device(device, sub_device_ids=[ttnn.SubDeviceId(1)])
    with pytest.raises(ttnn.InvalidArgument, match="no sub-device 2"):
        ttnn.synchronize_device(device, sub_device_ids=[2])
    device.set_sub_device_stall_group([ttnn.SubDeviceId(0)])
    device.reset_sub_device_stall_group()
    with pytest.raises(ttnn.InvalidArgument, match="in force cannot be removed"):
        device.remove_sub_device_manager(manager)
    device.clear_loaded_sub_device_manager()
    run(device, across)
    device.remove_sub_device_manager(manager)
    with pytest.raises(ttnn.InvalidArgument, match="no sub-device manager"):
        device.load_sub_device_manager(manager)


def test_a_sharded_buffer_lies_within_its_sub_device(device: ttnn.Device) -> None:
    device.load_sub_device_manager(
        device.create_sub_device_manager([ttnn.SubDevice([LEFT]), ttnn.SubDevice([RIGHT])], 0)
    )
    shards = ttnn.ShardSpecBuffer(RIGHT, (1, 1), ttnn.ShardOrientation.ROW_MAJOR, (1, 1), (32, 1))
    config = ttnn.ShardedBufferConfig(device, 32 * 16, 16, shard_parameters=shards)
    assert ttnn.CreateBuffer(config, sub_device_id=1).is_allocated()
    with pytest.raises(ttnn.InvalidArgument, match="lie outside"):
        ttnn.CreateBuffer(config, sub_device_id=0)


def test_divisions_that_cannot_be(device: ttnn.Device) -> None:
    with pytest.raises(ttnn.InvalidArgument, match="disjoint"):
        device.create_sub_device_manager([ttnn.SubDevice([LEFT]), ttnn.SubDevice([LEFT])], 0)
    with pytest.raises(ttnn.Unsupported, match="planned"):
        device.create_sub_device_manager([ttnn.SubDevice([LEFT])], 1024)
    with pytest.raises(ttnn.InvalidArgument, match="outside"):
        device.create_sub_device_manager([ttnn.SubDevice([ttnn.CoreRangeSet([(8, 0)])])], 0)
    with pytest.raises(ttnn.InvalidArgument, match="needs worker cores"):
        ttnn.SubDevice([])


def test_circular_buffers_that_span_cores_name_themselves_as_planned() -> None:
    descriptor = ttnn.CBDescriptor()
    assert not descriptor.has_global_circular_buffer()
    with pytest.raises(ttnn.Unsupported, match="planned"):
        descriptor.set_global_circular_buffer(object())
    descriptor.remote_format_descriptors = [ttnn.CBFormatDescriptor()]
    with pytest.raises(ttnn.Unsupported, match="planned"):
        descriptor.config()
    with pytest.raises(AttributeError, match="planned"):
        ttnn.create_global_circular_buffer  # noqa: B018
