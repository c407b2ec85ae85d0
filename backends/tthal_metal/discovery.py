"""Finds libtt_metal.so, and what belongs to it: version, runtime root, headers."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tthal.errors import BackendUnavailable
from tthal_metal.elf import identify
from tthal_metal.versions import checked_release

LIBRARY = "libtt_metal.so"
VARIABLE = "TTHAL_METAL_LIBRARY"

# Where the library lies below what a user may name: a library folder, a ttnn package, an unpacked wheel or
# site-packages, a TT-Metalium source tree, the prefix of an installed one, a virtual environment.
_BELOW = (
    LIBRARY,
    f"build/lib/{LIBRARY}",
    f"ttnn/build/lib/{LIBRARY}",
    f"build_Release/lib/{LIBRARY}",
    f"lib/{LIBRARY}",
    f"lib64/{LIBRARY}",
    f"lib/x86_64-linux-gnu/{LIBRARY}",
    f"lib/python3*/site-packages/ttnn/build/lib/{LIBRARY}",
)
_SYSTEM_FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib", "/opt/tenstorrent/lib")
_ROOT_MARK = "tt_metal/soc_descriptors"
_HEADER_MARK = "tt-metalium/host_api.hpp"

GET_IT = (
    "install it with `pip install ttnn` into any Python 3.10 or 3.12 environment, build TT-Metalium and set "
    f"TT_METAL_HOME, or set {VARIABLE} to where it is (docs/cards.md)"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where the library may be, and why it was looked at."""

    place: Path
    found_via: str


@dataclass(frozen=True, slots=True)
class VendorLibrary:
    """A libtt_metal.so; ``include_paths`` is empty when it came without its headers."""

    path: Path
    found_via: str
    version: str
    build_id: str
    root: Path | None
    include_paths: tuple[Path, ...] = ()

    @property
    def library_folders(self) -> tuple[Path, ...]:
        """Where the libraries it needs lie: beside it, and in the wheel's ``ttnn.libs``."""
        wheel = self.path.parent.parent.parent.parent / "ttnn.libs"
        return (self.path.parent, *([wheel] if wheel.is_dir() else []))


def find_library(argument: str = "") -> VendorLibrary:
    """Return the first library found; an explicit place (argument, then environment) is the only one looked at.

    Raises:
        BackendUnavailable: there is none, or the explicit place holds none.
    """
    searched: list[str] = []
    for candidate in candidates(argument):
        path = resolve(candidate.place)
        if path is not None:
            return describe(path, candidate.found_via)
        searched.append(f"{candidate.place} ({candidate.found_via})")
    places = "\n".join(f"  {place}" for place in dict.fromkeys(searched))
    raise BackendUnavailable(f"{LIBRARY} was not found; looked at\n{places}\nTo get it: {GET_IT}")


def candidates(argument: str = "") -> Iterator[Candidate]:
    """Walk the places to look at, in order."""
    explicit = [(argument, "the selection's argument"), (os.environ.get(VARIABLE, ""), VARIABLE)]
    for place, why in explicit:
        if place:
            yield Candidate(Path(place).expanduser(), why)
            return
    if os.environ.get("TT_METAL_HOME"):
        yield Candidate(Path(os.environ["TT_METAL_HOME"]), "TT_METAL_HOME")
    for site in _site_packages():
        yield Candidate(site / "ttnn", f"a ttnn package in {site}")
    for folder in _SYSTEM_FOLDERS:
        yield Candidate(Path(folder), "a system folder")


def resolve(place: Path) -> Path | None:
    """Return the library that a place means: the file itself, or one below the folder."""
    if place.is_file():
        return place.resolve()
    for pattern in _BELOW:
        found = sorted(place.glob(pattern)) if "*" in pattern else [place / pattern]
        for path in found:
            if path.is_file():
                return path.resolve()
    return None


