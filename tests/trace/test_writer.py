"""Writing: each blob once, complete after every call, resumed after sealing, one process per file."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tthal.errors import TraceError
from tthal.kit.error_codec import RecordedError
from tthal.trace.reader import Trace
from tthal.trace.repair import repair
from tthal.trace.schema import LIMITS, Finish, Free, Header, Open, ReadData
from tthal.trace.writer import TraceWriter

RunPython = Callable[..., "CompletedProcess[str]"]


def new(path: Path, **options: bool) -> TraceWriter:
    return TraceWriter(path, Header(tthal="test", pid=os.getpid()), **options)


def refused(number: int = 0) -> Open:
    """A call that may stand anywhere: a device that did not open."""
    error = RecordedError(kind="DeviceError", message="no device")
    return Open(device=1, n=number, device_id=0, backend="toy", selection="toy", error=error)


def test_a_blob_is_stored_once(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    writer = new(path)
    digests = [writer.data(b"x" * 1000), writer.data(memoryview(b"x" * 1000)), writer.data(b"y")]
    writer.close()
    assert digests == [hashlib.sha256(data).hexdigest() for data in (b"x" * 1000, b"x" * 1000, b"y")]
    with zipfile.ZipFile(path) as archive:
        blobs = [name for name in archive.namelist() if name.startswith("blobs/")]
    assert sorted(blobs) == sorted({f"blobs/{digest}" for digest in digests})
    assert path.read_bytes().count(b"x" * 1000) == 1


def test_empty_data_and_arrays_of_any_shape_are_bytes(tmp_path: Path) -> None:
    np = pytest.importorskip("numpy")
    writer = new(tmp_path / "a.tttrace")
    assert writer.data(b"") == hashlib.sha256(b"").hexdigest()
    assert writer.data(memoryview(np.empty((0, 4), np.float32))) == hashlib.sha256(b"").hexdigest()
    square = np.arange(16, dtype=np.uint32).reshape(4, 4)
    assert writer.data(memoryview(square)) == hashlib.sha256(square.tobytes()).hexdigest()
    writer.close()


def test_every_prefix_of_the_file_holds_all_calls_that_were_complete(tmp_path: Path) -> None:
    path, cut = tmp_path / "a.tttrace", tmp_path / "cut.tttrace"
    writer = new(path)
    complete = [(path.stat().st_size, 0)]
    for number in range(1, 6):
        writer.data(bytes([number]) * 50)
        writer.append(refused())
        complete.append((path.stat().st_size, number))
    writer.close()
    whole = path.read_bytes()
    for length in range(complete[0][0], len(whole)):
        cut.unlink(missing_ok=True)
        cut.write_bytes(whole[:length])
        expected = max(number for size, number in complete if size <= length)
        assert repair(cut).calls == expected, length
        with Trace(cut) as trace:
            assert [call.n for call in trace.calls()] == list(range(1, expected + 1))


def test_a_sealed_file_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    writer = new(path)
    writer.append(refused())
    writer.seal()
    with Trace(path) as trace:
        assert trace.manifest.calls == 1
    writer.data(b"more")
    writer.append(refused())
    assert repair_copy(path, tmp_path) == 2
    writer.seal()
    writer.seal()
    with Trace(path) as trace:
        assert [call.n for call in trace.calls()] == [1, 2]
        assert len(list(trace.blob_names())) == 1
    writer.close()
    writer.close()


def repair_copy(path: Path, folder: Path) -> int:
    copy = folder / "copy.tttrace"
    copy.write_bytes(path.read_bytes())
    return repair(copy).calls


def test_numbers_must_increase(tmp_path: Path) -> None:
    writer = new(tmp_path / "a.tttrace")
    writer.append(refused(7))
    assert writer.append(refused()).n == 8
    with pytest.raises(TraceError, match="call 8 follows call 8"):
        writer.append(refused(8))
    writer.close()


def test_a_record_too_long_for_a_reader_is_not_written(tmp_path: Path) -> None:
    writer = new(tmp_path / "a.tttrace")
    reads = tuple(ReadData(number, "0" * 64) for number in range(LIMITS.record // 80))
    with pytest.raises(TraceError, match="more than the"):
        writer.append(Finish(device=1, queue=0, reads=reads))
    writer.append(refused())
    writer.close()
    with Trace(writer.path) as trace:
        assert trace.manifest.calls == 1


def test_a_closed_writer_says_so(tmp_path: Path) -> None:
    writer = new(tmp_path / "a.tttrace")
    writer.close()
    with pytest.raises(TraceError, match="is closed"):
        writer.append(refused())


def test_an_existing_file_is_never_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    path.write_bytes(b"precious")
    with pytest.raises(TraceError, match=r"exists, and a recording replaces nothing by itself.*overwrite=True"):
        new(path)
    assert path.read_bytes() == b"precious"
    new(path, overwrite=True).close()
    with Trace(path) as trace:
        assert trace.manifest.calls == 0


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=re.escape(os.strerror(errno.ENOENT))):
        new(tmp_path / "missing" / "a.tttrace")


@pytest.mark.skipif(sys.platform == "win32", reason="locks and forks of POSIX")
class TestProcesses:
    """Two processes never write one file."""

    def test_a_file_being_written_names_its_process(self, tmp_path: Path, run_python: RunPython) -> None:
        path = tmp_path / "a.tttrace"
        writer = new(path)
        script = (
            "import sys; from pathlib import Path; from tthal.trace.writer import TraceWriter\n"
            "from tthal.trace.schema import Header\n"
            "TraceWriter(Path(sys.argv[1]), Header(), overwrite=True)\n"
        )
        result = run_python("-c", script, str(path))
        writer.append(refused())
        writer.close()
        assert f"process {os.getpid()} is recording {path} right now" in result.stderr
        assert "{pid}" in result.stderr
        with Trace(path) as trace:
            assert trace.manifest.calls == 1

    def test_a_forked_child_neither_writes_nor_seals(self, tmp_path: Path, run_python: RunPython) -> None:
        script = (
            "import os, sys; from pathlib import Path; from tthal.trace.writer import TraceWriter\n"
            "from tthal.trace.schema import Header, Free\n"
            "from tthal.errors import TraceError\n"
            "writer = TraceWriter(Path(sys.argv[1]), Header(pid=os.getpid()))\n"
            "writer.append(Free(device=1, allocation=1))\n"
            "child = os.fork()\n"
            "if child == 0:\n"
            "    try:\n"
            "        writer.append(Free(device=1, allocation=2))\n"
            "    except TraceError as error:\n"
            "        print('refused:', error, flush=True)\n"
            "    writer.close()\n"
            "    os._exit(0)\n"
            "os.waitpid(child, 0)\n"
            "writer.append(Free(device=1, allocation=3))\n"
            "writer.close()\n"
        )
        path = tmp_path / "a.tttrace"
        result = run_python("-c", script, str(path))
        assert result.returncode == 0, result.stderr
        assert re.search(r"refused: process \d+ is a fork of process \d+", result.stdout)
        with Trace(path) as trace:
            assert [call.allocation for call in trace.calls() if isinstance(call, Free)] == [1, 3]

    def test_a_full_disk_keeps_the_complete_calls(self, tmp_path: Path, run_python: RunPython) -> None:
        script = (
            "import resource, signal, sys; from pathlib import Path; from tthal.trace.writer import TraceWriter\n"
            "from tthal.trace.schema import Header, Open\n"
            "from tthal.kit.error_codec import RecordedError\n"
            "from tthal.errors import TraceError\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
            "writer = TraceWriter(Path(sys.argv[1]), Header())\n"
            "try:\n"
            "    for number in range(100):\n"
            "        writer.data(bytes([number]) * 100_000)\n"
            "        error = RecordedError(kind='DeviceError', message='no device')\n"
            "        writer.append(Open(device=1, device_id=0, backend='toy', selection='toy', error=error))\n"
            "except TraceError as error:\n"
            "    print(error)\n"
        )
        path = tmp_path / "a.tttrace"
        result = run_python("-c", script, str(path))
        assert result.returncode == 0, result.stderr
        assert re.search(r"cannot write the trace .*: File too large; it holds the first 10 calls", result.stdout)
        assert repair(path).calls == 10

    def test_memory_does_not_grow_with_the_trace(self, tmp_path: Path, run_python: RunPython) -> None:
        script = (
            "import resource, sys; from pathlib import Path; from tthal.trace.writer import TraceWriter\n"
            "from tthal.trace.schema import Header, Free\n"
            "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "writer = TraceWriter(Path(sys.argv[1]), Header())\n"
            "def step(number):\n"
            "    writer.data(number.to_bytes(4, 'little') * (1 << 12))\n"
            "    writer.append(Free(device=1, allocation=number))\n"
            "for number in range(500): step(number)\n"
            "early = peak()\n"
            "for number in range(500, 8000): step(number)\n"
            "writer.close()\n"
            "print(peak() - early)\n"
        )
        path = tmp_path / "a.tttrace"
        result = run_python("-c", script, str(path))
        assert result.returncode == 0, result.stderr
        assert path.stat().st_size > 120 << 20
        assert int(result.stdout) < 12_000


def test_opening_records_make_the_manifest(tmp_path: Path) -> None:
    from tthal_memory import PROPERTIES

    writer = new(tmp_path / "a.tttrace")
    for device in (1, 2):
        call = Open(device=device, device_id=0, backend="memory", selection="memory?seed=3", options={"seed": "3"})
        writer.append(call, PROPERTIES)
    writer.close()
    with Trace(writer.path) as trace:
        (configuration,) = trace.manifest.devices
    assert (configuration.opens, configuration.selection, configuration.options) == (2, "memory?seed=3", {"seed": "3"})
    assert configuration.properties == PROPERTIES
