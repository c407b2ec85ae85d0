"""What a user may have wrong: each is one readable error, and the process goes on."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tthal.errors import BackendUnavailable, CompileError, TthalError
from tthal_metal.backend import MetalBackend

RunPython = Callable[..., "subprocess.CompletedProcess[str]"]


def nothing(event: object) -> None:
    pass


def open_(**options: str) -> Any:
    return MetalBackend().open(0, "", {"isolate": "yes", **options}, nothing)


def linked_root(mock_card: Any, root: Path, without: str) -> Path:
    """The mock card's runtime root with one folder, two levels down, left out."""
    parent, name = without.split("/")
    root.mkdir()
    for entry in mock_card.root.iterdir():
        if entry.name != parent:
            (root / entry.name).symlink_to(entry)
    (root / parent).mkdir()
    for entry in (mock_card.root / parent).iterdir():
        if entry.name != name:
            (root / parent / entry.name).symlink_to(entry)
    return root


def test_a_root_that_is_none(mock_environment: Any, tmp_path: Path) -> None:
    with pytest.raises(BackendUnavailable, match=r"runtime root .* lacks .*soc_descriptors.*TT_METAL_RUNTIME_ROOT"):
        open_(root=str(tmp_path))


def test_no_kernel_compiler(mock_environment: Any, tmp_path: Path) -> None:
    root = linked_root(mock_environment, tmp_path / "root", "runtime/sfpi")
    with pytest.raises(TthalError, match="sfpi") as caught:
        open_(root=str(root))
    assert "backtrace" not in str(caught.value)


def test_no_firmware_and_no_compiler_for_it(
    mock_environment: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = linked_root(mock_environment, tmp_path / "root", "tt_metal/pre-compiled")
    monkeypatch.setenv("TT_METAL_CACHE", str(tmp_path / "empty"))
    with pytest.raises(CompileError, match="no firmware"):
        open_(root=str(root))


def test_a_mock_description_that_is_not_there(mock_environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TT_METAL_MOCK_CLUSTER_DESC_PATH", "/nonexistent.yaml")
    with pytest.raises(BackendUnavailable, match=r"TT_METAL_MOCK_CLUSTER_DESC_PATH=/nonexistent\.yaml does not exist"):
        open_()


def test_a_simulator_folder_that_holds_none(
    mock_environment: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TT_METAL_MOCK_CLUSTER_DESC_PATH")
    monkeypatch.setenv("TT_METAL_SIMULATOR", str(tmp_path))
    with pytest.raises(BackendUnavailable, match=r"bad file: .*soc_descriptor\.yaml.*TT_METAL_SIMULATOR"):
        open_()


def test_a_simulator_that_does_not_start(
    mock_environment: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator = tmp_path / "simulator"
    simulator.mkdir()
    description = mock_environment.root / "tt_metal/soc_descriptors/wormhole_b0_80_arch.yaml"
    (simulator / "soc_descriptor.yaml").write_text(description.read_text())
    (simulator / "run.sh").write_text("#!/bin/sh\necho the simulator is broken >&2\nexit 3\n")
    (simulator / "run.sh").chmod(0o755)
    monkeypatch.delenv("TT_METAL_MOCK_CLUSTER_DESC_PATH")
    monkeypatch.setenv("TT_METAL_SIMULATOR", str(simulator))
    monkeypatch.setenv("TT_METAL_SLOW_DISPATCH_MODE", "1")
    with pytest.raises(TthalError, match=r"the simulator is broken"):
        open_()


def test_no_card(mock_environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if Path("/dev/tenstorrent").exists():
        pytest.skip("there is a card")
    monkeypatch.delenv("TT_METAL_MOCK_CLUSTER_DESC_PATH")
    availability = MetalBackend().probe()
    assert not availability.available
    assert "no card" in availability.reason
    assert "kernel driver" in availability.fix
    with pytest.raises(BackendUnavailable, match="no card"):
        open_()


def test_a_device_that_is_not_there(mock_environment: Any) -> None:
    with pytest.raises(TthalError, match="open device 7"):
        MetalBackend().open(7, "", {"isolate": "yes"}, nothing)


def test_the_mock_device_is_available(mock_environment: Any) -> None:
    availability = MetalBackend().probe()
    assert availability.available, availability.reason
    assert availability.details["target"] == "mock"


HERE_SCRIPT = """
    import faulthandler, os, signal
    from tthal.errors import BackendUnavailable
    from tthal.device_interface import BufferSpec
    from tthal.types import BufferType
    from tthal_metal.backend import MetalBackend

    def caught():
        return next(line for line in open("/proc/self/status") if line.startswith("SigCgt")).split()[1]

    faulthandler.enable()
    before = caught()
    backend = MetalBackend()
    def open_(**options): return backend.open(0, "", {"isolate": "no", **options}, lambda event: None)
    device = open_()
    mask = (1 << 31) - 1
    assert int(caught(), 16) & mask == int(before, 16) & mask, (before, caught())
    try:
        open_()
    except BackendUnavailable as error:
        print("second:", error)
    try:
        open_(dispatch="slow")
    except BackendUnavailable as error:
        print("other:", error)
    alone = backend.open(0, "", {"dispatch": "slow"}, lambda event: None)
    print("alone:", type(alone).__name__, alone.properties.compute_grid)
    alone.close()
    spec = BufferSpec(2048, 2048, BufferType.DRAM)
    first = device.allocate(spec).address
    device.close()
    device.close()
    for _ in range(2):
        device = open_()
        assert device.allocate(spec).address == first
        device.close()
    left_open = open_()
    left_open.allocate(spec)
    print("reached the end")
"""


def test_in_this_process(mock_environment: Any, run_python: RunPython) -> None:
    """Signal handlers come back, a second opening is refused, other settings get a process of their own."""
    script = textwrap.dedent(HERE_SCRIPT)
    done = run_python("-c", script, env=mock_environment.environment())
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert "already open" in lines["second"]
    assert "TT_METAL_SLOW_DISPATCH_MODE=1 instead of (unset)" in lines["other"]
    assert "isolate=yes" in lines["other"]
    assert lines["alone"] == "IsolatedDevice 8-9"
    assert "reached the end" in done.stdout
    assert "critical" not in done.stdout + done.stderr, "the library logs nothing"


def test_the_frontend_opens_it_by_name(mock_environment: Any, run_python: RunPython) -> None:
    script = textwrap.dedent(
        """
        import tthal as ttnn
        with ttnn.open_device(backend="metal") as device:
            buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 4096, 2048, ttnn.BufferType.DRAM))
            print(device, hex(buffer.address()))
        """
    )
    done = run_python("-c", script, env=mock_environment.environment())
    assert done.returncode == 0, done.stderr
    assert "n150" in done.stdout
    assert "0x100040" in done.stdout


def test_doctor_says_what_was_found(mock_environment: Any, run_python: RunPython) -> None:
    done = run_python("-m", "tthal", "doctor", env={**mock_environment.environment(), "TTHAL_BACKEND": "metal"})
    text = " ".join(done.stdout.split())
    for part in ("libtt_metal.so", "0.81.1", "mock", "runtime root", "riscv-tt-elf-g++", "precompiled", "C++ compiler"):
        assert part in text, f"{part} is not in:\n{done.stdout}"
