"""``generic_op``: a program described as data, run on tensors or buffers (host-api.md §2.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from tthal.buffer import Buffer
from tthal.descriptors import ProgramDescriptor
from tthal.device import device_of
from tthal.errors import InvalidArgument, WrongType
from tthal.mesh.programs import MeshProgramDescriptor
from tthal.program import Program
from tthal.tensor.tensor import Tensor

__all__ = ["generic_op"]

Operand = TypeVar("Operand", bound=Tensor | Buffer)


def generic_op(
    io_tensors: Sequence[Operand],
    program_descriptor: ProgramDescriptor | MeshProgramDescriptor | None = None,
    *,
    mesh_program_descriptor: MeshProgramDescriptor | None = None,
) -> Operand:
    """Run a program described as data on its tensors' device, without waiting; return the last tensor.

    Addresses are not filled in: the descriptor's runtime arguments hold ``tensor.buffer_address()`` themselves. Buffers
    will do in place of tensors. Of a MeshProgramDescriptor, the program of the one device runs.

    Raises:
        InvalidArgument: fewer than two tensors, one on the host, or tensors of several devices.
        ObjectClosed: one was deallocated.
    """
    descriptor = program_descriptor if mesh_program_descriptor is None else mesh_program_descriptor
    if not isinstance(descriptor, (ProgramDescriptor, MeshProgramDescriptor)):
        raise WrongType(f"generic_op runs a ProgramDescriptor, not {type(descriptor).__name__}")
    if len(io_tensors) < 2:
        raise InvalidArgument(
            f"generic_op needs at least one input and one output tensor, got {len(io_tensors)} in all"
        )
    buffers = [buffer_of(each) for each in io_tensors]
    device = device_of(buffers[-1])
    for buffer in buffers:
        if device_of(buffer) is not device:
            raise InvalidArgument(
                f"generic_op: {buffer!r} and {buffers[-1]!r} live on different devices; move one of them"
            )
    programs = [descriptor] if isinstance(descriptor, ProgramDescriptor) else descriptor.on_the_device()
    for each in programs:
        device.command_queue().launch(Program(each, limits=device.properties.limits))
    return io_tensors[-1]


def buffer_of(operand: Tensor | Buffer) -> Buffer:
    """Return the buffer of a device tensor, or a buffer itself."""
    return operand.buffer() if isinstance(operand, Tensor) else operand
