"""What ``tthal doctor`` says about cards: what was found where, and what is missing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tthal.errors import BackendUnavailable
from tthal_metal import build
from tthal_metal.discovery import VendorLibrary, candidates, find_library, require_usable, resolve
from tthal_metal.settings import MOCK_VARIABLE, SIMULATOR_VARIABLE, Settings, Target, target

_DEVICES = Path("/dev/tenstorrent")
_COMPILER = "runtime/sfpi/compiler/bin/riscv-tt-elf-g++"
_SYSTEM_COMPILER = Path("/opt/tenstorrent/sfpi/compiler/bin/riscv-tt-elf-g++")
_FIRMWARE = "tt_metal/pre-compiled"

Row = tuple[str, str]


def cards() -> list[Path]:
    """Return the device files of the cards that the kernel driver found."""
    return sorted(path for path in _DEVICES.glob("*") if path.name.isdecimal()) if _DEVICES.is_dir() else []


def findings() -> list[Row]:
    """Return (what, finding) rows, in the order in which a run needs the parts."""
    rows = _target_rows()
    try:
        library = find_library()
    except BackendUnavailable as error:
        return [*rows, ("library", str(error))]
    rows += _library_rows(library)
    rows += _shim_rows(library)
    return rows + _root_rows(library)


def _target_rows() -> list[Row]:
    kind = target()
    if kind is Target.SIMULATOR:
        return [("opens", f"a simulator: {SIMULATOR_VARIABLE}={os.environ[SIMULATOR_VARIABLE]}")]
    if kind is Target.MOCK:
        return [("opens", f"a mock device, no kernels run: {MOCK_VARIABLE}={os.environ[MOCK_VARIABLE]}")]
    found = ", ".join(str(card) for card in cards())
    rows = [("cards", found or "none: no /dev/tenstorrent (install the card's kernel driver, docs/cards.md)")]
    visible = os.environ.get("TT_METAL_VISIBLE_DEVICES")
    return [*rows, ("visible cards", f"TT_METAL_VISIBLE_DEVICES={visible}")] if visible else rows


def _library_rows(library: VendorLibrary) -> list[Row]:
    rows = [
        ("library", f"{library.path}, found via {library.found_via}"),
        ("library version", f"{library.version or 'unknown'}, build id {library.build_id or 'none'}"),
    ]
    others = [found for found in map(resolve, (each.place for each in candidates())) if found and found != library.path]
    rows += [("another library", f"{path} (not used)") for path in dict.fromkeys(others)]
    headers = f"with headers in {library.include_paths[0]}" if library.include_paths else "without headers"
    try:
        require_usable(library)
        return [*rows, ("library is", f"usable, {headers}")]
    except BackendUnavailable as error:
        return [*rows, ("library is", f"refused: {error}")]


def _shim_rows(library: VendorLibrary) -> list[Row]:
    try:
        compiler = build.find_compiler()
    except BackendUnavailable as error:
        return [("C++ compiler", str(error))]
    shim = build.find_built(library)
    state = str(shim) if shim else "not built yet; `tthal metal build` builds it, as does the first use"
    return [("C++ compiler", f"{compiler.path}: {compiler.version}"), ("shim", state)]


def _root_rows(library: VendorLibrary) -> list[Row]:
    root = Settings.read({}).root or library.root
    if root is None:
        return [("runtime root", "none found; set TT_METAL_RUNTIME_ROOT")]
    rows = [("runtime root", f"{root}" if root.is_dir() else f"{root} does not exist; check TT_METAL_RUNTIME_ROOT")]
    compilers = [path for path in (root / _COMPILER, _SYSTEM_COMPILER) if path.is_file()]
    if compilers:
        rows.append(("kernel compiler", f"{compilers[0]}: {_version(compilers[0])}"))
    else:
        rows.append(
            ("kernel compiler", f"missing: install the vendor's sfpi into {root / 'runtime/sfpi'} (docs/cards.md)")
        )
    firmware = len(list((root / _FIRMWARE).glob("*"))) if (root / _FIRMWARE).is_dir() else 0
    rows.append(("firmware", f"{firmware} precompiled sets" if firmware else "compiled at the first opening"))
    return rows


def _version(compiler: Path) -> str:
    try:
        done = subprocess.run([compiler, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not start: {error}"
    return done.stdout.splitlines()[0] if done.stdout else f"exit status {done.returncode}"
