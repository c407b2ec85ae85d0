"""Every example records on the emulator, replays identically from the file, and re-executes with equal bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tthal.trace import Trace
from tthal.trace.info import collect
from tthal.trace.verify import verify

RunPython = Callable[..., "CompletedProcess[str]"]

EXAMPLES_FOLDER = Path(__file__).resolve().parents[2] / "examples"
QUICK = {"add_two_integers", "matmul_single_core", "ring_all_gather", "sharded_add", "vector_add"}
# find_the_bug chooses its devices itself, record_and_replay records by itself, digits needs scikit-learn, and what
# hello_cores prints is in no trace.
NOT_RECORDED = {"find_the_bug", "record_and_replay", "digits", "hello_cores"}
EXAMPLES = [
    pytest.param(path, marks=[] if path.stem in QUICK else [pytest.mark.slow], id=path.stem)
    for path in sorted(EXAMPLES_FOLDER.glob("*/*.py"))
    if path.stem == path.parent.name and path.stem not in NOT_RECORDED
]

ONE_ARGUMENT_CHANGED = """
import runpy, sys
import tthal

original = tthal.SetRuntimeArgs
calls = []

def changed(program, kernel, cores, args, *rest):
    calls.append(args)
    if len(calls) == 5:
        args = [*list(args)[:-1], list(args)[-1] + 1]
    return original(program, kernel, cores, args, *rest)

tthal.SetRuntimeArgs = changed
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


@pytest.fixture(scope="module")
def emulator() -> None:
    """The emulator, if it can be used here."""
    from tthal.plugins.facade import load_backend

    availability = load_backend("emulator").probe()
    if not availability.available:
        pytest.skip(f"the emulator cannot be used here: {availability.reason}")


@pytest.mark.usefixtures("emulator")
@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_records_replays_and_re_executes(example: Path, tmp_path: Path, run_python: RunPython) -> None:
    trace = tmp_path / "run.tttrace"
    recorded = run_python(str(example), env={"TTHAL_BACKEND": "emulator", "TTHAL_RECORD": str(trace)}, cwd=tmp_path)
    assert recorded.returncode == 0, recorded.stderr
    with Trace(trace) as opened:
        assert verify(opened).problems == []
        info = collect(opened)
    assert info.hermetic, info.missing
    assert info.read > 0
    assert str(EXAMPLES_FOLDER).encode() not in trace.read_bytes()

    replayed = run_python(str(example), env={"TTHAL_BACKEND": f"replay:{trace}?complete=yes"}, cwd=tmp_path)
    assert replayed.returncode == 0, replayed.stderr

    again = run_python("-m", "tthal", "trace", "replay", str(trace), "--on", "emulator", cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "reads agree (exact)" in again.stdout


@pytest.mark.usefixtures("emulator")
def test_vector_add_with_one_other_runtime_argument_is_caught(tmp_path: Path, run_python: RunPython) -> None:
    example = EXAMPLES_FOLDER / "vector_add" / "vector_add.py"
    trace = tmp_path / "run.tttrace"
    recorded = run_python(str(example), env={"TTHAL_BACKEND": "emulator", "TTHAL_RECORD": str(trace)}, cwd=tmp_path)
    assert recorded.returncode == 0, recorded.stderr
    script = tmp_path / "changed.py"
    script.write_text(ONE_ARGUMENT_CHANGED)
    changed = run_python(str(script), str(example), env={"TTHAL_BACKEND": f"replay:{trace}"}, cwd=tmp_path)
    assert changed.returncode == 1
    # The fifth call sets the compute kernel's number of tiles on the second core.
    assert (
        "state.kernels[1] (compute) runtime argument 0 on core 0-1: recorded 16 (0x10), got 17 (0x11)" in changed.stderr
    )
    assert changed.stderr.count("runtime argument") == 1


@pytest.mark.usefixtures("emulator")
def test_re_execution_with_other_numerics_differs_and_is_tolerated(tmp_path: Path, run_python: RunPython) -> None:
    example = EXAMPLES_FOLDER / "matmul_single_core" / "matmul_single_core.py"
    trace = tmp_path / "run.tttrace"
    recorded = run_python(str(example), env={"TTHAL_BACKEND": "emulator", "TTHAL_RECORD": str(trace)}, cwd=tmp_path)
    assert recorded.returncode == 0, recorded.stderr
    arguments = ("-m", "tthal", "trace", "replay", str(trace), "--on", "emulator?numerics=fast")
    fast = run_python(*arguments, cwd=tmp_path)
    assert fast.returncode == 1
    assert "elements differ, at most" in fast.stdout
    assert "the recorded device gave the hardware's bits, this one does not" in " ".join(fast.stdout.split())
    # One unit in the last place of bfloat16 is 2**-7; sums of 256 products that cancel are off by a little more.
    near = run_python(*arguments, "--compare", "tolerance=0.25,0.0078125", cwd=tmp_path)
    assert near.returncode == 0, near.stdout + near.stderr


@pytest.mark.usefixtures("emulator")
def test_another_board_is_refused(tmp_path: Path, run_python: RunPython) -> None:
    example = EXAMPLES_FOLDER / "add_two_integers" / "add_two_integers.py"
    trace = tmp_path / "run.tttrace"
    recorded = run_python(str(example), env={"TTHAL_BACKEND": "emulator", "TTHAL_RECORD": str(trace)}, cwd=tmp_path)
    assert recorded.returncode == 0, recorded.stderr
    other = run_python("-m", "tthal", "trace", "replay", str(trace), "--on", "emulator:p150", cwd=tmp_path)
    assert other.returncode == 1
    assert "board: trace 'n150', device 'p150'" in other.stderr
