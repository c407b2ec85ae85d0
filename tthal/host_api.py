"""The host API's functions by their documented names: thin doors to Program, Buffer and Kernel.

Every function checks all of its arguments before it changes anything. Sizes and addresses are bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, overload

import numpy as np

from tthal import kernel_source
from tthal.buffer import Buffer, BufferConfig, BufferDevice, create_buffer
from tthal.circular_buffer import CircularBufferConfig
from tthal.coordinates import (
    CoreCoord,
    CoreLike,
    CoreRange,
    CoreRangeSet,
    CoreSpec,
    as_cores,
    corerange_to_cores,
    is_pair_of_numbers,
)
from tthal.device_interface import Limits
from tthal.errors import ObjectClosed, WrongType
from tthal.kernel import Kernel, KernelConfig
from tthal.program import Program
from tthal.runtime_args import ArgumentTable, RuntimeArgsData
from tthal.types import CoreType
from tthal.words import words

__all__ = [
    "AssignGlobalBufferToProgram",
    "CreateBuffer",
    "CreateCircularBuffer",
    "CreateKernel",
    "CreateKernelFromString",
    "CreateProgram",
    "CreateSemaphore",
    "DeallocateBuffer",
    "GetCircularBufferConfig",
    "GetCommonRuntimeArgs",
    "GetRuntimeArgs",
    "SetCommonRuntimeArgs",
    "SetRuntimeArgs",
    "UpdateCircularBufferPageSize",
    "UpdateCircularBufferTotalSize",
    "UpdateDynamicCircularBufferAddress",
    "UpdateDynamicCircularBufferAddressAndTotalSize",
]

CoreList = Sequence[CoreLike]


def CreateProgram(limits: Limits | None = None) -> Program:
    """Create an empty program, bound by the portable limits unless ``limits`` gives an architecture's own."""
    return Program(limits=limits)


def CreateKernel(
    program: Program,
    file_name: str | os.PathLike[str],
    core_spec: CoreSpec,
    config: KernelConfig | None = None,
) -> int:
    """Read a kernel file with the user headers it includes, add it to the program and return its id: 0, 1, 2 ...

    The file is searched as given (absolute or relative to the working folder), then under TT_METAL_HOME,
    TT_METAL_RUNTIME_ROOT and TT_METAL_KERNEL_PATH. Without a config it moves data on BRISC over NoC 0
    (host-api.md §1.2).

    Raises:
        KernelFileNotFound: the file is in none of these places.
        InvalidArgument: the config is not valid, or a core's processor or NoC is taken.
        ProgramFrozen: the program was already launched.
    """
    return _program(program).add_kernel(kernel_source.from_file(file_name), core_spec, config).id


def CreateKernelFromString(
    program: Program, kernel_src_code: str, core_spec: CoreSpec, config: KernelConfig | None = None
) -> int:
    """Add a kernel given as source text and return its id; otherwise as :func:`CreateKernel`."""
    return _program(program).add_kernel(kernel_source.from_string(kernel_src_code), core_spec, config).id


def CreateBuffer(config: BufferConfig, address: int | None = None, sub_device_id: int | None = None) -> Buffer:
    """Allocate a buffer on a device.

    With ``address`` it lies exactly there and nothing is reserved. ``sub_device_id`` 0 is the whole grid and goes with
    sharded L1 buffers only (host-api.md §1.3).

    Raises:
        InvalidArgument: the page size does not divide the size, or the shards do not fit the tensor or the cores.
        OutOfMemory: no bank has room.
        ObjectClosed: the device is closed.
        InvalidArgument: there is no such sub-device, or the buffer's shards lie outside it.
    """
    return create_buffer(config, address, sub_device_id)


def DeallocateBuffer(buffer: Buffer) -> None:
    """Give a buffer's memory back; doing it twice, or on a buffer with an explicit address, has no effect."""
    _buffer(buffer).deallocate()


def AssignGlobalBufferToProgram(buffer: Buffer, program: Program) -> None:
    """Keep a buffer on the device as long as the program lives."""
    _program(program).own(buffer)


