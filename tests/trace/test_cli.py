"""``tthal trace``: what it prints, its exit statuses, its complaints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tthal_toy_programs import no_events, record_vector_add, recording, vector_add

from tthal.cli.root import tthal
from tthal.trace import Trace, record


def run(*arguments: object) -> Result:
    """Run ``tthal trace`` with arguments."""
    return CliRunner().invoke(tthal, ["trace", *map(str, arguments)])


@pytest.fixture
def memory_installed(memory_backend_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory backend, selectable by name."""
    monkeypatch.syspath_prepend(str(memory_backend_folder))


def test_info_is_one_screen_that_says_what_ran_and_where(recorded: Path) -> None:
    result = run("info", recorded)
    assert result.exit_code == 0
    assert len(result.output.splitlines()) < 25
    for text in (
        "tttrace 1.1",
        "hermetic",
        "yes",
        "14: 3 allocate",
        "8.0 KiB written, 4.0 KiB read",
        "toy (wormhole_b0)",
    ):
        assert text in result.output
    assert "add_kernel  RISCV_0 NOC_0  1" in result.output


def test_info_as_json(toured: Path) -> None:
    found = json.loads(run("info", "--json", toured).output)
    assert (found["hermetic"], found["manifest"]["calls"], len(found["failures"])) == (True, 56, 6)
    assert {program["kernels"][0] for program in found["programs"]} >= {"add_kernel", "xor_kernel"}


def test_dump_prints_a_line_per_call_and_its_details(recorded: Path) -> None:
    lines = run("dump", recorded).output.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("    ") and line[5].isdigit()] == [
        str(number) for number in range(1, 15)
    ]
    assert "     8 d1 launch(queue=0, program=" in run("dump", recorded, "--calls", "8").output
    assert len(run("dump", recorded, "--calls", "8-9").output.splitlines()) == 2


def test_dump_as_json_spells_programs_and_states_out(recorded: Path) -> None:
    calls = [json.loads(line) for line in run("dump", "--json", recorded).output.splitlines()]
    assert [call["n"] for call in calls] == list(range(1, 15))
    assert calls[0]["device_properties"]["board"] == "toy"
    assert calls[6]["image"]["kernels"][0]["content"]["source"].startswith("add")
    assert calls[7]["launch_state"]["kernels"][0]["per_core"] == [[{"x": 0, "y": 0}, [4096, 8192, 12288]]]


def test_dump_shows_failures(toured: Path) -> None:
    assert "-> KernelError: an illegal access" in run("dump", toured).output


