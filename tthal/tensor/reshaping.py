"""Other shapes for the same values: the spec that follows, and whether bytes move (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from tthal.errors import InvalidArgument
from tthal.tensor.memory_config import MemoryConfig
from tthal.tensor.shape import Shape, as_shape
from tthal.tensor.spec import TensorSpec
from tthal.tensor.types import Layout


def spec_of(old: TensorSpec, shape: Iterable[int], config: MemoryConfig) -> TensorSpec:
    """Return a spec with another shape; one extent may be -1.

    Raises:
        InvalidArgument: the number of elements differs.
    """
    return TensorSpec.of(_resolved(old.shape, shape), old.dtype, old.layout, config, old.tile)


def same_bytes(old: TensorSpec, new: TensorSpec) -> bool:
    """Whether a tensor of the one spec has the bytes of a tensor of the other: no byte moves."""
    if old.memory_config.is_sharded() or old.physical_shape != new.physical_shape or old.shape[-1] != new.shape[-1]:
        return False
    unpadded = all(spec.padded_extents[-2] == spec.shape[-2] for spec in (old, new))
    return old.layout is Layout.ROW_MAJOR or old.shape[-2] == new.shape[-2] or unpadded


def _resolved(old: Shape, new: Iterable[int]) -> Shape:
    extents = list(new)
    if extents.count(-1) > 1:
        raise InvalidArgument(f"reshape: only one extent may be -1, not {extents.count(-1)} of {extents}")
    known = prod(extent for extent in extents if extent != -1)
    if -1 in extents:
        extents[extents.index(-1)] = old.volume() // known if known else 0
    shape = as_shape(extents)
    if shape.volume() != old.volume():
        raise InvalidArgument(f"reshape: {old} has {old.volume()} elements, {shape} would have {shape.volume()}")
    return shape