def CreateCircularBuffer(program: Program, core_spec: CoreSpec, config: CircularBufferConfig) -> int:
    """Add a circular buffer and return its id: 0, 1, 2 ... in the program.

    A config without index gets the lowest one free on all its cores: ``GetCircularBufferConfig(program,
    cb_id).buffer_indices`` tells which.

    Raises:
        InvalidArgument: the config is incomplete, or an index is taken on a core.
        LimitExceeded: a core has no such index.
        ProgramFrozen: the program was already launched.
    """
    return _program(program).add_circular_buffer(core_spec, config).id


def GetCircularBufferConfig(program: Program, cb_handle: int) -> CircularBufferConfig:
    """Return a circular buffer's live, read-only configuration; ``.copy()`` gives one that can be changed."""
    return _program(program).circular_buffer(cb_handle).config


def UpdateCircularBufferTotalSize(program: Program, cb_handle: int, total_size: int) -> None:
    """Change a circular buffer's size in bytes from the next launch on; its page sizes must divide it by then.

    Raises:
        InvalidArgument: it is larger than the L1 buffer that holds it.
    """
    _program(program).set_circular_buffer_total_size(cb_handle, total_size)


def UpdateCircularBufferPageSize(program: Program, cb_handle: int, buffer_index: int, page_size: int) -> None:
    """Change the page size in bytes of one index from the next launch on.

    Raises:
        InvalidArgument: it does not divide the present total size, or the circular buffer lacks the index.
    """
    _program(program).set_circular_buffer_page_size(cb_handle, buffer_index, page_size)


def UpdateDynamicCircularBufferAddress(
    program: Program, cb_handle: int, buffer: Buffer, address_offset: int = 0
) -> None:
    """Lay a circular buffer ``address_offset`` bytes into an L1 buffer's memory from the next launch on.

    Raises:
        InvalidArgument: the buffer is not in L1 or has too little room in each bank.
    """
    _program(program).bind_circular_buffer(cb_handle, _buffer(buffer), None, address_offset)


def UpdateDynamicCircularBufferAddressAndTotalSize(
    program: Program, cb_handle: int, buffer: Buffer, total_size: int, address_offset: int = 0
) -> None:
    """Do :func:`UpdateDynamicCircularBufferAddress` and :func:`UpdateCircularBufferTotalSize` in one step."""
    _program(program).bind_circular_buffer(cb_handle, _buffer(buffer), total_size, address_offset)


def CreateSemaphore(
    program: Program,
    core_spec: CoreSpec,
    initial_value: int,
    core_type: CoreType = CoreType.WORKER,
) -> int:
    """Add a semaphore and return its id, the smallest one free on all its cores.

    The value is written at every launch. Disjoint cores use the same ids (host-api.md §1.5).

    Raises:
        LimitExceeded: no id is left on one of the cores.
        ProgramFrozen: the program was already launched.
    """
    return _program(program).add_semaphore(core_spec, initial_value, core_type).id


@overload
def SetRuntimeArgs(
    program: Program, kernel_id: int | Kernel, core_spec: CoreSpec, runtime_args: Iterable[int]
) -> None: ...
@overload
def SetRuntimeArgs(
    program: Program, kernel_id: int | Kernel, core_spec: CoreList, runtime_args: Sequence[Iterable[int]]
) -> None: ...
@overload
def SetRuntimeArgs(
    program: BufferDevice, kernel_id: Kernel, core_spec: CoreSpec | CoreList, runtime_args: Any
) -> None: ...
def SetRuntimeArgs(program: Any, kernel_id: Any, core_spec: Any, runtime_args: Any) -> None:
    """Set a kernel's runtime arguments: one list of words for all cores, or one list per core.

    Cores are a specification or a list of CoreCoord; lists per core go to a specification's cores in the order of
    ``corerange_to_cores``. The first argument is the program with a kernel id, or a device with a Kernel
    (``program.kernel(kernel_id)``). The first call fixes a core's number of arguments, later ones change their values
    from the next launch on. An empty list does nothing (host-api.md §1.6).

    Raises:
        InvalidArgument: the kernel is not on a core, a value is not an unsigned 32-bit integer, or the number differs.
        LimitExceeded: more arguments than allowed, common ones included.
    """
    arguments = _arguments(program, kernel_id)
    one_each = _is_nested(runtime_args)
    if isinstance(core_spec, (CoreCoord, CoreRange, CoreRangeSet)) or is_pair_of_numbers(core_spec):
        if one_each:
            arguments.set_each(corerange_to_cores(as_cores(core_spec, "core_spec")), runtime_args)
        else:
            arguments.set(core_spec, runtime_args)
    elif isinstance(core_spec, Sequence) and not isinstance(core_spec, str):
        same = () if one_each else words(runtime_args, "runtime argument")
        arguments.set_each(core_spec, [same] * len(core_spec) if same else runtime_args)
    else:
        raise WrongType(
            "core_spec must be a CoreCoord, CoreRange, CoreRangeSet or a list of CoreCoord, not "
            f"{type(core_spec).__name__}"
        )


