"""Exploring: seeds become cases, outcomes are kept, and whatever ends an exploration loses nothing that was known."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tthal.cli.root import tthal
from tthal.errors import InvalidArgument
from tthal.kit.executors import workers_at
from tthal_explore.cases import Case, Outcome, Status, run_case
from tthal_explore.commands import explore_command, results_command
from tthal_explore.exploration import ExecutorLost, explore, share, summary
from tthal_explore.journal import Journal, read
from tthal_explore.progress import lines

# A program without a device: what it does is its seed's affair.
SCRIPT = """
import os, re, sys, time
seed = int(re.search(r"seed=(\\d+)", os.environ["TTHAL_BACKEND"])[1])
print("half" if seed % 2 else "whole")
if seed == 3: raise RuntimeError(f"DST tile {seed} at {id(sys):#x} is not there")
if seed == 5: sys.exit(7)
if seed == 6: time.sleep(60)
if seed == 8: os.kill(os.getpid(), 9)
"""
HEAD = {"command": ["x.py"], "backend": "emulator"}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(SCRIPT)
    return path


def case(script: Path, seed: int, timeout: float = 60) -> Case:
    return Case(seed, "emulator:p150?numerics=exact&seed=99", (str(script),), timeout)


def passed(seed: int) -> Outcome:
    return Outcome(seed, Status.PASSED, 0, "", 0.1, "same", "")


def test_the_seed_of_a_case_replaces_the_selection_s() -> None:
    assert Case(4, "emulator:p150?numerics=exact&seed=99", (), 0).selection == "emulator:p150?numerics=exact&seed=4"


@pytest.mark.parametrize(
    ("backend", "order", "selection"),
    [
        ("emulator?seed=9", "", "emulator?seed=4"),
        ("emulator?order=pct:2:9", "", "emulator?order=pct:2:9&seed=4"),
        ("emulator", "pct:2:9", "emulator?seed=4&order=pct:2:9"),
        ("emulator?seed=9", "s12,a3.4", "emulator?order=s12,a3.4"),
        ("emulator?fill=random", "s12", "emulator?fill=random&seed=4&order=s12"),
    ],
)
def test_what_a_case_selects(backend: str, order: str, selection: str) -> None:
    assert Case(4, backend, (), 0, order).selection == selection


@pytest.mark.parametrize(
    ("seed", "status", "reason"),
    [
        (0, Status.PASSED, ""),
        (3, Status.FAILED, "RuntimeError: DST tile 3 at 0x… is not there"),
        (5, Status.FAILED, "exit status 7"),
        (6, Status.TIMEOUT, "did not end within 2 s"),
        (8, Status.CRASHED, "ended by signal 9"),
    ],
)
def test_how_a_case_ends(script: Path, seed: int, status: Status, reason: str) -> None:
    outcome = run_case(case(script, seed, timeout=2 if seed == 6 else 60))
    assert (outcome.status, outcome.reason) == (status, reason)


def test_equal_outputs_look_equal_and_different_ones_do_not(script: Path) -> None:
    outputs = [run_case(case(script, seed)).output for seed in (0, 2, 1)]
    assert outputs[0] == outputs[1] != outputs[2]


@pytest.mark.parametrize("splits", [1, 3, 7])
def test_groups_are_all_seeds_and_share_none(splits: int) -> None:
    groups = [share(range(10, 30), splits, group) for group in range(1, splits + 1)]
    assert sorted(seed for group in groups for seed in group) == list(range(10, 30))


def test_a_journal_is_resumed_and_merged(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.jsonl", "b.jsonl")]
    for path, seeds in zip(paths, ((0, 1), (1, 2)), strict=True):
        with Journal(path, HEAD) as journal:
            for seed in seeds:
                journal.ended(passed(seed))
    with Journal(paths[0], HEAD) as journal:
        assert set(journal.outcomes) == {0, 1}
        journal.ended(passed(5))
    assert set(read(paths)[1]) == {0, 1, 2, 5}


def test_a_line_that_was_cut_off_is_left_out_and_its_case_runs_again(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(path, HEAD) as journal:
        journal.ended(passed(0))
        journal.began(Case(1, "emulator", (), 0))
        journal.ended(passed(1))
    path.write_text(path.read_text()[:-30])
    assert set(read([path])[1]) == {0}


def test_a_case_is_written_down_before_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    class Looking(Executor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            assert json.loads(path.read_text().splitlines()[-1]) == {"began": args[0].seed}
            future: Future[Any] = Future()
            future.set_result(passed(args[0].seed))
            return future

    with Journal(path, HEAD) as journal:
        assert len(list(explore([Case(s, "emulator", (), 0) for s in range(9)], Looking(), journal, 2))) == 9


class Losing(Executor):
    """Cannot run one case, and goes away after ``most``."""

    def __init__(self, seed: int, most: int) -> None:
        self._seed = seed
        self._left = most

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See :class:`Executor`."""
        if not self._left:
            raise RuntimeError("cannot schedule new futures")
        self._left -= 1
        future: Future[Any] = Future()
        if args[0].seed == self._seed:
            future.set_exception(OSError("four workers died"))
        else:
            future.set_result(passed(args[0].seed))
        return future


