"""Tensors from values: the constructor's spellings, from_torch, from_numpy, and back (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tthal.data_formats import Tile
from tthal.device import Device
from tthal.errors import InvalidArgument, Unsupported, WrongType
from tthal.tensor import arrays, spellings
from tthal.tensor.memory_config import MemoryConfig
from tthal.tensor.spec import TensorSpec
from tthal.tensor.tensor import Tensor
from tthal.tensor.types import BLOCK_TYPES, Layout
from tthal.types import DataType

if TYPE_CHECKING:
    import torch

Array = npt.NDArray[Any]


def from_torch(
    tensor: torch.Tensor | Array | None,
    dtype: DataType | None = None,
    *,
    spec: TensorSpec | None = None,
    tile: Tile | None = None,
    pad_value: float | None = None,
    layout: Layout | None = None,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
    mesh_mapper: object = None,
    cq_id: int | None = None,
    preserve_nan_values: bool = False,
    col_tilize: bool = False,
    enable_bfloat_opt: bool = False,
) -> Tensor | None:
    """Return a tensor with a torch tensor's or a numpy array's values, on a device if one is given.

    Args:
        tensor: the values; None gives None.
        dtype: the element type; the one that stands for the array's if None.
        spec: everything at once, instead of dtype, layout, memory_config and tile.
        tile: of a TILE layout, 32x32 if None.
        pad_value: what fills up tiles, 0 if None.
        layout: ROW_MAJOR if None, TILE for block-float types.
        device: where it goes; it stays on the host if None.
        memory_config: DRAM, interleaved if None.
        mesh_mapper: ignored: a tensor goes whole to the one device.
        cq_id: the command queue that writes it, 0 if None.
        preserve_nan_values: makes no difference here, NaNs stay.
        col_tilize: swap the last two dimensions, so that columns share the exponents of block-float types.
        enable_bfloat_opt: makes no difference here, values are always rounded on the host.

    Raises:
        InvalidArgument: the arguments do not go together.
    """
    if tensor is None:
        return None
    if spec is not None and col_tilize:
        raise InvalidArgument("from_torch: col_tilize=True does not go with spec")
    if spec is not None:
        _check_spec(tensor, spec, {"dtype": dtype, "layout": layout, "memory_config": memory_config, "tile": tile})
        dtype, layout, memory_config, tile = spec.dtype, spec.layout, spec.memory_config, spec.tile
    return from_values(
        arrays.as_array(tensor), dtype, device, layout, memory_config, tile, cq_id, pad_value, col_tilize=col_tilize
    )


def from_numpy(
    array: npt.ArrayLike,
    dtype: DataType | None = None,
    *,
    spec: TensorSpec | None = None,
    tile: Tile | None = None,
    pad_value: float | None = None,
    layout: Layout | None = None,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
    cq_id: int | None = None,
) -> Tensor:
    """Return a tensor with a numpy array's values; see :func:`from_torch`. ml_dtypes' types are known."""
    made = from_torch(
        np.asarray(array), dtype, spec=spec, tile=tile, pad_value=pad_value, layout=layout, device=device,
        memory_config=memory_config, cq_id=cq_id,
    )  # fmt: skip
    if made is None:
        raise WrongType("from_numpy takes an array, not None")
    return made


def from_buffer(
    buffer: Iterable[float],
    shape: Iterable[int],
    dtype: DataType,
    device: Device,
    layout: Layout | None = None,
    memory_config: MemoryConfig | None = None,
) -> Tensor:
    """Return a device tensor with the numbers of a list, in row-major order.

    Raises:
        InvalidArgument: there are too few or too many, or the type is a block-float one.
    """
    if dtype in BLOCK_TYPES or dtype is DataType.FP8_E4M3:
        raise InvalidArgument(f"from_buffer does not make {dtype.name} tensors; use from_torch or from_numpy")
    return Tensor.made_of(*spellings.of_list(buffer, shape, dtype, layout or Layout.ROW_MAJOR, device, memory_config))


def as_tensor(
    tensor: torch.Tensor | Array,
    dtype: DataType | None = None,
    *,
    layout: Layout | None = Layout.ROW_MAJOR,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
    cache_file_name: object = None,
    preprocess: Callable[[Any], Any] | None = None,
    mesh_mapper: object = None,
    cache_dump_mode: object = None,
) -> Tensor:
    """Return a tensor with an array's values, as :func:`from_torch`, after ``preprocess`` if that is given.

    Raises:
        InvalidArgument: there is a device but no memory config.
        Unsupported: a cache file is named.
    """
    if device is not None and memory_config is None:
        raise InvalidArgument("memory_config must be specified when device is specified: ttnn.DRAM_MEMORY_CONFIG")
    if cache_file_name is not None:
        raise Unsupported("as_tensor keeps no cache files here; leave cache_file_name out")
    values = arrays.as_array(tensor if preprocess is None else preprocess(tensor))
    return from_values(values, dtype, device, layout, memory_config, None, None, 0)


def to_torch(
    tensor: Tensor,
    dtype: torch.dtype | None = None,
    *,
    torch_rank: int | None = None,
    mesh_composer: object = None,
    device: Device | None = None,
    cq_id: int | None = None,
) -> torch.Tensor:
    """Return a tensor's values as a torch tensor; block-float ones as float32.

    Args:
        tensor: read from its device if it is on one.
        dtype: torch's type to convert to.
        torch_rank: leading dimensions of extent 1 are dropped until so many are left.
        mesh_composer: ignored: there is one device.
        device: ignored.
        cq_id: the command queue that reads it, 0 if None.

    Raises:
        ModuleNotFoundError: torch is not installed.
        InvalidArgument: a leading dimension that would be dropped is not 1.
    """
    result = arrays.to_torch(_squeezed(_values(tensor, cq_id), torch_rank))
    return result if dtype is None else result.to(dtype=dtype)


def to_numpy(tensor: Tensor, dtype: npt.DTypeLike | None = None, *, cq_id: int | None = None) -> Array:
    """Return a tensor's values as a numpy array: bfloat16 in ml_dtypes' type, block-float as float32."""
    values = _values(tensor, cq_id)
    return values if dtype is None else values.astype(dtype)


def from_values(
    values: Array,
    dtype: DataType | None,
    device: Device | None,
    layout: Layout | None,
    memory_config: MemoryConfig | None,
    tile: Tile | None,
    cq_id: int | None,
    pad_value: float | None,
    *,
    col_tilize: bool = False,
) -> Tensor:
    """Return a tensor with an array's values."""
    made = spellings.of_values(
        values, dtype, device, layout, memory_config, tile, cq_id, pad_value, col_tilize=col_tilize
    )
    return Tensor.made_of(*made)


def _values(tensor: Tensor, cq_id: int | None) -> Array:
    if not isinstance(tensor, Tensor):
        raise WrongType(f"a Tensor is needed here, not {type(tensor).__name__}; ttnn.from_torch makes one")
    return tensor.own_values(cq_id)


def _squeezed(values: Array, rank: int | None) -> Array:
    while rank is not None and values.ndim > rank:
        if values.shape[0] != 1:
            raise InvalidArgument(f"shape {values.shape} cannot have rank {rank}: its first dimension is not 1")
        values = values[0]
    return values


def _check_spec(tensor: Any, spec: TensorSpec, others: dict[str, object]) -> None:
    if spec.shape != tuple(tensor.shape):
        raise InvalidArgument(f"from_torch: the spec's shape {spec.shape} must be the tensor's, {tuple(tensor.shape)}")
    for name, value in others.items():
        if value is not None:
            raise InvalidArgument(f"from_torch: {name} must be None when spec is given, which says it already")
