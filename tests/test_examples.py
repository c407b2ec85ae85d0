"""Every example runs as a user runs it, and would notice a wrong result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
RUNS = {
    "add_two_integers/add_two_integers.py": ["4294967295", "2"],
    "vector_add/vector_add.py": [],
    "matmul_single_core/matmul_single_core.py": ["--m", "64", "--k", "96", "--n", "32"],
}


def run(example: str, *arguments: str, selection: str = "emulator") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TTHAL_BACKEND": selection}
    command = [sys.executable, str(EXAMPLES / example), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=300)


def test_all_examples_are_listed() -> None:
    scripts = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.glob("*/*.py")}
    assert scripts == set(RUNS)


@pytest.mark.parametrize("example", RUNS)
def test_example_passes(example: str) -> None:
    done = run(example, *RUNS[example])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED" in done.stdout


def test_example_on_another_board_with_exact_numerics() -> None:
    done = run("matmul_single_core/matmul_single_core.py", "--m", "32", selection="emulator:p150?numerics=exact")
    assert done.returncode == 0, done.stdout + done.stderr


def test_example_notices_a_wrong_result(tmp_path: Path) -> None:
    """The same script with a compute kernel that subtracts fails with status 1."""
    folder = tmp_path / "vector_add"
    (folder / "kernels").mkdir(parents=True)
    for source in (EXAMPLES / "vector_add").rglob("*.*p*"):
        if source.is_file() and source.suffix in (".py", ".cpp"):
            text = source.read_text(encoding="utf-8").replace("add_tiles(", "sub_tiles(")
            (folder / source.relative_to(EXAMPLES / "vector_add")).write_text(text, encoding="utf-8")
    done = run(str(folder / "vector_add.py"))
    assert done.returncode == 1
    assert "FAILED" in done.stdout
