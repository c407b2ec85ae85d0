"""What is recorded to: blocks, the environment variable, one process per file, complete whenever no device is open."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from tthal_toy_programs import no_events, recording, spec, vector_add

import tthal
from tthal.errors import TraceError, TraceFormatError
from tthal.trace import Trace, current_recording, record

RunPython = Callable[..., "CompletedProcess[str]"]

PROGRAM = """
import tthal as ttnn, sys, os
with ttnn.open_device() as device:
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(
        device=device, size=64, page_size=32, buffer_type=ttnn.BufferType.DRAM))
    ttnn.WriteToBuffer(buffer, bytes(range(64)))
    print(bytes(ttnn.ReadFromBuffer(buffer)) == bytes(range(64)))
"""


def operations(path: Path) -> list[str]:
    """Return the calls of a trace by name."""
    with Trace(path) as trace:
        return [call.op for call in trace.calls()]


def test_a_block_records_the_devices_opened_inside(tmp_path: Path) -> None:
    path = tmp_path / "run.tttrace"
    outside = recording().open(0, "", {}, no_events)
    with tthal.record(path) as current:
        inside = recording().open(1, "", {}, no_events)
        outside.allocate(spec())
        inside.allocate(spec())
        inside.close()
        assert (current.path, current.calls, current.ended) == (path, 3, False)
    assert current.ended
    assert operations(path) == ["open", "allocate", "close"]


def test_a_device_that_outlives_its_block_goes_on_unrecorded(tmp_path: Path) -> None:
    path = tmp_path / "run.tttrace"
    with record(path):
        driver = recording().open(0, "", {}, no_events)
    assert vector_add(driver)
    assert driver.read_dram(0, 0, 4) == bytes(4)
    driver.close()
    driver.close()
    assert operations(path) == ["open"]


def test_a_block_that_raises_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "run.tttrace"

    def interrupted() -> None:
        with record(path):
            recording().open(0, "", {}, no_events)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert operations(path) == ["open"]


def test_blocks_do_not_nest(tmp_path: Path) -> None:
    with record(tmp_path / "a.tttrace"):
        with pytest.raises(TraceError, match=r"a\.tttrace is being recorded already"), record(tmp_path / "b.tttrace"):
            pass
        recording().open(0, "", {}, no_events).close()
    assert not (tmp_path / "b.tttrace").exists()
    assert operations(tmp_path / "a.tttrace") == ["open", "close"]


def test_a_block_without_a_device_warns(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "tthal"), record(tmp_path / "a.tttrace"):
        pass
    assert "a.tttrace holds no call: open the device while recording" in caplog.text


def test_an_existing_trace_is_kept_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "run.tttrace"
    with record(path):
        recording().open(0, "", {}, no_events).close()
    with pytest.raises(TraceError, match="exists"), record(path):
        pass
    with record(path, overwrite=True):
        recording().open(0, "", {}, no_events)
    assert operations(path) == ["open"]


def test_the_trace_can_be_read_while_no_device_is_open(tmp_path: Path) -> None:
    path = tmp_path / "run.tttrace"
    with record(path):
        for number in range(1, 4):
            driver = recording().open(0, "", {}, no_events)
            with pytest.raises(TraceFormatError, match="is still recording"):
                Trace(path)
            driver.close()
            assert operations(path) == ["open", "close"] * number


def test_two_open_devices_keep_the_trace_open(tmp_path: Path) -> None:
    path = tmp_path / "run.tttrace"
    with record(path):
        drivers = [recording().open(number, "", {}, no_events) for number in range(2)]
        drivers[0].close()
        with pytest.raises(TraceFormatError, match="is still recording"):
            Trace(path)
        drivers[1].close()
        with Trace(path) as trace:
            assert [call.device for call in trace.calls()] == [1, 2, 1, 2]


def test_without_a_block_or_variable_nothing_is_recorded() -> None:
    assert current_recording() is None


# ---------------------------------------------------------------------------------------------- whole programs


def test_the_variable_records_a_program(tmp_path: Path, run_python: RunPython, memory_backend_folder: Path) -> None:
    env = {"TTHAL_BACKEND": "memory", "TTHAL_RECORD": "run.tttrace"}
    result = run_python("-c", PROGRAM, path=(memory_backend_folder,), env=env, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "True\n"), result.stderr
    with Trace(tmp_path / "run.tttrace") as trace:
        assert trace.manifest.devices[0].selection == "memory"
        assert {"open", "allocate", "write", "read", "finish", "close"} <= trace.manifest.counts.keys()


def test_the_process_id_makes_a_name_of_its_own(
    tmp_path: Path, run_python: RunPython, memory_backend_folder: Path
) -> None:
    env = {"TTHAL_BACKEND": "memory", "TTHAL_RECORD": "run-{pid}.tttrace"}
    for _ in range(2):
        assert run_python("-c", PROGRAM, path=(memory_backend_folder,), env=env, cwd=tmp_path).returncode == 0
    traces = list(tmp_path.glob("run-*.tttrace"))
    assert len(traces) == 2
    assert all(re.fullmatch(r"run-\d+\.tttrace", path.name) for path in traces)


def test_a_second_run_does_not_replace_the_first(
    tmp_path: Path, run_python: RunPython, memory_backend_folder: Path
) -> None:
    env = {"TTHAL_BACKEND": "memory", "TTHAL_RECORD": "run.tttrace"}
    run_python("-c", PROGRAM, path=(memory_backend_folder,), env=env, cwd=tmp_path)
    before = (tmp_path / "run.tttrace").read_bytes()
    second = run_python("-c", PROGRAM, path=(memory_backend_folder,), env=env, cwd=tmp_path)
    assert second.returncode == 1
    assert "run.tttrace exists" in second.stderr
    assert "TTHAL_RECORD" in second.stderr
    assert (tmp_path / "run.tttrace").read_bytes() == before


def test_a_child_process_is_told_that_its_parent_records(
    tmp_path: Path, run_python: RunPython, memory_backend_folder: Path
) -> None:
    parent = PROGRAM + (
        "    import subprocess\n"
        "    child = subprocess.run([sys.executable, '-c', 'import tthal; tthal.open_device()'], capture_output=True)\n"
        "    sys.stderr.write(child.stderr.decode() + f'parent {os.getpid()}')\n"
    )
    env = {"TTHAL_BACKEND": "memory", "TTHAL_RECORD": "run.tttrace"}
    result = run_python("-c", parent, path=(memory_backend_folder,), env=env, cwd=tmp_path)
    recorder = re.search(r"TraceError: process (\d+) is recording run.tttrace right now", result.stderr)
    assert recorder, result.stderr
    assert f"parent {recorder[1]}" in result.stderr
    assert operations(tmp_path / "run.tttrace")[-1] == "close"


def test_a_device_that_is_never_closed_is_recorded_to_the_end(
    tmp_path: Path, run_python: RunPython, memory_backend_folder: Path
) -> None:
    script = "import tthal\ndevice = tthal.open_device()\ndevice.read_l1(tthal.CoreCoord(0, 0), 0, 4)\n"
    env = {"TTHAL_BACKEND": "memory", "TTHAL_RECORD": "run.tttrace"}
    result = run_python("-c", script, path=(memory_backend_folder,), env=env, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "read_l1" in operations(tmp_path / "run.tttrace")


def test_tthal_run_records(tmp_path: Path, run_python: RunPython, memory_backend_folder: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    arguments = ("-m", "tthal", "run", "--backend", "memory", "--record", "run.tttrace", "program.py")
    result = run_python(*arguments, path=(memory_backend_folder,), cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "True\n"), result.stderr
    with Trace(tmp_path / "run.tttrace") as trace:
        assert trace.manifest.program == "program.py"


def test_with_plugins_off_a_block_warns(tmp_path: Path, run_python: RunPython, memory_backend_folder: Path) -> None:
    script = (
        "import tthal, logging\nlogging.basicConfig()\n"
        "with tthal.record('run.tttrace'):\n    tthal.open_device().close()\n"
    )
    env = {"TTHAL_BACKEND": "memory", "TTHAL_PLUGINS": "off"}
    result = run_python("-c", script, path=(memory_backend_folder,), env=env, cwd=tmp_path)
    assert "run.tttrace holds no call" in result.stderr
