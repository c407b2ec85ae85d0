"""Finds a C++ compiler for wasm32: the clang inside the ``ziglang`` wheel, or a system clang with wasm-ld."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tthal.errors import BackendUnavailable

INSTALL = "pip install 'ziglang>=0.16'"

# zig's clang is used as a plain driver (`zig clang`): no hidden flags, no zig cache, one process. It then needs to be
# told where the wheel keeps the standard headers, in this order, and how zig configures libc++.
_ZIG_HEADERS = (
    "libcxx/include",
    "libcxxabi/include",
    "include",
    "libc/include/wasm-wasi-musl",
    "libc/include/generic-musl",
    "libc/include/wasm32-wasi-any",
    "libc/include/any-wasi-any",
)
_LIBCXX = {
    "_LIBCPP_ABI_VERSION": "1",
    "_LIBCPP_ABI_NAMESPACE": "__1",
    "_LIBCPP_HAS_THREADS": "0",
    "_LIBCPP_HAS_MUSL_LIBC": "1",
    "_LIBCPP_HAS_VENDOR_AVAILABILITY_ANNOTATIONS": "0",
    "_LIBCPP_HAS_FILESYSTEM": "0",
    "_LIBCPP_HAS_MONOTONIC_CLOCK": "1",
    "_LIBCPP_HAS_TERMINAL": "0",
    "_LIBCPP_HAS_RANDOM_DEVICE": "0",
    "_LIBCPP_HAS_LOCALIZATION": "0",
    "_LIBCPP_HAS_UNICODE": "0",
    "_LIBCPP_HAS_WIDE_CHARACTERS": "1",
    "_LIBCPP_PSTL_BACKEND_SERIAL": "1",
    "_LIBCPP_HARDENING_MODE": "_LIBCPP_HARDENING_MODE_NONE",
    "_LIBCPP_ASSERTION_SEMANTIC_DEFAULT": "_LIBCPP_ASSERTION_SEMANTIC_IGNORE",
}
# What clang and zig call the systems that this may run on. No C library is linked, so musl stands for any.
_HOST_SYSTEMS = {
    "linux": ("unknown-linux-musl", "linux-musl"),
    "darwin": ("apple-macosx13", "macos.13.0"),
    "win32": ("w64-windows-gnu", "windows-gnu"),
}
# For programs that are linked with the system's libraries.
_SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/nix/store")
_SYSROOTS = (
    "/opt/wasi-sdk/share/wasi-sysroot",
    "/usr/share/wasi-sysroot",
    "/usr/local/share/wasi-sysroot",
    "/usr",
)


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A compiler and linker for wasm32.

    Attributes:
        version: enters every cache key.
        clang, linker: commands.
        target: the flags that choose the target and its standard headers.
        headers: the folders of those headers, hidden from diagnostics.
        parts: files and folders that the commands themselves are made of.
        host_compiler, host_linker: commands for shared libraries of this machine, without a standard library.
    """

    name: str
    version: str
    clang: tuple[str, ...]
    linker: tuple[str, ...]
    target: tuple[str, ...]
    headers: tuple[str, ...]
    host_compiler: tuple[str, ...]
    host_linker: tuple[str, ...]
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolchainStatus:
    """What a search for a toolchain found; ``reason`` and ``fix`` say what is missing."""

    name: str
    available: bool
    version: str = ""
    location: str = ""
    reason: str = ""
    fix: str = ""


def find_toolchain(name: str = "zig") -> Toolchain:
    """Find the toolchain called ``"zig"`` or ``"system"``.

    Raises:
        BackendUnavailable: it, or a part of it, is not installed; the message has the command that installs it.
    """
    finders = {"zig": _find_zig, "system": _find_system}
    if name not in finders:
        raise BackendUnavailable(f"there is no toolchain {name!r}; choose one of: {', '.join(finders)}")
    return finders[name]()