def test_a_case_that_cannot_be_run_costs_no_other_and_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    cases = [Case(seed, "emulator", (), 0) for seed in range(5)]
    with Journal(path, HEAD) as journal:
        outcomes = {each.seed: each for each in explore(cases, Losing(3, 9), journal, 1)}
    assert sorted(seed for seed, each in outcomes.items() if each.status is Status.PASSED) == [0, 1, 2, 4]
    assert (outcomes[3].status, outcomes[3].reason) == (Status.LOST, "OSError: four workers died")
    with Journal(path, HEAD) as journal:
        assert [each.seed for each in explore(cases, Losing(9, 9), journal, 1)] == [3]


def test_an_executor_that_goes_away_is_said_and_what_is_known_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(path, HEAD) as journal, pytest.raises(ExecutorLost, match="cannot schedule"):
        list(explore([Case(seed, "emulator", (), 0) for seed in range(9)], Losing(-1, 5), journal, 1))
    assert set(read([path])[1]) == {0, 1, 2, 3}


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"format": 2}', '{"format": 1}\n{"status": "odd"}\n{}'])
def test_what_is_no_journal_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text)
    with pytest.raises(InvalidArgument, match="not a journal"):
        read([path])


def test_journals_of_two_programs_are_not_mixed(tmp_path: Path) -> None:
    Journal(tmp_path / "a", HEAD).__exit__()
    with pytest.raises(InvalidArgument, match=r"journal of x.py on emulator, not of y.py"):
        Journal(tmp_path / "a", {**HEAD, "command": ["y.py"]})


def test_stopping_early_leaves_the_rest_alone() -> None:
    with Journal(None, HEAD) as journal, ThreadPoolExecutor(1) as pool:
        cases = [Case(seed, "nowhere", ("missing.py",), 20) for seed in range(50)]
        outcomes = list(explore(cases, pool, journal, 1, lambda outcome: outcome.status is not Status.PASSED))
    assert len(outcomes) == 1


def test_the_summary_counts_kinds_and_names_the_first_of_each() -> None:
    failing = [Outcome(seed, Status.FAILED, 1, "late", 0.1, "x", "") for seed in (9, 4)]
    found = summary([*failing, passed(1), passed(2)])
    assert (found.cases, found.failed, found.outputs) == (4, 2, 1)
    assert {kind.first.seed for kind in found.kinds} == {1, 4}


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nowhere", "no executor 'nowhere'"),
        ("dask:", "no executor"),
        ("missing_module:make", "cannot use the executor"),
        ("builtins:dict", "returned dict"),
    ],
)
def test_bad_places_say_what_there_is(place: str, said: str) -> None:
    with pytest.raises(InvalidArgument, match=said):
        workers_at(place, 1).__enter__()


