"""Which cores dispatch commands, as programs ask for it (ttnn 0.81.1); what is asked for must be what a device does."""

from __future__ import annotations

from dataclasses import dataclass

from tthal.device_interface import DeviceProperties
from tthal.errors import Unsupported
from tthal.types import Arch, NamedEnum
from tthal.words import member

__all__ = ["DispatchCoreAxis", "DispatchCoreConfig", "DispatchCoreType"]


class DispatchCoreType(NamedEnum):
    """The kind of cores that dispatch."""

    WORKER = 0
    ETH = 1


class DispatchCoreAxis(NamedEnum):
    """Whether the workers that dispatch are a row or a column of the grid."""

    ROW = 0
    COL = 1


_AXES = {Arch.WORMHOLE_B0: DispatchCoreAxis.ROW, Arch.BLACKHOLE: DispatchCoreAxis.COL}
"""What each generation takes from its grid unless told otherwise (host-api.md §2.1)."""


@dataclass(frozen=True)
class DispatchCoreConfig:
    """The kind of cores that dispatch, and for workers the axis; None leaves it to the device."""

    type: DispatchCoreType | None = None
    axis: DispatchCoreAxis | None = None
    fabric_tensix_config: object = None

    def __post_init__(self) -> None:
        for name, kind in (("type", DispatchCoreType), ("axis", DispatchCoreAxis)):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else member(kind, value, name))

    def check(self, properties: DeviceProperties) -> None:
        """Check that a device dispatches as this asks for, so that its grid is the one that a card would show.

        Raises:
            Unsupported: it does not.
        """
        usual = _AXES[properties.arch]
        if self.axis not in (None, usual):
            raise Unsupported(
                f"dispatch_core_config asks for dispatch from a {self.axis!r}, {properties.board} dispatches from a "
                f"{usual!r}; leave the axis out, or take dispatch_core_axis={usual!r}"
            )
