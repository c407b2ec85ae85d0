"""Whole programs against a trace, in processes of their own: no compiler, no card."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

RunPython = Callable[..., "CompletedProcess[str]"]

PROGRAM = """
import sys
import numpy as np
import tthal as ttnn

SOURCE = "copy these bytes"
with ttnn.open_device() as device:
    config = ttnn.InterleavedBufferConfig(device=device, size=64, page_size=32, buffer_type=ttnn.BufferType.DRAM)
    source, result = ttnn.CreateBuffer(config), ttnn.CreateBuffer(config)
    program = ttnn.CreateProgram()
    core = ttnn.CoreCoord(0, 0)
    kernel = ttnn.CreateKernelFromString(program, SOURCE, core, ttnn.DataMovementConfig())
    extra = [int(word) for word in sys.argv[1:]]
    ttnn.SetRuntimeArgs(program, kernel, core, [source.address(), result.address(), *(extra or [1])])
    ttnn.WriteToBuffer(source, np.arange(64, dtype=np.uint8))
    ttnn.EnqueueProgram(device.command_queue(), program, False)
    print(bytes(ttnn.ReadFromBuffer(result)).hex())
print([name for name in ("wasmtime", "ziglang") if name in sys.modules])
"""

BLOCKED = """
import builtins, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in ('wasmtime', 'ziglang', 'tthal_emulator', 'tthal_metal'):
            raise ImportError(f'{name} is blocked')
sys.meta_path.insert(0, Blocked())
"""


@pytest.fixture
def recorded_program(tmp_path: Path, run_python: RunPython, memory_backend_folder: Path) -> Path:
    """The program, recorded on the toy device into ``run.tttrace`` beside it."""
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "blocked.py").write_text(BLOCKED + PROGRAM)
    env = {"TTHAL_BACKEND": "memory", "TTHAL_RECORD": "run.tttrace"}
    result = run_python("program.py", path=(memory_backend_folder,), env=env, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert bytes.fromhex(result.stdout.split()[0]) == bytes(range(64))
    return tmp_path


def test_a_program_replays_without_compiler_and_card(recorded_program: Path, run_python: RunPython) -> None:
    env = {"TTHAL_BACKEND": "replay:run.tttrace?complete=yes"}
    result = run_python("-W", "error", "blocked.py", env=env, cwd=recorded_program)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == bytes(range(64)).hex() + "\n[]\n"


def test_a_program_with_another_argument_is_caught_where_it_launches(
    recorded_program: Path, run_python: RunPython
) -> None:
    env = {"TTHAL_BACKEND": "replay:run.tttrace"}
    result = run_python("program.py", "2", env=env, cwd=recorded_program)
    assert result.returncode == 1
    assert "runtime argument 2 on core 0-0: recorded 1, got 2" in result.stderr
    assert "recorded calls of its device are left" not in result.stderr


def test_tthal_run_replays(recorded_program: Path, run_python: RunPython) -> None:
    arguments = ("-m", "tthal", "run", "--backend", "replay:run.tttrace", "program.py")
    assert run_python(*arguments, cwd=recorded_program).returncode == 0
    changed = run_python(*arguments, "3", cwd=recorded_program)
    assert changed.returncode == 1
    assert "ReplayMismatch: the program's call is not the recorded one (run.tttrace)" in changed.stderr


def test_a_program_that_ends_early_is_told_even_if_it_closes_nothing(
    recorded_program: Path, run_python: RunPython
) -> None:
    script = (
        "import logging, tthal as ttnn\n"
        "logging.basicConfig()\n"
        "device = ttnn.open_device()\n"
        "config = ttnn.InterleavedBufferConfig(device, 64, 32, ttnn.BufferType.DRAM)\n"
        "buffer = ttnn.CreateBuffer(config)\n"
    )
    env = {"TTHAL_BACKEND": "replay:run.tttrace"}
    result = run_python("-c", script, env=env, cwd=recorded_program)
    assert "the program ended, but" in result.stderr
    assert "recorded calls of its device are left" in result.stderr


def test_devices_never_opened_are_told(tmp_path: Path, run_python: RunPython, memory_backend_folder: Path) -> None:
    script = "import sys, tthal\nfor number in map(int, sys.argv[1:]):\n    tthal.open_device(number).close()\n"
    env = {"TTHAL_BACKEND": "memory", "TTHAL_RECORD": "run.tttrace"}
    assert run_python("-c", script, "0", "1", path=(memory_backend_folder,), env=env, cwd=tmp_path).returncode == 0
    result = run_python("-c", script, "0", env={"TTHAL_BACKEND": "replay:run.tttrace"}, cwd=tmp_path)
    assert "the program never opened devices that the recording opens: [1]" in result.stderr
