"""Memory configs and shard specifications as JSON, with the keys that ttnn 0.81.1 writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.errors import InvalidArgument
from tthal.sharding import ShardSpec
from tthal.types import BufferType, ShardDistributionStrategy, ShardOrientation, TensorMemoryLayout

if TYPE_CHECKING:
    from tthal.tensor.memory_config import MemoryConfig, NdShardSpec

Fields = dict[str, Any]
Made = TypeVar("Made")


def text(fields: Fields) -> str:
    """Return fields as JSON, keys in alphabetical order."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def of_shard_spec(spec: ShardSpec) -> Fields:
    """Return the fields of a shard specification in two dimensions."""
    return {"grid": _grid(spec.grid), "shape": list(spec.shape), "orientation": int(spec.orientation)}


def of_nd_shard_spec(spec: NdShardSpec) -> Fields:
    """Return the fields of a shard specification in any number of dimensions."""
    return {
        "grid": _grid(spec.grid),
        "shard_shape": list(spec.shard_shape),
        "orientation": int(spec.orientation),
        "shard_distribution_strategy": int(spec.shard_distribution_strategy),
    }


def of_memory_config(config: MemoryConfig) -> Fields:
    """Return the fields of a memory config: of its two shard specifications the one it was made with."""
    fields: Fields = {
        "memory_layout": int(config.memory_layout),
        "buffer_type": int(config.buffer_type),
        "created_with_nd_shard_spec": config.created_with_nd_shard_spec,
        "per_core_allocation": False,
    }
    if config.created_with_nd_shard_spec and config.nd_shard_spec is not None:
        fields["nd_shard_spec"] = of_nd_shard_spec(config.nd_shard_spec)
    elif config.shard_spec is not None:
        fields["shard_spec"] = of_shard_spec(config.shard_spec)
    return fields


def shard_spec(json_string: str) -> ShardSpec:
    """Return the shard specification of a text. Raises InvalidArgument when it is none."""
    return _read(json_string, _shard_spec, "ShardSpec")


def nd_shard_spec(json_string: str) -> NdShardSpec:
    """Return the N-D shard specification of a text. Raises InvalidArgument when it is none."""
    return _read(json_string, _nd_shard_spec, "NdShardSpec")


def memory_config(json_string: str) -> MemoryConfig:
    """Return the memory config of a text. Raises InvalidArgument when it is none."""
    return _read(json_string, _memory_config, "MemoryConfig")


def _read(json_string: str, make: Callable[[Fields], Made], what: str) -> Made:
    try:
        return make(json.loads(json_string))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidArgument(f"this is not the JSON of a {what} ({type(error).__name__}: {error})") from error


def _shard_spec(fields: Fields) -> ShardSpec:
    return ShardSpec(_cores(fields["grid"]), fields["shape"], ShardOrientation(fields["orientation"]))


def _nd_shard_spec(fields: Fields) -> NdShardSpec:
    from tthal.tensor.memory_config import NdShardSpec

    return NdShardSpec(
        fields["shard_shape"],
        _cores(fields["grid"]),
        ShardOrientation(fields["orientation"]),
        ShardDistributionStrategy(fields["shard_distribution_strategy"]),
    )


def _memory_config(fields: Fields) -> MemoryConfig:
    from tthal.tensor.memory_config import MemoryConfig

    buffer_type = BufferType(fields["buffer_type"])
    if fields["created_with_nd_shard_spec"]:
        return MemoryConfig(buffer_type, _nd_shard_spec(fields["nd_shard_spec"]))
    spec = _shard_spec(fields["shard_spec"]) if "shard_spec" in fields else None
    return MemoryConfig(TensorMemoryLayout(fields["memory_layout"]), buffer_type, spec)


def _grid(cores: CoreRangeSet) -> list[Fields]:
    return [{"start": _corner(each.start), "end": _corner(each.end)} for each in cores]


def _corner(core: CoreCoord) -> Fields:
    return {"x": core.x, "y": core.y}


def _cores(ranges: list[Fields]) -> CoreRangeSet:
    return CoreRangeSet([CoreRange(CoreCoord(**each["start"]), CoreCoord(**each["end"])) for each in ranges])
