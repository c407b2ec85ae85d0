"""Device headers by the names that older kernels include them by (device-api.md §5, include spellings).

Later releases of TT-Metal moved the device API below ``api/``; a backend whose headers lie there finds the older names
with :func:`older_names`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

MOVED_FOLDERS = {"compute_kernel_api": "api/compute", "debug": "api/debug"}
"""Older folder to today's: every header of the latter is found by the former's name as well."""

MOVED_HEADERS = {
    "api/compute/transpose_wh.h": "api/compute/transpose.h",
    "api/compute/transpose_wh_dest.h": "api/compute/transpose_dest.h",
    "compute_kernel_api.h": "api/compute/compute_kernel_api.h",
    "compute_kernel_api/transpose_wh.h": "api/compute/transpose.h",
    "compute_kernel_api/transpose_wh_dest.h": "api/compute/transpose_dest.h",
    "dataflow_api.h": "api/dataflow/dataflow_api.h",
    "tools/profiler/kernel_profiler.hpp": "api/debug/kernel_profiler.hpp",
}


def older_names(headers: Collection[str], further: Mapping[str, str] = MOVED_HEADERS) -> dict[str, str]:
    """Return the older names that an include folder lacks, with the header in it that each stands for.

    Args:
        headers: what the folder holds, as an include directive names it.
        further: names beside those that follow from :data:`MOVED_FOLDERS`; they go first, and those whose header is
            not there are left out.
    """
    there = frozenset(headers)
    names = {old: new for old, new in further.items() if new in there}
    for old_folder, new_folder in MOVED_FOLDERS.items():
        front = f"{new_folder}/"
        moved = [name for name in there if name.startswith(front) and name.endswith(".h")]
        for name, new in {**{name: name for name in moved}, **names}.items():
            if name.startswith(front):
                names.setdefault(f"{old_folder}/{name.removeprefix(front)}", new)
    return {old: new for old, new in sorted(names.items()) if old not in there}


def headers_in(folder: Path) -> dict[str, Path]:
    """Return the files of an include folder by the names that an include directive has for them, in order."""
    start = len(str(folder)) + 1
    found = (os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)
    return {path[start:].replace(os.sep, "/"): Path(path) for path in sorted(found)}
