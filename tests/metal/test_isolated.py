"""A device in a process of its own: what happens when that process, or what it waits for, does not go on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.device_interface import (
    BufferSpec,
    DataMovementSettings,
    DeviceDriver,
    KernelContent,
    KernelImage,
    ProgramImage,
)
from tthal.errors import (
    BackendUnavailable,
    CompileError,
    DeviceError,
    Diagnostic,
    InvalidArgument,
    KernelError,
    SourceLocation,
    TthalError,
)
from tthal.types import NOC, NOC_MODE, BufferType, DataMovementProcessor, KernelBuildOptLevel
from tthal_metal import runtime, wire
from tthal_metal.isolated import IsolatedDevice
from tthal_metal.processes import children, is_gone
from tthal_metal.settings import Target

SPEC = BufferSpec(2048, 2048, BufferType.DRAM)
MOVER = DataMovementSettings(DataMovementProcessor.RISCV_0, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC)


def slow_program(seconds: int) -> ProgramImage:
    """A program that the stand-in compiler takes long for."""
    source = f"#pragma sleep {seconds}\n// {time.monotonic_ns()}\nvoid kernel_main() {{}}\n"
    where = CoreRangeSet(CoreCoord(0, 0))
    return ProgramImage((KernelImage(KernelContent("k", source), where, KernelBuildOptLevel.O2, data_movement=MOVER),))


def worker(device: Any) -> int:
    pid: int = device._process.pid
    return pid


def test_a_killed_process_is_one_error_and_then_the_same(open_mock: Callable[..., DeviceDriver]) -> None:
    device = open_mock()
    allocation = device.allocate(SPEC)
    os.kill(worker(device), signal.SIGKILL)
    with pytest.raises(DeviceError, match=r"device 0 is lost: the process that drives it was ended by SIGKILL"):
        device.allocate(SPEC)
    with pytest.raises(DeviceError, match=r"^device 0 is lost: the process[^\n]*; open it again$"):
        device.finish(0)
    device.free(allocation)
    device.close()
    device.close()
    again = open_mock()
    assert again.allocate(SPEC).address == allocation.address


def test_a_card_is_opened_once_however_it_is_driven(
    open_mock: Callable[..., DeviceDriver], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mock device of one process is another one's; with a card it is the same."""
    assert open_mock() is not open_mock(), "mock devices"
    monkeypatch.setattr("tthal_metal.backend.target", lambda: Target.CARD)
    first = open_mock()
    with pytest.raises(BackendUnavailable, match="device 0 is already open in this process"):
        open_mock()
    os.kill(worker(first), signal.SIGKILL)
    with pytest.raises(DeviceError, match="is lost"):
        first.finish(0)
    second = open_mock()
    first.close()
    with pytest.raises(BackendUnavailable, match="already open"):
        open_mock()
    second.close()
    with pytest.raises(TthalError, match="lacks"):
        open_mock(root="/nonexistent")
    open_mock()
    monkeypatch.setenv("TT_METAL_VISIBLE_DEVICES", "1")
    claimed = runtime.claim(0)
    runtime.release(claimed)


def test_a_call_may_take_only_so_long(open_mock: Callable[..., DeviceDriver]) -> None:
    device = open_mock(timeout="1")
    pid = worker(device)
    with pytest.raises(DeviceError, match=r"load took longer than 1 s"):
        device.load(slow_program(30))
    assert is_gone(pid)


def test_a_simulator_that_dies_is_noticed(open_mock: Callable[..., DeviceDriver]) -> None:
    device: Any = open_mock()
    # The mock device has no simulator: any process can stand for one.
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    device._simulators = [pid]
    with pytest.raises(DeviceError, match=rf"its simulator \(process {pid}\) died during load"):
        device.load(slow_program(30))
    os.waitpid(pid, 0)


def test_an_interrupt_ends_the_other_process(open_mock: Callable[..., DeviceDriver]) -> None:
    device = open_mock()
    pid = worker(device)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.7)
    try:
        with pytest.raises(KeyboardInterrupt):
            device.load(slow_program(30))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert is_gone(pid)
    with pytest.raises(DeviceError, match="load was interrupted"):
        device.allocate(SPEC)


