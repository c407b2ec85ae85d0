"""Check the installed distribution: exactly its importable names, its types, its licence and its entry points.

Run it with ``python -I`` outside the source tree, where only an installed wheel can be imported.
"""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import distribution
from pathlib import Path

PACKAGES = {
    "tthal",
    "tthal_check",
    "tthal_explore",
    "tthal_conformance",
    "tthal_emulator",
    "tthal_metal",
    "tthal_recorder",
    "tthal_replay",
    "tthal_time",
}
ENTRY_POINTS = {
    ("tthal.backends", "emulator"),
    ("tthal.backends", "metal"),
    ("tthal.backends", "replay"),
    ("tthal.plugins", "check"),
    ("tthal.plugins", "conformance"),
    ("tthal.plugins", "explore"),
    ("tthal.plugins", "recorder"),
    ("tthal.plugins", "time"),
    ("console_scripts", "tthal"),
}


def problems() -> list[str]:
    """Return what is wrong with the installed distribution."""
    installed = distribution("tthal")
    files = [file for file in installed.files or () if "__pycache__" not in file.parts]
    metadata = next(file.parts[0] for file in files if file.name == "METADATA")
    names = {file.parts[0] for file in files} - {metadata, ".."}
    found = []
    if names != PACKAGES:
        found.append(f"top-level names are {sorted(names)}, not {sorted(PACKAGES)}")
    for package in sorted(PACKAGES & names):
        module = importlib.import_module(package)
        if not Path(module.__file__ or "").is_relative_to(Path(str(installed.locate_file("")))):
            found.append(f"{package} is imported from {module.__file__}, not from the installed distribution")
        if not any(file.parts == (package, "py.typed") for file in files):
            found.append(f"{package} has no py.typed")
    if not any(file.name == "LICENSE" for file in files):
        found.append("there is no LICENSE")
    registered = {(point.group, point.name) for point in installed.entry_points}
    if not registered >= ENTRY_POINTS:
        found.append(f"entry points are missing: {sorted(ENTRY_POINTS - registered)}")
    return found


if __name__ == "__main__":
    complaints = problems()
    for complaint in complaints:
        print(f"wheel: {complaint}", file=sys.stderr)
    if not complaints:
        print(f"wheel: tthal {distribution('tthal').version} holds exactly {', '.join(sorted(PACKAGES))}")
    sys.exit(bool(complaints))
