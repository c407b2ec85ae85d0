"""Lets kernels written for older releases compile: older names of headers and functions, the older entry point.

Older kernels write ``#include "compute_kernel_api/matmul.h"`` and ``namespace NAMESPACE { void MAIN { ... } }``; later
releases moved the headers below ``api/`` and dropped the macro (device-api.md §5, include spellings).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from tthal.device_interface import KernelContent, KernelImage
from tthal.kit.cache import digest
from tthal.older_headers import headers_in, older_names
from tthal_metal import older_compute
from tthal_metal.build import metal_cache

_VENDOR_INCLUDES = "tt_metal/hw/inc"

_OLD_ENTRY = re.compile(r"\bnamespace\s+NAMESPACE\b")
# `namespace NAMESPACE {` becomes an empty namespace, today's entry point, which calls what MAIN names, and a linkage
# block: what follows it is at global scope.
_NAMESPACE = ("NAMESPACE", 'tthal_kernel {} void MAIN; void kernel_main() { MAIN; } extern "C++"')


@cache
def forwarders(root: Path) -> dict[str, str]:
    """Return the older header names that a runtime root lacks, with what each stands for today."""
    return older_names(headers_in(root / _VENDOR_INCLUDES))


def include_folder(root: Path) -> Path | None:
    """Return a folder of forwarding headers for a runtime root; None when it knows the older names itself.

    Raises:
        BackendUnavailable: the cache folder cannot be used.
    """
    headers = {old: f'#pragma once\n#include "{new}"\n' for old, new in forwarders(root).items()}
    if names := older_compute.missing(root):
        headers[older_compute.HEADER] = older_compute.header(names)
    if not headers:
        return None

    def fill(work: Path) -> None:
        for name, text in headers.items():
            file = work / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    key = digest(*(text for item in headers.items() for text in item))
    return metal_cache().tree_or_build("include", key, fill)


def content(kernel: KernelImage, root: Path) -> KernelContent:
    """Return what a kernel is compiled from: a compute kernel finds names that the release dropped."""
    return kernel.content if kernel.compute is None else older_compute.with_older_names(kernel.content, root)


def defines(kernel: KernelImage, root: Path) -> tuple[tuple[str, str], ...]:
    """Return the kernel's defines, with what the older form of the entry point needs where the release lacks it."""
    given = kernel.defines
    if kernel.compute is None or not _OLD_ENTRY.search(kernel.content.source):
        return given
    if any(name == "NAMESPACE" for name, _ in given) or not (root / _VENDOR_INCLUDES / "api/compute").is_dir():
        return given
    return (*given, _NAMESPACE)