def test_the_command_groups_what_failed_and_says_how_to_repeat_it(script: Path, tmp_path: Path) -> None:
    results = tmp_path / "run.jsonl"
    words = ["--seeds", "6", "--results", str(results), "--backend", "emulator", str(script)]
    first = CliRunner().invoke(explore_command, words)
    assert first.exit_code == 1, first.output
    assert "6 cases: 4 passed, 2 did not" in first.output
    assert "passing cases printed 2 different outputs" in first.output
    assert f"repeat: tthal run --backend 'emulator?seed=3' {script}" in first.output
    again = CliRunner().invoke(explore_command, words)
    assert "known already: 6 of 6 cases" in again.output
    together = CliRunner().invoke(results_command, [str(results)])
    assert "6 cases: 4 passed, 2 did not" in together.output


def test_a_share_is_named(script: Path) -> None:
    words = ["--seeds", "4", "--strategy", "random", "--splits", "2", "--backend", "emulator"]
    refused = CliRunner().invoke(explore_command, [*words, str(script)])
    assert refused.exit_code == 2
    assert "--group 1 to 2" in refused.output
    told = CliRunner().invoke(explore_command, [*words, "--group", "2", str(script)])
    assert "share 2 of 2" in told.output
    assert "2 cases: 1 passed, 1 did not" in told.output


def test_a_script_that_fails_before_it_opens_a_device_is_told_of_its_error_alone(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    for text, said in (("raise RuntimeError('no input')", False), ("print('no device')", True)):
        script.write_text(text)
        told = CliRunner().invoke(explore_command, ["--seeds", "2", "--backend", "emulator", str(script)])
        assert told.exit_code == 1
        assert ("does the script open a device" in told.output) is said
        assert ("RuntimeError: no input" in told.output) is not said


def test_options_behind_the_script_are_explained_when_all_cases_fail(script: Path) -> None:
    script.write_text("import argparse; argparse.ArgumentParser().parse_args()\n")
    done = CliRunner().invoke(explore_command, ["--seeds", "2", "-j", "1", str(script), "--strategy", "pct"])
    assert done.exit_code == 1
    assert "if --strategy is meant for" in done.output
    script.write_text(SCRIPT)
    done = CliRunner().invoke(
        explore_command, ["--seeds", "2", "-j", "1", "--first", "2", str(script), "--strategy", "pct"]
    )
    assert done.exit_code == 1
    assert "is meant for" not in done.output


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_what_was_found_is_told_when_it_is_stopped(tmp_path: Path, number: signal.Signals, status: int) -> None:
    """The first case fails, the second one runs when the signal comes."""
    script, begun, results = (tmp_path / name for name in ("program.py", "begun", "run.jsonl"))
    script.write_text(
        "import os, pathlib, sys, time\nif 'seed=0' in os.environ['TTHAL_BACKEND']: sys.exit('no result')\n"
        "pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\ntime.sleep(300)\n"
    )
    words = ["--strategy", "random", "--seeds", "9", "--jobs", "1", "--results", str(results), str(script), str(begun)]
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-m", "tthal", "explore", *words], stdout=pipe, stderr=pipe) as exploring:
        while not (begun.exists() and begun.read_text()):
            assert exploring.poll() is None
            time.sleep(0.05)
        exploring.send_signal(number)
        told, said = (text.decode() for text in exploring.communicate(timeout=60))
    assert exploring.returncode == status
    assert "1 case: 0 passed, 1 did not" in told
    assert "1 failed: no result" in told
    assert f"interrupted after 1 case; the same command goes on with {results}" in said
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)


def test_outputs_that_differ_are_found_out_by_the_status(tmp_path: Path) -> None:
    """Seeds are what the output depends on, as with a race; what differs every time is another matter."""
    script, results = tmp_path / "program.py", tmp_path / "run.jsonl"
    opens = "import os, time, tthal\ntthal.open_device().close()\n"
    words = ["--seeds", "2", "--no-shrink", "--results", str(results), "--backend", "emulator", str(script)]
    for printing, status in (("'seed=1' in os.environ['TTHAL_BACKEND']", 1), ("time.time_ns()", 0), ("'right'", 0)):
        script.write_text(f"{opens}print({printing})\n")
        results.unlink(missing_ok=True)
        told = CliRunner().invoke(explore_command, words)
        assert ("printed 2 different outputs" in told.output) is bool(status), told.output
        assert told.exit_code == status, told.output
        assert CliRunner().invoke(results_command, [str(results)]).exit_code == status


