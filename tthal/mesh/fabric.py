"""The fabric between devices, by its names alone: programs say that they want none, tests skip where they want one."""

from __future__ import annotations

from tthal.errors import Unsupported
from tthal.types import NamedEnum
from tthal.words import member

__all__ = [
    "FabricConfig",
    "FabricManagerMode",
    "FabricReliabilityMode",
    "FabricTensixConfig",
    "FabricUDMMode",
    "Topology",
    "get_fabric_config",
    "set_fabric_config",
    "using_distributed_env",
]


class FabricConfig(NamedEnum):
    """The fabric that a mesh of devices is joined by (ttnn 0.81.1)."""

    DISABLED = 0
    FABRIC_1D_NEIGHBOR_EXCHANGE = 1
    FABRIC_1D = 2
    FABRIC_1D_RING = 3
    FABRIC_2D = 4
    FABRIC_2D_TORUS_X = 5
    FABRIC_2D_TORUS_Y = 6
    FABRIC_2D_TORUS_XY = 7
    CUSTOM = 8


class FabricReliabilityMode(NamedEnum):
    """How strictly the fabric's links are checked when it starts."""

    STRICT_INIT = 0
    RELAXED_INIT = 1
    DYNAMIC_RECONFIG = 2


class FabricTensixConfig(NamedEnum):
    """Whether worker cores carry traffic of the fabric."""

    DISABLED = 0
    MUX = 1


class FabricUDMMode(NamedEnum):
    """Whether worker cores reach those of other devices by the fabric."""

    DISABLED = 0
    ENABLED = 1


class FabricManagerMode(NamedEnum):
    """Who starts and ends the fabric."""

    ENABLED = 0
    INIT_FABRIC = 1
    TERMINATE_FABRIC = 2
    DEFAULT = 3


class Topology(NamedEnum):
    """How the devices of a mesh are joined."""

    Linear = 1
    Ring = 2
    Mesh = 3
    Torus = 4


def set_fabric_config(config: FabricConfig, *_: object, **__: object) -> None:
    """Choose the fabric: only DISABLED, as there is one device.

    Raises:
        Unsupported: another one.
    """
    wanted = member(FabricConfig, config, "fabric config")
    if wanted is not FabricConfig.DISABLED:
        raise Unsupported(f"there is no fabric {wanted.name}: programs run on one device; leave it DISABLED")


def get_fabric_config() -> FabricConfig:
    """Return DISABLED."""
    return FabricConfig.DISABLED


def using_distributed_env() -> bool:
    """Return False: one process runs the program."""
    return False
