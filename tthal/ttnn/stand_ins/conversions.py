"""Rounding sizes, random torch tensors, and tensors from torch and back, as the vendor's tests call for them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import tthal
from tthal.errors import WrongType

if TYPE_CHECKING:
    import torch


def divup(a: int, b: int) -> int:
    """Return a quotient rounded up."""
    return -(-a // b)


def roundup(a: int, b: int) -> int:
    """Return the smallest multiple of ``b`` that is not below ``a``."""
    return divup(a, b) * b


def roundup32(a: int) -> int:
    """Return the smallest multiple of 32 that is not below ``a``."""
    return roundup(a, 32)


nearest_32 = roundup32
nearest_y = roundup


def float_to_bits(x: float) -> int:
    """Return the 32 bits of a float."""
    return int(struct.unpack("<I", struct.pack("<f", x))[0])


def torch_random(shape: Any, low: float, high: float, dtype: torch.dtype) -> torch.Tensor:
    """Return a torch tensor of uniform random values, whole ones of integer types."""
    import torch

    if dtype in (torch.bool, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8):
        return torch.randint(int(low), int(high), tuple(shape), dtype=dtype)
    return torch.empty(tuple(shape), dtype=torch.float32).uniform_(low, high).to(dtype)


def torch2tt_tensor(
    py_tensor: torch.Tensor,
    tt_device: tthal.Device | None,
    tt_layout: tthal.Layout = tthal.TILE_LAYOUT,
    tt_memory_config: tthal.MemoryConfig | None = None,
    tt_dtype: tthal.DataType = tthal.bfloat16,
) -> tthal.Tensor:
    """Return a tensor with a torch tensor's values, on a device if one is given."""
    made = tthal.from_torch(py_tensor, tt_dtype, layout=tt_layout, device=tt_device, memory_config=tt_memory_config)
    if made is None:
        raise WrongType("torch2tt_tensor takes a tensor, not None")
    return made


def tt2torch_tensor(tt_tensor: tthal.Tensor) -> torch.Tensor:
    """Return a tensor's values as a torch tensor."""
    return tthal.to_torch(tt_tensor)


tt_to_torch_tensor = tt2torch_tensor
torch_to_tt_tensor = torch2tt_tensor


def start_measuring_time() -> int:
    """Return a clock's nanoseconds."""
    import time

    return time.time_ns()


def stop_measuring_time(start_time: int) -> int:
    """Return the nanoseconds since."""
    return start_measuring_time() - start_time
