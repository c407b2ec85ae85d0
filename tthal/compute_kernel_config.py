"""What ttnn's operations take as compute_kernel_config; programs read their own kernels' settings from it."""

from __future__ import annotations

from dataclasses import dataclass

from tthal.types import Arch, MathFidelity, NamedEnum

__all__ = [
    "BlackholeComputeKernelConfig",
    "DeviceComputeKernelConfig",
    "ThrottleLevel",
    "WormholeComputeKernelConfig",
    "init_device_compute_kernel_config",
]


class ThrottleLevel(NamedEnum):
    """How far matrix products are slowed down to spare the power supply; it changes nothing here."""

    NO_THROTTLE = 0
    LEVEL_1 = 1
    LEVEL_2 = 2
    LEVEL_3 = 3
    LEVEL_4 = 4
    LEVEL_5 = 5


@dataclass(kw_only=True)
class DeviceComputeKernelConfig:
    """How the matrix and vector units are set up (ttnn 0.81.1)."""

    math_fidelity: MathFidelity = MathFidelity.Invalid
    math_approx_mode: bool = True
    fp32_dest_acc_en: bool = False
    packer_l1_acc: bool = False
    dst_full_sync_en: bool = False
    throttle_level: ThrottleLevel = ThrottleLevel.NO_THROTTLE


WormholeComputeKernelConfig = DeviceComputeKernelConfig
BlackholeComputeKernelConfig = DeviceComputeKernelConfig


def init_device_compute_kernel_config(
    arch: Arch,
    device_kernel_config: DeviceComputeKernelConfig | None = None,
    *,
    math_fidelity: MathFidelity = MathFidelity.LoFi,
    math_approx_mode: bool = True,
    fp32_dest_acc_en: bool = False,
    packer_l1_acc: bool = False,
    dst_full_sync_en: bool = False,
    throttle_level: ThrottleLevel = ThrottleLevel.NO_THROTTLE,
) -> DeviceComputeKernelConfig:
    """Return the config that is given, or one of the single settings."""
    if device_kernel_config is not None:
        return device_kernel_config
    return DeviceComputeKernelConfig(
        math_fidelity=math_fidelity,
        math_approx_mode=math_approx_mode,
        fp32_dest_acc_en=fp32_dest_acc_en,
        packer_l1_acc=packer_l1_acc,
        dst_full_sync_en=dst_full_sync_en,
        throttle_level=throttle_level,
    )
