"""``tthal new``: the project passes when it is created, notices a wrong kernel, and nothing is overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tthal.cli.root import tthal


def create(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(tthal, ["new", *words])
    return result.exit_code, result.output


def run_tests(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "emulator and 64x96"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, check=False, timeout=300
    )


def test_the_project_passes_and_notices_a_wrong_kernel(tmp_path: Path) -> None:
    code, said = create("my_op", "--into", str(tmp_path))
    assert code == 0, said
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        "README.md", "compute.cpp", "my_op.py", "pyproject.toml",
        "reader.cpp", "test.yml", "test_my_op.py", "writer.cpp",
    ]  # fmt: skip
    assert not [path for path in tmp_path.rglob("*.*") if path.is_file() and "@name@" in path.read_text()]
    passed = run_tests(tmp_path)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    kernel = tmp_path / "kernels" / "compute.cpp"
    kernel.write_text(kernel.read_text().replace("add_tiles(", "sub_tiles("))
    assert run_tests(tmp_path).returncode == 1


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, said = create("my_op", "--into", str(tmp_path))
    assert code == 2
    assert "nothing was written" in said
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ["my-op", "2fast", "class", "numpy", ""])
def test_names_that_cannot_be(name: str, tmp_path: Path) -> None:
    code, said = create(name, "--into", str(tmp_path / "folder"))
    assert code == 2
    assert "choose another" in said or "is not a Python name" in said
    assert not (tmp_path / "folder").exists()


def test_the_kernels_are_those_of_the_example() -> None:
    root = Path(__file__).parents[2]
    template, example = (
        root / "tthal" / "templates" / "operation" / "kernels",
        root / "examples" / "vector_add" / "kernels",
    )
    for kernel in example.glob("*.cpp"):
        assert (template / kernel.name).read_text() == kernel.read_text()
