"""Where a tensor's pages go: MemoryConfig and the N-D shard specification (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, overload

from tthal import json_form
from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.errors import WrongType
from tthal.sharding import ShardSpec
from tthal.tensor.shape import Shape, as_shape
from tthal.types import BufferType, ShardDistributionStrategy, ShardOrientation, TensorMemoryLayout
from tthal.values import Value, owned
from tthal.words import member


@dataclass(init=False, unsafe_hash=True)
class NdShardSpec(Value):
    """The shape of a shard in elements, with any number of dimensions, and the cores that take the shards in turn."""

    shard_shape: Shape
    grid: CoreRangeSet
    orientation: ShardOrientation = ShardOrientation.ROW_MAJOR
    shard_distribution_strategy: ShardDistributionStrategy = ShardDistributionStrategy.ROUND_ROBIN_1D

    def __init__(
        self,
        shard_shape: Iterable[int],
        grid: CoreRangeSet,
        orientation: ShardOrientation = ShardOrientation.ROW_MAJOR,
        shard_distribution_strategy: ShardDistributionStrategy = ShardDistributionStrategy.ROUND_ROBIN_1D,
    ) -> None:
        if not isinstance(grid, (CoreRangeSet, CoreRange, CoreCoord)):
            raise WrongType(f"the grid of an NdShardSpec must be a CoreRangeSet, not {type(grid).__name__}")
        self.shard_shape = shard_shape  # type: ignore[assignment]
        self.grid = grid
        self.orientation = orientation
        self.shard_distribution_strategy = shard_distribution_strategy

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, _ND_PARTS[name](value) if name in _ND_PARTS else value)

    def num_cores(self) -> int:
        """Return the number of cores of the grid."""
        return self.grid.num_cores()

    def to_json(self) -> str:
        """Return it as JSON, with ttnn's keys."""
        return json_form.text(self.to_fields())

    @staticmethod
    def from_json(json_string: str) -> NdShardSpec:
        """Return what :meth:`to_json` wrote.

        Raises:
            InvalidArgument: it is not such a text.
        """
        return json_form.read(json_string, NdShardSpec.from_fields, "NdShardSpec")

    def to_fields(self) -> json_form.Fields:
        """Return it as the fields of its JSON."""
        return {
            "grid": json_form.of_grid(self.grid),
            "shard_shape": list(self.shard_shape),
            "orientation": int(self.orientation),
            "shard_distribution_strategy": int(self.shard_distribution_strategy),
        }

    @staticmethod
    def from_fields(fields: json_form.Fields) -> NdShardSpec:
        """Return what :meth:`to_fields` gave; the errors are those of missing or wrong values."""
        return NdShardSpec(
            fields["shard_shape"],
            json_form.grid(fields["grid"]),
            ShardOrientation(fields["orientation"]),
            ShardDistributionStrategy(fields["shard_distribution_strategy"]),
        )


_ND_PARTS: dict[str, Callable[[Any], object]] = {
    "shard_shape": as_shape,
    "grid": CoreRangeSet.of,
    "orientation": lambda value: member(ShardOrientation, value, "orientation"),
    "shard_distribution_strategy": lambda value: member(
        ShardDistributionStrategy, value, "shard_distribution_strategy"
    ),
}


