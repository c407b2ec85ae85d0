"""Events between command queues, and between them and the host (ttnn 0.81.1).

Queues run their commands in order; to wait for an event is to wait for all that its queue was given until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from tthal.command_queue import CommandQueue
from tthal.device import Device
from tthal.errors import WrongType

__all__ = [
    "EnqueueRecordEvent",
    "EnqueueRecordEventToHost",
    "EnqueueWaitForEvent",
    "EventQuery",
    "EventSynchronize",
    "MeshEvent",
    "event_synchronize",
    "record_event",
    "wait_for_event",
]


@dataclass(frozen=True, slots=True)
class MeshEvent:
    """A point in a queue: everything that was enqueued before it."""

    queue: CommandQueue
    number: int
    """As its device counts them."""


def record_event(
    mesh_device: Device, cq_id: int | None = None, sub_device_ids: Sequence[int] = (), device_range: object = None
) -> MeshEvent:
    """Mark a point in a queue."""
    mesh_device.sub_devices.check_ids(sub_device_ids)
    return EnqueueRecordEvent(mesh_device.command_queue(cq_id))


def wait_for_event(cq_id: int | None = None, mesh_event: MeshEvent | None = None) -> None:
    """Let a queue's later commands run after an event of another queue.

    Raises:
        LaunchError: what went wrong on the event's queue since the last blocking call.
    """
    event = _checked(mesh_event)
    device = cast(Device, event.queue.device)  # whose command_queue() made it
    EnqueueWaitForEvent(device.command_queue(cq_id), event)


def event_synchronize(mesh_event: MeshEvent | None) -> None:
    """Wait on the host until an event is reached.

    Raises:
        LaunchError: what went wrong on its queue since the last blocking call.
    """
    event = _checked(mesh_event)
    event.queue.device.wait_for_event(None, event.queue.id, event.number)


def _checked(event: MeshEvent | None) -> MeshEvent:
    if not isinstance(event, MeshEvent):
        raise WrongType(f"an event is what record_event() returns, not {type(event).__name__}")
    return event


# ---------------------------------------------------------------------------------------------- the C++ examples' names


def EnqueueRecordEvent(queue: CommandQueue, *_: Any) -> MeshEvent:
    """Mark a point in a queue."""
    return MeshEvent(queue, queue.device.record_event(queue.id))


EnqueueRecordEventToHost = EnqueueRecordEvent


def EnqueueWaitForEvent(queue: CommandQueue, event: MeshEvent) -> None:
    """Let a queue's later commands run after an event; those of another device wait on the host."""
    event = _checked(event)
    waiting = queue.id if queue.device is event.queue.device else None
    event.queue.device.wait_for_event(waiting, event.queue.id, event.number)


EventSynchronize = event_synchronize


def EventQuery(event: MeshEvent) -> bool:
    """Whether an event is reached: it waits until it is."""
    event_synchronize(event)
    return True
