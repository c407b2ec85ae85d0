"""The execution API with TT-Metal's names: devices, queues, raw memory (host-api.md §2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tthal.command_queue import Bytes, CommandQueue, buffers_of
from tthal.coordinates import CoreLike
from tthal.device import Device, device_of, open_device, open_devices
from tthal.device_interface import Capability
from tthal.dispatch_cores import DispatchCoreConfig
from tthal.errors import InvalidArgument, Unsupported, WrongType
from tthal.host_bytes import check_size, readable_bytes, words_or_bytes, writable_bytes
from tthal.opening import count_devices
from tthal.program import Program
from tthal.words import integer

if TYPE_CHECKING:
    from tthal.buffer import Buffer

__all__ = [
    "CloseDevice",
    "CreateDevice",
    "EnqueueProgram",
    "EnqueueReadBuffer",
    "EnqueueWriteBuffer",
    "Finish",
    "GetNumAvailableDevices",
    "LaunchProgram",
    "ReadFromBuffer",
    "ReadFromDeviceDRAMChannel",
    "ReadFromDeviceL1",
    "WriteToBuffer",
    "WriteToDeviceDRAMChannel",
    "WriteToDeviceL1",
    "close_device",
    "synchronize_device",
]

Queue = CommandQueue | int
"""``device.command_queue()``, or a queue's number where the device is clear."""


# ---------------------------------------------------------------------------------------------- devices


def close_device(device: Device) -> None:
    """Wait for a device's queues and close it; closing twice does nothing."""
    _device(device).close()


def CreateDevice(
    device_id: int,
    num_command_queues: int = 1,
    l1_small_size: int = 0,
    trace_region_size: int = 0,
    dispatch_core_config: DispatchCoreConfig | None = None,
    worker_l1_size: int = 0,
    *,
    num_hw_cqs: int | None = None,
) -> Device:
    """Open a device of the backend that ``TTHAL_BACKEND`` selects; see :func:`tthal.open_device`.

    ``num_hw_cqs`` is the C++ name of ``num_command_queues``.
    """
    return open_device(
        device_id,
        num_command_queues=num_command_queues if num_hw_cqs is None else num_hw_cqs,
        l1_small_size=l1_small_size,
        trace_region_size=trace_region_size,
        dispatch_core_config=dispatch_core_config,
        worker_l1_size=worker_l1_size,
    )


def CloseDevice(device: Device) -> bool:
    """Wait for a device's queues and close it; return whether it was open."""
    was_open = _device(device).is_open
    device.close()
    return was_open


def GetNumAvailableDevices() -> int:
    """Return how many devices the selected backend has."""
    return count_devices()


def synchronize_device(device: Device, cq_id: int | None = None, sub_device_ids: Sequence[int] = ()) -> None:
    """Wait for one queue of a device, or for all.

    Raises:
        InvalidArgument: a sub-device that does not exist.
        LaunchError: what went wrong since the last blocking call.
    """
    _device(device).sub_devices.check_ids(sub_device_ids)
    device.finish(None if cq_id is None else device.command_queue(cq_id).id)


# ---------------------------------------------------------------------------------------------- queues


def EnqueueWriteBuffer(queue: Queue, buffer: Buffer, data: Any, blocking: bool = False) -> None:
    """Write a whole buffer, host page order.

    Args:
        queue: where to queue it.
        buffer: what to write.
        data: anything C-contiguous with the buffer protocol, exactly ``buffer.size()`` bytes; it is copied.
        blocking: wait until it is written.

    Raises:
        InvalidArgument: the sizes differ, or the buffer is another device's.
        ObjectClosed: the buffer is deallocated or its device closed.
    """
    _queue(queue, device_of(buffer)).write(buffer, data, blocking)


def EnqueueReadBuffer(queue: Queue, buffer: Buffer, dst: Any = None, blocking: bool = True) -> Any:
    """Read a whole buffer, host page order; return ``dst``, or a new uint8 array of ``buffer.size()`` elements.

    Without ``blocking`` it is filled when :func:`Finish` returns.

    Raises:
        InvalidArgument: ``dst`` is not as large as the buffer, or the buffer is another device's.
        ObjectClosed: the buffer is deallocated or its device closed.
        LaunchError: with ``blocking``, an earlier launch on the queue failed.
    """
    return _queue(queue, device_of(buffer)).read(buffer, dst, blocking)


def EnqueueProgram(queue: Queue, program: Program, blocking: bool = False) -> None:
    """Compile a program if it is new on the device, and run it after the queue's earlier commands.

    Raises:
        CompileError: a kernel does not compile.
        PlacementError: the program does not fit the device.
        LaunchError: with ``blocking``, this or an earlier launch on the queue failed.
    """
    device = None if isinstance(queue, CommandQueue) else next(map(device_of, buffers_of(program)), None)
    _queue(queue, device).launch(program, blocking)


def Finish(queue: Queue) -> None:
    """Wait until all of a queue's commands are done.

    Raises:
        LaunchError: what went wrong on it since the last blocking call.
    """
    _queue(queue, None).finish()


def LaunchProgram(
    device: Device, program: Program, wait_until_cores_done: bool = True, force_slow_dispatch: bool = False
) -> None:
    """Run a program on a device's first queue and wait for it; ``force_slow_dispatch`` changes nothing here."""
    _device(device).command_queue().launch(program, blocking=wait_until_cores_done)


