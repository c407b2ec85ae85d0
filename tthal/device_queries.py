"""Questions that ttnn answers without a device, or about one, outside its methods (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tthal.command_queue import default_queue
from tthal.coordinates import CoreCoord
from tthal.default_device import properties_at_hand
from tthal.descriptors import ProgramDescriptor
from tthal.device import Device
from tthal.errors import InvalidArgument
from tthal.execution import GetNumAvailableDevices
from tthal.program import Program
from tthal.types import NOC, Arch, BufferType, DataType
from tthal.words import integer, member

__all__ = [
    "GetNumPCIeDevices",
    "GetPCIeDeviceID",
    "command_queue",
    "compute_program_descriptor_hash",
    "element_size",
    "get_allocator_base_address",
    "get_device_ids",
    "get_dram_alignment",
    "get_l1_alignment",
    "get_max_worker_l1_unreserved_size",
    "get_num_devices",
    "get_num_pcie_devices",
    "get_optimal_dram_bank_to_logical_worker_assignment",
    "get_pcie_device_ids",
]

ELEMENT_BYTES = {
    DataType.BFLOAT16: 2,
    DataType.FLOAT32: 4,
    DataType.UINT32: 4,
    DataType.INT32: 4,
    DataType.UINT16: 2,
    DataType.UINT8: 1,
    DataType.INT8: 1,
    DataType.FP8_E4M3: 1,
}


def get_num_devices() -> int:
    """Return how many devices the selected backend has."""
    return GetNumAvailableDevices()


GetNumPCIeDevices = get_num_devices
get_num_pcie_devices = get_num_devices


def get_device_ids() -> list[int]:
    """Return the ids with which devices can be opened."""
    return list(range(GetNumAvailableDevices()))


get_pcie_device_ids = get_device_ids


def GetPCIeDeviceID(device_id: int) -> int:
    """Return the id of the device through which another is reached: its own."""
    return device_id


def get_dram_alignment() -> int:
    """Return what pages in DRAM are aligned to, in bytes, on the device at hand."""
    return properties_at_hand().alignments.dram_page


def get_l1_alignment() -> int:
    """Return what pages in L1 are aligned to, in bytes, on the device at hand."""
    return properties_at_hand().alignments.l1_page


def get_max_worker_l1_unreserved_size() -> int:
    """Return the largest ``worker_l1_size`` with which the device at hand can be opened, in bytes."""
    properties = properties_at_hand()
    return properties.l1_size - _FIRMWARE_BYTES[properties.arch]


_FIRMWARE_BYTES = {Arch.WORMHOLE_B0: 35_168, Arch.BLACKHOLE: 41_088}
"""What the firmware keeps of each core's L1 (host-api.md §3)."""


def get_allocator_base_address(device: Device, buffer_type: BufferType) -> int:
    """Return the lowest address at which a device places buffers of a type."""
    kind = member(BufferType, buffer_type, "buffer_type")
    properties = device.properties
    if kind is BufferType.L1_SMALL:
        return properties.l1_size - properties.l1_small_size
    return properties.l1_base if kind is BufferType.L1 else properties.dram_base


def get_optimal_dram_bank_to_logical_worker_assignment(device: Device, noc: NOC) -> list[CoreCoord]:
    """Return, for every DRAM bank of a device, a logical core near it; see the device's method."""
    return device.get_optimal_dram_bank_to_logical_worker_assignment(noc)


def element_size(dtype: DataType) -> int:
    """Return the bytes of an element.

    Raises:
        InvalidArgument: it is block-float, whose elements share bytes.
    """
    known = member(DataType, dtype, "dtype")
    if known not in ELEMENT_BYTES:
        raise InvalidArgument(f"an element of {known.name} has no size of its own; ask ttnn.tile_size(dtype)")
    return ELEMENT_BYTES[known]


def compute_program_descriptor_hash(program_descriptor: ProgramDescriptor) -> int:
    """Return a number that is the same for programs that compile to the same, whatever their arguments' values."""
    if program_descriptor.custom_program_hash is not None:
        return program_descriptor.custom_program_hash
    limits = properties_at_hand().limits
    return int(Program(program_descriptor, limits=limits).image().fingerprint[:16], 16)


@contextmanager
def command_queue(cq_id: int) -> Iterator[None]:
    """Let a block of code use another command queue than the first where a call names none.

    Raises:
        InvalidArgument: there is no such queue: a device has two at most.
    """
    number = integer(cq_id, "cq_id")
    if number not in (0, 1):
        raise InvalidArgument(f"a device has the command queues 0 and 1, not {cq_id!r}")
    token = default_queue.set(number)
    try:
        yield
    finally:
        default_queue.reset(token)
