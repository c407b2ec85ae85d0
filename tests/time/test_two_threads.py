"""Capturing in one thread and solving in another, under a compiler's sanitizer of threads (``two_threads.cpp``)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tthal_time
from tthal.kit.observer_header import INCLUDE_FOLDER

HERE = Path(__file__).resolve().parent
SOURCES = Path(tthal_time.__file__).resolve().parent / "compiled"
FLAGS = ("-std=gnu++20", "-O1", "-g", "-fsanitize=thread", "-pthread", "-Wno-psabi")
CARELESS = ("-U__ATOMIC_RELEASE", "-D__ATOMIC_RELEASE=0")
"""What is published says nothing of what was written before it."""


def run(folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Compile and run it, without random addresses, which the sanitizer's library does not always like."""
    compiler, plain = shutil.which("g++"), shutil.which("setarch")
    if sys.platform != "linux" or compiler is None or plain is None:
        pytest.skip("needs g++ and setarch on Linux")
    program = folder / "two_threads"
    files = [str(HERE / "two_threads.cpp"), *map(str, sorted(SOURCES.glob("*.cpp")))]
    command = [compiler, *FLAGS, *flags, f"-I{SOURCES}", f"-I{INCLUDE_FOLDER}", *files, "-o", str(program)]
    built = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if "cannot find" in built.stderr:
        pytest.skip("g++ is installed without libtsan")
    assert built.returncode == 0, built.stderr[-3000:]
    command = [plain, "-R", str(program)]
    environment = {**os.environ, "TSAN_OPTIONS": "halt_on_error=1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=environment)


@pytest.mark.slow
def test_two_threads_never_touch_the_same_without_order(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.endswith(" cycles\n")
    assert not done.stderr


@pytest.mark.slow
def test_a_careless_writer_is_seen(tmp_path: Path) -> None:
    assert "data race" in run(tmp_path, *CARELESS).stderr
