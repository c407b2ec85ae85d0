"""Capturing launches of a device and executing them again, with the names of ttnn 0.81.1 and of the C++ examples."""

from __future__ import annotations

from tthal.device import Device
from tthal.device_trace import MeshTraceId

__all__ = [
    "BeginTraceCapture",
    "EndTraceCapture",
    "ReleaseTrace",
    "ReplayTrace",
    "begin_trace_capture",
    "end_trace_capture",
    "execute_trace",
    "is_trace_capture_active",
    "release_trace",
]

# ---------------------------------------------------------------------------------------------- ttnn's names


def begin_trace_capture(mesh_device: Device, *, cq_id: int | None = None) -> MeshTraceId:
    """Capture the launches on a queue from now on instead of running them.

    Every program must have been launched once before, so that it is compiled and loaded.
    """
    return mesh_device.begin_trace(mesh_device.command_queue(cq_id).id)


def end_trace_capture(mesh_device: Device, trace_id: int, *, cq_id: int | None = None) -> None:
    """Complete a trace.

    Raises:
        InvalidArgument: it is not being captured on this queue, or the device was opened without trace_region_size.
    """
    mesh_device.end_trace(trace_id, mesh_device.command_queue(cq_id).id)


def execute_trace(mesh_device: Device, trace_id: int, *, cq_id: int | None = None, blocking: bool = True) -> None:
    """Run all launches of a trace with the arguments and addresses of the capture."""
    mesh_device.run_trace(trace_id, mesh_device.command_queue(cq_id).id, blocking)


def release_trace(mesh_device: Device, trace_id: int) -> None:
    """Forget a trace."""
    mesh_device.release_trace(trace_id)


def is_trace_capture_active(device: Device) -> bool:
    """Whether one of a device's queues captures a trace."""
    return device.captures_a_trace()


# ---------------------------------------------------------------------------------------------- the C++ examples' names


def BeginTraceCapture(device: Device, cq_id: int = 0) -> MeshTraceId:
    """Do :func:`begin_trace_capture`."""
    return begin_trace_capture(device, cq_id=cq_id)


def EndTraceCapture(device: Device, cq_id: int, trace_id: int) -> None:
    """Do :func:`end_trace_capture`."""
    end_trace_capture(device, trace_id, cq_id=cq_id)


def ReplayTrace(device: Device, cq_id: int, trace_id: int, blocking: bool) -> None:
    """Do :func:`execute_trace`."""
    execute_trace(device, trace_id, cq_id=cq_id, blocking=blocking)


ReleaseTrace = release_trace
