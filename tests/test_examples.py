"""Every example runs as a user runs it, and would notice a wrong result."""

from __future__ import annotations

import ast
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
RUNS = {
    "add_two_integers": ["4294967295", "2"],
    "dram_loopback": ["--pages", "50", "--depth", "7"],
    "hello_cores": [],
    "vector_add_single_core": ["--tiles", "5"],
    "vector_add": [],
    "softplus": ["--tiles", "8"],
    "custom_sfpi": ["--tiles", "8"],
    "matmul_single_core": ["--m", "64", "--k", "96", "--n", "32"],
    "matmul_multi_core": ["--m", "160", "--k", "64", "--n", "448"],
    "matmul_multicast": ["--m", "128", "--k", "192", "--n", "256"],
    "sharded_add": ["--cores", "3", "--tiles", "2"],
    "ring_all_gather": [],
    "softmax": ["--rows", "96", "--columns", "128"],
    "layernorm": ["--rows", "64", "--columns", "96"],
    "digits": [],
    "find_the_bug": [],
    "generic_op_add": ["--size", "100"],
    "four_times_faster": ["--tiles", "8"],
    "record_and_replay": [],
}
REFUSED = [
    (example, f"{option} {value}" if option else value)
    for option, values, examples in [
        ("", ["-1 2", "4294967296 1", "x 1"], ["add_two_integers"]),
        ("", ["0", "9", "x"], ["find_the_bug"]),
        ("--tiles", ["0", "-4", "100000000"], ["vector_add_single_core", "softplus", "custom_sfpi", "sharded_add"]),
        ("--tiles", ["0", "-4", "7", "100000000"], ["four_times_faster"]),
        ("--step", ["0", "6"], ["four_times_faster"]),
        ("--pages", ["0", "-1", "100000000"], ["dram_loopback"]),
        ("--depth", ["0", "-1", "513"], ["dram_loopback", "vector_add_single_core"]),
        ("--columns", ["0", "-1", "100"], ["hello_cores"]),
        ("--size", ["0", "-32", "33", "10000000"], ["vector_add"]),
        ("--size", ["0", "-32", "10000000"], ["generic_op_add"]),
        ("--k", ["0", "-64", "33", "64000000"], ["matmul_single_core", "matmul_multi_core", "matmul_multicast"]),
        ("--rows", ["0", "-32", "33", "32000000"], ["softmax", "layernorm"]),
        ("--columns", ["0", "-32", "33", "4096"], ["softmax", "layernorm"]),
        ("--cores", ["0", "-1", "1000"], ["sharded_add", "ring_all_gather"]),
        ("--trace", [__file__, "/no/such/folder/x"], ["record_and_replay"]),
        ("--picture", ["/no/such/folder/x.svg"], ["digits"]),
    ]
    for example in examples
    for value in values
]
# find_the_bug is wrong on purpose and chooses its checks itself.
CLEAN = RUNS.keys() - {"find_the_bug"}
# The first chooses its backend, prints of the second are in no trace, the third records and replays.
ITS_OWN = {"find_the_bug", "hello_cores", "record_and_replay"}


def run(
    example: str, *arguments: str, selection: str = "emulator", folder: Path = EXAMPLES
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TTHAL_BACKEND": selection}
    command = [sys.executable, str(folder / example / f"{example}.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)


def need_packages(example: str) -> None:
    if example == "digits":
        pytest.importorskip("sklearn", reason="the digits are scikit-learn's: pip install scikit-learn")


def test_all_examples_are_listed() -> None:
    folders = {path.parent.name for path in EXAMPLES.glob("*/*.py")}
    assert folders == set(RUNS)
    listed = re.findall(r"^\| \d+ \| \[(\w+)\]", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == list(RUNS)


@pytest.mark.parametrize("example", RUNS)
def test_host_part_is_short(example: str) -> None:
    """So that a reader has it on one screen or two; comments and blank lines count."""
    assert len((EXAMPLES / example / f"{example}.py").read_text(encoding="utf-8").splitlines()) < 80


@pytest.mark.parametrize("example", RUNS)
def test_example_passes_and_is_clean_under_all_checks(example: str) -> None:
    need_packages(example)
    done = run(
        example, *RUNS[example], selection="emulator?check=full&warnings=error" if example in CLEAN else "emulator"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("example", [name for name in RUNS if name not in ITS_OWN])
def test_example_passes_from_its_recording(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    need_packages(example)
    trace = tmp_path / "run.tttrace"
    monkeypatch.setenv("TTHAL_RECORD", str(trace))
    assert run(example, *RUNS[example]).returncode == 0
    monkeypatch.delenv("TTHAL_RECORD")
    done = run(example, *RUNS[example], selection=f"replay:{trace}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout


@pytest.mark.parametrize(("example", "arguments"), REFUSED)
def test_sizes_that_cannot_be_are_refused_in_one_line(
    example: str, arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, since nothing is launched."""
    need_packages(example)
    monkeypatch.syspath_prepend(EXAMPLES / example)
    monkeypatch.setattr(sys, "argv", [f"{example}.py", *arguments.split()])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(EXAMPLES / example / f"{example}.py"), run_name="__main__")
    assert ended.value.code == 2
    assert f"{example}.py: error: " in capsys.readouterr().err


@pytest.mark.parametrize("example", RUNS)
def test_example_explains_itself(example: str) -> None:
    script = (EXAMPLES / example / f"{example}.py").read_text(encoding="utf-8")
    done = run(example, "--help")
    assert done.returncode == 0
    assert ast.get_docstring(ast.parse(script)).splitlines()[0] in " ".join(done.stdout.split())
    readme = (EXAMPLES / example / "README.md").read_text(encoding="utf-8")
    assert "```mermaid" in readme
    assert f"{example}.py" in readme


def test_example_on_another_board_with_exact_numerics() -> None:
    done = run("matmul_single_core", "--m", "32", selection="emulator:p150?numerics=exact")
    assert done.returncode == 0, done.stdout + done.stderr


def test_example_notices_a_wrong_result(tmp_path: Path) -> None:
    """The same script with a compute kernel that subtracts fails with status 1."""
    shutil.copytree(EXAMPLES / "vector_add", tmp_path / "vector_add")
    kernel = tmp_path / "vector_add" / "kernels" / "compute.cpp"
    kernel.write_text(kernel.read_text(encoding="utf-8").replace("add_", "sub_"), encoding="utf-8")
    done = run("vector_add", folder=tmp_path)
    assert done.returncode == 1
    assert "FAILED" in done.stdout


def test_reports_in_the_readme_are_those_that_come() -> None:
    """What find_the_bug prints is what its README shows, but for addresses."""
    said = run("find_the_bug").stdout.split("\n== bugs/")[1:]
    reports = [report.split("\n", 1)[1].split("\nPASSED")[0].strip() for report in said]
    readme = (EXAMPLES / "find_the_bug" / "README.md").read_text(encoding="utf-8")
    shown = [block.strip() for block in re.findall(r"```text\n(.*?)```", readme, re.DOTALL)]
    assert [without_addresses(each) for each in shown] == [without_addresses(each) for each in reports]


def without_addresses(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x…", text)


def test_five_steps_are_four_times_as_fast() -> None:
    """Each of them is faster than the one before, by the model."""
    done = run("four_times_faster", "--tiles", "16", selection="emulator?time=on")
    times = [float(time) for time in re.findall(r"^\d: .*, ([0-9.]+) us$", done.stdout, re.MULTILINE)]
    assert len(times) == 5
    assert times == sorted(times, reverse=True)
    assert times[0] / times[-1] >= 4
