"""Opening a mesh of devices, which has one here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tthal.device import Device, open_device
from tthal.dispatch_cores import DispatchCoreConfig
from tthal.errors import InvalidArgument, Unsupported
from tthal.execution import close_device
from tthal.mesh_shapes import MeshCoordinate, MeshShape

__all__ = [
    "CloseDevices",
    "CreateDevices",
    "close_mesh_device",
    "create_mesh_device",
    "manage_device",
    "open_mesh_device",
]


def open_mesh_device(
    mesh_shape: MeshShape | Sequence[int] | None = None,
    l1_small_size: int = 0,
    trace_region_size: int = 0,
    num_command_queues: int = 1,
    dispatch_core_config: DispatchCoreConfig | None = None,
    offset: MeshCoordinate | None = None,
    physical_device_ids: Sequence[int] = (),
    worker_l1_size: int = 0,
) -> Device:
    """Open a mesh of one device; see :func:`tthal.open_device`.

    Raises:
        Unsupported: a mesh of several devices.
    """
    shape = MeshShape(1, 1) if mesh_shape is None else MeshShape(list(mesh_shape))
    if shape.mesh_size() != 1 or len(physical_device_ids) > 1:
        raise Unsupported(
            f"a mesh of {' x '.join(map(str, shape))} devices cannot be opened: programs run on one device; use "
            "ttnn.MeshShape(1, 1)"
        )
    if offset is not None and any(offset):
        raise InvalidArgument(f"offset {offset} lies outside the mesh of one device; (0, 0) is its only coordinate")
    return open_device(
        physical_device_ids[0] if physical_device_ids else 0,
        l1_small_size=l1_small_size,
        trace_region_size=trace_region_size,
        num_command_queues=num_command_queues,
        dispatch_core_config=dispatch_core_config,
        worker_l1_size=worker_l1_size,
    )


def close_mesh_device(mesh_device: Device) -> None:
    """Wait for a mesh's queues and close it; closing twice does nothing."""
    close_device(mesh_device)


@contextmanager
def create_mesh_device(mesh_shape: MeshShape | None = None, **options: Any) -> Iterator[Device]:
    """Open a mesh of one device for a block of code; the options of :func:`open_mesh_device`."""
    device = open_mesh_device(mesh_shape, **options)
    try:
        yield device
    finally:
        close_mesh_device(device)


@contextmanager
def manage_device(device_id: int) -> Iterator[Device]:
    """Open a device for a block of code."""
    device = open_device(device_id=device_id)
    try:
        yield device
    finally:
        close_device(device)


def CreateDevices(
    device_ids: Iterable[int],
    num_command_queues: int = 1,
    l1_small_size: int = 0,
    trace_region_size: int = 0,
    dispatch_core_config: DispatchCoreConfig | None = None,
    *,
    worker_l1_size: int = 0,
) -> dict[int, Device]:
    """Open several devices of the backend, each a mesh of its own; return them by id. See :func:`tthal.open_device`."""
    return {
        each: open_device(
            each,
            num_command_queues=num_command_queues,
            l1_small_size=l1_small_size,
            trace_region_size=trace_region_size,
            dispatch_core_config=dispatch_core_config,
            worker_l1_size=worker_l1_size,
        )
        for each in device_ids
    }


def CloseDevices(devices: Mapping[int, Device], /) -> None:
    """Close what :func:`CreateDevices` opened."""
    for device in devices.values():
        close_device(device)
