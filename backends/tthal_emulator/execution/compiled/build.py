"""Builds the compiled part once per toolchain and content, and opens it."""

from __future__ import annotations

import os
import platform
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tthal.errors import BackendUnavailable
from tthal_emulator.compiler import Cache, Toolchain
from tthal_emulator.compiler.cache import digest
from tthal_emulator.compiler.tools import Tools
from tthal_emulator.engine import memory_map as at
from tthal_emulator.engine.libwasmtime import wasmtime_library

from .launch import WORKSPACE_SIZE

FOLDER = Path(__file__).resolve().parent
_INCLUDE = FOLDER.parent.parent / "kernel_side" / "include"
SOURCES = ("launch.cpp", "stacks.cpp", "noc.cpp", "products.cpp", "matmul.cpp")
_HEADERS = ("compiled.h", "products.h", "interface.h")
_SHARED_HEADERS = ("tthal/border/abi.h", "tthal/border/fast_grade.h")
_KIND = "so"
# Out of line, atomics would be calls into a library that is not linked.
_ATOMICS_IN_LINE = ("-mno-outline-atomics",) if platform.machine().lower() in ("aarch64", "arm64") else ()
FLAGS = (
    *_ATOMICS_IN_LINE,
    "-std=gnu++20",
    "-O3",
    "-ffreestanding",
    "-fno-exceptions",
    "-fno-rtti",
    "-fno-stack-protector",
    # The same float results on every host.
    "-ffp-contract=off",
    f"-DTTHAL_BLOCK_BASE=0x{at.PRIVATE_BASE:x}u",
    f"-DTTHAL_BLOCK_SIZE=0x{at.BLOCK_SIZE:x}u",
    f"-DTTHAL_REGISTERS_BASE=0x{at.REGISTERS_BASE:x}u",
    f"-DTTHAL_REGISTERS_SIZE=0x{at.REGISTERS_SIZE:x}u",
    f"-DTTHAL_WORKSPACE_SIZE={WORKSPACE_SIZE}",
    f"-I{_INCLUDE}",
)
_TIMEOUT = 120.0

_opened: dict[str, Any] = {}
_lock = threading.Lock()


def compiled_part(toolchain: Toolchain, cache: Cache) -> Any:
    """Return the opened library, after building it if this is the first use on this machine.

    Raises:
        BackendUnavailable: it cannot be built or opened.
    """
    files = [*(FOLDER / name for name in (*SOURCES, *_HEADERS)), *(_INCLUDE / name for name in _SHARED_HEADERS)]
    texts = [file.read_bytes() for file in files]
    key = digest(toolchain.version, sys.platform, *toolchain.host_compiler, *FLAGS[:-1], *texts)
    with _lock:
        if key not in _opened:
            _opened[key] = _open(_build(toolchain, cache, key))
        return _opened[key]


def _build(toolchain: Toolchain, cache: Cache, key: str) -> Path:
    path = cache.path(_KIND, key)
    if path.exists():
        os.utime(path)  # in use: see Cache.trim
        return path
    tools = Tools(_TIMEOUT)

    def run(command: list[str], folder: Path) -> None:
        answer = tools.run(command, folder)
        if answer.failed:
            raise BackendUnavailable(
                f"the emulator's compiled part cannot be built: {' '.join(command)} says:\n{answer.errors.strip()}"
            )

    def compile_source(source: str, folder: Path) -> str:
        run([*toolchain.host_compiler, *FLAGS, "-c", str(FOLDER / source), "-o", f"{source}.o"], folder)
        return f"{source}.o"

    with cache.scratch() as folder, ThreadPoolExecutor(len(SOURCES)) as pool:
        objects = list(pool.map(lambda source: compile_source(source, folder), SOURCES))
        run([*toolchain.host_linker, *objects, "-o", "part"], folder)
        return cache.adopt(_KIND, key, folder / "part")


def _open(path: Path) -> Any:
    ffi = wasmtime_library().ffi
    try:
        part = ffi.dlopen(str(path))
        found = int(part.tthal_layout())
    except (OSError, AttributeError) as error:
        raise BackendUnavailable(
            f"the emulator's compiled part {path} cannot be opened: {error}. Remove it with: tthal cache clear"
        ) from error
    sizes = [ffi.sizeof(f"tthal_{name}") for name in ("processor", "node", "kernel", "launch")]
    if found != sum(size << 16 * place for place, size in enumerate(sizes)):
        raise BackendUnavailable(f"the emulator's compiled part {path} has another layout than Python expects")
    return part
