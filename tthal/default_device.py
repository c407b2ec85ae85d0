"""The device that calls without one mean, and the chip generation at hand (ttnn 0.81.1)."""

from __future__ import annotations

from tthal.device import Device, open_device, open_devices
from tthal.device_interface import DeviceProperties
from tthal.errors import WrongType

__all__ = ["GetDefaultDevice", "SetDefaultDevice", "get_arch_name"]

_default: Device | None = None


def SetDefaultDevice(device: Device | None) -> None:
    """Let calls that take no device mean this one; None means none again."""
    global _default
    if device is not None and not hasattr(device, "is_open"):
        raise WrongType(f"a device is what open_device() or CreateDevice() returns, not {device!r}")
    _default = device


def GetDefaultDevice() -> Device | None:
    """Return the device set with :func:`SetDefaultDevice`, None without one or when it is closed."""
    return _default if _default is not None and _default.is_open else None


def properties_at_hand() -> DeviceProperties:
    """Return what the default device is, else an open one, else the one that opening would give.

    The last is opened for the moment.
    """
    known = GetDefaultDevice() or next(iter(open_devices()), None)
    if known is not None:
        return known.properties
    with open_device() as device:
        return device.properties


def get_arch_name() -> str:
    """Return the chip generation at hand: ``"wormhole_b0"`` or ``"blackhole"``."""
    return properties_at_hand().arch.value
