"""Builds the compiled parts once per toolchain and content, and opens them.

There are two: what every launch needs; and what multiplies tiles, which takes longer to build. That one is built when
the first kernel that multiplies is loaded, for the vectors of the processor it runs on.
"""

from __future__ import annotations

import ctypes
import platform
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tthal.errors import BackendUnavailable
from tthal.kit.cache import Cache, digest
from tthal.kit.observer_header import INCLUDE_FOLDER as LISTENER_INCLUDE
from tthal_emulator.compiler import Toolchain
from tthal_emulator.compiler.tools import Tools, usable_cpus
from tthal_emulator.engine import memory_map as at
from tthal_emulator.engine.libwasmtime import wasmtime_library

from .launch import WORKSPACE_SIZE

FOLDER = Path(__file__).resolve().parent
_INCLUDE = FOLDER.parent.parent / "kernel_side" / "include"
_SHARED = tuple(_INCLUDE / "tthal" / folder for folder in ("border", "exact", "fpu"))
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
    # Where indirect jumps are foreseen badly, as on some rented machines, a table costs more than a few comparisons.
    "-fno-jump-tables",
    # Functions with wide vectors are never called from outside.
    "-Wno-psabi",
    # The same float results on every host.
    "-ffp-contract=off",
    f"-DTTHAL_BLOCK_BASE=0x{at.PRIVATE_BASE:x}u",
    f"-DTTHAL_BLOCK_SIZE=0x{at.BLOCK_SIZE:x}u",
    f"-DTTHAL_MONITOR_SIZE=0x{at.MONITOR_SIZE:x}u",
    f"-DTTHAL_REGISTERS_BASE=0x{at.REGISTERS_BASE:x}u",
    f"-DTTHAL_REGISTERS_SIZE=0x{at.REGISTERS_SIZE:x}u",
    f"-DTTHAL_WORKSPACE_SIZE={WORKSPACE_SIZE}",
)
_FIRST = ("-O2", "-fno-vectorize", "-fno-slp-vectorize")
"""Of the part that the first use on a machine waits for: it is built sooner; there are no loops for the vectoriser."""
_AVX2 = ("-mavx2", "-mfma")
VECTOR_FLAGS = ((), _AVX2, (*_AVX2, "-mavx512f", "-mavx512dq", "-mavx512vl", "-mavx512bw"))
"""By what `tthal_vector_form` finds; the results are the same."""
_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class _Part:
    """What one library is made of: all sources of some folders; it has ``symbol``.

    Attributes:
        include: the folder that its sources are compiled with.
        headers: folders whose headers they may include; these enter the key.
    """

    folders: tuple[Path, ...]
    symbol: str
    flags: tuple[str, ...]
    include: Path
    headers: tuple[Path, ...]

    @property
    def sources(self) -> list[Path]:
        """The files to compile."""
        return [source for folder in self.folders for source in sorted(folder.glob("*.cpp"))]

    def key(self, toolchain: Toolchain) -> str:
        """Name everything that the library depends on."""
        headers = [header for folder in self.headers for header in sorted(folder.rglob("*.h"))]
        texts = [file.read_bytes() for file in (*self.sources, *headers)]
        return digest(toolchain.version, sys.platform, *toolchain.host_compiler, *self.flags, *texts)


def _own_part(folder: Path, symbol: str, flags: tuple[str, ...] = ()) -> _Part:
    return _Part((folder,), symbol, (*FLAGS, *flags), _INCLUDE, (FOLDER, *_SHARED))


def _listening_part(sources: Path | tuple[Path, ...]) -> _Part:
    folders = (sources,) if isinstance(sources, Path) else sources
    return _Part(folders, "", FLAGS, LISTENER_INCLUDE, (*folders, LISTENER_INCLUDE))


_opened: dict[str, Any] = {}
_lock = threading.Lock()


def compiled_part(toolchain: Toolchain, cache: Cache, beside: Callable[[], object] | None = None) -> Any:
    """Return the opened library that launches need, after building it if this is the first use on this machine.

    Args:
        beside: begun while the library is built, if it has to be: what a first launch needs as well. Nobody waits for
            it here; who needs it does, and does it again where it failed.

    Raises:
        BackendUnavailable: it cannot be built or opened.
    """
    part = _opened_library(_own_part(FOLDER, "tthal_layout", _FIRST), toolchain, cache, beside)
    ffi = wasmtime_library().ffi
    sizes = [ffi.sizeof(f"tthal_{name}") for name in ("processor", "node", "kernel", "launch")]
    if int(part.tthal_layout()) != sum(size << 16 * place for place, size in enumerate(sizes)):
        raise BackendUnavailable("the emulator's compiled part has another layout than Python expects")
    return part