def test_diff_exits_0_for_equal_and_1_for_different_traces(recorded: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.tttrace"
    with record(other):
        driver = recording().open(0, "", {"skew": "1"}, no_events)
        vector_add(driver)
        driver.close()
    same = run("diff", recorded, recorded)
    assert (same.exit_code, same.output) == (0, "the traces are the same\n")
    different = run("diff", recorded, other)
    assert different.exit_code == 1
    assert "data of read 9 / 9, page 0, element 0: A 15808 (0x3dc0), B 15809 (0x3dc1)" in different.output
    limited = run("diff", recorded, other, "--limit", "1")
    assert "stopped after 1 differences" in limited.output
    assert run("diff", recorded, other, "--ignore", "dta").exit_code == 1


def test_trim_writes_a_trace(recorded: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.tttrace"
    result = run("trim", recorded, "-o", output, "--calls", "9")
    assert result.exit_code == 0
    assert f"{output}: 14 of 14 calls (1 chosen, the others they depend on)" in result.output
    with Trace(output) as trace:
        assert trace.manifest.calls == 14
    assert run("trim", recorded, "-o", output, "--calls", "9").exit_code == 1
    assert run("trim", recorded, "-o", output, "--program", "add_kernel", "--force").exit_code == 0
    assert "nothing is chosen" in run("trim", recorded, "-o", tmp_path / "x.tttrace").output


def test_verify_exits_1_when_something_is_wrong(recorded: Path, toured: Path) -> None:
    sound = run("verify", toured)
    assert sound.exit_code == 0
    assert "sound (56 calls, " in sound.output
    content = bytearray(recorded.read_bytes())
    content[content.index(b"blobs/") + 2000] ^= 1
    recorded.write_bytes(content)
    damaged = run("verify", recorded)
    assert damaged.exit_code == 1
    assert "problem: " in damaged.output
    assert "damaged (14 calls" in damaged.output


def test_repair_says_what_it_did(recorded: Path, tmp_path: Path) -> None:
    assert "is complete (14 calls); nothing to repair" in run("repair", recorded).output
    recorded.write_bytes(recorded.read_bytes()[:-100])
    refused = run("info", recorded)
    assert refused.exit_code == 1
    assert "tthal trace repair" in refused.output
    copied = run("repair", recorded, "-o", tmp_path / "copy.tttrace")
    assert "recovered 14 calls, dropped" in copied.output
    assert run("info", tmp_path / "copy.tttrace").exit_code == 0
    assert "recovered 14 calls" in run("repair", recorded).output
    assert "repaired" in run("info", recorded).output


def test_extract_writes_files(recorded: Path, tmp_path: Path) -> None:
    result = run("extract", recorded, tmp_path / "out")
    assert "wrote 1 kernels, 1 launch states, 3 buffer contents" in result.output
    assert run("extract", recorded, tmp_path / "out").exit_code == 1
    assert run("extract", recorded, tmp_path / "kernels", "--no-data").exit_code == 0
    assert not (tmp_path / "kernels" / "data").exists()


@pytest.mark.usefixtures("memory_installed")
def test_replay_on_a_backend_prints_a_table_and_exits_by_the_result(recorded: Path) -> None:
    same = run("replay", recorded, "--on", "memory")
    assert same.exit_code == 0
    assert "9     buffer 3  4096   UInt16  equal" in same.output
    assert "14 calls, 1 of 1 reads agree (exact), 4.0 KiB compared" in same.output
    other = run("replay", recorded, "--on", "memory?skew=1")
    assert other.exit_code == 1
    assert "page 0, element 0: recorded 15808 (0x3dc0), got 15809 (0x3dc1)" in other.output
    assert run("replay", recorded, "--on", "memory?skew=1", "--compare", "tolerance=1").exit_code == 0
    assert run("replay", recorded, "--on", "memory?skew=1", "--compare", "tolerance=0.5,0").exit_code == 1


@pytest.mark.usefixtures("memory_installed")
def test_replay_takes_the_recorded_options_on_the_same_backend(tmp_path: Path) -> None:
    path = tmp_path / "skewed.tttrace"
    record_vector_add(path, options={"skew": "5"})
    assert run("replay", path, "--on", "memory").exit_code == 0
    assert run("replay", path, "--on", "memory?skew=0").exit_code == 1


@pytest.mark.usefixtures("memory_installed")
def test_replay_refuses_another_layout_and_unknown_things(recorded: Path) -> None:
    refused = run("replay", recorded, "--on", "memory:other")
    assert refused.exit_code == 1
    assert "board: trace 'toy', device 'other'" in refused.output
    assert "Did you mean 'memory'" in run("replay", recorded, "--on", "memroy").output
    assert "has no option 'skwe'" in run("replay", recorded, "--on", "memory?skwe=1").output
    for compare in ("nearly", "tolerance=x", "tolerance=1,2,3", "tolerance=-1", "tolerance=inf"):
        assert run("replay", recorded, "--on", "memory", "--compare", compare).exit_code == 2
    assert "Did you mean 'Float16_b'" in run("replay", recorded, "--on", "memory", "--format", "float16_b").output


def test_every_tool_refuses_what_is_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("hello")
    for arguments in (
        ("info", path),
        ("dump", path),
        ("diff", path, path),
        ("trim", path, "-o", tmp_path / "x"),
        ("verify", path),
        ("extract", path, tmp_path / "y"),
        ("replay", path, "--on", "memory"),
    ):
        result = run(*arguments)
        assert result.exit_code == 1, arguments
        assert "note.txt: not a tthal trace" in result.output
    assert run("info", tmp_path / "none.tttrace").exit_code == 2
