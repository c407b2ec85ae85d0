"""What the checks of a tensor's spec, and the shards cut for one, ask of it."""

from __future__ import annotations

from typing import Protocol

from tthal.data_formats import Tile
from tthal.tensor.memory_config import MemoryConfig
from tthal.tensor.types import Layout
from tthal.types import DataType


class SpecFacts(Protocol):
    """A :class:`tthal.TensorSpec`, as far as that."""

    @property
    def dtype(self) -> DataType: ...
    @property
    def layout(self) -> Layout: ...
    @property
    def tile(self) -> Tile: ...
    @property
    def memory_config(self) -> MemoryConfig: ...
    @property
    def padded_extents(self) -> tuple[int, ...]: ...
    @property
    def physical_shape(self) -> tuple[int, int]: ...
    @property
    def element_bytes(self) -> int: ...
