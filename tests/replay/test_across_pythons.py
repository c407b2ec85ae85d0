"""A trace recorded under one Python version replays under the others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "vector_add" / "vector_add.py"
VERSIONS = ("3.10", "3.13")


def interpreter(version: str) -> str | None:
    """Return an interpreter of this version that runs, or None."""
    roots = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python"))
    candidates = [*map(str, roots), shutil.which(f"python{version}")]
    check = "import sys; print('%d.%d' % sys.version_info[:2])"
    for candidate in filter(None, candidates):
        done = subprocess.run([candidate, "-c", check], capture_output=True, text=True, check=False)
        if done.stdout.strip() == version:
            return candidate
    return None


def environment(version: str, folder: Path) -> Path:
    """Install the project for one Python version; return its interpreter."""
    found = interpreter(version)
    if found is None:
        pytest.skip(f"Python {version} is not installed here")
    subprocess.run([found, "-m", "venv", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([str(python), "-m", "pip", "install", "-q", str(ROOT)], check=True, timeout=600)
    return python


def run(python: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the example with a small matrix under one interpreter."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TTHAL_BACKEND", "PYTHONPATH"))}
    command = [str(python), str(EXAMPLE), "--size", "64"]
    return subprocess.run(command, capture_output=True, text=True, env={**kept, **variables}, check=False, timeout=300)


@pytest.mark.slow
def test_traces_replay_under_other_python_versions(tmp_path: Path) -> None:
    pythons = {version: environment(version, tmp_path / version) for version in VERSIONS}
    traces = {version: tmp_path / f"{version}.tttrace" for version in VERSIONS}
    for version, python in pythons.items():
        recorded = run(python, TTHAL_RECORD=str(traces[version]))
        assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    for recorder, player in permutations(VERSIONS, 2):
        replayed = run(pythons[player], TTHAL_BACKEND=f"replay:{traces[recorder]}?complete=yes")
        assert replayed.returncode == 0, f"{recorder} under {player}: {replayed.stdout}{replayed.stderr}"
        assert "PASSED" in replayed.stdout