@dataclass(frozen=True, eq=False, repr=False)
class MemoryConfig(Value):
    """The memory a tensor lives in and how its pages are spread there.

    ``MemoryConfig(memory_layout, buffer_type, shard_spec)`` or ``MemoryConfig(buffer_type, nd_shard_spec)``. The config
    of a tensor holds both kinds of shard specification where both can say the same; what it was made with decides
    whether two are equal.
    """

    memory_layout: TensorMemoryLayout = TensorMemoryLayout.INTERLEAVED
    buffer_type: BufferType = BufferType.DRAM
    shard_spec: ShardSpec | None = None
    nd_shard_spec: NdShardSpec | None = None
    created_with_nd_shard_spec: bool = field(default=False)

    @overload
    def __init__(
        self,
        memory_layout: TensorMemoryLayout = TensorMemoryLayout.INTERLEAVED,
        buffer_type: BufferType = BufferType.DRAM,
        shard_spec: ShardSpec | None = None,
    ) -> None: ...
    @overload
    def __init__(self, buffer_type: BufferType, nd_shard_spec: NdShardSpec, /) -> None: ...
    @overload
    def __init__(self, *, buffer_type: BufferType, nd_shard_spec: NdShardSpec) -> None: ...
    def __init__(self, *given: object, **named: object) -> None:
        nd = "nd_shard_spec" in named or any(isinstance(each, NdShardSpec) for each in given)
        names = ("buffer_type", "nd_shard_spec") if nd else ("memory_layout", "buffer_type", "shard_spec")
        values = _by_name(names, given, named)
        for name, kind in _KINDS.items():
            value = values.get(name, kind[1])
            if not isinstance(value, kind[0]) or (nd and name == "nd_shard_spec" and value is None):
                raise WrongType(f"MemoryConfig: {name} must be a {kind[0][0].__name__}, not {value!r}; {_SPELLINGS}")
            object.__setattr__(self, name, owned(value))
        object.__setattr__(self, "created_with_nd_shard_spec", nd)
        if nd:
            object.__setattr__(self, "memory_layout", TensorMemoryLayout.ND_SHARDED)

    @property
    def interleaved(self) -> bool:
        """Whether pages go round-robin over all banks."""
        return self.memory_layout is TensorMemoryLayout.INTERLEAVED

    def is_sharded(self) -> bool:
        """Whether pages are grouped into shards."""
        return not self.interleaved

    def with_specs(
        self,
        memory_layout: TensorMemoryLayout,
        shard_spec: ShardSpec | None,
        nd_shard_spec: NdShardSpec | None,
    ) -> MemoryConfig:
        """Return the same config with both kinds of shard specification, as a tensor's spec holds it."""
        twin = object.__new__(MemoryConfig)
        values = {
            "memory_layout": memory_layout,
            "buffer_type": self.buffer_type,
            "shard_spec": shard_spec,
            "nd_shard_spec": nd_shard_spec,
            "created_with_nd_shard_spec": self.created_with_nd_shard_spec,
        }
        for name, value in values.items():
            object.__setattr__(twin, name, owned(value))
        return twin

    def to_json(self) -> str:
        """Return it as JSON, with ttnn's keys."""
        return json_form.text(self._to_fields())

    @staticmethod
    def from_json(json_string: str) -> MemoryConfig:
        """Return what :meth:`to_json` wrote.

        Raises:
            InvalidArgument: it is not such a text.
        """
        return json_form.read(json_string, MemoryConfig._from_fields, "MemoryConfig")

    def _to_fields(self) -> json_form.Fields:
        """Of its two shard specifications, the one it was made with."""
        fields: json_form.Fields = {
            "memory_layout": int(self.memory_layout),
            "buffer_type": int(self.buffer_type),
            "created_with_nd_shard_spec": self.created_with_nd_shard_spec,
            "per_core_allocation": False,
        }
        if self.created_with_nd_shard_spec and self.nd_shard_spec is not None:
            fields["nd_shard_spec"] = self.nd_shard_spec.to_fields()
        elif self.shard_spec is not None:
            fields["shard_spec"] = self.shard_spec.to_fields()
        return fields

    @staticmethod
    def _from_fields(fields: json_form.Fields) -> MemoryConfig:
        buffer_type = BufferType(fields["buffer_type"])
        if fields["created_with_nd_shard_spec"]:
            return MemoryConfig(buffer_type, NdShardSpec.from_fields(fields["nd_shard_spec"]))
        spec = ShardSpec.from_fields(fields["shard_spec"]) if "shard_spec" in fields else None
        return MemoryConfig(TensorMemoryLayout(fields["memory_layout"]), buffer_type, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MemoryConfig):
            return NotImplemented
        if (self.buffer_type, self.memory_layout) != (other.buffer_type, other.memory_layout):
            return False
        kinds = {self.created_with_nd_shard_spec, other.created_with_nd_shard_spec}
        same_nd, same_2d = self.nd_shard_spec == other.nd_shard_spec, self.shard_spec == other.shard_spec
        return same_nd if kinds == {True} else same_2d if kinds == {False} else same_nd and same_2d

    def __hash__(self) -> int:
        return hash((self.memory_layout, self.buffer_type))

    def __repr__(self) -> str:
        specs = [f"{name}={getattr(self, name)}" for name in ("shard_spec", "nd_shard_spec") if getattr(self, name)]
        parts = [f"memory_layout={self.memory_layout.name}", f"buffer_type={self.buffer_type.name}", *specs]
        return f"MemoryConfig({', '.join(parts)})"


_KINDS: dict[str, tuple[tuple[type, ...], object]] = {
    "memory_layout": ((TensorMemoryLayout,), TensorMemoryLayout.INTERLEAVED),
    "buffer_type": ((BufferType,), BufferType.DRAM),
    "shard_spec": ((ShardSpec, type(None)), None),
    "nd_shard_spec": ((NdShardSpec, type(None)), None),
}

_SPELLINGS = (
    "write MemoryConfig(memory_layout, buffer_type, shard_spec), MemoryConfig(buffer_type=...) or "
    "MemoryConfig(buffer_type, nd_shard_spec)"
)


def _by_name(names: tuple[str, ...], given: tuple[object, ...], named: dict[str, object]) -> dict[str, object]:
    unknown = [name for name in named if name not in names]
    twice = [name for name in names[: len(given)] if name in named]
    if len(given) > len(names) or unknown or twice:
        raise WrongType(f"MemoryConfig does not take {unknown or twice or list(given[len(names) :])}; {_SPELLINGS}")
    return {**dict(zip(names, given, strict=False)), **named}


DRAM_MEMORY_CONFIG = MemoryConfig(TensorMemoryLayout.INTERLEAVED, BufferType.DRAM)
L1_MEMORY_CONFIG = MemoryConfig(TensorMemoryLayout.INTERLEAVED, BufferType.L1)
L1_BLOCK_SHARDED_MEMORY_CONFIG = MemoryConfig(TensorMemoryLayout.BLOCK_SHARDED, BufferType.L1)
L1_HEIGHT_SHARDED_MEMORY_CONFIG = MemoryConfig(TensorMemoryLayout.HEIGHT_SHARDED, BufferType.L1)
L1_WIDTH_SHARDED_MEMORY_CONFIG = MemoryConfig(TensorMemoryLayout.WIDTH_SHARDED, BufferType.L1)
