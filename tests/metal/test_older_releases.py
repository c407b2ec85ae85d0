"""Older releases, whose classes have other layouts, are refused: by the table, by the linker, by the loader."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.device_interface import (
    BufferSpec,
    CircularBufferFormat,
    CircularBufferImage,
    CircularBufferState,
    DataMovementSettings,
    KernelArguments,
    KernelContent,
    KernelImage,
    LaunchState,
    ProgramImage,
    SemaphoreImage,
    ShardLayout,
)
from tthal.errors import BackendUnavailable
from tthal.types import (
    NOC,
    NOC_MODE,
    BufferType,
    DataFormat,
    DataMovementProcessor,
    KernelBuildOptLevel,
    TensorMemoryLayout,
)
from tthal_metal import build
from tthal_metal.backend import MetalBackend
from tthal_metal.discovery import VendorLibrary, describe

pytestmark = pytest.mark.slow

# Without the checks, a shim made for 0.81.1 crashes on the first, aborts on the second and seems to work on the third.
OLDER = ("0.67.0", "0.72.0", "0.75.0")


@pytest.fixture(scope="module", params=OLDER)
def older(request: pytest.FixtureRequest, unpacked: Callable[..., Path]) -> VendorLibrary:
    wheel = unpacked(request.param, "3.10")
    return describe(wheel / "ttnn/build/lib/libtt_metal.so", "test")


@pytest.fixture(scope="module")
def shim(vendor_library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shim made for the newest checked release."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TTHAL_CACHE_DIR", str(tmp_path_factory.mktemp("shim")))
        return build.build(describe(vendor_library, "test"))


def test_it_is_not_in_the_table(older: VendorLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "compile_shim", lambda *arguments: pytest.fail("it was compiled"))
    with pytest.raises(BackendUnavailable, match=rf"version {older.version}.*pip install ttnn=="):
        build.build(older)


def test_a_shim_does_not_link_against_it(older: VendorLibrary, tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match="undefined reference"):
        build.compile_shim(older, build.find_compiler(), tmp_path / "shim.so")


def test_a_shim_for_another_release_does_not_load_with_it(older: VendorLibrary, shim: Path) -> None:
    with pytest.raises(BackendUnavailable, match="undefined symbol"):
        build.try_shim(older, shim)


PROBE = """
import ctypes, os, sys
ctypes.CDLL(sys.argv[1], mode=ctypes.RTLD_GLOBAL | os.RTLD_LAZY)
shim = ctypes.CDLL(sys.argv[2], mode=os.RTLD_LAZY)
written, expected = ctypes.c_size_t(), ctypes.c_size_t()
status = shim.ttm_probe_cb_config(ctypes.byref(written), ctypes.byref(expected))
print(status, hex(written.value), hex(expected.value), flush=True)
os._exit(0)
"""


def lazy_probe(library: VendorLibrary, folder: Path) -> Path:
    """The part of the shim that has the probe, without what makes the loader refuse a library."""
    sources = folder / "csrc"
    shutil.copytree(build.SOURCES, sources)
    lines = (sources / "abi.cpp").read_text().splitlines(keepends=True)
    kept = [line for line in lines if "ttm_layout_anchor" not in line]
    assert len(kept) == len(lines) - 1
    (sources / "abi.cpp").write_text("".join(kept))
    command = [
        build.find_compiler().path, "-std=c++20", "-O2", "-fPIC", "-shared", "-fvisibility=hidden",
        '-DTTHAL_SHIM_IDENTITY="test"', "-o", str(folder / "probe.so"), str(sources / "abi.cpp"),
        "-Wl,--unresolved-symbols=ignore-all", "-Wl,-z,lazy",
    ]  # fmt: skip
    subprocess.run(command, check=True)
    return folder / "probe.so"


def test_the_probe_tells_class_sizes_apart(older: VendorLibrary, mock_card: Any, tmp_path: Path) -> None:
    """The class grew at 0.75: the probe alone would take that release, which the other checks do not."""
    root = str(older.path.parents[2])
    variables = {**mock_card.environment(), "TT_METAL_RUNTIME_ROOT": root, "TT_METAL_HOME": root}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(older.path), str(lazy_probe(older, tmp_path))],
        env={**os.environ, **variables, "TT_METAL_LOGGER_LEVEL": "off"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    measured = {"0.67.0": "0xe50", "0.72.0": "0xe50", "0.75.0": "0x1150"}[older.version]
    assert done.stdout.split() == ["0", measured, "0x1150"], done.stdout + done.stderr


@pytest.mark.parametrize("version", ["0.79.0", "0.80.0"])
def test_the_other_checked_releases_work(
    version: str, unpacked: Callable[..., Path], make_mock_card: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = make_mock_card(unpacked(version))
    for name, value in card.environment().items():
        monkeypatch.setenv(name, value)
    device = MetalBackend().open(0, "", {"isolate": "yes"}, lambda event: None)
    try:
        assert device.properties.library_versions["libtt_metal"] == version
        assert device.properties.dram_banks[1].noc1 == (9, 10)
        first = device.allocate(BufferSpec(2048, 2048, BufferType.DRAM))
        assert first.address == 1_048_640
        shards = ShardLayout((CoreCoord(0, 0), CoreCoord(1, 0)), (4, 2), (2, 2))
        spec = BufferSpec(16384, 2048, BufferType.L1, TensorMemoryLayout.HEIGHT_SHARDED, shards)
        assert device.allocate(spec).address == device.properties.l1_size - 8192
        everywhere = CoreRangeSet(CoreRange(CoreCoord(0, 0), CoreCoord(1, 1)))
        mover = DataMovementSettings(DataMovementProcessor.RISCV_0, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC)
        content = KernelContent("k", "void kernel_main() {}")
        kernel = KernelImage(
            content, everywhere, KernelBuildOptLevel.O2, mover, runtime_arg_counts=((CoreCoord(0, 0), 1),)
        )
        buffer = CircularBufferImage(everywhere, (CircularBufferFormat(0, DataFormat.Float16_b, (16, 32)),))
        image = ProgramImage((kernel,), (buffer,), (SemaphoreImage(0, everywhere, 5),))
        arguments = KernelArguments(((CoreCoord(0, 0), (1,)),))
        state = LaunchState((arguments,), (CircularBufferState(2048, ((0, 1024),)),))
        device.launch(0, device.load(image), state)
        device.finish(0)
    finally:
        device.close()
