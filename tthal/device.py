"""An open device: what programs, buffers and queues are used on."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from types import TracebackType

from tthal import host_rules
from tthal.buffer import Buffer
from tthal.command_queue import CommandQueue, default_queue
from tthal.device_commands import DeviceCommands
from tthal.device_interface import DeviceDriver
from tthal.dispatch_cores import DispatchCoreConfig
from tthal.errors import InvalidArgument, Unsupported, WrongType
from tthal.events import EventHub
from tthal.interrupts import keep_interrupts
from tthal.opening import open_selected
from tthal.selection import Selection
from tthal.sub_devices import SubDevice, SubDeviceManagerId

__all__ = ["Device", "MeshDevice", "open_device"]

_open_devices: weakref.WeakSet[Device] = weakref.WeakSet()
_open_devices_lock = threading.Lock()


def open_devices() -> list[Device]:
    """Return the devices that are open in this process."""
    with _open_devices_lock:
        return [device for device in _open_devices if device.is_open]


def device_of(buffer: Buffer) -> Device:
    """Return the device a buffer lives on.

    Raises:
        TypeError: it is no buffer, or lives on something else than an open device.
    """
    if not isinstance(buffer, Buffer):
        raise WrongType(f"a buffer is what CreateBuffer() returns, not {type(buffer).__name__}")
    device = buffer.device
    if not isinstance(device, Device):
        raise WrongType(f"{buffer!r} lives on {device!r}, which open_device() and CreateDevice() did not make")
    return device


class Device(DeviceCommands):
    """An open device; get one from :func:`tthal.open_device` or :func:`tthal.CreateDevice`.

    It may be used from several threads, one command at a time. As a context manager it closes itself at the end.
    """

    def __init__(
        self, driver: DeviceDriver, device_id: int, selection: Selection, selection_reason: str, events: EventHub
    ) -> None:
        super().__init__(driver, device_id, selection, selection_reason, events)
        with _open_devices_lock:
            _open_devices.add(self)
        host_rules.opened(self, self.properties.host_rules)

    @staticmethod
    def create_unit_mesh(
        device_id: int,
        l1_small_size: int = 0,
        trace_region_size: int = 0,
        num_command_queues: int = 1,
        dispatch_core_config: DispatchCoreConfig | None = None,
        worker_l1_size: int = 0,
    ) -> Device:
        """Open a device as the C++ examples do; see :func:`tthal.open_device`."""
        return open_device(
            device_id,
            l1_small_size=l1_small_size,
            trace_region_size=trace_region_size,
            num_command_queues=num_command_queues,
            dispatch_core_config=dispatch_core_config,
            worker_l1_size=worker_l1_size,
        )

    def __enter__(self) -> Device:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        # After an error nobody wants to wait for the rest of the work, and no second error should cover the first.
        self._close(wait=kind is None)

    # ------------------------------------------------------------------------------------------ queues

    def command_queue(self, id: int | None = None) -> CommandQueue:
        """Return one of the device's command queues; without an id the first, or that of ``ttnn.command_queue``.

        Raises:
            InvalidArgument: the device was opened with fewer queues.
        """
        count = self.properties.num_queues
        id = default_queue.get() if id is None else id
        if isinstance(id, bool) or not isinstance(id, int):
            raise WrongType(f"a command queue is named by an int, not {type(id).__name__}")
        if not 0 <= id < count:
            raise InvalidArgument(
                f"{self} has no command queue {id}; it was opened with {count} (CreateDevice(num_hw_cqs=2) opens two)"
            )
        return CommandQueue(self, id)

    mesh_command_queue = command_queue

    # ------------------------------------------------------------------------------------------ sub-devices

    def create_sub_device_manager(self, sub_devices: Sequence[SubDevice], local_l1_size: int) -> SubDeviceManagerId:
        """Note a division of the cores into sub-devices; :meth:`load_sub_device_manager` puts it in force.

        Raises:
            InvalidArgument: a part lies outside the grid, or two share a core.
            Unsupported: L1 of their own for the parts.
        """
        return self.sub_devices.create(self.checked_core, sub_devices, local_l1_size)

    def load_sub_device_manager(self, sub_device_manager_id: int) -> None:
        """Put a division in force: a program must stay within one sub-device from now on."""
        self.sub_devices.load(sub_device_manager_id)

    def clear_loaded_sub_device_manager(self) -> None:
        """Let the whole grid be one again."""
        self.sub_devices.clear()

    def remove_sub_device_manager(self, sub_device_manager_id: int) -> None:
        """Forget a division that is not in force."""
        self.sub_devices.remove(sub_device_manager_id)

    def set_sub_device_stall_group(self, sub_device_ids: Sequence[int]) -> None:
        """Say for which sub-devices commands wait: here they wait for all in any case."""
        self.sub_devices.check_ids(sub_device_ids)

    def reset_sub_device_stall_group(self) -> None:
        """Let commands wait for all sub-devices."""


MeshDevice = Device
"""A mesh has one device here, and is it."""


def open_device(
    device_id: int = 0,
    *,
    backend: str | Selection | None = None,
    num_command_queues: int = 1,
    l1_small_size: int = 0,
    trace_region_size: int = 0,
    dispatch_core_config: DispatchCoreConfig | None = None,
    worker_l1_size: int = 0,
) -> Device:
    """Open a device; ``with open_device() as device:`` closes it at the end.

    Args:
        device_id: which device of the backend, from 0.
        backend: a selection string such as ``"emulator:p150?seed=3"``; None means ``TTHAL_BACKEND``, else the emulator.
        num_command_queues: 1 or 2.
        l1_small_size: bytes of every L1 bank set apart for L1_SMALL buffers.
        trace_region_size: bytes of DRAM set apart for device traces.
        dispatch_core_config: how programs expect that commands are dispatched; it is checked, not set: how a device
            dispatches is the backend's choice or option.
        worker_l1_size: bytes of L1 for buffers and circular buffers; 0 means all.

    Raises:
        SelectionError: the backend or an option does not exist.
        BackendUnavailable: something the backend needs is missing.
        Unsupported: the device dispatches in another way than ``dispatch_core_config`` says.
    """
    if num_command_queues not in (1, 2):
        raise InvalidArgument(f"a device has 1 or 2 command queues, not {num_command_queues!r}")
    sizes = {
        "l1_small_size": l1_small_size,
        "trace_region_size": trace_region_size,
        "worker_l1_size": worker_l1_size,
    }
    options = {key: _size_option(key, value) for key, value in sizes.items() if value != 0}
    if num_command_queues != 1:
        options["num_command_queues"] = str(num_command_queues)
    if dispatch_core_config is not None and not isinstance(dispatch_core_config, DispatchCoreConfig):
        raise WrongType(f"dispatch_core_config is a DispatchCoreConfig, not {type(dispatch_core_config).__name__}")
    keep_interrupts()
    opened = open_selected(device_id, backend, options)
    device = Device(opened.driver, device_id, opened.selection, opened.reason, opened.events)
    try:
        if dispatch_core_config is not None:
            dispatch_core_config.check(device.properties)
    except Unsupported:
        device.close()
        raise
    return device


def _size_option(key: str, value: int) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidArgument(f"{key} is a number of bytes, not {value!r}")
    return str(value)
