"""Tensors of one value, of numbers in a row, of random numbers, and of whatever lies there (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, overload

import numpy as np

from tthal.data_formats import Tile
from tthal.device import Device
from tthal.errors import InvalidArgument, WrongType
from tthal.tensor import elements
from tthal.tensor.construction import from_values
from tthal.tensor.memory_config import DRAM_MEMORY_CONFIG, MemoryConfig
from tthal.tensor.shape import as_shape
from tthal.tensor.spec import TensorSpec
from tthal.tensor.tensor import Tensor, allocate
from tthal.tensor.types import BLOCK_TYPES, Layout
from tthal.types import DataType

Extents = Iterable[int]


@overload
def allocate_tensor_on_device(tensor_spec: TensorSpec, mesh_device: Device) -> Tensor: ...
@overload
def allocate_tensor_on_device(
    shape: Extents, dtype: DataType, layout: Layout, mesh_device: Device, memory_config: MemoryConfig | None = None
) -> Tensor: ...
def allocate_tensor_on_device(*given: Any, **named: Any) -> Tensor:
    """Return a device tensor whose values are whatever lies there.

    ``allocate_tensor_on_device(tensor_spec, mesh_device)`` or
    ``allocate_tensor_on_device(shape, dtype, layout, mesh_device, memory_config=None)``.
    """
    if "tensor_spec" in named or (given and isinstance(given[0], TensorSpec)):
        return _of_spec(*given, **named)
    return _of_shape(*given, **named)


def _of_spec(tensor_spec: TensorSpec, mesh_device: Device) -> Tensor:
    return allocate(tensor_spec, mesh_device)


def _of_shape(
    shape: Extents, dtype: DataType, layout: Layout, mesh_device: Device, memory_config: MemoryConfig | None = None
) -> Tensor:
    return allocate(TensorSpec.of(shape, dtype, layout, memory_config), mesh_device)


def allocate_tensor_on_host(*given: Any, **named: Any) -> Tensor:
    """Return a host tensor of zeros: ``(tensor_spec, mesh_device)`` or ``(shape, dtype, layout, mesh_device, ...)``."""
    if "tensor_spec" in named or (given and isinstance(given[0], TensorSpec)):
        return _host_of_spec(*given, **named)
    return _host_of_shape(*given, **named)


def _host_of_spec(tensor_spec: TensorSpec, mesh_device: Device | None = None) -> Tensor:
    return Tensor.on_host(tensor_spec, np.zeros(tensor_spec.num_bytes, np.uint8))


def _host_of_shape(
    shape: Extents,
    dtype: DataType,
    layout: Layout,
    mesh_device: Device | None = None,
    memory_config: MemoryConfig | None = None,
) -> Tensor:
    return _host_of_spec(TensorSpec.of(shape, dtype, layout, memory_config))


def empty(
    shape: Extents,
    dtype: DataType = DataType.BFLOAT16,
    layout: Layout = Layout.ROW_MAJOR,
    device: Device | None = None,
    memory_config: MemoryConfig = DRAM_MEMORY_CONFIG,
) -> Tensor:
    """Return a device tensor whose values are whatever lies there.

    Raises:
        TypeError: there is no device.
    """
    if device is None:
        raise WrongType("ttnn.empty() needs a device: ttnn.empty(shape, device=device); ttnn.zeros() works without")
    return allocate(TensorSpec.of(shape, dtype, layout, memory_config), device)


def full(
    shape: Extents,
    fill_value: float,
    dtype: DataType | None = None,
    layout: Layout | None = None,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
    optional_tensor: Tensor | None = None,
) -> Tensor:
    """Return a tensor of one value, its padding included: bfloat16, row-major and on the host unless said otherwise.

    Block-float types are in TILE layout by default. The memory config counts on a device only.
    """
    dtype = DataType.BFLOAT16 if dtype is None else dtype
    if layout is None:
        layout = Layout.TILE if dtype in BLOCK_TYPES else Layout.ROW_MAJOR
    # Integers are cut from the number itself, floats rounded from its float32.
    kind = np.float64 if elements.host_type(dtype).kind in "iu" else np.float32
    values = np.full(tuple(as_shape(shape)), fill_value, kind if isinstance(fill_value, float) else None)
    config = None if device is None else memory_config
    made = from_values(values, dtype, device, layout, config, None, None, fill_value)
    if optional_tensor is None:
        return made
    optional_tensor.write_bytes(made.host_bytes_of(optional_tensor.spec))
    return optional_tensor


def zeros(
    shape: Extents,
    dtype: DataType | None = None,
    layout: Layout | None = None,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
) -> Tensor:
    """Return a tensor of zeros; see :func:`full`."""
    return full(shape, 0, dtype, layout, device, memory_config)


def ones(
    shape: Extents,
    dtype: DataType | None = None,
    layout: Layout | None = None,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
) -> Tensor:
    """Return a tensor of ones; see :func:`full`."""
    return full(shape, 1, dtype, layout, device, memory_config)


def rand(
    shape: Extents,
    device: Device,
    *,
    dtype: DataType = DataType.BFLOAT16,
    layout: Layout = Layout.TILE,
    memory_config: MemoryConfig = DRAM_MEMORY_CONFIG,
    low: float = 0.0,
    high: float = 1.0,
    seed: int = 0,
    mesh_mapper: object = None,
) -> Tensor:
    """Return a device tensor of random numbers from ``low`` up to ``high``, evenly spread.

    The numbers are drawn on the host by numpy: they are not the ones that a card draws. A seed other than 0 makes them
    the same every time, and so does ``numpy.random.seed``.
    """
    generator = _generator(seed or None)
    values = generator.uniform(low, high, tuple(as_shape(shape))).astype(np.float32)
    return from_values(values, dtype, device, layout, memory_config, None, None, 0)


def randn(
    shape: Extents,
    device: Device,
    *,
    dtype: DataType = DataType.BFLOAT16,
    layout: Layout = Layout.TILE,
    memory_config: MemoryConfig = DRAM_MEMORY_CONFIG,
    compute_kernel_config: object = None,
    seed: int | None = None,
) -> Tensor:
    """Return a device tensor of normally distributed random numbers, drawn on the host as :func:`rand` does."""
    values = _generator(seed).standard_normal(tuple(as_shape(shape)), np.float32)
    return from_values(values, dtype, device, layout, memory_config, None, None, 0)


def _generator(seed: int | None) -> np.random.Generator:
    """Return a source of random numbers; without a seed, one that numpy's own source of random numbers seeds."""
    return np.random.default_rng(np.random.randint(1 << 31) if seed is None else seed)


