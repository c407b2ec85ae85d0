"""What programs do with tensors around their own kernels: move, copy, re-lay, reshape, give back (ttnn 0.81.1).

Conversions run on the host: a device tensor is read, converted and written to a new place.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tthal.coordinates import CoreRangeSet
from tthal.device import Device
from tthal.errors import InvalidArgument
from tthal.sharding import page_placement
from tthal.tensor import elements, reshaping
from tthal.tensor.memory_config import DRAM_MEMORY_CONFIG, MemoryConfig
from tthal.tensor.spec import TensorSpec
from tthal.tensor.tensor import Tensor, place
from tthal.tensor.types import Layout, StorageType
from tthal.types import DataType


def to_device(
    tensor: Tensor,
    device: Device,
    memory_config: MemoryConfig | None = None,
    *,
    cq_id: int | None = None,
    queue_id: int | None = None,
) -> Tensor:
    """Return the tensor on a device: in DRAM, interleaved, unless a memory config says otherwise.

    ``tensor.to(device)`` keeps the tensor's own memory config instead.
    """
    return tensor.to(device, memory_config or DRAM_MEMORY_CONFIG, cq_id if queue_id is None else queue_id)


def from_device(
    tensor: Tensor, blocking: bool = True, *, cq_id: int | None = None, queue_id: int | None = None
) -> Tensor:
    """Return the tensor on the host."""
    return tensor.cpu(blocking, cq_id if queue_id is None else queue_id)


def copy_host_to_device_tensor(host_tensor: Tensor, device_tensor: Tensor, cq_id: int | None = None) -> None:
    """Write a host tensor's values into a device tensor of the same shape, type and layout."""
    _require_alike(host_tensor, device_tensor, "copy_host_to_device_tensor")
    device_tensor.write_bytes(host_tensor.host_bytes_of(device_tensor.spec), cq_id)


def copy_device_to_host_tensor(
    device_tensor: Tensor, host_tensor: Tensor, blocking: bool = True, cq_id: int | None = None
) -> None:
    """Read a device tensor's values into a host tensor of the same shape, type and layout."""
    _require_alike(device_tensor, host_tensor, "copy_device_to_host_tensor")
    host_tensor.write_bytes(device_tensor.host_bytes_of(host_tensor.spec), cq_id)


def copy(input_a: Tensor, input_b: Tensor) -> Tensor:
    """Copy ``input_a``'s values into ``input_b``, which has the same shape; return ``input_b``."""
    if input_a.shape != input_b.shape:
        raise InvalidArgument(f"copy: the shapes {input_a.shape} and {input_b.shape} must be equal")
    input_b.write_bytes(_converted(input_a, input_b.spec))
    return input_b


def clone(
    input: Tensor,
    *,
    dtype: DataType | None = None,
    memory_config: MemoryConfig | None = None,
    compute_kernel_config: object = None,
) -> Tensor:
    """Return a copy of a tensor, in another type or memory if asked for."""
    return _changed(input, dtype=dtype, memory_config=memory_config)


def to_memory_config(
    tensor: Tensor,
    memory_config: MemoryConfig,
    dtype: DataType | None = None,
    output_tensor: Tensor | None = None,
) -> Tensor:
    """Return a device tensor in another memory config: sharded, interleaved, L1 or DRAM."""
    if output_tensor is not None:
        return copy(tensor, output_tensor)
    return _changed(tensor, dtype=dtype, memory_config=memory_config)


def to_layout(
    tensor: Tensor,
    layout: Layout,
    dtype: DataType | None = None,
    memory_config: MemoryConfig | None = None,
    sub_core_grids: object = None,
    pad_value: float = 0.0,
) -> Tensor:
    """Return a tensor in another layout; tiles are padded with ``pad_value``, or lose their padding.

    Of a host tensor, ``dtype`` and ``memory_config`` are ignored, as ttnn does.
    """
    if tensor.storage_type() is StorageType.HOST:
        return tensor.with_layout(layout, pad_value)
    if layout is tensor.layout and dtype in (None, tensor.dtype) and memory_config in (None, tensor.memory_config()):
        return tensor
    return _changed(tensor, dtype=dtype, layout=layout, memory_config=memory_config, pad_value=pad_value)


