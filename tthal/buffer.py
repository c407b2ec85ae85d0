"""Buffers in a device's memory (host-api.md §1.3)."""

from __future__ import annotations

import itertools
import weakref
from dataclasses import dataclass, replace
from math import prod
from typing import Protocol

from tthal import notebook
from tthal.buffer_distribution import BufferDistributionSpec
from tthal.coordinates import CoreRangeSet
from tthal.device_interface import Allocation, BufferSpec, DeviceProperties, ShardLayout
from tthal.errors import InvalidArgument, ObjectClosed, Unsupported, WrongType
from tthal.sharding import ShardSpecBuffer, page_placement, shard_layout, shards_per_core
from tthal.sub_devices import SubDevices
from tthal.types import BufferType, TensorMemoryLayout
from tthal.words import byte_count, integer, member

__all__ = ["Buffer", "BufferRegion", "InterleavedBufferConfig", "ShardedBufferConfig"]


class BufferDevice(Protocol):
    """What a buffer asks of its device."""

    @property
    def properties(self) -> DeviceProperties: ...
    @property
    def is_open(self) -> bool: ...
    def allocate(self, spec: BufferSpec) -> Allocation: ...
    def release(self, allocation: Allocation) -> None: ...
    def release_with(self, buffer: Buffer, allocation: Allocation) -> None: ...


class BufferPlace(weakref.ref["Buffer"]):
    """A buffer's allocation, known to its device for as long as somebody refers to the buffer."""

    __slots__ = ("allocation",)

    allocation: Allocation


@dataclass
class InterleavedBufferConfig:
    """A buffer whose pages go round-robin over all banks; sizes in bytes."""

    device: BufferDevice
    size: int
    page_size: int
    buffer_type: BufferType


@dataclass
class ShardedBufferConfig:
    """A buffer whose pages are grouped into shards; sizes in bytes.

    HEIGHT_SHARDED, WIDTH_SHARDED and BLOCK_SHARDED put one shard of a ShardSpecBuffer on a core, ND_SHARDED deals those
    of a BufferDistributionSpec.
    """

    device: BufferDevice
    size: int
    page_size: int
    buffer_type: BufferType = BufferType.L1
    buffer_layout: TensorMemoryLayout = TensorMemoryLayout.HEIGHT_SHARDED
    shard_parameters: ShardSpecBuffer | BufferDistributionSpec | None = None


BufferConfig = InterleavedBufferConfig | ShardedBufferConfig


@dataclass(frozen=True, slots=True)
class BufferRegion:
    """A part of a buffer, in bytes; both are multiples of the page size."""

    offset: int
    size: int


_buffer_ids = itertools.count()

EMPTY_ALLOCATION_ID = -1
"""The id of the allocation of a buffer of 0 bytes, which no device knows."""


