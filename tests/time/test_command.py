"""``tthal profile``: what its options write, print and exit with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tthal.cli.root import tthal as command_line
from tthal_time import session, settings
from tthal_time.limits import parse_limit
from tthal_time.stored import load

SCRIPT = """import sys
sys.path.insert(0, {folder!r})
from timed_programs import copy
copy("emulator:n150", depth={depth})
"""


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(settings.TIME_VARIABLE, "off")
    session.profiles.clear()
    yield
    session.profiles.clear()
    session.wishes.what_ifs = ()


def script(folder: Path, depth: int) -> str:
    path = folder / f"depth{depth}.py"
    path.write_text(SCRIPT.format(folder=str(Path(__file__).parent), depth=depth))
    return str(path)


def profile(*arguments: str) -> Result:
    session.profiles.clear()
    return CliRunner().invoke(command_line, ["profile", *arguments])


def test_nothing_is_cut_where_no_terminal_is(tmp_path: Path) -> None:
    found = profile(script(tmp_path, 4))
    assert found.exit_code == 0, found.output
    (head,) = (line for line in found.output.splitlines() if line.startswith("kernel "))
    assert head.split()[-3:] == ["cycles", "each", "ideal"]
    assert "…" not in found.output


def test_files_that_were_written_are_named(tmp_path: Path) -> None:
    page, timeline = tmp_path / "page.html", tmp_path / "timeline.json"
    found = profile("--html", str(page), "--timeline", str(timeline), script(tmp_path, 4))
    assert found.exit_code == 0, found.output
    assert f"--html: {page} (open it in a browser)" in found.output
    assert f"--timeline: {timeline} (open it at https://ui.perfetto.dev)" in found.output
    assert page.exists()
    assert timeline.exists()


def test_a_limit_decides_the_exit_status(tmp_path: Path) -> None:
    stored, slow, fast = tmp_path / "stored.json", script(tmp_path, 4), script(tmp_path, 12)
    assert profile("--save", str(stored), fast).exit_code == 0
    time = load(stored)[0].nanoseconds
    assert profile("--fail-above", f"{time + 1}", fast).exit_code == 0
    assert profile("--fail-above", f"{time - 1}ns", fast).exit_code == 3
    assert profile("--against", str(stored), "--fail-above", "0%", fast).exit_code == 0
    found = profile("--against", str(stored), "--fail-above", "1%", slow)
    assert found.exit_code == 3
    assert "above the stored" in found.output
    assert "B against A: +" in found.output


def test_no_launch_keeps_no_limit(tmp_path: Path) -> None:
    nothing, stored = tmp_path / "nothing.py", tmp_path / "stored.json"
    nothing.write_text("pass\n")
    found = profile("--fail-above", "5us", "--npe", str(tmp_path / "none.npe"), str(nothing))
    assert found.exit_code == 3
    assert "nothing was launched" in found.output
    assert "--npe" not in found.output
    assert profile("--save", str(stored), str(nothing)).exit_code == 0
    found = profile("--against", str(stored), "--fail-above", "5%", script(tmp_path, 4))
    assert found.exit_code == 3
    assert "the stored profile has no launch" in found.output


def test_a_comparison_tells_of_a_run_that_failed(tmp_path: Path) -> None:
    stored = tmp_path / "good.json"
    good = script(tmp_path, 4)
    assert profile("--save", str(stored), good).exit_code == 0
    failed = tmp_path / "failed.json"
    failed.write_text(stored.read_text().replace('"failure":""', '"failure":"DeadlockError: nobody can go on"', 1))
    assert failed.read_text() != stored.read_text()
    found = profile("--compare", str(stored), str(failed))
    assert "B did not come to its end: DeadlockError" in found.output
    assert "A did not" not in found.output


def test_a_comparison_says_where_they_differ(tmp_path: Path) -> None:
    stored = tmp_path / "deep.json"
    assert profile("--save", str(stored), script(tmp_path, 12)).exit_code == 0
    found = profile("--compare", script(tmp_path, 4), str(stored))
    assert found.exit_code == 0, found.output
    (space,) = (line for line in found.output.splitlines() if "waits for space" in line)
    assert space.rstrip().endswith("cycles")
    assert "-" in space.split()[-2]
    assert "times as fast" in found.output


def test_questions_are_answered_in_the_report(tmp_path: Path) -> None:
    found = profile("--what-if", "cb=0:12", "--what-if", "cb=0:3", script(tmp_path, 4))
    lines = [line for line in found.output.splitlines() if line.startswith("what if ")]
    assert len(lines) == 2
    assert "what if cb=0:12: " in lines[0]
    assert "-" in lines[0].split("us, ")[1]
    assert "never ends" in lines[1]


def test_bad_input_is_named(tmp_path: Path) -> None:
    path = script(tmp_path, 4)
    for arguments, text in (
        (["--what-if", "cb=1", path], "noc.swap"),
        (["--fail-above", "soon", path], "percentage"),
        (["--against", path, path], "is no profile"),
        (["--compare", path], "two scripts"),
        (["--what-if", "cb=0", path], "PAGES is missing"),
        (["--what-if", "clock=fast", path], "fast is no number above 0"),
        (["--fail-above", "3%", path], "--against"),
        (["--compare", "--fail-above", "3%", path, path], "--against A"),
        (["--compare", "--html", str(tmp_path / "page.html"), path, path], "--backend only"),
    ):
        found = profile(*arguments)
        assert found.exit_code == 1, (arguments, found.output)
        assert text in found.output


@pytest.mark.parametrize("option", ["--timeline", "--html", "--csv", "--npe", "--save"])
def test_a_file_that_cannot_be_written_is_named_before_the_script_runs(tmp_path: Path, option: str) -> None:
    ran = tmp_path / "ran"
    path = tmp_path / "script.py"
    path.write_text(f"open({str(ran)!r}, 'w').close()\n")
    found = profile(option, str(tmp_path / "none" / "file"), str(path))
    assert found.exit_code == 2, found.output
    assert option in found.output
    assert "there is no folder" in found.output
    assert not ran.exists()


def test_a_stored_profile_that_is_not_there_is_named_before_the_script_runs(tmp_path: Path) -> None:
    found = profile("--against", str(tmp_path / "none.json"), script(tmp_path, 4))
    assert found.exit_code == 2, found.output
    assert "does not exist" in found.output


PRINTING = """import tthal as ttnn
TEXT = '#include "api/debug/dprint.h"\\nvoid kernel_main() { DPRINT << "hello" << ENDL(); }'
with ttnn.open_device(0) as device:
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
    ttnn.CreateKernelFromString(program, TEXT, core, ttnn.ReaderDataMovementConfig())
    ttnn.EnqueueProgram(device.command_queue(), program, True)
