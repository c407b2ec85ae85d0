"""A tensor: a spec, and its pages on the host or in one buffer of a device."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

import numpy as np
import numpy.typing as npt

from tthal import notebook
from tthal.buffer import Buffer
from tthal.coordinates import CoreCoord
from tthal.data_formats import Tile
from tthal.device import Device, device_of
from tthal.errors import InvalidArgument, ObjectClosed
from tthal.mesh_shapes import MeshCoordinate
from tthal.tensor import arrays, elements, parts, reshaping
from tthal.tensor.host_buffer import DistributedHostBuffer
from tthal.tensor.memory_config import MemoryConfig
from tthal.tensor.placing import allocated, placed
from tthal.tensor.printing import text_of
from tthal.tensor.shape import Shape
from tthal.tensor.spec import TensorSpec
from tthal.tensor.spellings import constructed
from tthal.tensor.types import BLOCK_TYPES, Layout, StorageType
from tthal.tensor.warm_memory import warm_memory
from tthal.types import BufferType, DataType

if TYPE_CHECKING:
    import torch

Array = npt.NDArray[Any]
Bytes = npt.NDArray[np.uint8]

_numbers = itertools.count(1)

_tensors_on: WeakKeyDictionary[Buffer, WeakSet[Tensor]] = WeakKeyDictionary()
"""The tensors that share a buffer: views, and copies of the Python object."""


class Tensor:
    """Values with a shape, an element type, a layout and a place: host memory, or one buffer of a device.

    ``Tensor(array, data_type, device, layout, ...)`` takes a numpy array, a torch tensor or another Tensor;
    ``Tensor(data, shape, data_type, layout, ...)`` a list of numbers. Use :func:`tthal.from_torch` and its like.
    """

    __slots__ = ("__weakref__", "_buffer", "_data", "_spec", "tensor_id")

    tensor_id: int
    """A number that no other tensor of this process has, until somebody sets it; for reports."""

    _spec: TensorSpec
    _data: Bytes | None
    _buffer: Buffer | None

    def __init__(self, *given: Any, **named: Any) -> None:
        first = given[0] if given else named.get("tensor", named.get("data"))
        if isinstance(first, Tensor) and len(given) + len(named) == 1:
            self._fill(first._spec, first._data, first._buffer)
        else:
            self._fill(*constructed(first, given, named))

    @classmethod
    def made_of(cls, spec: TensorSpec, data: Bytes | None, buffer: Buffer | None) -> Tensor:
        """Return a tensor of the bytes of its pages, or of a buffer that they lie in."""
        tensor = cls.__new__(cls)
        tensor._fill(spec, data, buffer)
        return tensor

    @classmethod
    def on_host(cls, spec: TensorSpec, data: Bytes) -> Tensor:
        """Return a tensor of the bytes of its pages."""
        return cls.made_of(spec, data, None)

    @classmethod
    def on_device(cls, spec: TensorSpec, buffer: Buffer) -> Tensor:
        """Return a tensor whose pages lie in a buffer."""
        return cls.made_of(spec, None, buffer)

    def _fill(self, spec: TensorSpec, data: Bytes | None, buffer: Buffer | None) -> None:
        self._spec, self._data, self._buffer = spec, data, buffer
        self.tensor_id = next(_numbers)
        if buffer is not None:
            _tensors_on.setdefault(buffer, WeakSet()).add(self)

    # ------------------------------------------------------------------ what it is

    @property
    def spec(self) -> TensorSpec:
        """Everything but the values and the place."""
        return self._spec

    @property
    def shape(self) -> Shape:
        """The logical shape."""
        return self._spec.shape

    @property
    def padded_shape(self) -> Shape:
        """The shape with its padding to whole tiles or shards."""
        return self._spec.padded_shape

    @property
    def dtype(self) -> DataType:
        """The element type."""
        return self._spec.dtype

    @property
    def layout(self) -> Layout:
        """Row by row or tile by tile."""
        return self._spec.layout

    @property
    def tile(self) -> Tile:
        """The tile, 32x32 of a row-major tensor."""
        return self._spec.tile

    def get_tile(self) -> Tile:
        """Return the tile."""
        return self._spec.tile

    def get_dtype(self) -> DataType:
        """Return the element type."""
        return self._spec.dtype

    def get_layout(self) -> Layout:
        """Return the layout."""
        return self._spec.layout

    def memory_config(self) -> MemoryConfig:
        """Return where its pages go."""
        return self._spec.memory_config

    def is_sharded(self) -> bool:
        """Whether it lies on a device in shards; False on the host, whatever its memory config says (ttnn 0.81.1)."""
        return self._buffer is not None and self._spec.memory_config.is_sharded()

    def volume(self) -> int:
        """Return the number of elements, padding included."""
        return self.padded_shape.volume()

    def logical_volume(self) -> int:
        """Return the number of elements without padding."""
        return self.shape.volume()

    def element_size(self) -> int:
        """Return the bytes of an element.

        Raises:
            InvalidArgument: it is block-float, whose elements share bytes.
        """
        if self.dtype in BLOCK_TYPES:
            raise InvalidArgument(f"an element of {self.dtype.name} has no size of its own; ask tile_size()")
        return self._spec.element_bytes

    # ------------------------------------------------------------------ where it is

    def storage_type(self) -> StorageType:
        """Return HOST or DEVICE."""
        return StorageType.HOST if self._buffer is None else StorageType.DEVICE

    def device(self) -> Device | None:
        """Return its device, None on the host or when deallocated."""
        return None if self._buffer is None or not self._buffer.is_allocated() else device_of(self._buffer)

    def devices(self) -> list[Device | None]:
        """Return its devices: one, or None on the host."""
        return [self.device()]

    def is_allocated(self) -> bool:
        """Whether its bytes are still there."""
        return self._data is not None or (self._buffer is not None and self._buffer.is_allocated())

    def buffer(self) -> Buffer:
        """Return the buffer it lies in.

        Raises:
            InvalidArgument: it is on the host.
            ObjectClosed: it was deallocated.
        """
        if self._buffer is None or not self._buffer.is_allocated():
            self._require_bytes("buffer")
            raise InvalidArgument(
                "this tensor is on the host and has no buffer; move it with ttnn.to_device(t, device)"
            )
        return self._buffer

    def buffer_address(self) -> int:
        """Return the address that kernels use."""
        return self.buffer().address()

    def buffer_page_size(self) -> int:
        """Return the bytes of a page: a tile, or a row of the tensor or of a shard."""
        return self.buffer().page_size()

    def buffer_aligned_page_size(self) -> int:
        """Return the bytes from one page of a bank to the next."""
        return self.buffer().aligned_page_size()

    def buffer_num_pages(self) -> int:
        """Return the number of pages."""
        return self.buffer().num_pages()

    def buffer_unique_id(self) -> int | None:
        """Return the number of its buffer, None on the host or when deallocated."""
        return None if self._buffer is None or not self._buffer.is_allocated() else self._buffer.unique_id()

    def device_coords(self) -> list[MeshCoordinate]:
        """Return the places of the mesh it lies at: the only one there is.

        Raises:
            InvalidArgument: it is on the host.
        """
        self.buffer()
        return [MeshCoordinate(0, 0)]

    def is_per_core_allocated(self) -> bool:
        """Whether every core has an address of its own; there is no such allocation here."""
        return False

    def is_range_lockstep_allocated(self) -> bool:
        """Whether its address is reserved on its own cores only; there is no such allocation here."""
        return False

    def deallocate(self, force: bool = False) -> None:
        """Give a device tensor's memory back: not while other tensors share it, unless forced.

        A second call does nothing, and neither does one on a host tensor, whose memory Python frees.
        """
        if self._buffer is not None and (force or _sharers(self._buffer) == 1):
            self._buffer.deallocate()

    # ------------------------------------------------------------------ moving

    def cpu(self, blocking: bool = True, cq_id: int | None = None) -> Tensor:
        """Return the tensor on the host."""
        return self if self._data is not None else Tensor.on_host(self._spec, self.read_bytes(cq_id))

    def to(self, device: Device | Layout, mem_config: MemoryConfig | None = None, cq_id: int | None = None) -> Tensor:
        """Return the tensor on a device, or in another layout.

        One that is on this device already is returned as it is, whatever the memory config: see to_memory_config.
        """
        if isinstance(device, Layout):
            return self.with_layout(device)
        if self._buffer is not None and self._buffer.device is device:
            return self
        if mem_config is None or mem_config == self.memory_config():
            spec = self._spec
        else:
            spec = TensorSpec.of(self.shape, self.dtype, self.layout, mem_config, self._spec.tile)
        return place(spec, self.host_bytes_of(spec), device, cq_id)

    def with_layout(self, layout: Layout, pad_value: float = 0) -> Tensor:
        """Return a host tensor in another layout.

        It keeps its memory config only on the way to TILE without further padding, as ttnn 0.81.1 has it; else that is
        the default one.
        """
        if layout is self.layout:
            return self
        spec = TensorSpec.of(self.shape, self.dtype, layout, self.memory_config())
        if layout is Layout.ROW_MAJOR or spec.physical_shape != self._spec.physical_shape:
            spec = TensorSpec.of(self.shape, self.dtype, layout)
        whole = elements.decode(self.read_bytes(), self._spec, padded=True)
        return Tensor.on_host(spec, elements.refit(whole, spec, pad_value))

    def host_bytes_of(self, spec: TensorSpec) -> Bytes:
        """Return its pages' bytes as another spec of the same shape, type and layout wants them."""
        if spec.padded_extents == self._spec.padded_extents:
            return self.read_bytes()
        return elements.encode(self.values(), spec)

    def read_bytes(self, cq_id: int | None = None) -> Bytes:
        """Return the bytes of its pages in host order."""
        if self._data is not None:
            return self._data
        buffer = self.buffer()
        if not buffer.size():
            return np.empty(0, np.uint8)
        read: Bytes = device_of(buffer).command_queue(cq_id).read(buffer, np.empty(buffer.size(), np.uint8))
        return read

    def write_bytes(self, data: Bytes, cq_id: int | None = None) -> None:
        """Replace the bytes of its pages."""
        if self._data is not None:
            self._data = data.copy()
        elif data.size:
            device_of(self.buffer()).command_queue(cq_id).write(self.buffer(), data)

    # ------------------------------------------------------------------ values

    def host_buffer(self) -> DistributedHostBuffer:
        """Return the bytes of its pages.

        Raises:
            InvalidArgument: it is on a device.
        """
        if self._data is None:
            self._require_bytes("host buffer")
            raise InvalidArgument("this tensor is on a device; tensor.cpu().host_buffer() reads it first")
        return DistributedHostBuffer(self._data)

    def values(self) -> Array:
        """Return its values as a numpy array of its shape, to read only; block-float ones as float32."""
        return elements.decode(self.read_bytes(), self._spec)

    def own_values(self, cq_id: int | None = None) -> Array:
        """Return its values as a numpy array that shares no memory with the tensor."""
        if self._buffer is not None:
            fresh = warm_memory.array(tuple(self.shape), elements.host_type(self.dtype))
            view = elements.page_view(fresh, self._spec)
            if view is not None:
                device_of(self.buffer()).command_queue(cq_id or 0).read_array(self.buffer(), view)
                return fresh
        values = elements.decode(self.read_bytes(cq_id), self._spec)
        shared = self._data is not None and np.may_share_memory(values, self._data)
        return values.copy() if shared else values

    def to_numpy(self, mesh_composer: object = None) -> Array:
        """Return its values as a numpy array, bfloat16 ones in ml_dtypes' type."""
        return self.own_values()

    def to_torch(self, mesh_composer: object = None) -> torch.Tensor:
        """Return its values as a torch tensor."""
        return arrays.to_torch(self.own_values())

    def to_torch_with_padded_shape(self) -> torch.Tensor:
        """Return its values and its padding as a torch tensor of the padded shape."""
        return arrays.to_torch(elements.decode(self.read_bytes(), self._spec, padded=True).copy())

    def to_list(self) -> Any:
        """Return its values as nested lists."""
        values = self.values()
        return (values.astype(np.float32) if values.dtype.kind == "V" else values).tolist()

    def item(self) -> Any:
        """Return the only element.

        Raises:
            InvalidArgument: it has not exactly one.
        """
        if self.logical_volume() != 1:
            raise InvalidArgument(f"item() needs a tensor of exactly one element, but this one has {self.shape}")
        only = self.values().reshape(-1)[0]
        return float(only) if only.dtype.kind == "V" else only.item()

    def reshape(self, *shape: Any) -> Tensor:
        """Return the tensor with another shape, see :func:`tthal.reshape`."""
        return self.with_shape(shape[0] if len(shape) == 1 and isinstance(shape[0], Iterable) else shape)

    def with_shape(
        self, shape: Iterable[int], mem_config: MemoryConfig | None = None, pad_value: float | None = None
    ) -> Tensor:
        """Return the tensor with another shape and its values in row-major order; one extent may be -1.

        Where no byte moves it shares the memory.
        """
        config = self.memory_config() if mem_config is None else mem_config
        spec = reshaping.spec_of(self._spec, shape, config)
        if config == self.memory_config() and reshaping.same_bytes(self._spec, spec):
            return self.viewed_as(spec)
        data = elements.encode(self.values().reshape(tuple(spec.shape)), spec, pad_value or 0)
        device = self.device()
        return Tensor.on_host(spec, data.copy()) if device is None else place(spec, data, device)

    def viewed_as(self, spec: TensorSpec) -> Tensor:
        """Return a tensor of the same bytes with another spec."""
        return (
            Tensor.on_host(spec, self.read_bytes()) if self._buffer is None else Tensor.on_device(spec, self.buffer())
        )

    # ------------------------------------------------------------------ parts

    def pad(self, output_tensor_shape: Iterable[int], input_tensor_start: Iterable[int], pad_value: float) -> Tensor:
        """Return a host tensor in ROW_MAJOR layout with this one at a place of a larger padded shape."""
        return self._on_host_only(parts.padded, "pad", output_tensor_shape, input_tensor_start, pad_value)

    def pad_to_tile(self, pad_value: float) -> Tensor:
        """Return a host tensor padded to whole 32x32 tiles, in its layout."""
        return self._on_host_only(parts.padded_to_tiles, "pad_to_tile", pad_value)

    def unpad(self, output_tensor_start: Iterable[int], output_tensor_end: Iterable[int]) -> Tensor:
        """Return the part of a host tensor in ROW_MAJOR layout from a start up to an end."""
        return self._on_host_only(parts.unpadded, "unpad", output_tensor_start, output_tensor_end)

    def unpad_from_tile(self, output_tensor_shape: Iterable[int]) -> Tensor:
        """Return the first corner of a host tensor that was padded to whole tiles."""
        return self._on_host_only(parts.unpadded_from_tiles, "unpad_from_tile", output_tensor_shape)

    def extract_shard(self, core: CoreCoord | int) -> Tensor:
        """Return what a core holds of a sharded device tensor, as a host tensor; cores by place or by number."""
        layout = self.buffer().shard_layout()
        return Tensor.on_host(*parts.shard(self._spec, self.read_bytes(), layout, core))

    def __getitem__(self, index: Any) -> Tensor:
        device = self.device()
        where = BufferType.DRAM if device is None else self.memory_config().buffer_type
        spec, data = parts.sliced(self._spec, self.values(), index, where)
        return Tensor.on_host(spec, data) if device is None else place(spec, data, device)

    def _on_host_only(self, part: Callable[..., tuple[TensorSpec, Bytes]], what: str, *arguments: Any) -> Tensor:
        if self._buffer is not None:
            raise InvalidArgument(f"{what} takes host tensors; read it first: tensor.cpu().{what}(...)")
        return Tensor.on_host(*part(self._spec, self.read_bytes(), *arguments))

    def __repr__(self) -> str:
        what = f"shape={self.shape!r}, dtype=DataType::{self.dtype.name}, layout=Layout::{self.layout.name}"
        if not self.is_allocated():
            return f"ttnn.Tensor(<buffer is not allocated>, {what})"
        if self._buffer is not None and not device_of(self._buffer).is_open:
            return f"ttnn.Tensor(<its device is closed>, {what})"
        values = self.values()
        shown = values.astype(np.float32) if values.dtype.kind == "V" else values
        return f"ttnn.Tensor({text_of(shown, 'ttnn.Tensor(')}, {what})"

    def _repr_html_(self) -> str:
        spec = self._spec
        where = "host" if self._buffer is None else f"{self._buffer.buffer_type().name} of {self.device()}"
        rows: dict[str, object] = {
            "shape": self.shape,
            "type": self.dtype.name.lower(),
            "layout": self.layout.name.lower(),
            "memory": where,
        }
        if list(self.padded_shape) != list(self.shape):
            rows["padded"] = self.padded_shape
        if self._buffer is not None and self._buffer.shard_layout() is not None:
            rows["shards"] = spec.memory_config
        return notebook.facts("tensor", rows if self.is_allocated() else {**rows, "memory": "deallocated"})

    def _require_bytes(self, what: str) -> None:
        if not self.is_allocated():
            raise ObjectClosed(f"the tensor is not allocated: it was deallocated, so it has no {what}")


def place(spec: TensorSpec, data: Bytes, device: Device, cq_id: int | None = None) -> Tensor:
    """Return a new device tensor with these bytes."""
    return Tensor.on_device(spec, placed(spec, data, device, cq_id))


def allocate(spec: TensorSpec, device: Device) -> Tensor:
    """Return a new device tensor whose values are whatever lies there."""
    return Tensor.on_device(spec, allocated(spec, device))


def _sharers(buffer: Buffer) -> int:
    return len(_tensors_on.get(buffer, ()))
