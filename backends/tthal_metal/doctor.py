"""What ``tthal doctor`` says about cards: what was found where, and what is missing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tthal.errors import BackendUnavailable
from tthal_metal import build
from tthal_metal.discovery import VendorLibrary, candidates, find_library, require_usable, resolve
from tthal_metal.settings import MOCK_VARIABLE, SIMULATOR_VARIABLE, VISIBLE_VARIABLE, Settings, Target, target

_DEVICES = Path("/dev/tenstorrent")
_COMPILER = "runtime/sfpi/compiler/bin/riscv-tt-elf-g++"
_SYSTEM_COMPILER = Path("/opt/tenstorrent/sfpi/compiler/bin/riscv-tt-elf-g++")
_FIRMWARE = "tt_metal/pre-compiled"

Row = tuple[str, str]


def cards() -> list[Path]:
    """Return the device files of the cards that the kernel driver found."""
    return sorted(path for path in _DEVICES.glob("*") if path.name.isdecimal()) if _DEVICES.is_dir() else []


def findings() -> list[Row]:
    """Return (what, finding) rows, in the order in which a run needs the parts; why one is missing, the probe says."""
    try:
        library = find_library()
    except BackendUnavailable:
        return [*_target_rows(), ("library", "none"), *_compiler_rows(), *_root_rows(None)]
    return [*_target_rows(), *_library_rows(library), *_compiler_rows(), *_shim_rows(library), *_root_rows(library)]


def _target_rows() -> list[Row]:
    kind = target()
    if kind is Target.SIMULATOR:
        return [("target", f"a simulator: {SIMULATOR_VARIABLE}={os.environ[SIMULATOR_VARIABLE]}")]
    if kind is Target.MOCK:
        return [("target", f"a mock device, no kernels run: {MOCK_VARIABLE}={os.environ[MOCK_VARIABLE]}")]
    found = ", ".join(str(card) for card in cards())
    rows = [("target", "a card"), ("devices", found or f"none: the kernel driver shows no card in {_DEVICES}")]
    visible = os.environ.get(VISIBLE_VARIABLE)
    return [*rows, ("visible devices", f"{VISIBLE_VARIABLE}={visible}")] if visible else rows


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
    except BackendUnavailable:
        return [*rows, ("library is", f"refused: {headers}, and not a release that was checked")]


def _compiler_rows() -> list[Row]:
    try:
        compiler = build.find_compiler()
    except BackendUnavailable:
        return [("C++ compiler", "none; `apt-get install g++`, or set CXX")]
    return [("C++ compiler", f"{compiler.path}: {compiler.version}")]


def _shim_rows(library: VendorLibrary) -> list[Row]:
    try:
        require_usable(library)
        shim = build.find_built(library)
    except BackendUnavailable:
        return []
    return [("shim", str(shim) if shim else "not built yet; `tthal metal build` builds it, as does the first use")]


def _root_rows(library: VendorLibrary | None) -> list[Row]:
    root = Settings().root or (library.root if library else None)
    if root is None:
        missing = "none found; set TT_METAL_RUNTIME_ROOT" if library else "none; it comes with the library"
        return [("runtime root", missing), *_kernel_compiler_rows(None)]
    rows = [("runtime root", f"{root}" if root.is_dir() else f"{root} does not exist; check TT_METAL_RUNTIME_ROOT")]
    rows += _kernel_compiler_rows(root)
    firmware = len(list((root / _FIRMWARE).glob("*"))) if (root / _FIRMWARE).is_dir() else 0
    rows.append(("firmware", f"{firmware} precompiled sets" if firmware else "compiled at the first opening"))
    return rows


def _kernel_compiler_rows(root: Path | None) -> list[Row]:
    places = [root / _COMPILER, _SYSTEM_COMPILER] if root else [_SYSTEM_COMPILER]
    found = next((path for path in places if path.is_file()), None)
    where = f"into {root / 'runtime/sfpi'}" if root else f"as {_SYSTEM_COMPILER.parents[2]}"
    missing = f"missing: install the vendor's sfpi {where} (docs/cards.md)"
    return [("kernel compiler", f"{found}: {_version(found)}" if found else missing)]


def _version(compiler: Path) -> str:
    try:
        done = subprocess.run([compiler, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not start: {error}"
    return done.stdout.splitlines()[0] if done.stdout else f"exit status {done.returncode}"