def to_dtype(tensor: Tensor, dtype: DataType) -> Tensor:
    """Return a host tensor in another element type.

    Raises:
        InvalidArgument: it is on a device.
    """
    if tensor.storage_type() is not StorageType.HOST:
        raise InvalidArgument("to_dtype converts host tensors; read it first with ttnn.from_device(tensor)")
    return _changed(tensor, dtype=dtype)


def typecast(
    input_tensor: Tensor,
    dtype: DataType,
    output_dtype: DataType | None = None,
    *,
    memory_config: MemoryConfig | None = None,
    output_tensor: Tensor | None = None,
    sub_core_grids: object = None,
) -> Tensor:
    """Return a tensor in another element type; ``typecast(t, input_dtype, output_dtype)`` names both."""
    changed = _changed(input_tensor, dtype=output_dtype or dtype, memory_config=memory_config)
    return changed if output_tensor is None else copy(changed, output_tensor)


def reshape(
    input_tensor: Tensor,
    shape: Iterable[int],
    padded_shape: Iterable[int] | None = None,
    *,
    memory_config: MemoryConfig | None = None,
    pad_value: float | None = None,
    reshape_tile_mode: object = None,
    sub_core_grids: object = None,
    skip_padding_fill: bool = False,
) -> Tensor:
    """Return a tensor of another shape with the same values in row-major order; one extent may be -1.

    Where no byte moves it shares the memory: an interleaved tensor with the same last dimension, and in TILE layout
    the same last two or none of them padded.
    """
    return input_tensor.with_shape(shape, memory_config, pad_value)


def view(input_tensor: Tensor, shape: Iterable[int]) -> Tensor:
    """Return a tensor of another shape on the same memory.

    Raises:
        InvalidArgument: bytes would have to move.
    """
    spec = reshaping.spec_of(input_tensor.spec, shape, input_tensor.memory_config())
    if not reshaping.same_bytes(input_tensor.spec, spec):
        raise InvalidArgument(
            f"view: {input_tensor.shape} as {spec.shape} would move bytes: the last dimension (and in TILE layout the "
            "last two, unless neither is padded) must stay; ttnn.reshape moves them"
        )
    return input_tensor.viewed_as(spec)


def squeeze(input_tensor: Tensor, dim: int | Iterable[int] | None = None) -> Tensor:
    """Return a tensor without some dimensions of extent 1, all of them if None."""
    rank = input_tensor.shape.rank
    dims = range(rank) if dim is None else [dim] if isinstance(dim, int) else list(dim)
    gone = {each % rank for each in dims if input_tensor.shape[each] == 1}
    return reshape(input_tensor, [extent for at, extent in enumerate(input_tensor.shape) if at not in gone])


def unsqueeze(input_tensor: Tensor, dim: int) -> Tensor:
    """Return a tensor with a dimension of extent 1 put in at ``dim``."""
    extents = list(input_tensor.shape)
    if not -len(extents) - 1 <= dim <= len(extents):
        raise InvalidArgument(f"unsqueeze: dim {dim} is outside {-len(extents) - 1}..{len(extents)}")
    extents.insert(dim if dim >= 0 else len(extents) + 1 + dim, 1)
    return reshape(input_tensor, extents)


def unsqueeze_to_4D(tensor: Tensor) -> Tensor:
    """Return a tensor with four dimensions, ones put in front."""
    return reshape(tensor, tensor.shape.to_rank(4))


def deallocate(tensor: Tensor, force: bool = True) -> None:
    """Give a tensor's memory back."""
    tensor.deallocate(force)


def reallocate(tensor: Tensor, memory_config: MemoryConfig | None = None) -> Tensor:
    """Return a device tensor's values at a place that is allocated after its own is given back."""
    data, device, spec = tensor.read_bytes(), tensor.device(), tensor.spec
    if device is None:
        raise InvalidArgument("reallocate moves device tensors; this one is on the host")
    if memory_config is not None:
        spec = TensorSpec.of(tensor.shape, tensor.dtype, tensor.layout, memory_config, tensor.tile)
        data = _converted(tensor, spec)
    tensor.deallocate(force=True)
    return place(spec, data, device)


