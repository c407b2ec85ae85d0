"""Finds and opens libwasmtime, after making sure that it is the one whose C layouts are declared here.

The layouts changed between majors (25, 30, 36, 42), so a wrong library would corrupt memory instead of failing.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.metadata
import importlib.util
import re
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tthal.errors import BackendUnavailable
from tthal.kit.cache import Cache, digest

from . import _declarations

SUPPORTED_MAJOR = "50"
INSTALL = f"pip install 'wasmtime=={SUPPORTED_MAJOR}.*'"

# Every structure that crosses the border: our name, the name in wasmtime's own Python binding.
_LAYOUTS = (
    ("wasm_byte_vec_t", "wasm_byte_vec_t"),
    ("wasmtime_instance_t", "wasmtime_instance"),
    ("wasmtime_func_t", "wasmtime_func"),
    ("wasmtime_global_t", "wasmtime_global"),
    ("wasmtime_val_raw_t", "wasmtime_val_raw"),
    ("wasmtime_val_t", "wasmtime_val"),
    ("wasmtime_extern_t", "wasmtime_extern"),
    ("wasmtime_async_continuation_t", "wasmtime_async_continuation_t"),
    ("wasmtime_linear_memory_t", "wasmtime_linear_memory"),
    ("wasmtime_memory_creator_t", "wasmtime_memory_creator"),
    ("wasmtime_stack_memory_t", "wasmtime_stack_memory"),
    ("wasmtime_stack_creator_t", "wasmtime_stack_creator"),
)
_WITH_UNION = ("wasmtime_val_t", "wasmtime_extern_t")
_FUNCTION = re.compile(r"\b(wasm\w+)\(([^()]*)\);")


@dataclass(frozen=True, slots=True)
class Library:
    """The opened library: ``ffi`` declares, ``c`` calls."""

    ffi: Any
    c: Any
    version: str
    path: str


class _Verdict:
    """That an installation of wasmtime was found to have the interface declared here, and where its library lies.

    To import wasmtime's binding costs more than all else of an open; it need not be done again for the same files. What
    the comparison depends on is the key: the binding's text and its place, and what is compared with it.

    Args:
        folder: of the binding.
    """

    _KIND = "wasmtime"
    _FILES = ("_bindings.py", "_ffi.py")

    def __init__(self, version: str, folder: Path) -> None:
        ours = (_declarations.WASMTIME, _declarations.LIBC, repr((_LAYOUTS, _WITH_UNION)))
        self._key = digest(version, str(folder), *ours, *((folder / name).read_bytes() for name in self._FILES))
        self._cache: Cache | None = None
        with suppress(BackendUnavailable):  # without a cache it is found out every time
            self._cache = Cache.of_user("kernels")

    @classmethod
    def of_installation(cls, version: str) -> _Verdict:
        """Look at what is installed, without importing it.

        Raises:
            ImportError, OSError: there is none, or it cannot be read.
        """
        spec = importlib.util.find_spec("wasmtime")
        if spec is None or not spec.submodule_search_locations:
            raise ImportError("No module named 'wasmtime'")
        return cls(version, Path(spec.submodule_search_locations[0]))

    def path(self) -> str:
        """Return where the library lies; empty when nothing is known of it."""
        known = self._cache.get(self._KIND, self._key) if self._cache is not None else None
        path = known.decode() if known is not None else ""
        return path if path and Path(path).is_file() else ""

    def keep(self, path: str) -> None:
        """Remember that the interface is the right one."""
        if self._cache is not None:
            self._cache.put(self._KIND, self._key, path.encode())


_opened: Library | None = None
_lock = threading.Lock()


def wasmtime_library() -> Library:
    """Open libwasmtime once per process.

    Raises:
        BackendUnavailable: it is not installed, of another major, or its layouts differ.
    """
    global _opened
    with _lock:
        if _opened is None:
            _opened = _open()
        return _opened


def _open() -> Library:
    try:
        version = importlib.metadata.version("wasmtime")
        ffi = importlib.import_module("tthal_emulator.engine._interface").ffi
        verdict = _Verdict.of_installation(version)
        path = verdict.path() or _checked_path(ffi, version, verdict)
        return Library(ffi, ffi.dlopen(path), version, path)
    except (ImportError, OSError, RuntimeError) as error:
        raise BackendUnavailable(
            f"the emulator needs the Python packages wasmtime and cffi, but loading them failed: {error}. "
            f"Install them with: {INSTALL} cffi"
        ) from error


def _checked_path(ffi: Any, version: str, verdict: _Verdict) -> str:
    """Return where the library lies, after comparing what is installed with what is declared here."""
    if version.partition(".")[0] != SUPPORTED_MAJOR:
        raise BackendUnavailable(
            f"the emulator is written for wasmtime {SUPPORTED_MAJOR}, but version {version} is installed; "
            f"the C layouts differ between major versions. Install the right one with: {INSTALL}"
        )
    bindings = importlib.import_module("wasmtime._bindings")
    path = str(importlib.import_module("wasmtime._ffi").filename)
    check_layout(ffi, bindings)
    verdict.keep(path)
    return path


def c_library(ffi: Any) -> Any:
    """Return the C library that this process has, for functions that every system's has."""
    return ffi.dlopen("ucrtbase.dll" if sys.platform == "win32" else None)


def check_layout(ffi: Any, bindings: ModuleType) -> None:
    """Compare sizes, offsets and argument counts of our declarations with wasmtime's own binding."""
    differences = [*_layout_differences(ffi, bindings), *_argument_differences(bindings)]
    if differences:
        raise BackendUnavailable(
            "the installed wasmtime does not have the C interface that the emulator was written for: "
            f"{'; '.join(differences)}. Install a matching build with: {INSTALL}"
        )


def _layout_differences(ffi: Any, bindings: ModuleType) -> list[str]:
    found = []
    for ours, theirs in _LAYOUTS:
        structure = getattr(bindings, theirs, None)
        if structure is None:
            found.append(f"{theirs} is missing")
        elif ffi.sizeof(ours) != ctypes.sizeof(structure):
            found.append(f"{theirs} has {ctypes.sizeof(structure)} bytes, expected {ffi.sizeof(ours)}")
        elif ours in _WITH_UNION and structure.of.offset != ffi.offsetof(ours, "of"):
            found.append(f"{theirs}.of lies at {structure.of.offset}, expected {ffi.offsetof(ours, 'of')}")
    return found


def _argument_differences(bindings: ModuleType) -> list[str]:
    found = []
    for name, parameters in _FUNCTION.findall(_declarations.WASMTIME):
        expected = 0 if parameters.strip() == "void" else parameters.count(",") + 1
        function = getattr(bindings, "_" + name, None)
        if function is None:
            found.append(f"{name} is missing")
        elif len(function.argtypes) != expected:
            found.append(f"{name} takes {len(function.argtypes)} arguments, expected {expected}")
    return found
