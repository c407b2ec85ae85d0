"""Circular buffers and their configurations (host-api.md §1.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, overload

from tthal.coordinates import CoreRangeSet
from tthal.data_formats import FaceGeometry, Tile, TileLike, as_tile, device_format
from tthal.device_interface import CircularBufferFormat, CircularBufferImage, CircularBufferState
from tthal.errors import InvalidArgument, WrongType
from tthal.types import MAX_CIRCULAR_BUFFERS, BufferType, DataFormat, DataType
from tthal.words import WORD_MAX, byte_count, integer

if TYPE_CHECKING:
    from tthal.buffer import Buffer

__all__ = ["CircularBuffer", "CircularBufferConfig"]

Format = DataFormat | DataType

MAX_PAGES = 65535
"""The page counters of a circular buffer are 16 bits wide (host-api.md §1.4)."""

ADDRESS_STEP = 16
"""Address offsets inside an L1 buffer are multiples of this (host-api.md §1.4)."""


@dataclass(frozen=True, slots=True)
class IndexFormat:
    """What is known of one index: format, page size in bytes, tile shape (None = 32x32)."""

    data_format: DataFormat | None = None
    page_size: int | None = None
    tile: tuple[int, int] | None = None
    faces: FaceGeometry | None = None


class CircularBufferConfig:
    """Size and formats of a circular buffer, or of several that share one address range.

    Two spellings: ``CircularBufferConfig(total_size, page_size, data_format, buffer_type)`` names no index and gets the
    lowest one free on its cores when it is created; ``CircularBufferConfig(total_size, {index: format}[, buffer])``
    with :meth:`set_page_size` names its indices. Sizes are bytes. With a buffer it lies in that L1 buffer's memory.
    """

    @overload
    def __init__(
        self, total_size: int, page_size: int, data_format: Format, buffer_type: BufferType = BufferType.L1
    ) -> None: ...
    @overload
    def __init__(self, total_size: int, page_size: Mapping[int, Format], data_format: Buffer | None = None) -> None: ...
    @overload
    def __init__(
        self, total_size: int, *, data_format_spec: Mapping[int, Format], buffer: Buffer | None = None
    ) -> None: ...
    @overload
    def __init__(self, total_size: int) -> None: ...
    def __init__(
        self,
        total_size: int,
        page_size: int | Mapping[int, Format] | None = None,
        data_format: Format | Buffer | None = None,
        buffer_type: BufferType = BufferType.L1,
        *,
        data_format_spec: Mapping[int, Format] | None = None,
        buffer: Buffer | None = None,
    ) -> None:
        if isinstance(page_size, Mapping):
            data_format_spec, page_size = page_size, None
        if hasattr(data_format, "is_l1"):
            data_format, buffer = None, data_format
        if buffer_type != BufferType.L1:
            raise InvalidArgument(f"circular buffers live in L1; buffer_type {buffer_type!r} is not possible")
        self._locked = False
        self._total_size = _total_size(total_size)
        self._indices: dict[int, IndexFormat] = {}
        self._unplaced: IndexFormat | None = None
        self._buffer: Buffer | None = None
        self._address_offset = 0
        for index, each in (data_format_spec or {}).items():
            self.index(index).set_data_format(each)
        if page_size is not None or data_format is not None:
            self._unplaced = self._first_format(page_size, data_format)
        if buffer is not None:
            self.set_globally_allocated_address(buffer)

    # ------------------------------------------------------------------ what it says

    @property
    def total_size(self) -> int:
        """The bytes of the shared address range."""
        return self._total_size

    @property
    def buffer_indices(self) -> tuple[int, ...]:
        """The indices, ascending; empty before creation when none was named."""
        return tuple(sorted(self._indices))

    @property
    def data_formats(self) -> tuple[DataFormat | None, ...]:
        """The formats by index, 64 long, None where there is none."""
        return tuple(self._at(index).data_format for index in range(MAX_CIRCULAR_BUFFERS))

    @property
    def page_sizes(self) -> tuple[int | None, ...]:
        """The page sizes in bytes by index, 64 long, None where there is none."""
        return tuple(self._at(index).page_size for index in range(MAX_CIRCULAR_BUFFERS))

    @property
    def tiles(self) -> tuple[tuple[int, int] | None, ...]:
        """The tile shapes by index, 64 long, None where it is 32x32 or there is none."""
        return tuple(self._at(index).tile for index in range(MAX_CIRCULAR_BUFFERS))

    @property
    def page_size(self) -> int | None:
        """The page size in bytes when there is one index or none is named yet, else None."""
        return self._only().page_size

    @property
    def data_format(self) -> DataFormat | None:
        """The format when there is one index or none is named yet, else None."""
        return self._only().data_format

    @property
    def buffer_type(self) -> BufferType:
        """Always L1."""
        return BufferType.L1

    @property
    def buffer(self) -> Buffer | None:
        """The L1 buffer it lies in, None when the program places it."""
        return self._buffer

    shadow_global_buffer = buffer

    @property
    def address_offset(self) -> int:
        """Bytes from the start of ``buffer``."""
        return self._address_offset

    @property
    def globally_allocated_address(self) -> int | None:
        """The address it lies at, None when the program places it."""
        return None if self._buffer is None else self._buffer.address() + self._address_offset

    # ------------------------------------------------------------------ building it

    def index(self, buffer_index: int) -> CircularBufferBuilder:
        """Return a builder for one index, which is declared by setting something on it."""
        return CircularBufferBuilder(self, _storage_index(buffer_index))

    def set_page_size(self, buffer_index: int, page_size: int) -> CircularBufferConfig:
        """Set the page size in bytes of a declared index; it must divide the total size."""
        self._require_open()
        if buffer_index not in self._indices:
            raise InvalidArgument(
                f"circular buffer index {buffer_index} has no data format in this config (declared: "
                f"{list(self.buffer_indices)}); name it in the {{index: format}} mapping first"
            )
        return self._set(buffer_index, page_size=_page_size(page_size, self._total_size))

    def set_tile_dims(self, buffer_index: int, tile: TileLike) -> CircularBufferConfig:
        """Set the tile shape of an index."""
        return self._set(_storage_index(buffer_index), tile=_tile_shape(tile))

    def set_unpack_face_geometry(self, buffer_index: int, face_r_dim: int, num_faces: int) -> CircularBufferConfig:
        """Say that pages of an index hold less than whole tiles: so many faces of so many rows.

        Raises:
            InvalidArgument: there are no such faces.
        """
        faces = FaceGeometry(face_r_dim, num_faces)
        faces.shape(Tile())
        return self._set(_storage_index(buffer_index), faces=faces)

    def set_total_size(self, total_size: int) -> CircularBufferConfig:
        """Set the bytes of the shared address range."""
        self._require_open()
        self._resize(total_size)
        return self

    def set_globally_allocated_address(self, buffer: Buffer) -> CircularBufferConfig:
        """Lay it into an L1 buffer's memory."""
        return self.set_globally_allocated_address_and_total_size(buffer, self._total_size, self._address_offset)

    def set_globally_allocated_address_and_total_size(
        self, buffer: Buffer, total_size: int, address_offset: int = 0
    ) -> CircularBufferConfig:
        """Lay it ``address_offset`` bytes into an L1 buffer's memory with a new size in bytes."""
        self._require_open()
        self._bind(buffer, _total_size(total_size), address_offset)
        return self

    def set_address_offset(self, address_offset: int) -> CircularBufferConfig:
        """Set the bytes from the start of the buffer it lies in."""
        self._require_open()
        if self._buffer is None:
            self._address_offset = _offset(address_offset)
        else:
            self._bind(self._buffer, self._total_size, address_offset)
        return self

    def copy(self) -> CircularBufferConfig:
        """Return an independent config that can be changed."""
        twin = CircularBufferConfig(self._total_size)
        twin._indices = dict(self._indices)
        twin._unplaced = self._unplaced
        twin._buffer = self._buffer
        twin._address_offset = self._address_offset
        return twin

    def __repr__(self) -> str:
        formats = {index: each.data_format for index, each in sorted(self._indices.items())}
        what = formats or self._unplaced
        return f"CircularBufferConfig(total_size={self._total_size}, {what})"

    # ------------------------------------------------------------------ inside

    def _at(self, index: int) -> IndexFormat:
        return self._indices.get(index, _NOTHING)

    def _only(self) -> IndexFormat:
        if self._unplaced is not None:
            return self._unplaced
        return next(iter(self._indices.values())) if len(self._indices) == 1 else _NOTHING

    def _first_format(self, page_size: int | None, data_format: Format | None) -> IndexFormat:
        if page_size is None or data_format is None:
            raise InvalidArgument("a circular buffer without index needs both page_size and data_format")
        return IndexFormat(device_format(data_format), _page_size(page_size, self._total_size))

    def _set(
        self,
        index: int,
        *,
        data_format: DataFormat | None = None,
        page_size: int | None = None,
        tile: tuple[int, int] | None = None,
        faces: FaceGeometry | None = None,
    ) -> CircularBufferConfig:
        self._require_open()
        known = self._at(index)
        self._indices[index] = IndexFormat(
            data_format=known.data_format if data_format is None else data_format,
            page_size=known.page_size if page_size is None else page_size,
            tile=known.tile if tile is None else tile,
            faces=known.faces if faces is None else faces,
        )
        return self

    def _require_open(self) -> None:
        if self._locked:
            raise InvalidArgument(
                "the config of a created circular buffer is read-only; use UpdateCircularBufferTotalSize, "
                "UpdateCircularBufferPageSize or UpdateDynamicCircularBufferAddress"
            )

    def _resize(self, total_size: int) -> None:
        size = _total_size(total_size)
        if self._buffer is not None:
            self._bind(self._buffer, size, self._address_offset)
        self._total_size = size

    def _bind(self, buffer: Buffer, total_size: int, address_offset: int) -> None:
        offset = _offset(address_offset)
        if not hasattr(buffer, "is_l1"):
            raise WrongType(f"a circular buffer lies in a Buffer from CreateBuffer(), not in {type(buffer).__name__}")
        if not buffer.is_l1():
            raise InvalidArgument(
                f"only L1 buffers can hold a circular buffer, this one is {buffer.buffer_type().name}: create it with "
                "buffer_type=BufferType.L1"
            )
        room = buffer.aligned_size_per_bank()
        if offset > room or total_size > room - offset:
            raise InvalidArgument(
                f"a circular buffer of {total_size} B at offset {offset} is larger than its L1 buffer, which has "
                f"{room} B in each bank; make the buffer's share per core larger or the circular buffer smaller"
            )
        self._buffer, self._total_size, self._address_offset = buffer, total_size, offset


