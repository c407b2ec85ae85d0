"""Circular buffers described as data (host-api.md §1.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tthal.buffer import Buffer
from tthal.circular_buffer import CircularBufferConfig, Format
from tthal.coordinates import CoreRangeSet, CoreSpec, as_cores
from tthal.data_formats import FaceGeometry, TileLike, device_format
from tthal.errors import Unsupported
from tthal.types import DataFormat
from tthal.values import Checks, Parts, Value
from tthal.words import bounded

__all__ = ["CBDescriptor", "CBFormatDescriptor"]

_GLOBAL_CIRCULAR_BUFFERS = (
    "circular buffers that span cores (GlobalCircularBuffer) are planned, but not there yet; move the pages between "
    "cores with a kernel of your own"
)

MAX_BUFFER_INDEX = 0xFFFF
"""The largest index that a description holds; what the cores have decides when a program is made of it."""


def core_range_set(given: CoreSpec | None) -> CoreRangeSet:
    """Return cores of any spelling as a set of rectangles; None is no core."""
    if given is None:
        return CoreRangeSet()
    return CoreRangeSet.of(as_cores(given, "core_ranges"))


def _format(given: Any) -> Format:
    device_format(given)
    kept: Format = given
    return kept


@dataclass
class CBFormatDescriptor(Value):
    """One index of a circular buffer: its format, its page size in bytes and its tile (None = 32x32).

    ``face_geometry`` says that pages hold less than whole tiles: fewer faces, or shorter ones.
    """

    checks: ClassVar[Checks] = {
        "buffer_index": lambda given: bounded(given, "buffer_index", MAX_BUFFER_INDEX),
        "data_format": _format,
        "page_size": lambda given: bounded(given, "page_size"),
    }

    buffer_index: int = 0
    data_format: Format = DataFormat.Float32
    page_size: int = 0
    tile: TileLike | None = None
    face_geometry: FaceGeometry | None = None

    @property
    def data_format_as_uint8(self) -> int:
        """The number by which kernels know the format."""
        return int(device_format(self.data_format))


@dataclass
class CBDescriptor(Value):
    """A circular buffer: total size in bytes, cores, formats; with ``buffer`` it lies in that L1 buffer's memory."""

    checks: ClassVar[Checks] = {
        "total_size": lambda given: bounded(given, "total_size"),
        "core_ranges": core_range_set,
        "format_descriptors": Parts.of(CBFormatDescriptor, "format_descriptors"),
        "address_offset": lambda given: bounded(given, "address_offset"),
        "remote_format_descriptors": Parts.of(CBFormatDescriptor, "remote_format_descriptors"),
    }

    total_size: int = 0
    core_ranges: CoreRangeSet = field(default_factory=CoreRangeSet)
    format_descriptors: Sequence[CBFormatDescriptor] = field(default_factory=list)
    address_offset: int = 0
    buffer: Buffer | None = None
    remote_format_descriptors: Sequence[CBFormatDescriptor] = field(default_factory=list)

    def has_buffer(self) -> bool:
        """Whether it lies in a buffer."""
        return self.buffer is not None

    def buffer_address(self) -> int | None:
        """Return the address of the buffer it lies in, None when there is none."""
        return None if self.buffer is None else self.buffer.address()

    def set_buffer_from_cb(self, other: CBDescriptor) -> None:
        """Lie in the same buffer as another one."""
        self.buffer = other.buffer

    def has_global_circular_buffer(self) -> bool:
        """Whether it spans cores: never yet."""
        return False

    def set_global_circular_buffer(self, global_circular_buffer: object) -> None:
        """Span cores.

        Raises:
            Unsupported: always; it is planned.
        """
        raise Unsupported(_GLOBAL_CIRCULAR_BUFFERS)

    def set_global_circular_buffer_from_cb(self, other: CBDescriptor) -> None:
        """Span the cores that another one spans: it spans none."""

    def config(self) -> CircularBufferConfig:
        """Return the configuration it describes.

        Raises:
            Unsupported: it has formats for a buffer that spans cores.
        """
        if self.remote_format_descriptors:
            raise Unsupported(_GLOBAL_CIRCULAR_BUFFERS)
        config = CircularBufferConfig(self.total_size)
        for each in self.format_descriptors:
            builder = config.index(each.buffer_index).set_data_format(each.data_format).set_page_size(each.page_size)
            if each.tile is not None:
                builder.set_tile_dims(each.tile)
            if each.face_geometry is not None:
                geometry = each.face_geometry
                config.set_unpack_face_geometry(each.buffer_index, geometry.face_r_dim, geometry.num_faces)
        if self.buffer is not None:
            config.set_globally_allocated_address_and_total_size(self.buffer, self.total_size, self.address_offset)
        return config
