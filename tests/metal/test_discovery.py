"""Finding libtt_metal.so and what belongs to it."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tthal.errors import BackendUnavailable
from tthal_metal import discovery
from tthal_metal.discovery import describe, find_library, require_usable, resolve
from tthal_metal.elf import X86_64, identify
from tthal_metal.versions import CHECKED_RELEASES, CheckedRelease


def elf(build_id: bytes | None, machine: int = X86_64) -> bytes:
    """A 64-bit ELF file with one note segment."""
    note = b"" if build_id is None else struct.pack("<III", 4, len(build_id), 3) + b"GNU\0" + build_id
    other = struct.pack("<III", 6, 3, 7) + b"Other\0\0\0" + b"abc\0"
    notes = other + note
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 3, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 4, 4, 120, 120, 120, len(notes), len(notes), 4)
    return header + segment + notes


def library(path: Path, build_id: str = "abcd") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(elf(bytes.fromhex(build_id)))
    return path


def wheel(site: Path, version: str = "0.50.0", build_id: str = "abcd") -> Path:
    """An installed ttnn package, as far as it is looked at."""
    (site / f"ttnn-{version}.dist-info").mkdir(parents=True)
    (site / f"ttnn-{version}.dist-info/METADATA").write_text(f"Metadata-Version: 2.1\nName: ttnn\nVersion: {version}\n")
    (site / "ttnn/tt_metal/soc_descriptors").mkdir(parents=True)
    (site / "ttnn.libs").mkdir()
    return library(site / "ttnn/build/lib/libtt_metal.so", build_id)


@pytest.fixture(autouse=True)
def _nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TTHAL_METAL_LIBRARY", "TT_METAL_HOME", "TT_METAL_RUNTIME_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(discovery, "_SYSTEM_FOLDERS", (str(tmp_path / "system"),))
    monkeypatch.setattr(discovery, "_site_packages", lambda: iter([tmp_path / "site"]))


def test_the_build_id_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.so"
    path.write_bytes(elf(bytes.fromhex("00ff12"), machine=183))
    assert identify(path).build_id == "00ff12"
    assert identify(path).machine == 183
    path.write_bytes(elf(None))
    assert identify(path).build_id == ""


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"!<arch>\n" * 20, elf(b"1")[:100]])
def test_what_is_no_library_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "libtt_metal.so"
    path.write_bytes(content)
    with pytest.raises(BackendUnavailable, match="is not a shared library"):
        identify(path)


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("", "libtt_metal.so"),
        ("", "build/lib/libtt_metal.so"),
        ("", "ttnn/build/lib/libtt_metal.so"),
        ("", "lib/libtt_metal.so"),
        ("", "lib/python3.12/site-packages/ttnn/build/lib/libtt_metal.so"),
        ("build/lib/libtt_metal.so", "build/lib/libtt_metal.so"),
    ],
)
def test_a_place_may_be_the_file_or_a_folder_around_it(tmp_path: Path, place: str, where: str) -> None:
    path = library(tmp_path / where)
    assert resolve(tmp_path / place) == path.resolve()


def test_nothing_found_names_the_places_and_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable) as caught:
        find_library()
    assert str(tmp_path / "site" / "ttnn") in str(caught.value)
    assert str(tmp_path / "system") in str(caught.value)
    assert "pip install ttnn" in str(caught.value)


def test_the_order_is_argument_variable_home_packages_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library(tmp_path / "system/libtt_metal.so", "01")
    assert find_library().build_id == "01"
    wheel(tmp_path / "site", build_id="02")
    assert find_library().build_id == "02"
    library(tmp_path / "home/build/lib/libtt_metal.so", "03")
    monkeypatch.setenv("TT_METAL_HOME", str(tmp_path / "home"))
    assert find_library().build_id == "03"
    library(tmp_path / "variable/libtt_metal.so", "04")
    monkeypatch.setenv("TTHAL_METAL_LIBRARY", str(tmp_path / "variable"))
    assert find_library().build_id == "04"
    library(tmp_path / "argument/libtt_metal.so", "05")
    found = find_library(str(tmp_path / "argument"))
    assert (found.build_id, found.found_via) == ("05", "the selection's argument")


def test_an_explicit_place_is_the_only_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel(tmp_path / "site")
    monkeypatch.setenv("TTHAL_METAL_LIBRARY", str(tmp_path / "empty"))
    with pytest.raises(BackendUnavailable, match="empty"):
        find_library()


def test_a_wheel_is_described(tmp_path: Path) -> None:
    found = describe(wheel(tmp_path / "site", version="0.75.0"), "test")
    assert (found.version, found.build_id, found.include_paths) == ("0.75.0", "abcd", ())
    assert found.root == tmp_path / "site/ttnn"
    assert found.library_folders == (tmp_path / "site/ttnn/build/lib", tmp_path / "site/ttnn.libs")


def test_a_source_tree_has_its_headers(tmp_path: Path) -> None:
    path = library(tmp_path / "build/lib/libtt_metal.so")
    (tmp_path / "tt_metal/soc_descriptors").mkdir(parents=True)
    (tmp_path / "tt_metal/api/tt-metalium").mkdir(parents=True)
    assert describe(path, "test").include_paths == (), "a wheel ships a few headers in this folder, but not the API"
    (tmp_path / "tt_metal/api/tt-metalium/host_api.hpp").write_text("")
    (tmp_path / ".cpmcache/fmt/abc/include").mkdir(parents=True)
    found = describe(path, "test")
    assert found.root == tmp_path
    assert found.include_paths[0] == tmp_path / "tt_metal/api"
    assert tmp_path / ".cpmcache/fmt/abc/include" in found.include_paths


def test_an_installation_has_its_headers(tmp_path: Path) -> None:
    path = library(tmp_path / "lib/libtt_metal.so")
    (tmp_path / "include/tt-metalium").mkdir(parents=True)
    (tmp_path / "include/metalium-thirdparty").mkdir()
    (tmp_path / "include/tt-metalium/host_api.hpp").write_text("")
    (tmp_path / "libexec/tt-metalium/tt_metal/soc_descriptors").mkdir(parents=True)
    found = describe(path, "test")
    assert found.root == tmp_path / "libexec/tt-metalium"
    assert found.include_paths == (tmp_path / "include", tmp_path / "include/metalium-thirdparty")
    require_usable(found)


@pytest.mark.parametrize("release", CHECKED_RELEASES, ids=lambda release: str(release.version))
def test_checked_releases_need_no_headers(tmp_path: Path, release: CheckedRelease) -> None:
    found = describe(wheel(tmp_path / "site", "9.9.9", release.build_id), "test")
    assert found.version == release.version, "the build id says which release it is"
    require_usable(found)


def test_other_releases_without_headers_are_refused(tmp_path: Path) -> None:
    found = describe(wheel(tmp_path / "site", "0.82.0"), "test")
    with pytest.raises(BackendUnavailable, match=r"version 0\.82\.0.*pip install ttnn=="):
        require_usable(found)
