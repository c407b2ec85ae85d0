"""The vendor's ``ttnn`` wheel in a Python of its own, asked over pipes: what it says about host programs.

A chip description replaces the card (the vendor's mock device), so no kernel runs. The Python is the one in
TTHAL_TTNN_PYTHON, or a virtual environment in the user's cache, made once of a Python that the wheel is built for.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mock_root import make_root
from platformdirs import user_cache_dir

HERE = Path(__file__).resolve().parent
RELEASE = "0.81.1"
_PACKAGES = ("numpy<2", "loguru", "networkx", "graphviz", "pyyaml", "click", "pandas", "seaborn", "ml_dtypes")


class NoWheel(Exception):
    """The vendor's wheel cannot be had here; the text says why."""


def vendor_python() -> Path:
    """Return a Python that imports ``ttnn``.

    Raises:
        NoWheel: there is none, and none could be made.
    """
    given = os.environ.get("TTHAL_TTNN_PYTHON")
    if given:
        return Path(given)
    target = Path(user_cache_dir("tthal")) / f"ttnn-{RELEASE}-python"
    if not (target / "ready").is_file():
        _make(target)
    return target / "bin/python"


def _make(target: Path) -> None:
    named = shutil.which("python3.12")
    found = [*glob.glob(f"{Path.home()}/.pyenv/versions/3.12*/bin/python3.12"), *([named] if named else [])]
    if not found:
        raise NoWheel("the wheel needs Python 3.12; set TTHAL_TTNN_PYTHON to one that imports ttnn")
    shutil.rmtree(target, ignore_errors=True)
    pip = [str(target / "bin/python"), "-m", "pip", "install", "--quiet"]
    venv = [found[0], "-m", "venv", str(target)]
    for command in (venv, [*pip, "--no-deps", f"ttnn=={RELEASE}"], [*pip, *_PACKAGES]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NoWheel(f"{' '.join(command[:4])}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    (target / "ready").touch()


def _site_packages(python: Path) -> Path:
    return Path(next(iter(sorted(glob.glob(f"{python.parent.parent}/lib/python3*/site-packages")))))


class Wheel:
    """One process with the vendor's library and a mock board; a context manager."""

    def __init__(self, board: str = "n150", variables: Mapping[str, str] | None = None) -> None:
        python = vendor_python()
        self._folder = tempfile.TemporaryDirectory(prefix="tthal-wheel-")
        root, cache = Path(self._folder.name, "root"), Path(self._folder.name, "cache")
        make_root(_site_packages(python), root)
        cache.mkdir()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TT_METAL")}
        environment |= {
            "TT_METAL_MOCK_CLUSTER_DESC_PATH": str(HERE.parent / "boards" / f"{board}.yaml"),
            "TT_METAL_RUNTIME_ROOT": str(root),
            "TT_METAL_CACHE": str(cache),
            "TT_METAL_LOGGER_LEVEL": "FATAL",
            **(variables or {}),
        }
        self._process = subprocess.Popen(
            [str(python), str(HERE / "interpreter.py"), "ttnn"],
            env=environment, cwd=self._folder.name, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def ask(self, program: str) -> dict[str, Any]:
        """Run one program and return its answer.

        Raises:
            ChildProcessError: the program ended the library's process.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(program) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise ChildProcessError(f"the library's process ended with {self._process.wait()} in:\n{program}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def __enter__(self) -> Wheel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
