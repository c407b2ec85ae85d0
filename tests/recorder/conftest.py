"""The memory backend and its toy programs, importable by these tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

MEMORY_BACKEND = Path(__file__).resolve().parent.parent / "memory_backend"
if str(MEMORY_BACKEND) not in sys.path:
    sys.path.append(str(MEMORY_BACKEND))


@pytest.fixture(autouse=True)
def _clean(clean_selection: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every test starts without TTHAL_* variables, in a folder of its own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def memory_backend_folder() -> Path:
    """The folder that makes the memory backend importable in a child process."""
    return MEMORY_BACKEND


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A trace of one vector_add on the toy device."""
    from tthal_toy_programs import record_vector_add

    path = tmp_path / "run.tttrace"
    record_vector_add(path)
    return path


@pytest.fixture
def toured(tmp_path: Path) -> Path:
    """A trace that holds every kind of call, failing ones too."""
    from tthal_toy_programs import record_grand_tour

    path = tmp_path / "tour.tttrace"
    record_grand_tour(path)
    return path
