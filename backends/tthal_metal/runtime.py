"""The vendor's library in this process: loaded once, with one environment, and the devices that are open on it."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from tthal.errors import BackendUnavailable
from tthal_metal.binding import Shim
from tthal_metal.build import Progress, build
from tthal_metal.discovery import VendorLibrary, find_library
from tthal_metal.settings import FROZEN_VARIABLES, LOG_VARIABLE, VISIBLE_VARIABLE, Settings

_ROOT_PARTS = ("tt_metal/soc_descriptors", "tt_metal/hw")


@dataclass(slots=True)
class Runtime:
    """The loaded library; ``environment`` is what it saw when its first device was opened."""

    library: VendorLibrary
    shim: Shim
    root: Path
    environment: dict[str, str]


# Which cards are visible decides what the device ids mean.
Claim = tuple[str, int]


class _Process:
    """What this process has loaded: the library cannot be unloaded, nor its environment changed."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.runtime: Runtime | None = None
        self.open_devices: set[Claim] = set()


_process = _Process()


def runtime_root(library: VendorLibrary, settings: Settings) -> Path:
    """Return the folder the library takes device headers, linker scripts and firmware from.

    Raises:
        BackendUnavailable: there is none, or it lacks parts.
    """
    root = settings.root or library.root
    if root is None:
        raise BackendUnavailable(
            f"no runtime root was found around {library.path}; set TT_METAL_RUNTIME_ROOT (or ?root=...) to the ttnn "
            "package, to the TT-Metalium tree, or to <prefix>/libexec/tt-metalium"
        )
    missing = [part for part in _ROOT_PARTS if not (root / part).is_dir()]
    if missing:
        raise BackendUnavailable(
            f"the runtime root {root} lacks {', '.join(missing)}; set TT_METAL_RUNTIME_ROOT (or ?root=...) to the ttnn "
            "package, to the TT-Metalium tree, or to <prefix>/libexec/tt-metalium"
        )
    return root


def load(argument: str, settings: Settings, progress: Progress) -> Runtime:
    """Return the library of this process, loading it (and building its shim) first.

    Raises:
        BackendUnavailable: it cannot be found, built or loaded, or it is already loaded with another environment.
    """
    with _process.lock:
        library = find_library(argument)
        root = runtime_root(library, settings)
        environment = settings.environment(root)
        if _process.runtime is not None:
            _require_same(_process.runtime, library, environment)
            return _process.runtime
        shim = build(library, progress)
        _apply(environment)
        _process.runtime = Runtime(library, Shim(library.path, shim), root, environment)
        return _process.runtime


def fits_this_process(argument: str, settings: Settings) -> bool:
    """Whether a device with these settings can be opened in this process."""
    with _process.lock:
        if _process.runtime is None:
            return True
        library = find_library(argument)
        environment = settings.environment(runtime_root(library, settings))
        return not _differences(_process.runtime, library, environment)


def claim(device_id: int) -> Claim:
    """Mark a device as open, in this process or in one that drives it for this one; give the answer back to release.

    Raises:
        BackendUnavailable: it is open already.
    """
    wanted = os.environ.get(VISIBLE_VARIABLE, ""), device_id
    with _process.lock:
        if wanted in _process.open_devices:
            raise BackendUnavailable(
                f"device {device_id} is already open in this process; close it first, or use the Device that you have"
            )
        _process.open_devices.add(wanted)
    return wanted


def release(claimed: Claim) -> None:
    """Mark a device as closed."""
    with _process.lock:
        _process.open_devices.discard(claimed)


def _apply(environment: dict[str, str]) -> None:
    for name in (*FROZEN_VARIABLES, LOG_VARIABLE):
        if name in environment:
            os.environ[name] = environment[name]
        else:
            os.environ.pop(name, None)


def _differences(runtime: Runtime, library: VendorLibrary, environment: dict[str, str]) -> list[str]:
    found = [f"the library {library.path}"] if library.path != runtime.library.path else []
    for name in sorted({*runtime.environment, *environment} - {LOG_VARIABLE}):
        now, then = environment.get(name, ""), runtime.environment.get(name, "")
        if now != then:
            found.append(f"{name}={now or '(unset)'} instead of {then or '(unset)'}")
    return found


def _require_same(runtime: Runtime, library: VendorLibrary, environment: dict[str, str]) -> None:
    differences = _differences(runtime, library, environment)
    if differences:
        raise BackendUnavailable(
            f"this process has loaded libtt_metal.so once and for all; opening a device with {'; '.join(differences)} "
            "needs another process: use metal?isolate=yes"
        )
