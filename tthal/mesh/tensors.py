"""Tensors of a mesh: what its devices hold; on a mesh of one, the tensor itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tthal.device import Device
from tthal.errors import Unsupported
from tthal.tensor.tensor import Tensor

__all__ = [
    "ConcatMesh2dToTensor",
    "ConcatMeshToTensor",
    "MeshToTensor",
    "ReplicateTensorToMesh",
    "ShardTensor2dMesh",
    "ShardTensorToMesh",
    "TensorToMesh",
    "aggregate_tensor",
    "combine_device_tensors",
    "concat_mesh_to_tensor_composer",
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

    mesh_device: Device


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


replicate_tensor_to_mesh_mapper = ReplicateTensorToMesh
shard_tensor_to_mesh_mapper = ShardTensorToMesh
concat_mesh_to_tensor_composer = ConcatMeshToTensor


def distribute_tensor(tensor: Tensor, mapper: TensorToMesh, mesh_device: Device | None = None) -> Tensor:
    """Deal a host tensor to the devices of a mesh: move it to the one there is, if it is given."""
    return tensor if mesh_device is None else tensor.to(mesh_device)


def aggregate_tensor(tensor: Tensor, composer: MeshToTensor) -> Tensor:
    """Join the tensors of a mesh's devices on the host."""
    return tensor.cpu()
