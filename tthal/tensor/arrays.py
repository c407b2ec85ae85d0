"""Arrays of other libraries at the edge: numpy, torch, lists. torch is imported when a caller hands it in or asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tthal.errors import InvalidArgument, WrongType
from tthal.types import DataType

if TYPE_CHECKING:
    import torch

Array = npt.NDArray[Any]

_TYPES_OF_NUMPY = {
    "float32": DataType.FLOAT32,
    "float16": DataType.BFLOAT16,
    "bfloat16": DataType.BFLOAT16,
    "int8": DataType.INT8,
    "uint8": DataType.UINT8,
    "bool": DataType.UINT8,
    "int16": DataType.UINT16,
    "uint16": DataType.UINT16,
    "int32": DataType.INT32,
    "uint32": DataType.UINT32,
    "int64": DataType.UINT32,
    "float8_e4m3fn": DataType.FP8_E4M3,
}
"""The element type a tensor gets when the caller names none (ttnn 0.81.1)."""


def as_array(source: Any) -> Array:
    """Return a numpy array of a numpy array, a torch tensor, or anything numpy makes one of; no copy where possible.

    Raises:
        TypeError: numpy makes no array of numbers of it.
    """
    if is_torch(source):
        return _from_torch(source)
    array = np.asarray(source)
    if array.dtype == object or array.dtype.kind in "USOMm":
        raise WrongType(f"a tensor is made of a torch tensor, a numpy array or numbers, not {type(source).__name__}")
    return array


def is_torch(source: object) -> bool:
    """Whether an object is a torch tensor, without importing torch."""
    return any(kind.__module__.partition(".")[0] == "torch" for kind in type(source).__mro__)


def inferred_type(array: Array) -> DataType:
    """Return the element type of a tensor that is made of an array without naming one.

    Raises:
        InvalidArgument: no device type stands for the array's.
    """
    if array.dtype.name not in _TYPES_OF_NUMPY:
        raise InvalidArgument(
            f"no tensor type stands for {array.dtype}: name one (dtype=ttnn.float32) or convert the array first"
        )
    return _TYPES_OF_NUMPY[array.dtype.name]


def _from_torch(tensor: Any) -> Array:
    plain = tensor.detach().cpu().contiguous()
    name = str(plain.dtype).partition(".")[2]
    if name in _BIT_VIEWS:
        import ml_dtypes
        import torch

        bits = plain.view(getattr(torch, _BIT_VIEWS[name])).numpy()
        viewed: Array = bits.view(getattr(ml_dtypes, name))
        return viewed
    array: Array = plain.numpy()
    return array


_BIT_VIEWS = {"bfloat16": "int16", "float8_e4m3fn": "uint8", "float8_e5m2": "uint8"}
"""torch types that numpy knows only through ml_dtypes, and the torch type of the same size to look at them through."""


def to_torch(array: Array) -> torch.Tensor:
    """Return a torch tensor with an array's values, on the array's memory.

    Raises:
        ModuleNotFoundError: torch is not installed.
    """
    import torch

    name = array.dtype.name
    if name in _BIT_VIEWS:
        size = {"int16": np.int16, "uint8": np.uint8}[_BIT_VIEWS[name]]
        return torch.from_numpy(array.view(size)).view(getattr(torch, name))
    return torch.from_numpy(array)
