"""The questions of ``ttnn.device`` and ``ttnn.cluster`` about the chip and the board at hand (ttnn 0.81.1)."""

from __future__ import annotations

from typing import Any

from tthal.default_device import get_arch_name, properties_at_hand
from tthal.types import NamedEnum


class ClusterType(NamedEnum):
    """How many boards there are, and of which kind; tthal runs programs on one."""

    INVALID = 0
    N150 = 1
    N300 = 2
    T3K = 3
    GALAXY = 4
    TG = 5
    P100 = 6
    P150 = 7
    P150_X2 = 8
    P150_X4 = 9
    SIMULATOR_WORMHOLE_B0 = 10
    SIMULATOR_BLACKHOLE = 11
    N300_2x2 = 12
    P150_X8 = 13
    P300 = 14
    SIMULATOR_QUASAR = 15
    BLACKHOLE_GALAXY = 16
    P300_X2 = 17
    CUSTOM = 18


def get_cluster_type() -> ClusterType:
    """Return the board at hand."""
    return ClusterType.__members__.get(properties_at_hand().board.upper(), ClusterType.CUSTOM)


def is_wormhole_b0(device: Any = None) -> bool:
    """Whether a device, by default the one at hand, is a Wormhole."""
    return _arch(device) == "wormhole_b0"


def is_blackhole(device: Any = None) -> bool:
    """Whether a device, by default the one at hand, is a Blackhole."""
    return _arch(device) == "blackhole"


def is_grayskull(device: Any = None) -> bool:
    """Whether it is of the generation before, which is gone."""
    return False


def _arch(device: Any) -> str:
    return str(get_arch_name() if device is None else device.arch().value)


CLUSTER = {"ClusterType": ClusterType, "get_cluster_type": get_cluster_type}
DEVICE = {each.__name__: each for each in (is_wormhole_b0, is_blackhole, is_grayskull)}