def arange(
    *bounds: int,
    dtype: DataType = DataType.BFLOAT16,
    device: Device | None = None,
    memory_config: MemoryConfig = DRAM_MEMORY_CONFIG,
    layout: Layout = Layout.ROW_MAJOR,
    **named: int,
) -> Tensor:
    """Return whole numbers in a row: ``arange(end)`` or ``arange(start, end, step=1)``."""
    start, end, step = _bounds(*bounds, **named)
    if not step or (end - start) * step < 0:
        raise InvalidArgument(f"arange: the step {step} does not lead from {start} to {end}")
    values = np.asarray(range(start, end, step), np.int64)
    return from_values(values, dtype, device, layout, memory_config, None, None, 0)


def _bounds(*bounds: int, start: int = 0, end: int | None = None, step: int = 1) -> tuple[int, int, int]:
    if end is None:
        return (0, bounds[0], 1) if len(bounds) == 1 else (bounds[0], bounds[1], (*bounds, step)[2])
    return (*bounds, start)[0], end, step


def empty_like(
    tensor: Tensor,
    *,
    dtype: DataType | None = None,
    layout: Layout | None = None,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
) -> Tensor:
    """Return a device tensor of the same shape whose values are whatever lies there."""
    spec = _like(tensor, dtype, layout, memory_config)
    return empty(spec.shape, spec.dtype, spec.layout, device or tensor.device(), spec.memory_config)


def full_like(
    tensor: Tensor,
    fill_value: float,
    dtype: DataType | None = None,
    layout: Layout | None = None,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
    optional_tensor: Tensor | None = None,
) -> Tensor:
    """Return a tensor of one value with everything else as another tensor has it."""
    spec = _like(tensor, dtype, layout, memory_config)
    where = device or tensor.device()
    return full(spec.shape, fill_value, spec.dtype, spec.layout, where, spec.memory_config, optional_tensor)


def zeros_like(
    tensor: Tensor,
    dtype: DataType | None = None,
    layout: Layout | None = None,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
    optional_tensor: Tensor | None = None,
) -> Tensor:
    """Return a tensor of zeros; see :func:`full_like`."""
    return full_like(tensor, 0, dtype, layout, device, memory_config, optional_tensor)


def ones_like(
    tensor: Tensor,
    dtype: DataType | None = None,
    layout: Layout | None = None,
    device: Device | None = None,
    memory_config: MemoryConfig | None = None,
    optional_tensor: Tensor | None = None,
) -> Tensor:
    """Return a tensor of ones; see :func:`full_like`."""
    return full_like(tensor, 1, dtype, layout, device, memory_config, optional_tensor)


def _like(
    tensor: Tensor, dtype: DataType | None, layout: Layout | None, memory_config: MemoryConfig | None
) -> TensorSpec:
    tile: Tile | None = tensor.tile if layout in (None, tensor.layout) else None
    return TensorSpec.of(
        tensor.shape,
        tensor.dtype if dtype is None else dtype,
        tensor.layout if layout is None else layout,
        tensor.memory_config() if memory_config is None else memory_config,
        tile,
    )