def probe(name: str = "zig") -> ToolchainStatus:
    """Say whether a toolchain is usable, without raising."""
    try:
        found = find_toolchain(name)
    except BackendUnavailable as error:
        reason, _, fix = str(error).partition(" Install it with: ")
        return ToolchainStatus(name, False, reason=reason, fix=fix)
    return ToolchainStatus(name, True, found.version, found.clang[0])


def _find_zig() -> Toolchain:
    spec = importlib.util.find_spec("ziglang")
    folder = Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None
    if folder is None:
        raise BackendUnavailable(
            f"the kernel compiler (Python package ziglang) is not installed. Install it with: {INSTALL}"
        )
    zig = folder / ("zig.exe" if os.name == "nt" else "zig")
    missing = [part for part in (zig, *(folder / "lib" / header for header in _ZIG_HEADERS[:3])) if not part.exists()]
    if missing:
        # pip silently picks an empty placeholder distribution where no wheel fits.
        raise BackendUnavailable(
            f"the installed ziglang package is incomplete: {missing[0]} does not exist (no wheel for this platform, or "
            f"a damaged installation). Install it with: {INSTALL}"
        )
    headers = [str(folder / "lib" / header) for header in _ZIG_HEADERS if (folder / "lib" / header).is_dir()]
    target = ["--target=wasm32-unknown-wasip1", "-nostdinc", "-nostdinc++"]
    for header in headers:
        target += ["-isystem", header]
    target += [f"-D{name}={value}" for name, value in _LIBCXX.items()]
    version = importlib.metadata.version("ziglang")
    return Toolchain(
        "zig",
        f"ziglang {version}",
        (str(zig), "clang"),
        (str(zig), "wasm-ld"),
        tuple(target),
        tuple(headers),
        *_zig_for_host(zig, folder / "lib" / "include"),
        (str(folder), *_SYSTEM_LIBRARIES),
    )


def _zig_for_host(zig: Path, headers: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    machine = {"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    clang_system, zig_system = _HOST_SYSTEMS.get(sys.platform, _HOST_SYSTEMS["linux"])
    compiler = (str(zig), "clang", f"--target={machine}-{clang_system}", "-fPIC", "-nostdinc", "-isystem", str(headers))
    return compiler, (str(zig), "cc", "-target", f"{machine}-{zig_system}", "-shared", "-nostdlib")


def _find_system() -> Toolchain:
    clang, linker = _newest("clang"), _newest("wasm-ld")
    if clang is None or linker is None:
        what = "clang" if clang is None else "wasm-ld"
        raise BackendUnavailable(
            f"toolchain 'system': no {what} is on the PATH. Install it with: your distribution's packages clang, lld "
            "and libc++-dev-wasm32, or leave out ?toolchain=system"
        )
    sysroot = next((root for root in _SYSROOTS if (Path(root) / "include/wasm32-wasi").is_dir()), None)
    if sysroot is None:
        raise BackendUnavailable(
            f"toolchain 'system': no wasm32-wasi headers in any of {', '.join(_SYSROOTS)}. Install it with: your "
            "distribution's package libc++-dev-wasm32 (and wasi-libc), or wasi-sdk in /opt/wasi-sdk"
        )
    version = _answer_of(clang, "--version") or "unknown"
    target = ("--target=wasm32-wasi", f"--sysroot={sysroot}", "--no-default-config")
    headers = (f"{sysroot}/include", f"{_answer_of(clang, '-print-resource-dir')}/include")
    host = (clang, "-fPIC", "-shared", "-nostdlib")
    parts = (clang, linker, *_SYSTEM_LIBRARIES)
    return Toolchain("system", version, (clang,), (linker,), target, headers, host[:2], host, parts)


def _answer_of(*command: str) -> str:
    """Return the first line that a program prints."""
    answer = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return answer.stdout.partition("\n")[0]


def _newest(tool: str) -> str | None:
    versions = [f"{tool}-{number}" for number in range(30, 17, -1)]
    return next((path for name in (tool, *versions) if (path := shutil.which(name))), None)