def move(input_tensor: Tensor, *, memory_config: MemoryConfig | None = None) -> Tensor:
    """Return a device tensor's values at another place; its own is given back. See :func:`reallocate`."""
    return reallocate(input_tensor, memory_config)


def copy_host_to_device_tensor_partial(
    host_tensor: Tensor, device_tensor: Tensor, logical_core_filter: CoreRangeSet, cq_id: int | None = None
) -> None:
    """Write the shards that some cores hold of a device tensor from a host tensor; the others stay.

    Raises:
        InvalidArgument: the tensors differ, or the device tensor is not sharded.
    """
    _require_alike(host_tensor, device_tensor, "copy_host_to_device_tensor_partial")
    layout = device_tensor.buffer().shard_layout()
    if layout is None:
        raise InvalidArgument("copy_host_to_device_tensor_partial writes shards; the device tensor is interleaved")
    owner, _ = page_placement(layout)
    chosen = np.array([logical_core_filter.contains(core) for core in layout.cores])[owner]
    page = device_tensor.spec.page_bytes
    data = device_tensor.read_bytes(cq_id).reshape(-1, page)
    data[chosen] = host_tensor.host_bytes_of(device_tensor.spec).reshape(-1, page)[chosen]
    device_tensor.write_bytes(data.reshape(-1), cq_id)


def is_sharded(tensor: Tensor) -> bool:
    """Whether a tensor's pages are grouped into shards."""
    return tensor.is_sharded()


def get_memory_config(tensor: Tensor) -> MemoryConfig:
    """Return a tensor's memory config."""
    return tensor.memory_config()


def is_tensor_storage_on_device(tensor: Tensor) -> bool:
    """Whether a tensor is on a device."""
    return tensor.storage_type() is StorageType.DEVICE


def has_storage_type_of(tensor: Tensor, storage_type: StorageType) -> bool:
    """Whether a tensor is on the host or on a device, whichever is asked for."""
    return tensor.storage_type() is storage_type


def has_tile_padding(tensor: Tensor, *, dim: int | None = None) -> bool:
    """Whether a tensor is padded in a dimension, in one of the last two if none is named."""
    shape, padded = tensor.shape, tensor.padded_shape
    if dim is not None:
        back = dim if dim < 0 else dim - shape.rank
        return bool(shape[back] != padded[back])
    return shape.rank > 1 and [shape[-2], shape[-1]] != [padded[-2], padded[-1]]


def _changed(
    tensor: Tensor,
    *,
    dtype: DataType | None = None,
    layout: Layout | None = None,
    memory_config: MemoryConfig | None = None,
    pad_value: float = 0,
) -> Tensor:
    spec = TensorSpec.of(
        tensor.shape,
        tensor.dtype if dtype is None else dtype,
        tensor.layout if layout is None else layout,
        tensor.memory_config() if memory_config is None else memory_config,
        tensor.tile,
    )
    return _placed(tensor, spec, _converted(tensor, spec, pad_value))


def _converted(tensor: Tensor, spec: TensorSpec, pad_value: float = 0) -> elements.Bytes:
    same_kind = (tensor.dtype, tensor.layout, tensor.tile) == (spec.dtype, spec.layout, spec.tile)
    if tensor.spec.padded_extents != spec.padded_extents:
        return elements.encode(elements.convert(tensor.values(), spec.dtype), spec, pad_value)
    if same_kind:
        return tensor.read_bytes()
    whole = elements.decode(tensor.read_bytes(), tensor.spec, padded=True)
    return elements.pack(elements.convert(whole, spec.dtype), spec)


def _placed(like: Tensor, spec: TensorSpec, data: elements.Bytes) -> Tensor:
    device = like.device()
    return Tensor.on_host(spec, data.copy()) if device is None else place(spec, data, device)


def _require_alike(one: Tensor, other: Tensor, what: str) -> None:
    for name, mine, theirs in (
        ("shape", one.shape, other.shape),
        ("dtype", one.dtype, other.dtype),
        ("layout", one.layout, other.layout),
    ):
        if mine != theirs:
            raise InvalidArgument(f"{what}: both tensors must have the same {name}, not {mine!r} and {theirs!r}")