def _unpacked(each: IndexFormat) -> tuple[int, int] | None:
    """Return the shape that the faces of an index make up, None for whole tiles."""
    return None if each.faces is None else each.faces.shape(as_tile(each.tile))


class CircularBufferBuilder:
    """Declares one index of a config, call by call."""

    __slots__ = ("_config", "_index")

    def __init__(self, config: CircularBufferConfig, index: int) -> None:
        self._config = config
        self._index = index

    def set_data_format(self, data_format: Format) -> CircularBufferBuilder:
        """Set the format."""
        self._config._set(self._index, data_format=device_format(data_format))
        return self

    def set_page_size(self, page_size: int) -> CircularBufferBuilder:
        """Set the page size in bytes; it must divide the total size."""
        self._config._set(self._index, page_size=_page_size(page_size, self._config.total_size))
        return self

    def set_total_size(self, total_size: int) -> CircularBufferBuilder:
        """Set the bytes of the shared address range."""
        self._config.set_total_size(total_size)
        return self

    def set_tile_dims(self, tile: TileLike) -> CircularBufferBuilder:
        """Set the tile shape."""
        self._config._set(self._index, tile=_tile_shape(tile))
        return self


class CircularBuffer:
    """A circular buffer of a program.

    Attributes:
        id: its number in the program, from 0.
        core_ranges: the cores it is set up on.
        config: its live, read-only configuration.
    """

    __slots__ = ("config", "core_ranges", "cores", "id")

    def __init__(self, cb_id: int, core_ranges: CoreRangeSet, config: CircularBufferConfig) -> None:
        self.id = cb_id
        self.core_ranges = core_ranges
        self.cores = frozenset(core_ranges.cores())
        self.config = config

    @property
    def buffer_indices(self) -> tuple[int, ...]:
        """The indices kernels use, ascending."""
        return self.config.buffer_indices

    def set_page_size(self, buffer_index: int, page_size: int) -> None:
        """Change an index's page size in bytes; it must divide the present total size."""
        if buffer_index not in self.config._indices:
            raise InvalidArgument(
                f"circular buffer {self.id} does not use index {buffer_index}; it uses {list(self.buffer_indices)}"
            )
        size = _page_size(page_size, self.config.total_size)
        self.config._indices[buffer_index] = replace(self.config._indices[buffer_index], page_size=size)

    def set_total_size(self, total_size: int) -> None:
        """Change the bytes of the address range; page sizes must divide it by the next launch."""
        self.config._resize(total_size)

    def bind(self, buffer: Buffer, total_size: int | None = None, address_offset: int = 0) -> None:
        """Lay it into an L1 buffer, whose memory is the buffer's at this moment."""
        size = self.config.total_size if total_size is None else _total_size(total_size)
        self.config._bind(buffer, size, address_offset)

    def image(self) -> CircularBufferImage:
        """Return what compiling depends on."""
        formats = tuple(
            CircularBufferFormat(index, each.data_format, each.tile, _unpacked(each))
            for index, each in sorted(self.config._indices.items())
            if each.data_format is not None
        )
        return CircularBufferImage(self.core_ranges, formats)

    def state(self) -> CircularBufferState:
        """Return what may change between launches.

        Raises:
            InvalidArgument: a page size does not divide the total size.
            ObjectClosed: the buffer it lies in was deallocated.
        """
        _require_bytes(self.config.total_size, f"circular buffer {self.id}")
        sizes = tuple((index, self.config._indices[index].page_size or 0) for index in self.buffer_indices)
        for index, page_size in sizes:
            _page_size(page_size, self.config.total_size, f"circular buffer {self.id}, index {index}: ")
        buffer = self.config.buffer
        allocation = None if buffer is None or not buffer.size() else buffer.allocation
        return CircularBufferState(self.config.total_size, sizes, allocation, self.config.address_offset)

    def __repr__(self) -> str:
        return f"<CircularBuffer {self.id} indices {list(self.buffer_indices)} on {self.core_ranges}>"


