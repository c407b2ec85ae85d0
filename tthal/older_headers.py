"""Device headers by the names that older kernels include them by (device-api.md §5, include spellings).

Later releases of TT-Metal moved the device API below ``api/``; a backend whose headers lie there finds the older names
with :func:`older_names`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

MOVED_FOLDERS = {"compute_kernel_api": "api/compute", "debug": "api/debug"}
"""Older folder to today's: every header of the latter is found by the former's name as well."""

MOVED_HEADERS = {
    "compute_kernel_api.h": "api/compute/compute_kernel_api.h",
    "compute_kernel_api/transpose_wh.h": "api/compute/transpose.h",
    "compute_kernel_api/transpose_wh_dest.h": "api/compute/transpose_dest.h",
    "dataflow_api.h": "api/dataflow/dataflow_api.h",
}


def older_names(includes: Path, further: Mapping[str, str] = MOVED_HEADERS) -> dict[str, str]:
    """Return the older names that an include folder lacks, with the header in it that each stands for.

    Args:
        further: names beside those that follow from :data:`MOVED_FOLDERS`; they go first, and those whose header is
            not there are left out.
    """
    names = {old: new for old, new in further.items() if (includes / new).is_file()}
    for old_folder, new_folder in MOVED_FOLDERS.items():
        moved = [path.relative_to(includes).as_posix() for path in (includes / new_folder).rglob("*.h")]
        today = {**{name: name for name in moved}, **names}
        for name, new in today.items():
            if name.startswith(f"{new_folder}/"):
                names.setdefault(f"{old_folder}{name.removeprefix(new_folder)}", new)
    return {old: new for old, new in sorted(names.items()) if not (includes / old).exists()}