@overload
def GetRuntimeArgs(program: Program, kernel_id: int | Kernel, logical_core: CoreLike) -> RuntimeArgsData: ...
@overload
def GetRuntimeArgs(program: Program, kernel_id: int | Kernel) -> list[list[RuntimeArgsData]]: ...
def GetRuntimeArgs(
    program: Program, kernel_id: int | Kernel, logical_core: CoreLike | None = None
) -> RuntimeArgsData | list[list[RuntimeArgsData]]:
    """Return one core's arguments, or all of them as a list of columns from core (0, 0); unset ones have size 0.

    What is returned is a view of fixed length: ``args[i] = value`` takes effect at the next launch.

    Raises:
        InvalidArgument: the kernel is not on ``logical_core``.
    """
    arguments = _arguments(program, kernel_id)
    return arguments.grid() if logical_core is None else arguments.of(logical_core)


def SetCommonRuntimeArgs(program: Program, kernel_id: int | Kernel, runtime_args: Iterable[int]) -> None:
    """Set the arguments that all cores of a kernel share; possible once, an empty list does nothing.

    Raises:
        InvalidArgument: they were set before; change them through :func:`GetCommonRuntimeArgs`.
        LimitExceeded: more arguments than allowed, those of a core included.
    """
    _arguments(program, kernel_id).set_common(runtime_args)


def GetCommonRuntimeArgs(program: Program, kernel_id: int | Kernel) -> RuntimeArgsData:
    """Return the arguments that all cores share as a view; writes take effect at the next launch."""
    return _arguments(program, kernel_id).common


def _arguments(owner: Any, kernel: Any) -> ArgumentTable:
    if isinstance(owner, Program):
        if not isinstance(kernel, Kernel):
            return owner.kernel(kernel).arguments
        if kernel not in owner.kernels:
            raise WrongType(f"{kernel!r} belongs to another program")
        return kernel.arguments
    if not hasattr(owner, "is_open"):
        raise WrongType(f"the first argument must be a Program or an open device, not {type(owner).__name__}")
    if not isinstance(kernel, Kernel):
        raise WrongType(
            f"with a device the second argument is a Kernel, program.kernel(kernel_id), not {type(kernel).__name__}"
        )
    if not owner.is_open:
        raise ObjectClosed("the device given to SetRuntimeArgs is closed")
    return kernel.arguments


def _is_nested(runtime_args: Any) -> bool:
    """Whether these are lists per core rather than words."""
    if not isinstance(runtime_args, (Sequence, np.ndarray)) or not len(runtime_args):
        return False
    return isinstance(runtime_args[0], (list, tuple, np.ndarray, RuntimeArgsData))


def _program(program: Any) -> Program:
    if not isinstance(program, Program):
        raise WrongType(f"program must be a Program from CreateProgram(), not {type(program).__name__}")
    return program


def _buffer(buffer: Any) -> Buffer:
    if not isinstance(buffer, Buffer):
        raise WrongType(f"buffer must be a Buffer from CreateBuffer(), not {type(buffer).__name__}")
    return buffer