def describe(path: Path, found_via: str) -> VendorLibrary:
    """Read a library's identity and look for what belongs to it.

    Raises:
        BackendUnavailable: the file is no shared library.
    """
    identity = identify(path)
    root = _runtime_root(path)
    release = checked_release(identity.build_id)
    version = release.version if release else _version(path, root)
    return VendorLibrary(path, found_via, version, identity.build_id, root, _include_paths(path, root))


def _site_packages() -> Iterator[Path]:
    """This interpreter's folders, then those of every Python on PATH and of the user, without starting any."""
    yield from dict.fromkeys(Path(entry) for entry in sys.path if entry.endswith("-packages"))
    prefixes = [Path(sysconfig.get_paths()["data"]), Path.home() / ".local", Path("/usr"), Path("/usr/local")]
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        try:
            pythons = list(Path(folder).glob("python3*")) if folder else []
        except OSError:
            continue
        prefixes += [python.parent.parent for python in pythons]
    seen = set(sys.path)
    for prefix in dict.fromkeys(prefixes):
        for site in sorted(prefix.glob("lib/python3*/*-packages")):
            if str(site) not in seen:
                seen.add(str(site))
                yield site


def _ancestors(path: Path) -> Iterator[Path]:
    yield from list(path.parents)[:5]


def _runtime_root(path: Path) -> Path | None:
    """The folder with the device headers, linker scripts and firmware that the library compiles kernels with."""
    for folder in _ancestors(path):
        for root in (folder, folder / "libexec/tt-metalium"):
            if (root / _ROOT_MARK).is_dir():
                return root
    return None


def _version(path: Path, root: Path | None) -> str:
    """What the package or the installation says; "" when nothing does."""
    for folder in _ancestors(path):
        for metadata in folder.glob("ttnn-*.dist-info/METADATA"):
            found = re.search(r"^Version: (\S+)", metadata.read_text(errors="replace"), re.MULTILINE)
            if found:
                return found.group(1)
        for config in folder.glob("**/cmake/tt-metalium/*ConfigVersion.cmake") if (folder / "cmake").is_dir() else ():
            found = re.search(r'PACKAGE_VERSION "([^"]+)"', config.read_text(errors="replace"))
            if found:
                return found.group(1)
    text = root / "VERSION" if root else None
    return text.read_text(errors="replace").strip() if text is not None and text.is_file() else ""


def _include_paths(path: Path, root: Path | None) -> tuple[Path, ...]:
    """The vendor's host headers, with what they include themselves; a wheel has none."""
    for folder in _ancestors(path):
        if (folder / "include" / _HEADER_MARK).is_file():
            return _existing(folder / "include", folder / "include/metalium-thirdparty")
    if root is None or not (root / "tt_metal/api" / _HEADER_MARK).is_file():
        return ()
    umd = root / "tt_metal/third_party/umd"
    cached = root / ".cpmcache"
    packages = [*sorted(cached.glob("*/*/include")), *sorted(cached.glob("*/*/single_include"))]
    return _existing(
        root / "tt_metal/api", root / "tt_metal/hostdevcommon/api", root / "tt_stl", root / "tt_metal", root,
        umd / "device/api", umd, *packages,
    )  # fmt: skip


def _existing(*folders: Path) -> tuple[Path, ...]:
    return tuple(folder for folder in folders if folder.is_dir())


def require_usable(library: VendorLibrary) -> None:
    """Check that the shim may be built against a library.

    Raises:
        BackendUnavailable: it comes without headers and is not a checked release.
    """
    if library.include_paths or checked_release(library.build_id):
        return
    from tthal_metal.versions import CHECKED_RELEASES

    known = ", ".join(release.version for release in CHECKED_RELEASES)
    what = f"version {library.version}" if library.version else f"build id {library.build_id or 'none'}"
    raise BackendUnavailable(
        f"{library.path} ({what}) comes without its headers, and only {known} were checked without headers: class "
        f"layouts differ between releases, and a wrong one would crash. Install one of these, for instance "
        f"`pip install ttnn=={CHECKED_RELEASES[-1].version}`, or build TT-Metalium and set TT_METAL_HOME"
    )
