"""Verify, repair, info and extract on sound, interrupted and odd traces."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tthal_memory import MemoryBackend
from tthal_toy_programs import (
    PAGE,
    image,
    no_events,
    record_vector_add,
    recording,
    spec,
    vector_add,
    words,
)

from tthal.device_interface import Header as UserHeader
from tthal.device_interface import KernelContent, LaunchState
from tthal.errors import TraceError, TraceFormatError
from tthal.trace import Trace, record
from tthal.trace.extract import extract, safe_name, safe_path
from tthal.trace.hermetic import foreign_includes, is_portable
from tthal.trace.info import collect
from tthal.trace.repair import repair
from tthal.trace.schema import Open
from tthal.trace.verify import verify

# ---------------------------------------------------------------------------------------------- verify


def test_sound_traces_verify(recorded: Path, toured: Path) -> None:
    for path in (recorded, toured):
        with Trace(path) as trace:
            verdict = verify(trace)
            assert (verdict.problems, verdict.remarks) == ([], [])
            assert verdict.calls == trace.manifest.calls
            assert verdict.blobs == len(list(trace.blob_names()))


def test_verifying_reports_progress_to_the_end(recorded: Path) -> None:
    steps: list[tuple[int, int]] = []
    with Trace(recorded) as trace:
        verify(trace, lambda done, total: steps.append((done, total)))
    assert [done for done, _ in steps] == list(range(1, len(steps) + 1))
    assert steps[-1][0] == steps[-1][1]


# ---------------------------------------------------------------------------------------------- repair


@pytest.fixture
def interrupted(tmp_path: Path) -> Path:
    """A recording as a killed process leaves it: 9 complete calls and the beginning of another entry."""
    live, path = tmp_path / "live.tttrace", tmp_path / "killed.tttrace"
    with record(live):
        driver = recording().open(0, "", {}, no_events)
        buffer = driver.allocate(spec())
        for seed in range(7):
            driver.write(0, buffer, words(seed))
        shutil.copy(live, path)
        driver.close()
    with path.open("ab") as file:
        file.write(live.read_bytes()[path.stat().st_size :][:20])
    return path


def test_an_interrupted_recording_says_how_to_repair_it(interrupted: Path) -> None:
    with pytest.raises(TraceFormatError, match=rf"was interrupted .*`tthal trace repair {interrupted}` recovers it"):
        Trace(interrupted)


def test_repairing_recovers_the_complete_calls_in_place(interrupted: Path) -> None:
    done = repair(interrupted)
    assert (done.calls, done.dropped, done.damage, done.was_complete) == (9, 20, "", False)
    with Trace(interrupted) as trace:
        assert verify(trace).problems == []
        assert trace.manifest.repaired
        assert [call.op for call in trace.calls()] == ["open", "allocate"] + ["write"] * 7
        assert trace.manifest.devices[0].properties.board == "toy"
    assert repair(interrupted).was_complete


def test_repairing_into_another_file_leaves_the_first_alone(interrupted: Path, tmp_path: Path) -> None:
    before = interrupted.read_bytes()
    done = repair(interrupted, tmp_path / "out.tttrace")
    assert interrupted.read_bytes() == before
    with Trace(done.path) as trace:
        assert trace.manifest.calls == 9
    with pytest.raises(TraceError, match="exists"):
        repair(interrupted, done.path)


def test_damage_inside_is_repaired_only_into_another_file(interrupted: Path, tmp_path: Path) -> None:
    content = bytearray(interrupted.read_bytes())
    position = content.index(bytes(words(3)))
    content[position + 100] ^= 1
    interrupted.write_bytes(content)
    with pytest.raises(TraceError, match=r"is damaged after call 5: .*; name another file with --output"):
        repair(interrupted)
    assert interrupted.read_bytes() == bytes(content)
    done = repair(interrupted, tmp_path / "out.tttrace")
    assert done.calls == 5
    assert "damaged" in done.damage


def test_a_finished_trace_that_was_cut_off_is_recovered_too(recorded: Path) -> None:
    whole = recorded.read_bytes()
    recorded.write_bytes(whole[: whole.index(b"calls.jsonl") + 30])
    assert repair(recorded).calls == 14
    with Trace(recorded) as trace:
        assert verify(trace).problems == []


def test_a_recording_under_way_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "live.tttrace"
    with record(path):
        driver = recording().open(0, "", {}, no_events)
        with pytest.raises(TraceError, match=r"process \d+ is still recording"):
            repair(path)
        with pytest.raises(TraceFormatError, match=r"process \d+ is still recording this trace"):
            Trace(path)
        driver.close()


def test_what_is_no_recording_cannot_be_repaired(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("hello")
    with pytest.raises(TraceFormatError, match="does not begin like a recording"):
        repair(path)
    assert path.read_text() == "hello"


# ---------------------------------------------------------------------------------------------- info


def test_info_counts_and_names(recorded: Path) -> None:
    with Trace(recorded) as trace:
        info = collect(trace)
    (program,) = info.programs.values()
    assert (info.written, info.read, info.blobs) == (4 * PAGE, 2 * PAGE, 6)
    assert (program.launches, program.image) == (1, image())
    assert info.operations["allocate"] == 3
    assert info.hermetic
    assert info.device_headers == []
    assert info.failures == []


def test_info_lists_failures(toured: Path) -> None:
    with Trace(toured) as trace:
        info = collect(trace)
    kinds = [text.split(": ")[1] for text in info.failures]
    assert kinds == ["OutOfMemory", "CompileError", "KernelError", "DeadlockError", "PlacementError", "SelectionError"]
    assert info.manifest.failures == 6


def test_the_devices_headers_are_named_and_files_of_the_machine_make_a_trace_dependent(tmp_path: Path) -> None:
    content = KernelContent(
        "k",
        'copy\n#include "mine.h"\n#include <cstdint>\n  # include "/home/me/secret.h"\n',
        (UserHeader("mine.h", '#include "../up.h"\n#include "mine.h"\n'),),
    )
    assert list(foreign_includes(content)) == ["cstdint", "/home/me/secret.h", "../up.h"]
    assert is_portable("api/dataflow/dataflow_api.h")
    assert not any(map(is_portable, ("/usr/x.h", "C:/x.h", "\\\\host\\x.h", "a/../../x.h")))


def test_a_trace_that_needs_a_file_of_its_machine_is_not_hermetic(tmp_path: Path) -> None:
    path = tmp_path / "a.tttrace"
    with record(path):
        driver = recording().open(0, "", {}, no_events)
        driver.load(image(text='#include "/home/me/secret.h"\n#include "api/known.h"\n'))
        driver.close()
    with Trace(path) as trace:
        info = collect(trace)
    assert not info.hermetic
    assert info.missing == ["kernel add_kernel includes /home/me/secret.h, a file of the recording machine"]
    assert info.device_headers == ["api/known.h"]


# ---------------------------------------------------------------------------------------------- extract


def test_kernels_headers_and_data_become_files(recorded: Path, tmp_path: Path) -> None:
    with Trace(recorded) as trace:
        done = extract(trace, tmp_path / "out")
    assert (done.kernels, done.states, done.data) == (1, 1, 3)
    home = tmp_path / "out" / "kernels" / image().fingerprint[:12] / "0-add_kernel"
    assert (home / "add.cpp").read_text() == image().kernels[0].content.source
    assert (home / "include" / "toy.h").read_text() == "// toy\n"
    settings = json.loads((home / "settings.json").read_text())
    assert (settings["opt_level"], settings["runs_on"]) == (1, "RISCV_0 NOC_0")
    assert (tmp_path / "out" / "data" / "000005-write-buffer1.bin").read_bytes() == bytes(words(1))
    assert (tmp_path / "out" / "data" / "000009-read.bin").stat().st_size == 2 * PAGE


def test_extracting_into_a_folder_in_use_is_refused(recorded: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("precious")
    with Trace(recorded) as trace, pytest.raises(TraceError, match="not empty"):
        extract(trace, tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("lib/math.h", "lib/math.h"),
        ("../../../etc/passwd", "up/up/up/etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\x.h", "up/up/x.h"),
        ("C:\\x.h", "C_/x.h"),
        ("./a/./b.h", "a/b.h"),
        ("a\0b\n.h", "a_b_.h"),
        ("", "_"),
        ("...", "_"),
    ],
)
def test_names_from_a_trace_stay_inside_the_folder(name: str, path: str) -> None:
    assert safe_path(name) == path
    assert safe_name("../..") == "_"


def test_hostile_header_names_are_written_inside(tmp_path: Path) -> None:
    from dataclasses import replace

    kernel = image().kernels[0]
    content = replace(
        kernel.content,
        name="../../name",
        source_name="/abs/../kernel.cpp",
        headers=(UserHeader("../../../escape.h", "x"), UserHeader("a", "file"), UserHeader("a/b", "below a file")),
    )
    path = tmp_path / "a.tttrace"
    with record(path):
        driver = recording().open(0, "", {}, no_events)
        driver.load(replace(image(), kernels=(replace(kernel, content=content),)))
        driver.close()
    with Trace(path) as trace, pytest.raises(TraceError, match="cannot write"):
        extract(trace, tmp_path / "deep" / "out")
    written = {each for each in tmp_path.rglob("*") if each.is_file()}
    outside = {each for each in written if tmp_path / "deep" / "out" not in each.parents}
    assert outside == {path}
    assert any(each.name == "escape.h" for each in written)


# ---------------------------------------------------------------------------------------------- reading


def test_blobs_and_calls_may_be_read_side_by_side(recorded: Path) -> None:
    with Trace(recorded) as trace:
        digests = [name for name in trace.blob_names() if trace.size_of(name) == 2 * PAGE]
        streams = [trace.stream(name) for name in digests]
        calls = trace.calls()
        read = [next(stream) for stream in streams]
        assert next(calls).op == "open"
        assert sorted(map(len, read)) == [2 * PAGE] * 3
        assert [list(stream) for stream in streams] == [[], [], []]
        assert len(list(calls)) == 13


def test_a_blob_is_read_only_into_its_own_size(recorded: Path) -> None:
    with Trace(recorded) as trace:
        digest = next(name for name in trace.blob_names() if trace.size_of(name) == 2 * PAGE)
        with pytest.raises(TraceFormatError, match="has 4096 bytes, the buffer read has 5"):
            trace.read_into(digest, memoryview(bytearray(5)))
        with pytest.raises(TraceFormatError, match="is missing"):
            trace.data("0" * 64)


def test_no_absolute_path_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "run.tttrace"
    record_vector_add(path)
    with Trace(path) as trace:
        texts = [trace.path.read_bytes(), *map(trace.data, trace.blob_names())]
        (opened,) = (call for call in trace.calls() if isinstance(call, Open))
    assert not any(str(tmp_path).encode() in text for text in texts)
    assert opened.selection == "memory"


def test_a_second_program_in_one_recording_shares_blobs(tmp_path: Path) -> None:
    path = tmp_path / "run.tttrace"
    with record(path):
        for _ in range(3):
            driver = recording(MemoryBackend()).open(0, "", {}, no_events)
            vector_add(driver)
            driver.close()
    with Trace(path) as trace:
        assert len(list(trace.blob_names())) == 6
        assert trace.manifest.devices[0].opens == 3


def test_the_launch_state_of_a_failed_launch_is_not_held_against_the_trace(tmp_path: Path) -> None:
    path = tmp_path / "run.tttrace"
    with record(path):
        driver = recording().open(0, "", {}, no_events)
        loaded = driver.load(image())
        with pytest.raises(Exception, match="does not fit"):
            driver.launch(0, loaded, LaunchState())
        driver.close()
    with Trace(path) as trace:
        assert verify(trace).ok
