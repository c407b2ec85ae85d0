"""Whether the emulator can run here, and what it found; nothing is compiled or run to find out."""

from __future__ import annotations

from tthal.device_interface import Availability
from tthal.errors import BackendUnavailable

from .board.boards import BOARDS, DEFAULT_BOARD
from .compiler import kernel_cache
from .compiler import probe as probe_toolchain
from .engine import MemoryModel
from .engine.libwasmtime import INSTALL, wasmtime_library


def availability() -> Availability:
    """Look for libwasmtime and the kernel compiler."""
    toolchain = probe_toolchain()
    try:
        library = wasmtime_library()
    except BackendUnavailable as error:
        return Availability(False, str(error), INSTALL)
    if not toolchain.available:
        return Availability(False, toolchain.reason, toolchain.fix)
    return Availability(True, details={"wasmtime": library.version, "compiler": toolchain.version})


def findings() -> list[tuple[str, str]]:
    """Return the rows for ``tthal doctor``."""
    rows = []
    try:
        library = wasmtime_library()
        rows.append(("libwasmtime", f"{library.version} at {library.path}"))
    except BackendUnavailable as error:
        rows.append(("libwasmtime", f"missing: {error}"))
    for name, meaning in (("zig", "kernel compiler"), ("system", "kernel compiler ?toolchain=system")):
        status = probe_toolchain(name)
        found = f"{status.version} at {status.location}"
        rows.append((meaning, found if status.available else f"missing: {status.reason} To get it: {status.fix}"))
    rows.append(("memory protection", MemoryModel.best().value))
    rows.append(("boards", ", ".join(f"{name} (default)" if name == DEFAULT_BOARD else name for name in BOARDS)))
    rows.append(("kernel cache", str(kernel_cache().folder)))
    return rows
