"""What submodules of ``ttnn`` hold that the whole does not: names for their own use, which programs reach for all the
same (ttnn 0.81.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal import block_float
from tthal.core_args import RuntimeArgs
from tthal.data_formats import TILE_HEIGHT, TILE_WIDTH
from tthal.default_device import SetDefaultDevice
from tthal.errors import WrongType
from tthal.tiles import tilize, untilize
from tthal.types import DataFormat, DataType
from tthal.values import VectorUInt32, VectorUnpackToDestMode

U32 = npt.NDArray[np.uint32]
F32 = npt.NDArray[np.float32]

PROGRAM_DESCRIPTOR = {
    "RuntimeArgsView": RuntimeArgs,
    "VectorUInt32": VectorUInt32,
    "VectorUnpackToDestMode": VectorUnpackToDestMode,
}
"""Of ``ttnn._ttnn.program_descriptor``: the types of lists that descriptors keep."""


def divup(a: int, b: int) -> int:
    """Return ``a / b``, rounded up."""
    return -(-a // b)


def roundup(a: int, b: int) -> int:
    """Return the next multiple of ``b``."""
    return divup(a, b) * b


CORE = {each.__name__: each for each in (divup, roundup)}
"""Of ``ttnn.core``."""


def ttnn_dtype_to_torch_dtype(dtype: DataType) -> Any:
    """Return the torch type that holds an element type's values; float32 for block floats.

    Raises:
        KeyError: none does.
    """
    import torch

    return getattr(torch, _TORCH_NAMES[dtype])


_TORCH_NAMES = {
    **{each: each.name.lower() for each in DataType if each.name.startswith(("UINT", "INT", "FLOAT32"))},
    DataType.BFLOAT16: "bfloat16",
    DataType.BFLOAT8_B: "float32",
    DataType.BFLOAT4_B: "float32",
}


def _mark(*_: object, **__: object) -> None:
    """Do nothing: marks for the vendor's profiler, which does nothing with them either unless it is built in."""


_MARKS = ("start_tracy_zone", "stop_tracy_zone", "tracy_message", "tracy_frame", "DumpDeviceProfiler")

WHOLE: dict[str, Any] = {
    "ttnn_dtype_to_torch_dtype": ttnn_dtype_to_torch_dtype,
    **dict.fromkeys(_MARKS, _mark),
}
"""Of ``ttnn`` itself."""


def pad_to_tile_shape(unpadded_shape: Sequence[int]) -> list[int]:
    """Return a shape of four extents with the last two rounded up to whole tiles."""
    if len(unpadded_shape) != 4:
        raise WrongType(f"pad_to_tile_shape takes four extents, not {unpadded_shape!r}; Tensor.padded_shape has any")
    first, second, rows, columns = unpadded_shape
    return [first, second, roundup(rows, TILE_HEIGHT), roundup(columns, TILE_WIDTH)]


def ClearKernelCache() -> None:
    """Do nothing: which code is compiled anew depends on its text alone."""


def ClearDefaultDevice() -> None:
    """Have no default device any more."""
    SetDefaultDevice(None)


DEVICE: dict[str, Any] = {
    "DEFAULT_L1_SMALL_SIZE": 0,
    "DEFAULT_TRACE_REGION_SIZE": 0,
    "DEFAULT_WORKER_L1_SIZE": 0,
    **{each.__name__: each for each in (pad_to_tile_shape, ClearKernelCache, ClearDefaultDevice)},
}
"""Of ``ttnn.device``."""


def _packer(wide: DataFormat, narrow: DataFormat) -> Callable[..., U32]:
    def pack(input: npt.ArrayLike, row_major_input: bool = False, is_exp_a: bool = False) -> U32:
        """Return whole 32x32 tiles of float32 numbers, in tile order unless said otherwise, as 32-bit words."""
        values = np.asarray(input, np.float32).reshape(-1, TILE_HEIGHT, TILE_WIDTH)
        ordered = tilize(values) if row_major_input else values.reshape(-1)
        return block_float.pack(ordered, narrow if is_exp_a else wide).view(np.uint32)

    return pack


def _unpacker(wide: DataFormat, narrow: DataFormat) -> Callable[..., F32]:
    def unpack(input: npt.ArrayLike, row_major_output: bool = False, is_exp_a: bool = False) -> F32:
        """Return the float32 numbers of whole 32x32 tiles, in tile order unless said otherwise."""
        data = np.ascontiguousarray(input, np.uint32).view(np.uint8)
        values = block_float.unpack(data, narrow if is_exp_a else wide).reshape(-1)
        tiles = values.size // (TILE_HEIGHT * TILE_WIDTH)
        return untilize(values, (tiles, TILE_HEIGHT, TILE_WIDTH)).reshape(-1) if row_major_output else values

    return unpack


_BLOCK_FORMATS = {
    "bfp8": (DataFormat.Bfp8_b, DataFormat.Bfp8),
    "bfp4": (DataFormat.Bfp4_b, DataFormat.Bfp4),
    "bfp2": (DataFormat.Bfp2_b, DataFormat.Bfp2),
}

BFP_UTILS = {f"pack_{name}": _packer(*formats) for name, formats in _BLOCK_FORMATS.items()} | {
    f"unpack_{name}": _unpacker(*formats) for name, formats in _BLOCK_FORMATS.items()
}
"""Of ``ttnn._ttnn.bfp_utils``: block floats on the host."""