def multiplying_part(part: Any, toolchain: Toolchain, cache: Cache) -> Any:
    """Return the opened library that multiplies tiles; ``part`` is the one that launches need.

    Raises:
        BackendUnavailable: it cannot be built or opened.
    """
    return _opened_library(
        _own_part(FOLDER / "multiply", "tthal_multiply", VECTOR_FLAGS[int(part.tthal_vector_form())]), toolchain, cache
    )


def build_multiplying_part(form: int, toolchain: Toolchain, cache: Cache) -> Path:
    """Build the library that multiplies tiles for some vectors, an index of `VECTOR_FLAGS`; return where it lies."""
    part = _own_part(FOLDER / "multiply", "tthal_multiply", VECTOR_FLAGS[form])
    key = part.key(toolchain)
    return cache.find(_KIND, key) or _build(part, toolchain, cache, key)


def listening_part(sources: Path | tuple[Path, ...], toolchain: Toolchain, cache: Cache) -> Callable[[str], int]:
    """Build what an observer listens with, and return what finds the addresses of its functions.

    Raises:
        BackendUnavailable: it cannot be built or opened.
    """
    part = _listening_part(sources)
    key = part.key(toolchain)
    path = cache.find(_KIND, key) or _build(part, toolchain, cache, key)
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise _cannot_open(path, error) from error

    def address_of(name: str) -> int:
        return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0

    return address_of


def _opened_library(part: _Part, toolchain: Toolchain, cache: Cache, beside: Callable[[], object] | None = None) -> Any:
    key = part.key(toolchain)
    with _lock:
        if key not in _opened:
            _opened[key] = _open_or_build(part, toolchain, cache, key, beside)
        return _opened[key]


def _open_or_build(
    part: _Part, toolchain: Toolchain, cache: Cache, key: str, beside: Callable[[], object] | None
) -> Any:
    found = cache.find(_KIND, key)
    if found is not None:
        try:
            return _open(found, part.symbol)
        except BackendUnavailable:
            cache.remove(_KIND, key)  # it is what was stored, but that is of no use here: one more attempt
    if beside is not None:
        ahead = ThreadPoolExecutor(1, "tthal-ahead")
        ahead.submit(beside)
        ahead.shutdown(wait=False)
    return _open(_build(part, toolchain, cache, key), part.symbol)


def _build(part: _Part, toolchain: Toolchain, cache: Cache, key: str) -> Path:
    tools = Tools(_TIMEOUT)

    def run(command: list[str], folder: Path) -> None:
        answer = tools.run(command, folder)
        if answer.failed:
            raise BackendUnavailable(
                f"the emulator's compiled part cannot be built: {' '.join(command)} says:\n{answer.errors.strip()}"
            )

    def compile_unit(number: int, sources: Sequence[Path], folder: Path) -> str:
        unit, made = folder / f"unit{number}.cpp", f"unit{number}.o"
        unit.write_text("".join(f'#include "{source.as_posix()}"\n' for source in sources), encoding="utf-8")
        run([*toolchain.host_compiler, *part.flags, f"-I{part.include}", "-c", str(unit), "-o", made], folder)
        return made

    units = _units(part.sources, usable_cpus())
    with cache.scratch() as folder, ThreadPoolExecutor(len(units)) as pool:
        objects = list(pool.map(lambda number: compile_unit(number, units[number], folder), range(len(units))))
        run([*toolchain.host_linker, *objects, "-o", "part"], folder)
        return cache.adopt(_KIND, key, folder / "part")


def _units(sources: Sequence[Path], most: int) -> list[list[Path]]:
    """Deal sources out to about equally large units: to start the compiler and read headers is half of a small one."""
    units: list[list[Path]] = [[] for _ in range(min(most, len(sources)))]
    sizes = {source: source.stat().st_size for source in sources}
    for source in sorted(sources, key=sizes.__getitem__, reverse=True):
        min(units, key=lambda unit: sum(map(sizes.__getitem__, unit))).append(source)
    return units


def _open(path: Path, symbol: str) -> Any:
    try:
        part = wasmtime_library().ffi.dlopen(str(path))
        getattr(part, symbol)
    except (OSError, AttributeError) as error:
        raise _cannot_open(path, error) from error
    return part


def _cannot_open(path: Path, error: Exception) -> BackendUnavailable:
    return BackendUnavailable(f"the emulator's compiled part {path} cannot be opened: {error}")
