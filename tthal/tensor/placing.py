"""Buffers of a device for tensors: allocated, or filled with bytes or values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.buffer import Buffer, InterleavedBufferConfig, ShardedBufferConfig, create_buffer
from tthal.device import Device, device_of
from tthal.errors import InvalidArgument, WrongType
from tthal.tensor import elements
from tthal.tensor.spec import TensorSpec
from tthal.types import Arch, DataType, TensorMemoryLayout

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]


def placed(spec: TensorSpec, data: Bytes, device: Device, cq_id: int | None = None) -> Buffer:
    """Return a new buffer with the bytes of a tensor's pages."""
    buffer = allocated(spec, device)
    if data.size:
        device_of(buffer).command_queue(cq_id).write(buffer, data)
    return buffer


def placed_values(spec: TensorSpec, values: Array, padding: Array, device: Device, cq_id: int | None = None) -> Buffer:
    """Return a new buffer with an array's values; see :func:`elements.encode` for the padding."""
    view = elements.page_view(values, spec)
    if view is None:
        return placed(spec, elements.encode(values, spec, padding), device, cq_id)
    buffer = allocated(spec, device)
    device_of(buffer).command_queue(cq_id or 0).write_array(buffer, view)
    return buffer


def allocated(spec: TensorSpec, device: Device) -> Buffer:
    """Return a new buffer for a tensor; whatever lies there stays."""
    if not hasattr(device, "is_open"):
        raise WrongType(f"a device is what open_device() returns, not {device!r}")
    if spec.dtype is DataType.FP8_E4M3 and device.arch() is not Arch.BLACKHOLE:
        raise InvalidArgument(f"FP8_E4M3 is not supported on {device.arch().value}; use bfloat8_b or a Blackhole")
    buffer_type, size, page = spec.memory_config.buffer_type, spec.num_bytes, spec.page_bytes
    distribution = spec.distribution()
    if distribution is None or not size:
        return create_buffer(InterleavedBufferConfig(device, size, page, buffer_type))
    config = ShardedBufferConfig(device, size, page, buffer_type, TensorMemoryLayout.ND_SHARDED, distribution)
    return create_buffer(config)
