"""Building the shim against the vendor's library, and the checks that keep a wrong one from being used."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tthal.errors import BackendUnavailable
from tthal_metal import build
from tthal_metal.binding import Shim, declarations, layout
from tthal_metal.build import Compiler, find_compiler, try_shim
from tthal_metal.discovery import VendorLibrary, describe, find_library


@pytest.fixture
def found(vendor_library: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> VendorLibrary:
    monkeypatch.setenv("TTHAL_CACHE_DIR", str(tmp_path / "cache"))
    return describe(vendor_library, "test")


@pytest.fixture(scope="module")
def built(vendor_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shim for the vendor's library, built for this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TTHAL_CACHE_DIR", str(tmp_path_factory.mktemp("built")))
        return build.build(describe(vendor_library, "test"))


def test_a_built_shim_is_kept_with_what_was_found(built: Path) -> None:
    record = json.loads(built.with_name(build.RECORD).read_text())
    assert record["identity"] == build.sources_digest()
    assert record["circular_buffer_config"] == 0x1150
    assert record["vendor_headers"] is False


def test_building_again_compiles_nothing(found: VendorLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    first = build.build(found, steps.append)
    assert len(steps) == 2
    monkeypatch.setattr(build, "compile_shim", lambda *arguments: pytest.fail("it was compiled again"))
    assert build.build(found, steps.append) == first
    assert build.find_built(found) == first
    assert len(steps) == 2


def test_the_shim_depends_on_compiler_library_and_sources(
    found: VendorLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = find_compiler()
    here = build.shim_key(found, compiler)
    assert build.shim_key(found, Compiler(compiler.path, "another version")) != here
    assert build.shim_key(describe(found.path, "test"), compiler) == here
    monkeypatch.setattr(build, "sources_digest", lambda: "other sources")
    assert build.shim_key(found, compiler) != here


def test_every_struct_is_in_the_layout_table(built: Path, vendor_library: Path) -> None:
    ours = layout(declarations())
    assert ours["ttm_kernel_config.path"] == (0, 8)
    assert ours["ttm_cb_info.indices"][1] == 256
    assert len([name for name in ours if "." not in name]) == 10


def test_no_compiler(found: VendorLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(BackendUnavailable, match=r"no C\+\+ compiler.*apt-get install g\+\+"):
        build.build(found)


def test_a_compiler_that_fails(found: VendorLibrary, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    compiler = tmp_path / "c++"
    compiler.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "old 1.0" && exit 0\n'
        'echo "shim.cpp:1: error: no such feature" >&2\nexit 1\n'
    )
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    with pytest.raises(BackendUnavailable, match="does not compile") as caught:
        build.build(found)
    assert "no such feature" in str(caught.value)
    assert "old 1.0" in str(caught.value)
    assert build.find_built(found) is None, "nothing half-built is left"


def compile_with(library: VendorLibrary, sources: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(build, "SOURCES", sources)
    build.compile_shim(library, find_compiler(), output)
    return output


def edited_sources(tmp_path: Path, file: str, before: str, after: str) -> Path:
    sources = tmp_path / "csrc"
    shutil.copytree(build.SOURCES, sources)
    text = (sources / file).read_text()
    assert before in text
    (sources / file).write_text(text.replace(before, after))
    return sources


def test_a_struct_that_differs_is_found_at_loading(
    found: VendorLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = edited_sources(
        tmp_path, "tthal_metal.h", "    uint64_t size, page_size;\n    int32_t buffer_type;",
        "    uint32_t size, page_size;\n    int32_t buffer_type;",
    )  # fmt: skip
    stale = compile_with(found, sources, tmp_path / "stale.so", monkeypatch)
    with pytest.raises(BackendUnavailable, match="ttm_buffer_config"):
        try_shim(found, stale)


def test_another_class_size_is_found_by_the_trial(
    found: VendorLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = edited_sources(tmp_path, "declarations.hpp", "kExtent = 0x1150", "kExtent = 0x1148")
    wrong = compile_with(found, sources, tmp_path / "wrong.so", monkeypatch)
    with pytest.raises(BackendUnavailable, match=r"CircularBufferConfig has 4432 bytes, the shim expects 4424"):
        try_shim(found, wrong)


def test_a_shim_that_crashes_takes_only_the_trial_along(
    found: VendorLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = edited_sources(
        tmp_path, "abi.cpp", "TTM_API uint32_t ttm_shim_version(void) { return 1; }",
        "TTM_API uint32_t ttm_shim_version(void) { __builtin_trap(); }",
    )  # fmt: skip
    crashing = compile_with(found, sources, tmp_path / "crashing.so", monkeypatch)
    with pytest.raises(BackendUnavailable, match=r"the trial ended with signal 4"):
        try_shim(found, crashing)


def test_an_unknown_library_is_refused_before_anything_is_compiled(
    found: VendorLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = found.path.read_bytes()
    at = data.index(bytes.fromhex(found.build_id))
    other = tmp_path / "libtt_metal.so"
    other.write_bytes(data[:at] + bytes(20) + data[at + 20 :])
    monkeypatch.setattr(build, "compile_shim", lambda *arguments: pytest.fail("it was compiled"))
    with pytest.raises(BackendUnavailable, match=r"only .* were checked without headers"):
        build.build(describe(other, "test"))


HEADER_NAMES = (
    "allocator", "buffer", "circular_buffer_config", "cluster", "distributed", "hal", "mesh_buffer",
    "mesh_command_queue", "mesh_device", "mesh_workload", "program", "tile", "tt_metal",
)  # fmt: skip

# What the vendor's headers have and our declarations do not need, as (after which line, what).
HEADER_ADDITIONS = (
    ("namespace ttsl {", "template <class T> struct SmallVector : std::vector<T> { using std::vector<T>::vector; };"),
    (
        "    explicit Shape(std::span<const uint32_t> values) : ShapeBase(values) {}",
        "    explicit Shape(const ttsl::SmallVector<uint32_t>& v) : ShapeBase(std::span<const uint32_t>(v)) {}",
    ),
    (
        "void EnqueueMeshWorkload(MeshCommandQueue&, MeshWorkload&, bool);",
        "class MeshCommandQueue {\npublic:\n"
        "    virtual void enqueue_write_mesh_buffer(const std::shared_ptr<MeshBuffer>&, const void*, bool) = 0;\n"
        "    virtual void enqueue_read_mesh_buffer(void*, const std::shared_ptr<MeshBuffer>&, bool) = 0;\n};",
    ),
    ("    void add_program(const MeshCoordinateRange&, Program&&);", "    std::map<int, Program>& get_programs();"),
)


def header_tree(home: Path, vendor: Path) -> None:
    """A TT-Metalium tree with the vendor's header names, filled with our declarations: the vendor's are not at hand."""
    text = (build.SOURCES / "declarations.hpp").read_text()
    for after, addition in HEADER_ADDITIONS:
        assert after in text
        text = text.replace(after, f"{after}\n{addition}")
    api = home / "tt_metal/api/tt-metalium"
    api.mkdir(parents=True)
    (home / "tt_metal/soc_descriptors").mkdir()
    (api / "host_api.hpp").write_text(text)
    for name in HEADER_NAMES:
        (api / f"{name}.hpp").write_text("#pragma once\n#include <tt-metalium/host_api.hpp>\n")
    (home / "build/lib").mkdir(parents=True)
    for library in vendor.parent.iterdir():
        shutil.copy2(library, home / "build/lib" / library.name)


def test_a_tree_with_headers_is_built_against_them(
    found: VendorLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header_tree(tmp_path / "home", found.path)
    monkeypatch.setenv("TT_METAL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TTHAL_METAL_LIBRARY", raising=False)
    library = find_library()
    assert library.found_via == "TT_METAL_HOME"
    assert library.include_paths[0] == tmp_path / "home/tt_metal/api"
    monkeypatch.setattr("tthal_metal.discovery.checked_release", lambda build_id: None)
    with_wheel_parts = replace(library, path=found.path)  # its other libraries lie in the wheel
    shim = build.build(with_wheel_parts)
    assert json.loads(shim.with_name(build.RECORD).read_text())["vendor_headers"] is True


def test_the_command_builds_and_says_where(
    run_python: Callable[..., subprocess.CompletedProcess[str]], vendor_wheel: Path, tmp_path: Path
) -> None:
    environment = {"TTHAL_CACHE_DIR": str(tmp_path), "TTHAL_METAL_LIBRARY": str(vendor_wheel)}
    done = run_python("-m", "tthal", "metal", "build", env=environment)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_file()
    done = run_python("-m", "tthal", "metal", "info", env=environment)
    assert "0.81.1" in done.stdout
    assert "runtime root" in done.stdout


def test_loading_what_is_no_library(vendor_library: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.so"
    broken.write_text("no library")
    with pytest.raises(BackendUnavailable, match=r"cannot load .*broken\.so"):
        Shim(broken, broken)
