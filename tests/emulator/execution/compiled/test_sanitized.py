"""The emulator's tests run the same over a compiled part that traps on undefined behaviour."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[3]
CHECKED = (
    "emulator/programs/test_copies.py",
    "emulator/dataflow/test_noc_semantics.py",
    "emulator/compute/test_programs.py",
)
RUN = """
import sys
from tthal_emulator.execution.compiled import build
build.FLAGS = ("-fsanitize=undefined", "-fsanitize-trap=all", *build.FLAGS)
import pytest
sys.exit(pytest.main(["-q", "-x", "-m", "not slow", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""
"""A trap needs no library of the sanitizer's, and the compiled part is linked with none."""


@pytest.mark.slow
def test_nothing_undefined_happens() -> None:
    files = [str(TESTS / name) for name in CHECKED]
    done = subprocess.run(
        [sys.executable, "-c", RUN, *files], capture_output=True, text=True, check=False, timeout=1800
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
