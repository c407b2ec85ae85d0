"""Tensors of a mesh: what its devices hold; on a mesh of one, the tensor itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tthal.device import Device
from tthal.errors import Unsupported, WrongType
from tthal.mesh_shapes import MeshShape
from tthal.tensor.tensor import Tensor

__all__ = [
    "ConcatMesh2dToTensor",
    "ConcatMeshToTensor",
    "MeshComposerConfig",
    "MeshMapperConfig",
    "MeshToTensor",
    "PlacementReplicate",
    "PlacementShard",
    "ReplicateTensorToMesh",
    "ShardTensor2dMesh",
    "ShardTensorToMesh",
    "TensorToMesh",
    "aggregate_tensor",
    "combine_device_tensors",
    "concat_mesh_to_tensor_composer",
    "create_mesh_composer",
    "create_mesh_mapper",
    "distribute_tensor",
    "get_device_tensors",
    "replicate_tensor_to_mesh_mapper",
    "shard_tensor_to_mesh_mapper",
]


def get_device_tensors(tensor: Tensor) -> list[Tensor]:
    """Return the tensor of every device of the mesh: the one there is."""
    return [tensor]


def combine_device_tensors(*, tensors: Sequence[Tensor]) -> Tensor:
    """Return the tensor of a mesh from those of its devices.

    Raises:
        Unsupported: there is more than one.
    """
    if len(tensors) != 1:
        raise Unsupported(f"{len(tensors)} tensors are those of several devices; a mesh here has one")
    return tensors[0]


@dataclass(frozen=True)
class TensorToMesh:
    """How a host tensor is dealt to the devices of a mesh; one device gets all of it."""

    mesh_device: Device | MeshShape


@dataclass(frozen=True)
class MeshToTensor:
    """How the tensors of a mesh's devices become one on the host; that of one device is it."""

    mesh_device: Device


def ReplicateTensorToMesh(mesh_device: Device) -> TensorToMesh:
    """Give every device the whole tensor."""
    return TensorToMesh(mesh_device)


def ShardTensorToMesh(mesh_device: Device, dim: int) -> TensorToMesh:
    """Cut a tensor along a dimension, one part for each device: the whole, for one."""
    return TensorToMesh(mesh_device)


def ShardTensor2dMesh(
    mesh_device: Device, mesh_shape: Sequence[int], dims: tuple[int | None, int | None]
) -> TensorToMesh:
    """Cut a tensor along two dimensions, one part for each device: the whole, for one."""
    return TensorToMesh(mesh_device)


def ConcatMeshToTensor(mesh_device: Device, dim: int) -> MeshToTensor:
    """Join the devices' tensors along a dimension: the one there is."""
    return MeshToTensor(mesh_device)


def ConcatMesh2dToTensor(mesh_device: Device, mesh_shape: Sequence[int], dims: tuple[int, int]) -> MeshToTensor:
    """Join the devices' tensors along two dimensions: the one there is."""
    return MeshToTensor(mesh_device)


@dataclass(frozen=True)
class PlacementReplicate:
    """Along this dimension of a mesh, every device gets the same."""


@dataclass(frozen=True)
class PlacementShard:
    """Along this dimension of a mesh, the devices get parts of the tensor's dimension ``dim``."""

    dim: int


Placement = PlacementReplicate | PlacementShard


_OVERRIDES = ("mesh_shape_override", "mesh_offset_override")


class MeshMapperConfig:
    """How a tensor is dealt to a mesh: ``MeshMapperConfig(placements)``, one for each of its dimensions, or
    ``MeshMapperConfig(row_dim, col_dim)``, the tensor's dimensions that its rows and columns share out.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        by_placement = "placements" in named or isinstance(next(iter(given), None), Sequence)
        names = ("placements", *_OVERRIDES) if by_placement else ("row_dim", "col_dim", *_OVERRIDES)
        values = _by_name("MeshMapperConfig", names, given, named)
        dims = [values.get(name) for name in ("row_dim", "col_dim")]
        plain = [PlacementReplicate() if dim is None else PlacementShard(dim) for dim in dims]
        self.placements: list[Placement] = list(values.get("placements", plain))


class MeshComposerConfig:
    """Along which dimensions the tensors of a mesh are joined: as ``dims``, or as ``row_dim`` and ``col_dim``."""

    def __init__(self, *given: Any, **named: Any) -> None:
        by_dims = "dims" in named or isinstance(next(iter(given), None), Sequence)
        names = ("dims", *_OVERRIDES) if by_dims else ("row_dim", "col_dim", *_OVERRIDES)
        values = _by_name("MeshComposerConfig", names, given, named)
        self.dims: list[int] = list(values["dims"] if by_dims else (values["row_dim"], values["col_dim"]))


def _by_name(what: str, names: tuple[str, ...], given: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    if len(given) > len(names) or not named.keys() <= set(names[len(given) :]):
        raise WrongType(f"{what} takes {', '.join(names)}; not {[*given[len(names) :], *named]}")
    return {**dict(zip(names, given, strict=False)), **named}


def create_mesh_mapper(mesh_device: Device | MeshShape, config: MeshMapperConfig) -> TensorToMesh:
    """Deal tensors as a config says; the one device gets all of each."""
    return TensorToMesh(mesh_device)


def create_mesh_composer(mesh_device: Device, config: MeshComposerConfig) -> MeshToTensor:
    """Join tensors as a config says: the one there is."""
    return MeshToTensor(mesh_device)


replicate_tensor_to_mesh_mapper = ReplicateTensorToMesh
shard_tensor_to_mesh_mapper = ShardTensorToMesh
concat_mesh_to_tensor_composer = ConcatMeshToTensor


def distribute_tensor(tensor: Tensor, mapper: TensorToMesh, mesh_device: Device | None = None) -> Tensor:
    """Deal a host tensor to the devices of a mesh: move it to the one there is, if it is given."""
    return tensor if mesh_device is None else tensor.to(mesh_device)


def aggregate_tensor(tensor: Tensor, composer: MeshToTensor) -> Tensor:
    """Join the tensors of a mesh's devices on the host."""
    return tensor.cpu()