def _queue(queue: Queue, device: Device | None) -> CommandQueue:
    if isinstance(queue, CommandQueue):
        return queue
    if isinstance(queue, bool) or not isinstance(queue, int):
        raise WrongType(f"a queue is device.command_queue() or its number, not {type(queue).__name__}")
    return (device or _only_device(queue)).command_queue(queue)


def _device(device: Device) -> Device:
    if not isinstance(device, Device):
        raise WrongType(f"a device is what open_device() or CreateDevice() returns, not {type(device).__name__}")
    return device


def _only_device(queue: int) -> Device:
    devices = open_devices()
    if len(devices) != 1:
        raise InvalidArgument(
            f"queue {queue} of which device? {len(devices)} are open; pass device.command_queue({queue}) instead"
        )
    return devices[0]


# ---------------------------------------------------------------------------------------------- memory


def WriteToBuffer(buffer: Buffer, data: Any) -> None:
    """Write a buffer's first bytes and wait; ``data`` may be shorter than the buffer.

    Raises:
        InvalidArgument: ``data`` is larger than the buffer.
    """
    queue = device_of(buffer).command_queue()
    source = readable_bytes(data, "WriteToBuffer")
    if len(source) > buffer.size():
        raise InvalidArgument(
            f"WriteToBuffer: {len(source)} bytes do not fit the buffer's {buffer.size()}; pass at most that many"
        )
    if len(source) == buffer.size():
        queue.write(buffer, source, blocking=True)
        return
    whole = queue.read(buffer)
    whole[: len(source)] = np.frombuffer(source, np.uint8)
    queue.write(buffer, whole, blocking=True)


def ReadFromBuffer(buffer: Buffer, dst: Any = None) -> Any:
    """Read a whole buffer and wait; return ``dst``, or a new uint8 array."""
    return device_of(buffer).command_queue().read(buffer, dst)


def WriteToDeviceL1(device: Device, core: CoreLike, address: int, data: Any) -> bool:
    """Write bytes, or a list of 32-bit words, into a logical core's L1 after waiting for the queues.

    Raises:
        InvalidArgument: the core or the address does not exist.
        Unsupported: the device gives no raw access to its memory.
    """
    source = words_or_bytes(data, "WriteToDeviceL1")
    _check_raw(device, "L1", _device(device).l1_size_per_core(), address, len(source))
    device.write_l1(core, address, source)
    return True


def ReadFromDeviceL1(device: Device, core: CoreLike, address: int, size: int, dst: Any = None) -> Any:
    """Read ``size`` bytes of a logical core's L1 after waiting for the queues; return ``dst`` or a new uint8 array.

    Raises:
        InvalidArgument: the core or the address does not exist.
        Unsupported: the device gives no raw access to its memory.
    """
    _check_raw(device, "L1", _device(device).l1_size_per_core(), address, size)
    return _delivered(device.read_l1(core, address, size), dst, "ReadFromDeviceL1")


def WriteToDeviceDRAMChannel(device: Device, channel: int, address: int, data: Any) -> bool:
    """Write bytes, or a list of 32-bit words, into a DRAM bank after waiting for the queues.

    Raises:
        InvalidArgument: the bank or the address does not exist, or the address is reserved.
        Unsupported: the device gives no raw access to its memory.
    """
    source = words_or_bytes(data, "WriteToDeviceDRAMChannel")
    _check_channel(device, channel)
    _check_raw(device, f"DRAM bank {channel}", device.dram_size_per_channel(), address, len(source))
    if address < device.properties.dram_base:
        raise InvalidArgument(
            f"cannot write at {address} of DRAM bank {channel}: the device keeps the bytes below "
            f"{device.properties.dram_base} for itself"
        )
    device.write_dram(channel, address, source)
    return True


def ReadFromDeviceDRAMChannel(device: Device, channel: int, address: int, size: int, dst: Any = None) -> Any:
    """Read ``size`` bytes of a DRAM bank after waiting for the queues; return ``dst`` or a new uint8 array.

    Raises:
        InvalidArgument: the bank or the address does not exist.
        Unsupported: the device gives no raw access to its memory.
    """
    _check_channel(device, channel)
    _check_raw(device, f"DRAM bank {channel}", device.dram_size_per_channel(), address, size)
    return _delivered(device.read_dram(channel, address, size), dst, "ReadFromDeviceDRAMChannel")


def _check_raw(device: Device, memory: str, capacity: int, address: int, size: int) -> None:
    if Capability.RAW_MEMORY_ACCESS not in device.properties.capabilities:
        raise Unsupported(f"{device} gives no raw access to its memory; use buffers")
    if integer(address, "address") < 0 or integer(size, "size") < 0 or address + size > capacity:
        raise InvalidArgument(f"{size} bytes at {address} lie outside {memory} of {device}, which has {capacity} bytes")


def _check_channel(device: Device, channel: int) -> None:
    count = _device(device).num_dram_channels()
    if not 0 <= integer(channel, "channel") < count:
        raise InvalidArgument(f"{device} has no DRAM bank {channel}; it has banks 0 to {count - 1}")


def _delivered(data: bytes, dst: Any, what: str) -> Any:
    if dst is None:
        fresh: Bytes = np.frombuffer(bytearray(data), np.uint8)
        return fresh
    out = writable_bytes(dst, what)
    check_size(len(out), len(data), what)
    out[:] = data
    return dst
