"""The emulator's tests run the same over a compiled part that stops at undefined behaviour, and at wrong addresses.

The second kind looks at all memory of the process that comes from ``malloc``: what Python's side lends to compiled code
and to wasmtime too, and frees too early.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[3]
CHECKED = (
    "emulator/programs/test_copies.py",
    "emulator/dataflow/test_noc_semantics.py",
    "emulator/compute/test_programs.py",
    "emulator/execution/compiled/test_hostile.py",
    "emulator/execution/test_reuse.py",
    "time/test_streaming.py",
)
RUN = """
import sys
from tthal_emulator.execution.compiled import build
build.FLAGS = (*sys.argv[1].split(), *build.FLAGS)
import pytest
sys.exit(pytest.main(["-q", "-x", "-m", "not slow", "-p", "no:cacheprovider", "-p", "no:faulthandler", *sys.argv[2:]]))
"""
UNDEFINED = "-fsanitize=undefined -fno-sanitize=function -fsanitize-trap=all"
"""A trap needs no library of the sanitizer's, and the compiled part is linked with none.

Listeners come from libraries of other builds, which do not carry the types of functions.
"""
ADDRESS = "-fsanitize=address -g"
"""Its library comes before all others, from the compiler that is installed; the kernels' traps stay wasmtime's."""
OPTIONS = (
    "detect_leaks=0", "handle_segv=0", "handle_sigbus=0", "handle_sigfpe=0", "handle_sigill=0",
    "allow_user_segv_handler=1", "detect_stack_use_after_return=0",
)  # fmt: skip
WRONG = """
from tthal_emulator.engine.libwasmtime import wasmtime_library
ffi = wasmtime_library().ffi
word = ffi.new("struct tthal_stack*")
gone = ffi.cast("uint8_t*", word)
del word
bytes(ffi.buffer(gone, 16))
"""


def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=1800
    )


@pytest.fixture(scope="module")
def watched() -> dict[str, str]:
    """The environment of a process whose memory is looked at."""
    compiler = shutil.which("gcc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs gcc's libasan on Linux")
    asked = [compiler, "-print-file-name=libasan.so"]
    library = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    if not library.is_absolute():
        pytest.skip("gcc is installed without libasan")
    # Python's own allocator would hide what is freed.
    return {"LD_PRELOAD": str(library.resolve()), "ASAN_OPTIONS": ":".join(OPTIONS), "PYTHONMALLOC": "malloc"}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKED)
def test_nothing_undefined_happens(name: str) -> None:
    done = run(RUN, UNDEFINED, str(TESTS / name))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKED)
def test_no_address_is_wrong(name: str, watched: dict[str, str]) -> None:
    done = run(RUN, ADDRESS, str(TESTS / name), **watched)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]


def test_memory_that_is_used_when_it_is_gone_is_seen(watched: dict[str, str]) -> None:
    done = run(WRONG, **watched)
    assert done.returncode != 0
    assert "heap-use-after-free" in done.stderr
