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


def test_a_new_repository_counts_as_empty_and_what_comes_next_can_be_pasted(tmp_path: Path) -> None:
    folder = tmp_path / "my ops"
    (folder / ".git").mkdir(parents=True)
    code, said = create("sum2", "--into", str(folder))
    assert code == 0, said
    assert (folder / "test_sum2.py").is_file()
    assert f"cd '{folder}' && pip" in said


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("my-op", "is not a Python name"),
        ("2fast", "is not a Python name"),
        ("class", "is not a Python name"),
        ("größe", "is not a Python name"),  # no distribution can be called so
        ("__", "is not a Python name"),
        ("", "is not a Python name"),
        ("numpy", "would hide"),
        ("ml_dtypes", "would hide"),  # tthal imports it
        ("copy", "would hide"),  # numpy imports it
        ("list", "would hide"),  # the host program calls it
        ("np", "would hide"),
        ("main", "would hide"),
        ("b", "would hide"),
        ("conftest", "would hide"),
        ("test_op", "for a test"),
        ("op_test", "for a test"),
    ],
)
def test_names_that_cannot_be(name: str, why: str, tmp_path: Path) -> None:
    code, said = create(name, "--into", str(tmp_path / "folder"))
    assert code == 2
    assert why in said
    assert not (tmp_path / "folder").exists()


@pytest.mark.parametrize("name", ["sum2", "abs", "max", "softmax", "_op", "Exp"])
def test_names_of_operations_can_be(name: str, tmp_path: Path) -> None:
    assert create(name, "--into", str(tmp_path))[0] == 0


def test_the_kernels_are_those_of_the_example() -> None:
    root = Path(__file__).parents[2]
    template, example = (
        root / "tthal" / "templates" / "operation" / "kernels",
        root / "examples" / "vector_add" / "kernels",
    )
    for kernel in example.glob("*.cpp"):
        assert (template / kernel.name).read_text() == kernel.read_text()
