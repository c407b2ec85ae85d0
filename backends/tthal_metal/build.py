"""Compiles the shim against the library that was found, and keeps it by content.

The shim is a small library of its own, bound by cffi in ABI mode. The other way, a cffi extension module, needs the
headers of the user's Python and one build per Python version, and it cannot be tried in a child process without being
imported. What ABI mode lacks, a check of struct layouts by the compiler, the shim's own layout table makes up for
(``binding.py``).
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tthal.errors import BackendUnavailable
from tthal.kit.cache import Cache, digest
from tthal_metal.discovery import VendorLibrary, require_usable
from tthal_metal.processes import module_command
from tthal_metal.trial import FOUND, REFUSED

SOURCES = Path(__file__).parent / "csrc"
SHIM = "libtthal_metal.so"
RECORD = "build.json"
_SHIMS = "shims"
_COMPILERS = ("g++", "c++", "clang++")
_FLAGS = ("-std=c++20", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall")
# Every symbol has to be found when the shim is loaded: a library with other classes is refused there (abi.cpp).
_LINK = ("-Wl,-z,defs", "-Wl,-z,now")
_SECONDS = 600

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Compiler:
    """A C++ compiler: its path and the first line of its ``--version``."""

    path: str
    version: str


def find_compiler() -> Compiler:
    """Return the system's C++ compiler: CXX, else g++, c++ or clang++.

    Raises:
        BackendUnavailable: there is none.
    """
    names = [os.environ["CXX"]] if os.environ.get("CXX") else list(_COMPILERS)
    for name in names:
        path = shutil.which(name)
        if path is not None:
            done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return Compiler(path, done.stdout.splitlines()[0] if done.stdout else "")
    raise BackendUnavailable(
        f"no C++ compiler ({', '.join(names)}) to build the shim over libtt_metal.so with; install one that knows "
        "C++20 and uses libstdc++, for instance `apt-get install g++`, or set CXX"
    )


def sources_digest() -> str:
    """The digest of the shim's sources: its identity, also compiled into it."""
    files = sorted(path for path in SOURCES.iterdir() if path.suffix in (".h", ".hpp", ".cpp"))
    return digest(*(part for path in files for part in (path.name, path.read_bytes())))


def metal_cache() -> Cache:
    """Return this user's cache of shims, kernel sources and headers by older names."""
    return Cache.of_user("metal")


def shim_key(library: VendorLibrary, compiler: Compiler) -> str:
    """What a shim depends on."""
    headers = [str(path) for path in library.include_paths]
    return digest(
        sources_digest(), str(library.path), library.build_id, library.version, compiler.path, compiler.version,
        platform.machine(), *_FLAGS, *_LINK, *headers,
    )  # fmt: skip


def find_built(library: VendorLibrary) -> Path | None:
    """Return the shim when it is already built."""
    folder = metal_cache().tree(_SHIMS, shim_key(library, find_compiler()))
    return None if folder is None else folder / SHIM


def build(library: VendorLibrary, progress: Progress = lambda text: None, force: bool = False) -> Path:
    """Return the shim for a library; compile and try it first when it is not there.

    Raises:
        BackendUnavailable: the library is not one that can be used, there is no compiler, it does not compile, or it
            does not work with the library.
    """
    require_usable(library)
    compiler = find_compiler()
    cache, key = metal_cache(), shim_key(library, compiler)
    if force:
        cache.remove(_SHIMS, key)

    def fill(work: Path) -> None:
        progress(f"compiling the shim for libtt_metal.so {library.version or library.build_id[:12]}")
        compile_shim(library, compiler, work / SHIM)
        progress("trying the shim in a process of its own")
        findings = try_shim(library, work / SHIM)
        record = {"library": str(library.path), "compiler": compiler.version, **findings}
        (work / RECORD).write_text(json.dumps(record, indent=1))

    return cache.tree_or_build(_SHIMS, key, fill) / SHIM


def compile_shim(library: VendorLibrary, compiler: Compiler, output: Path) -> None:
    """Compile and link the shim.

    Raises:
        BackendUnavailable: it does not compile; with the compiler's first errors.
    """
    searched = ":".join(str(folder) for folder in library.library_folders)
    command = [compiler.path, *_FLAGS, f'-DTTHAL_SHIM_IDENTITY="{sources_digest()}"', "-o", str(output)]
    if library.include_paths:
        command += ["-DTTHAL_METAL_HEADERS", "-DSPDLOG_FMT_EXTERNAL=1"]
        command += [part for path in library.include_paths for part in ("-isystem", str(path))]
    command += [str(SOURCES / "shim.cpp"), f"-L{library.path.parent}", f"-l:{library.path.name}"]
    command += [f"-Wl,-rpath-link,{searched}", *_LINK]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackendUnavailable(f"{compiler.path} could not compile the shim: {error}") from error
    if done.returncode != 0:
        raise BackendUnavailable(_compile_failure(library, compiler, done.stderr))


def _compile_failure(library: VendorLibrary, compiler: Compiler, stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if "error" in line or "undefined reference" in line][:8]
    shown = "\n".join(f"  {line}" for line in lines or stderr.splitlines()[:8])
    against = f"the headers in {library.include_paths[0]}" if library.include_paths else "tthal's own declarations"
    return (
        f"the shim does not compile for {library.path} against {against} with {compiler.version}:\n{shown}\nUse a "
        "compiler with C++20 (CXX=...), or a release that is known to work: pip install ttnn==0.81.1"
    )


def try_shim(library: VendorLibrary, shim: Path) -> dict[str, object]:
    """Load library and shim in a child process, which may crash, and return what it found.

    Raises:
        BackendUnavailable: it crashed, or it says that library and shim do not fit.
    """
    command = [*module_command("tthal_metal.trial"), str(library.path), str(shim), str(library.root or "")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    found, refused = _after(FOUND, done.stdout), _after(REFUSED, done.stdout)
    if done.returncode == 0 and found:
        findings: dict[str, object] = json.loads(found)
        return findings
    reason = refused or f"the trial ended with {_ending(done.returncode)}"
    detail = [] if refused else done.stderr.strip().splitlines()[-1:]
    raise BackendUnavailable(
        f"{library.path} ({library.version or library.build_id}) does not work with the shim: "
        f"{' '.join([reason, *detail])}. Use a checked release, for instance `pip install ttnn==0.81.1`"
    )


def _after(mark: str, output: str) -> str:
    return next((line[len(mark) :] for line in output.splitlines() if line.startswith(mark)), "")


def _ending(returncode: int) -> str:
    return f"signal {-returncode}" if returncode < 0 else f"exit status {returncode}"