def test_closing_ends_the_other_process(open_mock: Callable[..., DeviceDriver]) -> None:
    device = open_mock()
    pid = worker(device)
    device.close()
    deadline = time.monotonic() + 20
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert is_gone(pid)
    with pytest.raises(DeviceError):
        device.allocate(SPEC)


ABANDONED = """
import os, signal, sys
from tthal_metal.backend import MetalBackend
from tests_program import slow_program
device = MetalBackend().open(0, "", {"isolate": "yes"}, lambda event: None)
print(device._process.pid, flush=True)
device.load(slow_program)
"""


def test_a_killed_program_leaves_nothing_behind(mock_card: Any, tmp_path: Path) -> None:
    """The other process hangs in a call just then, as with a simulator that waits for ever."""
    module = tmp_path / "tests_program.py"
    source = (
        "from tthal.coordinates import CoreCoord, CoreRangeSet\n"
        "from tthal.device_interface import DataMovementSettings, KernelContent, KernelImage, ProgramImage\n"
        "from tthal.types import NOC, NOC_MODE, DataMovementProcessor, KernelBuildOptLevel\n"
        "mover = DataMovementSettings(DataMovementProcessor.RISCV_0, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC)\n"
        "content = KernelContent('k', '#pragma sleep 60\\n// abandoned\\nvoid kernel_main() {}\\n')\n"
        "where = CoreRangeSet(CoreCoord(0, 0))\n"
        "slow_program = ProgramImage((KernelImage(content, where, KernelBuildOptLevel.O2, data_movement=mover),))\n"
    )
    module.write_text(source)
    paths = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, **mock_card.environment(), "PYTHONPATH": paths}
    program = subprocess.Popen([sys.executable, "-c", ABANDONED], env=environment, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    pid = int(program.stdout.readline())
    time.sleep(0.5)
    program.kill()
    program.wait()
    deadline = time.monotonic() + 20
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert is_gone(pid)


def test_an_error_of_the_opening_comes_back(mock_card: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in mock_card.environment().items():
        monkeypatch.setenv(name, value)
    with pytest.raises(TthalError, match="lacks tt_metal/soc_descriptors"):
        IsolatedDevice(0, "", {"root": str(tmp_path)}, 0, lambda event: None)


def test_children_are_seen() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    assert pid in children(os.getpid())
    deadline = time.monotonic() + 20
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert is_gone(pid), "ended, though nobody waited for it"
    os.waitpid(pid, 0)
    assert pid not in children(os.getpid())
    assert is_gone(pid)


# ------------------------------------------------------------------------------------------ the talk itself


def test_frames_carry_heads_and_bulk_data() -> None:
    left, right = socket.socketpair()
    with left, right:
        wire.send(left, wire.Request("write", wire.encode((1, 2))), b"x" * 100_000)
        head, bulk = wire.receive(right)
        assert b"write" in head
        assert bulk == b"x" * 100_000
        left.close()
        with pytest.raises(wire.Disconnected):
            wire.receive(right)


def test_garbage_is_no_frame() -> None:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(b"\xff" * 64)
        with pytest.raises(wire.Disconnected, match="no frame"):
            wire.receive(right)


def test_errors_keep_their_class_and_diagnostics() -> None:
    diagnostic = Diagnostic("k", "error", "no", SourceLocation("k.cpp", 3, 4))
    back = wire.decode_error(wire.encode_error(CompileError("rejected", [diagnostic])))
    assert isinstance(back, CompileError)
    assert (str(back), back.diagnostics) == ("rejected", (diagnostic,))
    assert type(wire.decode_error(wire.encode_error(InvalidArgument("bad")))) is InvalidArgument
    trapped = KernelError("trap", core=(1, 2), processor="BRISC", kernel="k", location=SourceLocation("k.cpp", 3))
    again = wire.decode_error(wire.encode_error(trapped))
    assert isinstance(again, KernelError)
    assert (str(again), again.core, again.processor, again.kernel) == ("trap", (1, 2), "BRISC", "k")
    assert (again.file, again.line) == ("k.cpp", 3)