def test_outputs_that_no_order_repeats_are_not_compared(tmp_path: Path) -> None:
    """The default order may print the same twice by chance."""
    script, times = tmp_path / "program.py", tmp_path / "times"
    script.write_text(
        "import os, pathlib, sys, tthal\ntthal.open_device().close()\n"
        "if 'seed=1' in os.environ['TTHAL_BACKEND']:\n"
        "    times = pathlib.Path(sys.argv[1])\n"
        "    times.write_text((times.read_text() if times.exists() else '') + '.')\n"
        "    print(times.read_text())\n"
    )
    words = ["--seeds", "2", "--no-shrink", "--backend", "emulator", str(script), str(times)]
    told = CliRunner().invoke(explore_command, words)
    assert told.exit_code == 0, told.output
    assert "outputs were not compared" in told.output


def test_progress_is_lines_where_there_is_no_terminal(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tthal_explore.progress.EVERY", 0.0)
    words = ["--seeds", "4", "-j", "1", "--backend", "null", str(script)]
    monkeypatch.setattr("tthal_explore.commands._LOGGING", ())
    told = CliRunner().invoke(explore_command, words)
    lines = [line.split(", about")[0] for line in told.output.splitlines() if " of 4: " in line]
    assert lines == [f"{done} of 4: {done} did not pass" for done in range(1, 5)]


def test_lines_of_progress_are_far_between(capsys: pytest.CaptureFixture[str]) -> None:
    advance = lines(100, 40, every=1000)
    for _ in range(60):
        advance(False)
    assert capsys.readouterr().err == ""
    advance = lines(100, 40, every=0)
    for failed in (False, True):
        advance(failed)
    said = capsys.readouterr().err.splitlines()
    assert [line.split(", about")[0] for line in said] == ["41 of 100: 0 did not pass", "42 of 100: 1 did not pass"]


@pytest.mark.parametrize("backend", ["emulator:n999", "emulator?numerics=rough", "emulator?nonsense=1"])
def test_what_cannot_be_opened_is_an_error_before_anything_runs(script: Path, tmp_path: Path, backend: str) -> None:
    results = tmp_path / "run.jsonl"
    words = ["--seeds", "3", "--backend", backend, "--results", str(results), str(script)]
    ended = CliRunner().invoke(tthal, ["explore", *words])
    assert ended.exit_code == 1
    assert ended.output.startswith("error: ")
    assert any(word in ended.output for word in ("n999", "rough", "nonsense"))
    assert "case" not in ended.output
    assert not results.exists()


def test_a_bad_selection_is_an_error_before_anything_runs(script: Path, tmp_path: Path) -> None:
    ended = CliRunner().invoke(explore_command, ["--backend", "emulator?seed", str(script)])
    assert ended.exit_code != 0
    assert "cases" not in ended.output


DEVICE_TEST = """
import numpy as np
import tthal as ttnn

def test_bytes(explored_device):
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(explored_device, 64, 64, ttnn.BufferType.DRAM))
    queue = explored_device.command_queue()
    ttnn.EnqueueWriteBuffer(queue, buffer, np.arange(16, dtype=np.uint32))
    assert ttnn.EnqueueReadBuffer(queue, buffer).view(np.uint32)[5] == 5
"""


def test_the_fixture_runs_a_test_under_every_seed(tmp_path: Path) -> None:
    (tmp_path / "test_device.py").write_text(DEVICE_TEST)
    command = [sys.executable, "-m", "pytest", "-v", "-p", "tthal_explore.fixtures", "--tthal-seeds", "3"]
    environment = {**os.environ, "TTHAL_BACKEND": "emulator:p150"}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "3 passed" in ended.stdout, ended.stdout + ended.stderr
    assert "test_bytes[seed=2] PASSED" in ended.stdout