"""


def test_prints_are_named_as_not_modelled(tmp_path: Path) -> None:
    path = tmp_path / "printing.py"
    path.write_text(PRINTING)
    found = profile(str(path))
    assert found.exit_code == 0, found.output
    assert "no kernel did anything that the model times" in found.output
    assert "printed lines (1): not modelled" in found.output


@pytest.mark.parametrize(("text", "nanoseconds"), [("5", 5), ("5ns", 5), ("2.5us", 2500), ("1 ms", 1e6), ("2s", 2e9)])
def test_limits_have_units(text: str, nanoseconds: float) -> None:
    assert parse_limit(text).nanoseconds == nanoseconds


BROKEN = """import tthal as ttnn
FILL = '#include "api/dataflow/dataflow_api.h"\\nvoid kernel_main() {{ cb_reserve_back(0, 1); cb_push_back(0, 1); }}'
DRAIN = '''#include "api/dataflow/dataflow_api.h"
void kernel_main() {{
    for (int i = 0; i < {pages}; i++) {{ cb_wait_front(0, 1); cb_pop_front(0, 1); }}
    {last}
}}'''
with ttnn.open_device(0) as device:
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
    ring = ttnn.CircularBufferConfig(4096, {{0: ttnn.DataFormat.UInt32}}).set_page_size(0, 2048)
    ttnn.CreateCircularBuffer(program, core, ring)
    ttnn.CreateKernelFromString(program, FILL, core, ttnn.ReaderDataMovementConfig())
    ttnn.CreateKernelFromString(program, DRAIN, core, ttnn.WriterDataMovementConfig())
    ttnn.EnqueueProgram(device.command_queue(), program, True)
"""


@pytest.mark.parametrize(
    ("pages", "last", "says"),
    [
        (2, "", "DeadlockError: deadlock"),
        (1, "*reinterpret_cast<volatile uint32_t*>(0) = 1;", "KernelError: core (0,0)"),
    ],
    ids=["deadlock", "fault"],
)
def test_a_launch_that_fails_is_shown_as_far_as_it_came(tmp_path: Path, pages: int, last: str, says: str) -> None:
    path, stored = tmp_path / "broken.py", tmp_path / "stored.json"
    path.write_text(BROKEN.format(pages=pages, last=last))
    found = profile("--save", str(stored), str(path))
    assert found.exit_code not in (0, 3)
    assert f"- it did not come to its end ({says}" in found.output
    (kept,) = load(stored)
    assert kept.failure.startswith(says)
    assert {item.thread.processor: item.tiles for item in kept.threads} == {"NCRISC": 1, "BRISC": 1}