def complete_config(config: CircularBufferConfig, free_index: int) -> CircularBufferConfig:
    """Return the read-only config of a circular buffer that is being created.

    Raises:
        InvalidArgument: there are no bytes, an index has a format but no page size or the reverse, or the page size
            does not fit.
    """
    final = config.copy()
    _require_bytes(final.total_size, "a circular buffer that is being created")
    if final._unplaced is not None:
        final._indices = {free_index: final._unplaced}
        final._unplaced = None
    for index, each in final._indices.items():
        if each.data_format is None or each.page_size is None:
            missing = "data format" if each.data_format is None else "page size"
            raise InvalidArgument(
                f"circular buffer index {index} has no {missing}; both data format and page size must be set: "
                f"config.set_page_size({index}, bytes)"
            )
        _page_size(each.page_size, final.total_size)
    final._locked = True
    return final


_NOTHING = IndexFormat()


def _storage_index(index: int) -> int:
    number = integer(index, "circular buffer index")
    if not 0 <= number < MAX_CIRCULAR_BUFFERS:
        raise InvalidArgument(
            f"circular buffer index {number} is outside 0..{MAX_CIRCULAR_BUFFERS - 1}, the most any core has"
        )
    return number


def _total_size(value: int) -> int:
    size = byte_count(value, "total_size of a circular buffer")
    if size > WORD_MAX:
        raise InvalidArgument(f"total_size {size} of a circular buffer does not fit 32 bits")
    return size


def _require_bytes(total_size: int, which: str) -> None:
    if total_size == 0:
        raise InvalidArgument(f"{which} has no bytes; its total size must not be 0")


def _page_size(value: int, total_size: int, which: str = "") -> int:
    size = byte_count(value, "page_size of a circular buffer", positive=True)
    if total_size % size:
        raise InvalidArgument(
            f"{which}total circular buffer size {total_size} B must be divisible by page size {size} B; "
            f"{total_size // size * size} or {(total_size // size + 1) * size} would be"
        )
    if total_size // size > MAX_PAGES:
        raise InvalidArgument(
            f"number of circular buffer pages {total_size // size} is greater than {MAX_PAGES}, the page counters "
            "would wrap around; use larger pages"
        )
    return size


def _offset(value: int) -> int:
    offset = byte_count(value, "address_offset of a circular buffer")
    if offset % ADDRESS_STEP:
        raise InvalidArgument(f"address_offset {offset} must be a multiple of {ADDRESS_STEP} bytes")
    return offset


def _tile_shape(tile: TileLike) -> tuple[int, int] | None:
    height, width = as_tile(tile).tile_shape
    return None if (height, width) == (32, 32) else (height, width)
