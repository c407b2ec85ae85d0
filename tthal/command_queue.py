"""A device's command queues: in order, possibly asynchronous."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tthal.device_interface import Allocation
from tthal.errors import InvalidArgument, WrongType
from tthal.host_bytes import check_size, readable_bytes, writable_bytes
from tthal.program import Program

if TYPE_CHECKING:
    from tthal.buffer import Buffer
    from tthal.device_commands import DeviceCommands

__all__ = ["CommandQueue", "QueueId"]

Bytes = npt.NDArray[np.uint8]


class QueueId(int):
    """The number of a command queue, as some calls spell it."""

    __slots__ = ()


default_queue: ContextVar[int] = ContextVar("default_queue", default=0)
"""The queue of calls that name none; see :func:`tthal.command_queue`."""


@dataclass(frozen=True, slots=True)
class CommandQueue:
    """One of a device's command queues; queues of one device and id are equal.

    Commands run in the order they were given. A command that fails surfaces at the next blocking call on its queue.
    """

    device: DeviceCommands
    id: int

    def write(self, buffer: Buffer, data: Any, blocking: bool = False) -> None:
        """Write a whole buffer in host page order; ``data`` is copied before this returns."""
        what = "EnqueueWriteBuffer"
        allocation = self._allocation(buffer, what)
        source = readable_bytes(data, what)
        check_size(len(source), buffer.size(), what)
        if _is_part(buffer):
            # A driver writes whole buffers, so the rest of the root buffer is written back as it was.
            whole = self.read(buffer.root_buffer())
            whole[_extent(buffer)] = np.frombuffer(source, np.uint8)
            source = whole.data
        if buffer.size():
            self.device.write(self.id, allocation, source, blocking)

    def read(self, buffer: Buffer, dst: Any = None, blocking: bool = True) -> Any:
        """Read a whole buffer in host page order into ``dst``, or into a new array of bytes; return it.

        Without ``blocking`` it is filled when :meth:`finish` returns.
        """
        what = "EnqueueReadBuffer"
        allocation = self._allocation(buffer, what)
        if dst is None:
            dst = np.zeros(buffer.size(), np.uint8)
        out = writable_bytes(dst, what)
        check_size(len(out), buffer.size(), what)
        if _is_part(buffer):
            out[:] = self.read(buffer.root_buffer())[_extent(buffer)].data
        elif buffer.size():
            self.device.read(self.id, allocation, out, blocking)
        return dst

    def write_array(self, buffer: Buffer, array: Bytes) -> None:
        """Write a whole buffer from an array of any shape and strides, whose C order is the host page order."""
        if _is_part(buffer) or not self.device.takes_strided_memory:
            return self.write(buffer, np.ascontiguousarray(array))
        allocation = self._allocation(buffer, "writing a tensor")
        check_size(array.size, buffer.size(), "writing a tensor")
        if buffer.size():
            self.device.write(self.id, allocation, array.data, blocking=False)

    def read_array(self, buffer: Buffer, array: Bytes) -> None:
        """Read a whole buffer into an array of any shape and strides, whose C order is the host page order; wait."""
        if _is_part(buffer) or not self.device.takes_strided_memory:
            flat = self.read(buffer)
            array[...] = flat.reshape(array.shape)
            return
        allocation = self._allocation(buffer, "reading a tensor")
        check_size(array.size, buffer.size(), "reading a tensor")
        if buffer.size():
            self.device.read(self.id, allocation, array.data, blocking=True)

    def launch(self, program: Program, blocking: bool = False) -> None:
        """Compile a program if it is new, and run it."""
        if not isinstance(program, Program):
            raise WrongType(f"EnqueueProgram runs a Program from CreateProgram(), not {type(program).__name__}")
        for buffer in buffers_of(program):
            self._check_owner(buffer, "EnqueueProgram")
        self.device.launch(self.id, program, blocking)

    def finish(self) -> None:
        """Wait until all commands are done; raise what went wrong since the last blocking call."""
        self.device.finish(self.id)

    def _allocation(self, buffer: Buffer, what: str) -> Allocation:
        self._check_owner(buffer, what)
        return buffer.allocation

    def _check_owner(self, buffer: Buffer, what: str) -> None:
        if buffer.device is not self.device:
            raise InvalidArgument(
                f"{what}: {buffer!r} lives on {buffer.device}, the queue belongs to {self.device}; "
                "use a queue of the buffer's device"
            )


def buffers_of(program: Program) -> list[Buffer]:
    """Return the buffers a program owns, and those its circular buffers lie in."""
    bound = (each.config.buffer for each in program.circular_buffers)
    return [*program.owned_buffers, *(buffer for buffer in bound if buffer is not None)]


def _is_part(buffer: Buffer) -> bool:
    return buffer.root_buffer() is not buffer and buffer.size() > 0


def _extent(view: Buffer) -> slice:
    start = view.root_buffer_offset()
    return slice(start, start + view.size())