class Buffer:
    """Memory on a device, freed when the last reference goes unless a program owns it.

    Use :func:`tthal.CreateBuffer` to make one.
    """

    def __init__(self, device: BufferDevice, spec: BufferSpec) -> None:
        self._device = device
        self._spec = spec
        self._id = next(_buffer_ids)
        self._deallocated = False
        self._frees_itself = False
        if spec.size == 0:
            # The vendor allocates nothing for an empty buffer and calls it allocated, at address 0.
            self._allocation = Allocation(EMPTY_ALLOCATION_ID, 0, spec)
            return
        self._allocation = device.allocate(spec)
        if spec.address is None:
            self._frees_itself = True
            device.release_with(self, self._allocation)

    @property
    def device(self) -> BufferDevice:
        """The device it lives on."""
        return self._device

    @property
    def allocation(self) -> Allocation:
        """Where it lies, for commands; a buffer of 0 bytes has the id :data:`EMPTY_ALLOCATION_ID`.

        Raises:
            ObjectClosed: it was deallocated, or its device is closed.
        """
        if self._deallocated:
            raise ObjectClosed(f"{self!r} was deallocated; create a new one with CreateBuffer")
        if not self._device.is_open:
            raise ObjectClosed(f"the device of {self!r} is closed; its memory is gone")
        return self._allocation

    @property
    def spec(self) -> BufferSpec:
        """What it is, as backends see it."""
        return self._spec

    def address(self) -> int:
        """Return the address kernels use, the same in every bank; it stays known after deallocation."""
        return self._allocation.address

    def size(self) -> int:
        """Return the size in bytes."""
        return self._spec.size

    def page_size(self) -> int:
        """Return the size of a page in bytes."""
        return self._spec.page_size

    def num_pages(self) -> int:
        """Return the number of host pages."""
        return self._spec.num_pages

    def num_dev_pages(self) -> int:
        """Return the number of pages on the device: of a sharded buffer, the padding of its shards included."""
        if self._spec.shards is None:
            return self.num_pages()
        return prod(self._spec.shards.shard_shape) * len(self._spec.shards.cores) * shards_per_core(self._spec.shards)

    def alignment(self) -> int:
        """Return what pages are aligned to in a bank, in bytes."""
        alignments = self._device.properties.alignments
        return alignments.l1_page if self._spec.buffer_type.is_l1 else alignments.dram_page

    def aligned_page_size(self) -> int:
        """Return the bytes from one page of a bank to the next."""
        return _round_up(self.page_size(), self.alignment())

    def aligned_size(self) -> int:
        """Return the bytes of all device pages."""
        return self.num_dev_pages() * self.aligned_page_size()

    def aligned_size_per_bank(self) -> int:
        """Return the bytes it takes in each bank that holds a part of it."""
        return _bytes_per_bank(self._spec, self._num_banks(), self.alignment())

    def buffer_type(self) -> BufferType:
        """Return the memory it lives in."""
        return self._spec.buffer_type

    def buffer_layout(self) -> TensorMemoryLayout:
        """Return how its pages are spread."""
        return self._spec.layout

    def shard_layout(self) -> ShardLayout | None:
        """Return where its shards lie; None when it is interleaved."""
        return self._spec.shards

    def is_l1(self) -> bool:
        """Whether it lives in L1 (L1 or L1_SMALL)."""
        return self._spec.buffer_type.is_l1

    def is_dram(self) -> bool:
        """Whether it lives in DRAM (DRAM or TRACE)."""
        return self._spec.buffer_type in (BufferType.DRAM, BufferType.TRACE)

    def is_allocated(self) -> bool:
        """Whether its memory is still its own."""
        return not self._deallocated

    def unique_id(self) -> int:
        """Return a number no other buffer of this process has."""
        return self._id

    def page_address(self, bank_id: int, page_index: int) -> int:
        """Return where host page ``page_index`` of an interleaved buffer lies in a bank, the bank's offset included."""
        banks = self._num_banks()
        if not 0 <= integer(bank_id, "bank_id") < banks:
            raise InvalidArgument(f"bank_id {bank_id} is outside 0..{banks - 1}")
        offset = 0 if self.is_l1() else self._device.properties.dram_banks[bank_id].offset
        return self.address() + offset + integer(page_index, "page_index") // banks * self.aligned_page_size()

    def page_mapping(self) -> list[tuple[int, int]]:
        """Return (bank, slot) of every host page; banks of a sharded buffer index ``shard_layout().cores``."""
        if self._spec.shards is None:
            banks = self._num_banks()
            return [(page % banks, page // banks) for page in range(self.num_pages())]
        core, slot = page_placement(self._spec.shards)
        return list(zip(core.tolist(), slot.tolist(), strict=True))

    def set_page_size(self, page_size: int) -> None:
        """Read the same memory as pages of another size.

        Raises:
            InvalidArgument: it does not divide the size, the buffer is sharded, or the padded pages need more memory.
        """
        if self._spec.shards is not None:
            raise InvalidArgument("the page size of a sharded buffer follows from its shard_parameters")
        spec = replace(self._spec, page_size=_page_size(page_size, self.size()))
        needed, reserved = (_bytes_per_bank(each, self._num_banks(), self.alignment()) for each in (spec, self._spec))
        if spec.address is None and needed > reserved:
            raise InvalidArgument(
                f"pages of {page_size} B need {needed} B in each bank, but {reserved} B are reserved; create the "
                "buffer with this page size"
            )
        self._spec = spec
        self._allocation = replace(self._allocation, spec=spec)

    def view(self, region: BufferRegion) -> BufferView:
        """Return a part of this buffer that shares its memory and address."""
        return BufferView(self, region)

    def root_buffer(self) -> Buffer:
        """Return the buffer whose memory this is: itself unless it is a view."""
        return self

    def root_buffer_offset(self) -> int:
        """Return the bytes of the root buffer before this one."""
        return 0

    def deallocate(self) -> None:
        """Give the memory back; a second call, or one on a buffer with an explicit address, does nothing."""
        if self._frees_itself and not self._deallocated:
            self._deallocated = True
            self._device.release(self._allocation)

    def __repr__(self) -> str:
        state = "" if self.is_allocated() else " deallocated"
        kind = f"{self._spec.buffer_type.name} {self._spec.layout.name}"
        return f"<{type(self).__name__} {self._id} {kind} {self.size()} B at 0x{self.address():x}{state}>"

    def _repr_html_(self) -> str:
        return notebook.facts(
            f"buffer {self._id}",
            {
                "memory": f"{self._spec.buffer_type.name}, {self._spec.layout.name.lower().replace('_', ' ')}",
                "size": f"{self.size()} B in {self.num_pages()} pages of {self.page_size()} B",
                "address": f"0x{self.address():x}" if self.is_allocated() else "deallocated",
            },
        )

    def _num_banks(self) -> int:
        if self._spec.shards is not None:
            return len(self._spec.shards.cores)
        return _bank_count(self._device.properties, self._spec.buffer_type)


class BufferView(Buffer):
    """A run of pages of a buffer: same memory, same address, its own size; it keeps the buffer alive."""

    def __init__(self, parent: Buffer, region: BufferRegion) -> None:
        page = parent.page_size()
        if not page or region.offset % page or region.size % page or region.offset < 0 or region.size < 0:
            raise InvalidArgument(
                f"region offset {region.offset} and size {region.size} must be multiples of the page size {page}"
            )
        if region.offset + region.size > parent.size():
            raise InvalidArgument(
                f"region {region.offset}..{region.offset + region.size} exceeds the buffer's {parent.size()} bytes"
            )
        self._root = parent.root_buffer()
        self._offset = parent.root_buffer_offset() + region.offset
        self._device = parent.device
        self._spec = replace(parent.spec, size=region.size)
        self._id = next(_buffer_ids)
        self._frees_itself = False

    @property
    def allocation(self) -> Allocation:
        """The whole root buffer's allocation; this view starts ``root_buffer_offset()`` bytes into its host pages."""
        return self._root.allocation

    def address(self) -> int:
        """Return the root buffer's address."""
        return self._root.address()

    def is_allocated(self) -> bool:
        """Whether the root buffer is allocated."""
        return self._root.is_allocated()

    def root_buffer(self) -> Buffer:
        """Return the buffer whose memory this is."""
        return self._root

    def root_buffer_offset(self) -> int:
        """Return the bytes of the root buffer before this view."""
        return self._offset

    def page_mapping(self) -> list[tuple[int, int]]:
        """Return (bank, slot) of every host page of the view."""
        first = self._offset // self.page_size()
        return self._root.page_mapping()[first : first + self.num_pages()]

    def set_page_size(self, page_size: int) -> None:
        """Not possible on a view.

        Raises:
            InvalidArgument: always; the root buffer's pages decide where the bytes are.
        """
        raise InvalidArgument("set_page_size on a view would not move its bytes; call it on root_buffer()")

    def deallocate(self) -> None:
        """Do nothing: a view owns no memory."""


def create_buffer(config: BufferConfig, address: int | None = None, sub_device_id: int | None = None) -> Buffer:
    """Validate a config and allocate; see :func:`tthal.CreateBuffer`."""
    if not isinstance(config, (InterleavedBufferConfig, ShardedBufferConfig)):
        raise WrongType(
            f"config must be an InterleavedBufferConfig or a ShardedBufferConfig, not {type(config).__name__}"
        )
    if config.device is None:
        raise InvalidArgument("device must not be None; open one with tthal.open_device() or tthal.CreateDevice(0)")
    if not hasattr(config.device, "is_open"):
        raise WrongType(f"device must be what open_device() or CreateDevice() returns, not {config.device!r}")
    if not config.device.is_open:
        raise ObjectClosed("the device of this buffer config is closed")
    _check_sub_device(config, sub_device_id)
    return Buffer(config.device, _spec(config, address))


def _spec(config: BufferConfig, address: int | None) -> BufferSpec:
    buffer_type = _buffer_type(config.buffer_type)
    size = byte_count(config.size, "size of a buffer")
    page_size = _page_size(config.page_size, size) if size else byte_count(config.page_size, "page_size of a buffer")
    if address is not None:
        address = byte_count(address, "address of a buffer")
    if isinstance(config, InterleavedBufferConfig):
        return BufferSpec(size, page_size, buffer_type, address=address)
    layout, shards = _shards(config, buffer_type)
    pages = prod(shards.tensor_shape)
    if size and pages != size // page_size:
        raise InvalidArgument(
            f"shard_parameters describe a tensor of {shards.tensor_shape} = {pages} pages, but size / page_size = "
            f"{size} / {page_size} = {size // page_size}; make the two agree"
        )
    return BufferSpec(size, page_size, buffer_type, layout, shards, address)


def _shards(config: ShardedBufferConfig, buffer_type: BufferType) -> tuple[TensorMemoryLayout, ShardLayout]:
    layout = member(TensorMemoryLayout, config.buffer_layout, "buffer_layout")
    shards = _shard_layout(layout, config.shard_parameters)
    properties = config.device.properties
    banks = set(properties.l1_banks) if buffer_type.is_l1 else {(bank, 0) for bank in range(len(properties.dram_banks))}
    for core in shards.cores:
        if (core if buffer_type.is_l1 else tuple(core)) not in banks:
            raise InvalidArgument(
                f"invalid shard grid: shard core ({core.x}, {core.y}) has no {buffer_type.name} bank on this device, "
                f"which has {len(banks)} of them; keep the grid inside "
                + (f"{properties.compute_grid}" if buffer_type.is_l1 else f"(0, 0) - ({len(banks) - 1}, 0)")
            )
    return layout, shards


def _shard_layout(
    layout: TensorMemoryLayout, parameters: ShardSpecBuffer | BufferDistributionSpec | None
) -> ShardLayout:
    wanted = BufferDistributionSpec if layout is TensorMemoryLayout.ND_SHARDED else ShardSpecBuffer
    if isinstance(parameters, BufferDistributionSpec) and wanted is BufferDistributionSpec:
        return parameters.shard_layout()
    if isinstance(parameters, ShardSpecBuffer) and wanted is ShardSpecBuffer:
        return shard_layout(layout, parameters)
    if parameters is not None and not isinstance(parameters, (ShardSpecBuffer, BufferDistributionSpec)):
        raise WrongType(f"shard_parameters must be a {wanted.__name__}, not {type(parameters).__name__}")
    hint = "; buffer_layout=TensorMemoryLayout.ND_SHARDED takes the other" if parameters is not None else ""
    raise InvalidArgument(f"a {layout.name} buffer needs shard_parameters={wanted.__name__}(...){hint}")


def _check_sub_device(config: BufferConfig, sub_device_id: int | None) -> None:
    if sub_device_id is None:
        return
    if not isinstance(config, ShardedBufferConfig):
        raise InvalidArgument(
            "specifying a sub-device for a buffer requires the buffer to be sharded; leave sub_device_id out"
        )
    if not _buffer_type(config.buffer_type).is_l1:
        raise InvalidArgument("specifying a sub-device for a buffer requires it to be L1; leave sub_device_id out")
    divisions: SubDevices = getattr(config.device, "sub_devices", None) or SubDevices()
    divisions.check_ids([sub_device_id])
    if divisions.parts() and not divisions.parts()[sub_device_id].cores.contains(_shard_grid(config)):
        raise InvalidArgument(f"the shards of this buffer lie outside {divisions.parts()[sub_device_id]}")


def _shard_grid(config: ShardedBufferConfig) -> CoreRangeSet:
    return CoreRangeSet(_shards(config, _buffer_type(config.buffer_type))[1].cores)


def _buffer_type(value: BufferType) -> BufferType:
    buffer_type = member(BufferType, value, "buffer_type")
    if buffer_type is BufferType.SYSTEM_MEMORY:
        raise Unsupported("SYSTEM_MEMORY buffers live in host memory, which no device offers; use BufferType.DRAM")
    return buffer_type


def _page_size(value: int, size: int) -> int:
    page_size = byte_count(value, "page_size of a buffer", positive=True)
    if size % page_size:
        raise InvalidArgument(f"buffer size {size} must be divisible by its page size {page_size}")
    return page_size


def _bank_count(properties: DeviceProperties, buffer_type: BufferType) -> int:
    return len(properties.l1_banks) if buffer_type.is_l1 else len(properties.dram_banks)


def _bytes_per_bank(spec: BufferSpec, banks: int, alignment: int) -> int:
    if spec.shards is not None:
        pages = prod(spec.shards.shard_shape) * shards_per_core(spec.shards)
    else:
        pages = -(-spec.num_pages // banks)
    return pages * _round_up(spec.page_size, alignment)


def _round_up(value: int, step: int) -> int:
    return -(-value // step) * step
