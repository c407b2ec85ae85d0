"""Compiles kernels to wasm modules; finds its toolchain when it is made, not at import."""

from __future__ import annotations

from .cache import Cache, CacheInfo, cache_folder
from .compiler import Compiler, Progress
from .device_headers import DeviceHeaders
from .flags import ENTRIES
from .request import CompileRequest, Target
from .toolchain import Toolchain, ToolchainStatus, find_toolchain, probe

__all__ = [
    "ENTRIES",
    "Cache",
    "CacheInfo",
    "CompileRequest",
    "Compiler",
    "DeviceHeaders",
    "Progress",
    "Target",
    "Toolchain",
    "ToolchainStatus",
    "cache_folder",
    "find_toolchain",
    "probe",
]
