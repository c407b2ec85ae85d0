"""Compiles kernels to wasm modules; finds its toolchain when it is made, not at import."""

from __future__ import annotations

from tthal.kit.cache import Cache

from .compiler import Compiler, Progress
from .device_headers import DeviceHeaders
from .flags import ENTRIES
from .precompiled import precompile_standard_headers
from .request import CompileRequest, Target
from .toolchain import Toolchain, ToolchainStatus, find_toolchain, probe

__all__ = [
    "ENTRIES",
    "Cache",
    "CompileRequest",
    "Compiler",
    "DeviceHeaders",
    "Progress",
    "Target",
    "Toolchain",
    "ToolchainStatus",
    "find_toolchain",
    "kernel_cache",
    "precompile_standard_headers",
    "probe",
]


def kernel_cache() -> Cache:
    """Return this user's cache of compiled kernels."""
    return Cache.of_user("kernels")
